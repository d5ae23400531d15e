"""Virtual time: it jumps, it repeats, and it says who waits for ever."""

from __future__ import annotations

import asyncio

import pytest

from tests.kit.virtual_loop import Deadlock, run


def test_a_night_takes_no_time_and_timers_keep_their_order() -> None:
    async def play() -> list[str]:
        seen: list[str] = []
        loop = asyncio.get_running_loop()
        loop.call_later(8 * 3600, seen.append, "morning")
        loop.call_later(1, seen.append, "evening")
        await asyncio.sleep(8 * 3600 + 1)
        return [*seen, f"{loop.time():.6f}"]

    assert run(play()) == ["evening", "morning", "28801.000000"]


def test_a_deadlock_says_where_each_task_waits() -> None:
    async def waits_for_ever() -> None:
        await asyncio.get_running_loop().create_future()

    async def play() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(waits_for_ever(), name="the forgotten one")

    with pytest.raises(Deadlock, match=r"the forgotten one at .*test_virtual_loop.py:\d+"):
        run(play())


def test_an_executor_takes_no_thread_and_no_time() -> None:
    async def play() -> int:
        with pytest.raises(ZeroDivisionError):
            await asyncio.get_running_loop().run_in_executor(None, lambda: 1 // 0)
        return await asyncio.get_running_loop().run_in_executor(None, int, "7")

    assert run(play()) == 7
