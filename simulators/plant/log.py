"""A log of what physically happened, in order, that can be watched and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class Log(Generic[Entry]):
    """Entries in the order in which they happened. The n-th has the number n, counted from 1."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._watchers: list[Callable[[Entry], None]] = []
        self._waiting: set[asyncio.Event] = set()

    def add(self, entry: Entry) -> Entry:
        """Adds one and tells the watchers."""
        self.entries.append(entry)
        for watcher in tuple(self._watchers):
            watcher(entry)
        return entry

    def after(self, number: int) -> list[Entry]:
        """The entries with a greater number."""
        return self.entries[max(number, 0) :]

    def watch(self, watcher: Callable[[Entry], None]) -> Callable[[], None]:
        """Calls `watcher` at every entry, in the very moment; the answer ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    async def until(self, settled: Callable[[], bool], within_s: float) -> bool:
        """Waits until an entry makes `settled()` true; False when it is not within that time. Wakes at entries only."""
        if settled():
            return True
        happened = asyncio.Event()
        unwatch = self.watch(lambda _: happened.set() if settled() else None)
        self._waiting.add(happened)
        try:
            async with asyncio.timeout(within_s):
                await happened.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(happened)
            unwatch()
        return settled()

    def clear(self) -> None:
        """The end of a run: nobody waits any longer."""
        for happened in self._waiting:
            happened.set()
