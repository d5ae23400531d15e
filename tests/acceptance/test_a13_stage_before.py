"""A13, row 110: tomorrow's list is picked in the idle time, an urgent one overtakes it; and an idle robot shortens what is to come.

Judged by the order in which packs really came out of the robot, and by the ledger.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from simulators.plant.robot.robot import Robot
from tests.acceptance import test_b10_gantry as gantry_store
from tests.acceptance.pharmacy import AMX, PRD, Pharmacy, a_pharmacy
from tests.acceptance.test_b10_sources import line
from tests.acceptance.ward import Person
from tests.kit.fetching import AMX as AMX_AT_ARM
from tests.kit.fetching import ARM, PACK, TABLE
from tests.kit.fetching import PRD as PRD_AT_ARM
from tests.kit.robot import ROBOT, hold
from tests.kit.station import BEGAN

HOUR = 3600.0
PLACES = [{"id": f"load-{n}", "name": f"Under output {n}", "robot": ROBOT, "output": n} for n in (1, 2)]
NARROW = {"columns": 48, "shelves": 4, "place_width_mm": 80}
"""A pack to a place: four metres of them."""


def at(hours: float) -> str:
    """So long after the day begins."""
    return (BEGAN + datetime.timedelta(hours=hours)).isoformat()


def full(robot: Robot) -> None:
    """Packs of two items."""
    hold(robot, PRD, lot="PRD1", expiry="2032-06-30", packs=60)
    hold(robot, AMX, lot="AMX1", expiry="2032-03-31", packs=12)


@asynccontextmanager
async def a_store(stage_hours: int = 1, **rack: Any) -> AsyncIterator[tuple[Pharmacy, Person]]:
    """A robot with two loading places and the pharmacy's program."""
    site = {"loading": PLACES, "policy": {"stage_hours": stage_hours}}
    async with a_pharmacy(full, site=site, rack={**NARROW, **rack}) as pharmacy:
        yield pharmacy, await pharmacy.service()


