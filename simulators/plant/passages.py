"""The truth log of belts: what bodies, eyes, gates and readers really did, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from simulators.timers import now

Happened = Literal[
    "put", "taken", "swapped", "held", "let_go",
    "entered", "left", "eye_blocked", "eye_clear", "touched", "at_the_end",
    "diverted", "caught", "read", "unread",
    "gate_drawn", "gate_rests", "gate_driven", "motor_runs", "motor_stands",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing that physically happened on a belt. `at` is loop time in seconds; `place` is a zone, a diverter or a reader.

    `read` and `unread` have the body that passed the reader; `caught` one that a gate met on its way; `touched` one that ran
    up against another (`by`).
    """

    number: int
    at: float
    what: Happened
    place: str
    body: str | None = None
    by: str | None = None

    def told(self) -> dict[str, Any]:
        """For JSON, without what does not apply."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class PassageLog:
    """Passages in the order in which they happened, numbered from 1."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self._watchers: list[Callable[[Passage], None]] = []
        self._waiting: set[asyncio.Event] = set()

    def record(self, what: Happened, place: str, body: str | None = None, by: str | None = None) -> None:
        """Adds one at the present moment and tells the watchers."""
        passage = Passage(len(self.passages) + 1, now(), what, place, body, by)
        self.passages.append(passage)
        for watcher in tuple(self._watchers):
            watcher(passage)

    def after(self, number: int) -> list[Passage]:
        """Those with a greater number."""
        return self.passages[max(number, 0) :]

    def count(self, what: Happened, place: str) -> int:
        """How often that happened there."""
        return sum(one.what == what and one.place == place for one in self.passages)

    def watch(self, watcher: Callable[[Passage], None]) -> Callable[[], None]:
        """Calls `watcher` at every passage, in the very moment; the answer ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    async def until(self, settled: Callable[[], bool], within_s: float) -> bool:
        """Waits until a passage makes `settled()` true; False when none does within that time. Wakes at passages only."""
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
