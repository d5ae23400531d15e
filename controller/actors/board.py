"""Looking at one lock board, for ever: each reply is shown to the drawers of that board, and silence is told to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from drivers.capabilities import LockBoard, Look
from drivers.faults import LinkFault

QUICK_S = 0.2
"""Between two looks while a drawer of the board is expected to move."""
IDLE_S = 0.5
"""Between two looks otherwise. With the second, agreeing look an uncommanded opening is known within a second."""
APART_S = 0.1
"""Two looks are never closer: what agrees must not be one moment seen twice."""
SILENT_S = 2.5
"""A board that has not answered for so long is offline (WI-11 allows 3 s)."""
STALL_S, AFTER_STALL_S = 0.2, 1.0
"""A timer that comes so late says that the loop stood still; then a board has so long to be heard."""


class LinkState(Protocol):
    """What is needed of `drivers.link.Link`."""

    @property
    def up(self) -> bool: ...

    @property
    def epoch(self) -> int: ...

    def watch(self, watcher: Callable[[Any], None]) -> None: ...


class Watched(Protocol):
    """What is needed of a drawer."""

    @property
    def moving(self) -> bool: ...

    def look(self, look: Look) -> None: ...

    def link_up(self) -> None: ...

    def link_lost(self, reason: str) -> None: ...


class BoardWatch:
    """One board, its link, and when its coil is free again (loop time)."""

    __slots__ = (
        "_answered_at", "_drawers", "_fresh", "_looks", "_silence", "_up_at", "_waker", "board", "coil_free_at", "epoch", "id",
        "link", "up",
    )  # fmt: skip

    def __init__(self, id: str, board: LockBoard, link: LinkState) -> None:
        self.id = id
        self.board = board
        self.link = link
        self.up = False
        self.epoch = 0
        self.coil_free_at = float("-inf")
        self._drawers: list[tuple[int, Watched]] = []
        self._answered_at = self._up_at = float("-inf")
        self._looks = 0
        self._fresh: list[tuple[int, asyncio.Future[None]]] = []
        self._waker: asyncio.Future[None] | None = None
        self._silence: asyncio.TimerHandle | None = None
        link.watch(self._link_changed)

    def show(self, channel: int, drawer: Watched) -> None:
        """From now on the drawer is shown what the switches of this channel say."""
        self._drawers.append((channel, drawer))

    @property
    def age_s(self) -> float:
        """Seconds since the board last answered."""
        return asyncio.get_running_loop().time() - self._answered_at

    @property
    def unbroken_s(self) -> float | None:
        """Seconds for which it has answered without a break; None while it does not."""
        return asyncio.get_running_loop().time() - self._up_at if self.up else None

    def hurry(self) -> None:
        """Looks again soon."""
        if self._waker is not None and not self._waker.done():
            self._waker.set_result(None)

    async def fresh(self, looks: int = 2) -> None:
        """Returns when the board has answered this many looks that were asked after now."""
        future = asyncio.get_running_loop().create_future()
        self._fresh.append((self._looks + 1 + looks, future))
        self.hurry()
        await future

    async def run(self) -> None:
        """Looks for ever; ends by cancellation."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                if not self.link.up:
                    await self._pause(None)
                    continue
                began = loop.time()
                with suppress(LinkFault):  # silence is told by its length, however often it was asked
                    self._answered(await self.board.look())
                await self._pause(max(APART_S, began + self._rhythm() - loop.time()))
        finally:
            if self._silence is not None:
                self._silence.cancel()
                self._silence = None

    def _rhythm(self) -> float:
        if self._fresh or any(drawer.moving for _, drawer in self._drawers):
            return QUICK_S
        return IDLE_S

    async def _pause(self, seconds: float | None) -> None:
        loop = asyncio.get_running_loop()
        self._waker = loop.create_future()
        timer = None if seconds is None else loop.call_later(seconds, self.hurry)
        try:
            await self._waker
        finally:
            self._waker = None
            if timer is not None:
                timer.cancel()

    def _link_changed(self, _change: Any) -> None:
        if not self.link.up:
            self.lost("link-lost")
        self.hurry()

    def _answered(self, looks: Mapping[int, Look]) -> None:
        self._answered_at = asyncio.get_running_loop().time()
        epoch = next(iter(looks.values())).epoch if looks else self.link.epoch
        if not self.up or epoch != self.epoch:
            self.up, self.epoch, self._up_at = True, epoch, self._answered_at
            if self._silence is None:
                self._listen()
            for _, drawer in self._drawers:
                drawer.link_up()
        for channel, drawer in self._drawers:
            drawer.look(looks[channel])
        self._looks += 1
        if self._fresh:
            due = [future for count, future in self._fresh if count <= self._looks]
            self._fresh = [(count, future) for count, future in self._fresh if count > self._looks]
            for future in due:
                if not future.done():
                    future.set_result(None)

    def _listen(self) -> None:
        """One timer for each board: when it runs out, either something was heard since, or the board is offline.

        Was the loop itself away, its answer may be waiting to be read: that is given one more chance.
        """
        loop = asyncio.get_running_loop()
        stalled = self._silence is not None and loop.time() - self._silence.when() >= STALL_S
        if self.age_s >= SILENT_S and stalled:
            self._silence = loop.call_later(AFTER_STALL_S, self._listen)
        elif self.age_s >= SILENT_S:
            self._silence = None
            self.lost("no-reply")
        else:
            self._silence = loop.call_at(self._answered_at + SILENT_S, self._listen)

    def lost(self, reason: str) -> None:
        """It is not known any more what the switches say."""
        if self.up:
            self.up = False
            for _, drawer in self._drawers:
                drawer.link_lost(reason)