async def pushed(rx: Person, id_: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A list is pushed."""
    return await rx.done("PUT", f"/v1/pick-lists/{id_}", {"revision": 1, "lines": list(lines), **more})


async def placed(pharmacy: Pharmacy, tote: str, list_: str, place: str) -> None:
    """A technician who logs in for it puts a tote for a list under an output."""
    kim = await pharmacy.person("technician")
    await kim.done("PUT", f"/v1/totes/{tote}/place", {"list": list_, "at": place})


async def till(hours: float) -> None:
    """The day goes on."""
    await asyncio.sleep(hours * HOUR - asyncio.get_running_loop().time())


def came_out(pharmacy: Pharmacy) -> list[str]:
    """The articles of the packs that have really come out, in that order."""
    return [pharmacy.steel.steel.packs[number].article for number in pharmacy.out()]


async def test_row_110_tomorrow_s_list_is_picked_in_idle_time_and_an_urgent_one_overtakes_it() -> None:
    async with a_store() as (pharmacy, rx):
        told = await pushed(rx, "L-tomorrow", line(8), due=at(1.3))
        assert (told["due"], told["lines"][0]["lacking"]) == ("2031-03-01T07:18:00Z", 0)
        await placed(pharmacy, "T-1", "L-tomorrow", "load-1")
        await pushed(rx, "L-now", line(1, item=PRD))
        await placed(pharmacy, "T-2", "L-now", "load-2")
        await pharmacy.until(lambda: len(pharmacy.rows("tote.filled")) == 1)
        assert came_out(pharmacy) == [PRD]
        await till(0.29)
        assert len(pharmacy.rows("robot.pick_intended")) == 1, "no earlier than an hour before it is due"
        await till(0.3)
        await pharmacy.until(lambda: len(pharmacy.out()) >= 3)
        await pushed(rx, "L-urgent", line(3, item=PRD, urgent=True))
        await placed(pharmacy, "T-3", "L-urgent", "load-2")
        await pharmacy.until(lambda: len(pharmacy.rows("tote.filled")) == 3)
        order = came_out(pharmacy)
        assert sorted(order) == [AMX] * 8 + [PRD] * 4
        first = order.index(PRD, 1)
        assert 3 <= first <= 5, "at most the packs that were in the gripper and on the belt came before it"
        assert order[first : first + 3] == [PRD] * 3, order
        asked = [(row["purpose"]["list"], row["priority"]) for row in pharmacy.rows("robot.pick_intended")]
        assert asked == [("L-now", "normal"), ("L-tomorrow", "low"), ("L-urgent", "high")]
        filled = [(row["tote"], row["quantity"]) for row in pharmacy.rows("tote.filled")]
        assert filled == [("T-2", 1), ("T-3", 3), ("T-1", 8)]


async def test_what_is_there_goes_to_the_list_that_is_due_first_and_one_that_has_come_due_is_like_any_other() -> None:
    async with a_store() as (pharmacy, rx):
        await pushed(rx, "L-late", line(10), due=at(0.3))
        await pushed(rx, "L-soon", line(10), due=at(0.2))
        told = await pushed(rx, "L-now", line(1))
        lists = {id_: await rx.get(f"/v1/pick-lists/{id_}") for id_ in ("L-late", "L-soon")}
        assert (told["due"], told["lines"][0]["lacking"]) == (None, 0)
        assert {id_: found["lines"][0]["lacking"] for id_, found in lists.items()} == {"L-late": 9, "L-soon": 0}
        await till(0.21)
        await placed(pharmacy, "T-1", "L-soon", "load-1")
        await pharmacy.world.until("tote.filled")
        assert [row["priority"] for row in pharmacy.rows("robot.pick_intended")] == ["normal"]
        again = await rx.done("PUT", "/v1/pick-lists/L-soon", {"revision": 1, "lines": [line(10)], "due": at(0.2)})
        assert again["revision"] == 1, "the same list again is the same"
        bad = await rx.ask("PUT", "/v1/pick-lists/L-9", {"revision": 1, "lines": [line(1)], "due": "2031-03-02T02:00:00"})
        assert bad.status_code == 422, "a time without its offset is none"


async def test_a_gantry_is_given_what_can_wait_one_order_at_a_time() -> None:
    async with gantry_store.a_store() as (found, ward, technician, rx):
        lines = [gantry_store.line(1, 2 * PACK), gantry_store.line(2, PACK, PRD_AT_ARM)]
        await rx.done("PUT", gantry_store.LIST, {"revision": 1, "lines": lines, "due": at(0.9)})
        await technician.done("PUT", f"{gantry_store.TOTE}/place", {"list": "L-1", "at": TABLE})
        await ward.quiet()
        live = found.world.books.gantries.live
        assert [order["item"] for order in live(ARM)] == [AMX_AT_ARM]
        await found.until(lambda: len(found.handed()) == 2)
        await found.until(lambda: len(found.handed()) == 3)
        await found.state("ready")
        await ward.quiet()
        rows = [(kind, body["order"]) for kind, body in ward.world.rows("gantry.order_intended", "gantry.order_ended")]
        assert [kind for kind, _ in rows] == ["gantry.order_intended", "gantry.order_ended"] * 2


async def test_an_idle_robot_tidies_up_and_tomorrow_s_list_is_picked_sooner() -> None:
    took: dict[bool, float] = {}
    for tidies in (False, True):
        async with a_store(**({"tidy_after_s": 120} if tidies else {})) as (pharmacy, rx):
            await pushed(rx, "L-1", line(1), line(12, n=2, item=PRD))
            await placed(pharmacy, "T-1", "L-1", "load-1")
            await pharmacy.until(lambda: len(pharmacy.rows("tote.filled")) == 2, HOUR)
            stock = {item: set(packs) for item, packs in pharmacy.record["stock"].items()}
            moved = len(pharmacy.steel.steel.moves.entries)
            await asyncio.sleep(1200)
            assert (len(pharmacy.steel.steel.moves.entries) > moved) is tidies
            assert {item: set(packs) for item, packs in pharmacy.record["stock"].items()} == stock
            assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 11
            assert not pharmacy.rows("robot.stock_differs", "robot.stock_uncertain")
            began = asyncio.get_running_loop().time()
            await pushed(rx, "L-2", line(5))
            await placed(pharmacy, "T-2", "L-2", "load-2")
            await pharmacy.until(lambda: len(pharmacy.rows("tote.filled")) == 3, HOUR)
            took[tidies] = asyncio.get_running_loop().time() - began
    assert took[True] < took[False] - 2, took
