"""One board on a scripted far end, judged by the literal frames of its paper: CU16 in full, the relay board's two questions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from drivers.link import Link, LinkChange, Timing
from drivers.locks import kerong_cu16
from drivers.locks.kerong_cu16 import Cu16Board
from drivers.wirelog import WireLog
from sites.models import Cu16BoardPart, Lock
from tests.kit import virtual_loop
from tests.kit.wire import FarEnd

STATUS = bytes.fromhex("02 00 30 03 35")
UNLOCK_1 = bytes.fromhex("02 00 31 03 36")
UNLOCK_3 = bytes.fromhex("02 02 31 03 38")
REST = bytes.fromhex("02 00 35 FF FF FF FF 03 36")
LATCH_1_OPEN = bytes.fromhex("02 00 35 FE FF FF FF 03 35")
OTHER_BOARD = bytes.fromhex("02 10 35 FF FF FF FF 03 46")
TIMING = Timing(quiet_s=0.005, reply_s=0.2, late_s=0.4)


def at_rest(data: bytes) -> bytes:
    """A board whose locks are all latched and whose drawers are all shut; an unlock has no reply."""
    return REST if data == STATUS else b""


def numbered(value: int) -> bytes:
    """A status whose sixteen article bits are a number, so that every answer can be told from every other."""
    body = bytes((0x02, 0x00, 0x35, 0xFF, 0xFF, value & 0xFF, value >> 8 & 0xFF, 0x03))
    return body + bytes((sum(body) & 0xFF,))


class Counting:
    """A board that gives each question the next number."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, data: bytes) -> bytes:
        if data != STATUS:
            return b""
        self.count += 1
        return numbered(self.count)


class OnALink(Protocol):
    """Whatever hangs on one link."""

    link: Link


L = TypeVar("L", bound=OnALink)


class Line:
    """A CU16 board at address 0 with locks 1 to 3 in use, on a link over `far`."""

    def __init__(self, far: FarEnd, timing: Timing = TIMING, **site: Any) -> None:
        self.far = far
        self.wirelog = WireLog()
        self.changes: list[LinkChange] = []
        self.link = Link("lockbus", far.dial, kerong_cu16.framer, timing, self.wirelog, lambda low, high: high, kerong_cu16.means)
        self.link.watch(self.changes.append)
        part = Cu16BoardPart(id="cu16-0", driver="kerong-cu16", link="lockbus", address=0, **site)
        self.board = Cu16Board(self.link, part, [Lock(board="cu16-0", channel=n) for n in (1, 2, 3)])

    async def until_up(self, within_s: float = 60) -> float:
        """Waits for the link and gives the seconds that took."""
        return await until(self.link, True, within_s)

    async def until_down(self, within_s: float = 60) -> float:
        """Waits for its loss and gives the seconds that took."""
        return await until(self.link, False, within_s)


async def until(link: Link, up: bool, within_s: float = 60) -> float:
    """Waits until the link is up, or is not, and gives the seconds that took."""
    began = now()
    async with asyncio.timeout(within_s):
        while link.up is not up:
            await asyncio.sleep(0.01)
    return now() - began


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()


def over(line: Callable[[], L], story: Callable[[L], Awaitable[None]], *, wait: bool = True) -> None:
    """Plays a story in virtual time with the link running, and ends the link after it."""

    async def play() -> None:
        one = line()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(one.link.run())
            if wait:
                await until(one.link, True)
            await story(one)
            running.cancel()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    virtual_loop.run(play())
