"""The gantry over real ends, in real time: a pseudo-terminal at 115,200 baud and TCP. Short runs, with a stop in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from drivers.capabilities import Gantry
from drivers.faults import Effect, Fault
from drivers.gantry_facts import Grip, Halt
from drivers.registry import build
from simulators.house import House
from simulators.plant.truth import Edge
from simulators.serve import Pty, serve_tcp
from tests.kit.gantry import STOCK, gantry, site

QUICK = {
    "x": {"high_mm": 1200, "speed_mm_s": 4000, "acceleration_mm_s2": 40_000},
    "y": {"high_mm": 900, "speed_mm_s": 4000, "acceleration_mm_s2": 40_000},
    "z": {"low_mm": -150, "high_mm": 0, "speed_mm_s": 2000, "acceleration_mm_s2": 40_000, "homes": "high"},
}


@asynccontextmanager
async def standing(kind: str, folder: Path) -> AsyncIterator[tuple[Gantry, House]]:
    """The gantry at a real end, its driver dialled to it and homed."""
    async with AsyncExitStack() as stack:
        path = folder / "arm"
        house = House(site(**QUICK), STOCK)
        wire = house.wires["arm"]
        if kind == "pty":
            wire.pace(115_200)
            stack.callback(Pty(wire, path).close)
            url = f"serial:{path}?baud=115200"
        else:
            server = await serve_tcp(wire, "127.0.0.1", 0)
            stack.callback(server.close)
            stack.callback(wire.unplug)
            url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        devices = build(site(url, **QUICK), lambda low, high: low)
        link = devices.links["arm"]
        up = asyncio.Event()
        link.watch(lambda change: up.set() if change.up else None)
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        running = tasks.create_task(link.run())
        async with asyncio.timeout(10):
            await up.wait()
            await devices.gantries["arm"].home("homing", within(20))
        yield devices.gantries["arm"], house
        running.cancel()
        house.clear()


def within(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_a_pick_and_a_stop_over_a_real_end(kind: str, tmp_path: Path) -> None:
    async with standing(kind, tmp_path) as (arm, house), asyncio.timeout(20):
        plant = house.plant.gantries["arm"]
        assert await arm.pick("S-1", 2, "pick-1", within(15)) is Grip.PICKED
        assert [pack.id for pack in plant.tray[1]] == ["S-1/1"]
        moving = asyncio.Event()
        house.plant.truth.watch(lambda edge: moving.set() if edge.what == "moving" else None)
        async with asyncio.TaskGroup() as tasks:
            picking = tasks.create_task(stopped(arm))
            await moving.wait()
            assert await arm.stop() is Halt.HELD
            fault = await picking
        assert (fault.effect, plant.moves) == (Effect.UNKNOWN, False)
        assert (await arm.look()).position is None


async def stopped(arm: Gantry) -> Fault:
    with pytest.raises(Fault) as raised:
        await arm.pick("S-2", 1, "pick-2", within(15))
    return raised.value


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_a_cable_pulled_at_a_real_end_leaves_the_act_unknown(kind: str, tmp_path: Path) -> None:
    async with standing(kind, tmp_path) as (arm, house), asyncio.timeout(20):

        def pull(edge: Edge) -> None:
            if edge.what == "moving":
                asyncio.get_running_loop().call_soon(house.wires["arm"].unplug)

        unwatch = house.plant.truth.watch(pull)
        fault = await stopped(arm)
        unwatch()
        assert (fault.code, fault.effect) == ("link-lost", Effect.UNKNOWN)


def test_the_site_of_these_tests_is_one_that_a_file_could_hold() -> None:
    assert site(**QUICK).gantries[0].id == gantry()["id"]
