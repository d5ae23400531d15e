"""Whose turn it is on a wire: one at a time, acts before questions, otherwise first come first served."""

from __future__ import annotations

import asyncio
from collections import deque

ACT, QUESTION = 0, 1


class Turn:
    """A lock with two queues."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: tuple[deque[asyncio.Future[None]], ...] = (deque(), deque())

    @property
    def act_waits(self) -> bool:
        """Whether an act is in the queue: who has not sent yet then gives the turn back."""
        return any(not mine.done() for mine in self._waiting[ACT])

    async def take(self, order: int, *, first: bool = False, until: float | None = None) -> None:
        """Waits for the wire, which is held until `pass_on`; a cancelled waiter leaves the queue and passes on what it was given.

        Who gave the turn back to an act is the `first` of its queue again. TimeoutError if `until` (loop time) comes first.
        """
        if self._taken:
            mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            queue = self._waiting[order]
            queue.appendleft(mine) if first else queue.append(mine)
            async with asyncio.timeout_at(until):
                try:
                    await mine
                except asyncio.CancelledError:
                    if mine.done() and not mine.cancelled():
                        self.pass_on()
                    raise
        self._taken = True

    def pass_on(self) -> None:
        """Ends this turn: the next one that waits has it."""
        for queue in self._waiting:
            while queue:
                heir = queue.popleft()
                if not heir.done():
                    heir.set_result(None)
                    return
        self._taken = False
