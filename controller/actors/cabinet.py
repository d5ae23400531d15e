"""One cabinet's turn: one drawer of it is being unlocked at a time, so that what opens can be told from what was commanded."""

from __future__ import annotations

import asyncio


class Turn:
    """Held by one drawer from before its intent is posted until its latch is settled."""

    __slots__ = ("_asking", "_lock", "holder")

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._asking = 0
        self.holder: str | None = None

    @property
    def free(self) -> bool:
        """Whether `take` would give it at once."""
        return self.holder is None and not self._asking

    async def take(self, drawer: str, within_s: float | None = None) -> None:
        """Waits for the turn. Raises TimeoutError when it has not come in time."""
        if self.free:
            await self._lock.acquire()
        else:
            self._asking += 1
            try:
                async with asyncio.timeout(within_s):
                    await self._lock.acquire()
            finally:
                self._asking -= 1
        self.holder = drawer

    def give_back(self, drawer: str) -> None:
        """Ends this drawer's turn, if it has it."""
        if self.holder == drawer:
            self.holder = None
            self._lock.release()
