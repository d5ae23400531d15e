"""The exact loop: its timers end within a millisecond, which asyncio's own cannot."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from drivers.loop import exact_loop


async def _took_s(timer_s: float) -> list[float]:
    """How long many timers took, the least late first."""
    took = []
    for _ in range(50):
        began = time.monotonic()
        await asyncio.sleep(timer_s)
        took.append(time.monotonic() - began)
    return sorted(took)


@pytest.mark.parametrize(("loop_factory", "exact"), [(exact_loop, True), (asyncio.SelectorEventLoop, False)])
def test_a_timer_of_a_part_of_a_millisecond(loop_factory: type[asyncio.AbstractEventLoop], exact: bool) -> None:
    """asyncio's own loop waits a whole millisecond as a rule: the difference is what the exact loop is for."""
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        took = runner.run(_took_s(0.0003))
    assert took[0] >= 0.0003
    if exact:
        assert took[0] < 0.001, "a busy machine is late, and not each time"
    else:
        assert took[len(took) // 2] >= 0.001, "one for which no whole millisecond was left when it was looked at is no rule"


def test_what_arrives_ends_the_wait() -> None:
    async def heard() -> bytes:
        near, far = os.pipe()
        arrived: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()
        loop.add_reader(near, lambda: arrived.set_result(os.read(near, 1)))
        loop.call_later(0.01, os.write, far, b"!")
        try:
            async with asyncio.timeout(10):
                return await arrived
        finally:
            loop.remove_reader(near)
            os.close(near)
            os.close(far)

    with asyncio.Runner(loop_factory=exact_loop) as runner:
        assert runner.run(heard()) == b"!"


def test_what_another_thread_calls_ends_the_wait() -> None:
    async def called() -> str:
        return await asyncio.to_thread(lambda: "done")

    with asyncio.Runner(loop_factory=exact_loop) as runner:
        assert runner.run(called()) == "done"
