"""Belts and the like: what is under way stands still while the machine does, and goes on when it runs again."""

from __future__ import annotations

from collections.abc import Callable

from simulators.timers import Timers, now


class Motion:
    """Things that are going to arrive, unless everything stands still."""

    def __init__(self) -> None:
        self._timers = Timers()
        self._numbers = 0
        self._coming: dict[int, tuple[float, Callable[[], None]]] = {}
        self._halted: list[tuple[float, Callable[[], None]]] | None = None

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Runs `do` after that many seconds of motion."""
        if self._halted is not None:
            self._halted.append((seconds, do))
            return
        self._numbers += 1
        number = self._numbers
        self._coming[number] = now() + seconds, do

        def arrived() -> None:
            del self._coming[number]
            do()

        self._timers.after(seconds, arrived)

    def halt(self) -> None:
        """Everything stands still where it is."""
        if self._halted is None:
            self._halted = [(when - now(), do) for when, do in self._coming.values()]
            self._forget()

    def go(self) -> None:
        """Everything goes on from where it stands."""
        halted, self._halted = self._halted or [], None
        for seconds, do in halted:
            self.after(seconds, do)

    def clear(self) -> None:
        """The end of a run: nothing arrives any more."""
        self._forget()
        self._halted = None

    def _forget(self) -> None:
        self._timers.clear()
        self._coming.clear()
