"""One cabinet's turn: one drawer of it is being unlocked at a time, so that what opens can be told from what was commanded."""

from __future__ import annotations

import asyncio


class Turn:
    """Held by one drawer from before its intent is posted until its latch is settled."""

    __slots__ = ("_lock", "holder")

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self.holder: str | None = None

    async def take(self, drawer: str) -> None:
        """Waits for the turn."""
        await self._lock.acquire()
        self.holder = drawer

    def give_back(self, drawer: str) -> None:
        """Ends this drawer's turn, if it has it."""
        if self.holder == drawer:
            self.holder = None
            self._lock.release()
