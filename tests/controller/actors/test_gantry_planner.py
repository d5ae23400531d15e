"""The planning worker belongs to the station: it starts with the first plan, dies without harm, is counted, and ends with it."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from controller.planning.planner import Planner
from tests.kit.fetching import AMX, ARM, PRD, Fetchers, fetchers
from tests.kit.virtual_loop import run

DIES = (sys.executable, "-P", "-c", "raise SystemExit(1)")


def test_the_station_has_a_planner_for_as_long_as_it_runs() -> None:
    async def play() -> None:
        async with fetchers(homed=False, worker=True) as gantry:
            assert gantry.world.station.planner._command is not None, "the worker that ships"
            assert gantry.world.station.planner.process is None, "nothing was planned yet"

    run(play())


@pytest.mark.processes
def test_a_planner_whose_worker_is_dead_leaves_the_rule_s_plan_and_is_counted() -> None:
    async def play() -> None:
        async with fetchers() as gantry, Planner(DIES, deadline_s=1e6) as planner:
            gantry.world.station.planner = planner
            await patiently(gantry, [gantry.fetch(AMX, 3).order, gantry.fetch(PRD, 3).order])
            assert planner.fallbacks["died"] >= 1
            assert (planner.taken, len(gantry.handed())) == (0, 6)
        assert planner.process is None

    run(play())


async def patiently(gantry: Fetchers, orders: list[str]) -> None:
    """Virtual time does not wait for another process: the system is given its turn until all have ended."""
    while any(gantry.order(order)["state"] in {"waiting", "fetching"} for order in orders):
        os.sched_yield()
        await asyncio.sleep(0.01)
    await gantry.state("ready")
    assert gantry.actor.view.live(ARM) == []
