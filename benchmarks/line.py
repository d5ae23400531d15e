"""A lock board's line at 19,200 baud: how much of it the link uses, and how long an unlock waits for it.

The far end is a process of its own on a real pseudo-terminal. It keeps the line's time to the microsecond, as a UART does: a
frame is there when its last bit is, the board answers after its declared delay, and the answer is there when its last bit is.
The floor is what the line itself allows: both frames, the link's silence and the board's delay.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import subprocess
import sys
import time
import tty
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, TypeVar

from benchmarks.row import Row
from drivers.faults import LinkFault
from drivers.link import Link, Timing
from drivers.locks import kerong_cu16
from drivers.locks.kerong_cu16 import Cu16Board
from drivers.loop import exact_loop
from drivers.transports import Transport
from drivers.transports.serial import open_serial
from drivers.wirelog import WireLog
from firmware_protocols.kerong_cu16 import device
from firmware_protocols.kerong_cu16.messages import Status, StatusQuery, Unlock
from simulators.boards.kerong_cu16 import ANSWER_S
from sites.models import Cu16BoardPart, Lock

T = TypeVar("T")

BAUD, BITS_A_BYTE = 19_200, 10
QUIET_S, REPLY_S, LATE_S = 0.005, 0.2, 0.4
QUESTION, ANSWER = 5, 9
"""Bytes of the two frames."""
SECONDS, UNLOCKS = 10.0, 30
THERE, SILENT = 0, 1
"""Addresses: the board that answers, and the one that does not."""


def on_the_line(size: int) -> float:
    """Seconds that so many bytes take."""
    return size * BITS_A_BYTE / BAUD


def rows() -> Iterator[Row]:
    """Exchanges a second, and the longest wait of an unlock behind a board that does not answer."""
    limit = 1 / (on_the_line(QUESTION) + ANSWER_S + on_the_line(ANSWER) + QUIET_S)
    yield Row(f"exchanges a second at {BAUD:,} baud, against the line's limit", _run(_busy()), limit, "1/s", at_least=0.95)
    waits = _run(_behind_retries())
    bound = REPLY_S + LATE_S + QUIET_S
    yield Row(
        f"longest wait of {UNLOCKS} unlocks behind a board's retries, against one exchange and its drain",
        max(waits) * 1000, bound * 1000, "ms", at_most=1.0,
    )  # fmt: skip


def _run(story: Coroutine[Any, Any, T]) -> T:
    """On the loop that the daemon runs on."""
    with asyncio.Runner(loop_factory=exact_loop) as runner:
        return runner.run(story)


async def _busy() -> float:
    async def ask(link: Link, boards: list[Cu16Board], _: Callable[[], list[float]]) -> float:
        loop = asyncio.get_running_loop()
        for _n in range(20):
            await boards[THERE].look()
        began, count = loop.time(), 0
        while loop.time() < began + SECONDS:
            await boards[THERE].look()
            count += 1
        return count / (loop.time() - began)

    return await _with_line(ask)


async def _behind_retries() -> list[float]:
    chance = random.Random(0)

    async def unlock(_: Link, boards: list[Cu16Board], seen: Callable[[], list[float]]) -> list[float]:
        loop = asyncio.get_running_loop()
        asking = loop.create_task(_ask_for_ever(boards))
        called = []
        for number in range(UNLOCKS):
            await asyncio.sleep(chance.uniform(0.05, 0.9))
            called.append(loop.time())
            await boards[THERE].release(1, f"intent-{number}", loop.time() + 10)
        asking.cancel()
        return [came - went for came, went in zip(seen(), called, strict=True)]

    return await _with_line(unlock)


async def _ask_for_ever(boards: list[Cu16Board]) -> None:
    while True:
        await boards[THERE].look()
        try:
            await boards[SILENT].look()
        except LinkFault:
            continue


# --- the line


async def _with_line(story: Callable[..., Awaitable[T]]) -> T:
    """Plays a story on a link over a line of its own. The story is given the link, its boards, and when unlocks came."""
    near, far = os.openpty()
    tty.setraw(far)
    path = os.ttyname(far)
    command = [sys.executable, "-m", "benchmarks.line", str(near)]
    steel = subprocess.Popen(command, pass_fds=[near], stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - once, before
    assert steel.stdout is not None
    os.close(near)

    async def dial() -> Transport:
        return open_serial(path, {"baud": str(BAUD)})

    def seen() -> list[float]:
        steel.terminate()
        told, _ = steel.communicate()
        return [json.loads(line) for line in told.splitlines()]

    timing = Timing(quiet_s=QUIET_S, reply_s=REPLY_S, late_s=LATE_S)
    link = Link("line", dial, kerong_cu16.framer, timing, WireLog(), lambda low, high: low, kerong_cu16.means)
    boards = [
        Cu16Board(link, Cu16BoardPart(id=f"b{n}", driver="kerong-cu16", link="line", address=n), [Lock(board=f"b{n}", channel=1)])
        for n in (THERE, SILENT)
    ]
    running = asyncio.get_running_loop().create_task(link.run())
    try:
        async with asyncio.timeout(10):
            while not link.up:  # noqa: ASYNC110 - once, before
                await asyncio.sleep(0.01)
        return await story(link, boards, seen)
    finally:
        running.cancel()
        steel.kill()
        os.close(far)


def _steel(line: int) -> None:
    """The far end: one board that answers, exactly when its last bit would be there. Says when each unlock began to come."""
    free_at, left = 0.0, b""
    answer = device.encode(Status(THERE, (True,) * 16, (True,) * 16))
    while True:
        select.select([line], [], [])
        came = time.monotonic()
        left += os.read(line, 4096)
        while len(left) >= QUESTION:
            frame, left = left[:QUESTION], left[QUESTION:]
            heard = device.decode(frame)
            free_at = max(free_at, came) + on_the_line(QUESTION)
            if isinstance(heard, Unlock):
                sys.stdout.write(f"{came!r}\n")
                sys.stdout.flush()
            elif isinstance(heard, StatusQuery) and heard.board == THERE:
                free_at += ANSWER_S + on_the_line(ANSWER)
                _at(free_at)
                os.write(line, answer)


def _at(when: float) -> None:
    """Returns at this moment, and not when the system finds time."""
    nap = when - time.monotonic() - 0.002
    if nap > 0:
        time.sleep(nap)
    while time.monotonic() < when:
        pass


if __name__ == "__main__":
    _steel(int(sys.argv[1]))
