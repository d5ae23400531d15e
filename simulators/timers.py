"""What is still going to happen: timers of the running loop that end together with their owner.

Simulators never poll. They sleep until something can happen, so that a virtual loop jumps over a quiet night.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timers:
    """Timers of one thing. `clear()` forgets them all, as a reboot or the end of a run does."""

    def __init__(self) -> None:
        self._pending: set[asyncio.TimerHandle] = set()

    def at(self, when: float, do: Callable[[], None]) -> asyncio.TimerHandle:
        """Runs `do` at loop time `when`; the handle's `cancel` is allowed at any time."""

        def due() -> None:
            self._pending.discard(handle)
            do()

        handle = asyncio.get_running_loop().call_at(when, due)
        self._pending.add(handle)
        return handle

    def after(self, seconds: float, do: Callable[[], None]) -> asyncio.TimerHandle:
        """Runs `do` that many seconds from now."""
        return self.at(now() + seconds, do)

    def drop(self, handle: asyncio.TimerHandle | None) -> None:
        """Cancels one timer, if there is one."""
        if handle is not None:
            handle.cancel()
            self._pending.discard(handle)

    def clear(self) -> None:
        """Cancels all of them."""
        for handle in self._pending:
            handle.cancel()
        self._pending.clear()


def now() -> float:
    """The running loop's time in seconds: the only time simulators know."""
    return asyncio.get_running_loop().time()
