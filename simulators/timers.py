"""What is still going to happen: timers of the running loop that end together with their owner.

Simulators never poll. They sleep until something can happen, so that a virtual loop jumps over a quiet night. What a timer
does happens at the moment it was due, however late the loop woke: lateness does not add up along a chain of timers.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable

_due: float | None = None
"""The moment being lived while a timer runs."""


def now() -> float:
    """The moment being lived, in the running loop's seconds: the only time simulators know."""
    return asyncio.get_running_loop().time() if _due is None else _due


class Timer:
    """One thing that is going to happen, unless it is dropped."""

    __slots__ = ("do", "when")

    def __init__(self, when: float, do: Callable[[], None]) -> None:
        self.when = when
        self.do: Callable[[], None] | None = do


class Timers:
    """Timers of one thing. What is due at the same moment happens in the order in which it was asked for (the loop's own
    timers do not promise that). `clear()` forgets them all, as a reboot or the end of a run does."""

    def __init__(self) -> None:
        self._coming: list[tuple[float, int, Timer]] = []
        self._asked = 0
        self._alarm: asyncio.TimerHandle | None = None

    def at(self, when: float, do: Callable[[], None]) -> Timer:
        """Runs `do` at loop time `when`; end it with `drop`."""
        timer = Timer(when, do)
        self._asked += 1
        heapq.heappush(self._coming, (when, self._asked, timer))
        self._wait()
        return timer

    def after(self, seconds: float, do: Callable[[], None]) -> Timer:
        """Runs `do` that many seconds from now."""
        return self.at(now() + seconds, do)

    def drop(self, timer: Timer | None) -> None:
        """Cancels one timer, if there is one."""
        if timer is not None:
            timer.do = None
            self._wait()

    def clear(self) -> None:
        """Cancels all of them."""
        self._coming.clear()
        self._wait()

    def _wait(self) -> None:
        """Wakes at the next thing that will really happen."""
        while self._coming and self._coming[0][2].do is None:
            heapq.heappop(self._coming)
        first = self._coming[0][0] if self._coming else None
        if self._alarm is not None and (first is None or self._alarm.when() != first):
            self._alarm.cancel()
            self._alarm = None
        if self._alarm is None and first is not None:
            self._alarm = asyncio.get_running_loop().call_at(first, self._due)

    def _due(self) -> None:
        global _due
        assert self._alarm is not None  # noqa: S101 - for the types; only the alarm calls this
        moment, self._alarm = self._alarm.when(), None
        try:
            while self._coming and self._coming[0][0] <= moment:
                when, _, timer = heapq.heappop(self._coming)
                if timer.do is not None:
                    _due = when
                    timer.do()
        finally:
            _due = None
            self._wait()
