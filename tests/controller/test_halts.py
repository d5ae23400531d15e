"""A halt of a whole station: all at once, whatever does not answer and whatever cannot be recorded."""

from __future__ import annotations

import asyncio

import pytest

from drivers.faults import LedgerFault
from tests.kit.gantry import gantry
from tests.kit.line import LAYOUT, Works, at_the_line

LINKS = {**LAYOUT["links"], "arm": {"url": "tcp://127.0.0.1:6060", "protocol": "grbl"}}


def stand(works: Works) -> bool:
    return all(look.stopped for look in works.line.looks.values())


def test_belts_do_not_run_on_while_a_gantry_does_not_answer() -> None:
    async def tale(works: Works) -> None:
        somebody = await works.world.log_in("nurse")
        arm = works.world.station.gantries["arm"]
        await works.until(lambda: arm.state == "unhomed")
        works.world.fault("lose", link="arm", count=10_000)
        halting = asyncio.ensure_future(works.world.station.halt(somebody, "smoke"))
        await works.until(lambda: stand(works) and bool(works.line.halted), within_s=1.0)
        assert arm.state == "halted"
        assert not halting.done(), "the gantry still does not answer"
        await halting
        assert [body["halt"] for _, body in works.world.rows("gantry.changed") if "halt" in body] == ["unknown"]

    at_the_line(tale, links=LINKS, gantries=[gantry()])


def test_what_cannot_be_recorded_stops_all_the_same() -> None:
    async def tale(works: Works) -> None:
        somebody = await works.world.log_in("nurse")
        technician = await works.world.log_in("technician")
        arm = works.world.station.gantries["arm"]
        await works.until(lambda: arm.state == "unhomed")
        arm.home(technician)
        await works.until(lambda: works.world.plant.gantries["arm"].moves)
        syncs = works.world.disk.syncs
        syncs.nth, syncs.always = syncs.seen + 1, True
        with pytest.raises(LedgerFault):
            await works.world.station.halt(somebody, "smoke")
        await works.until(lambda: stand(works) and not works.world.plant.gantries["arm"].moves, within_s=1.0)

    at_the_line(tale, links=LINKS, gantries=[gantry()])
