"""A13, row 107: a robot that serves others too. What is theirs is neither counted nor ordered, nor called a difference."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from firmware_protocols.wwks2.messages import OutputRequest, StockInfoRequest
from simulators.plant.robot.robot import Robot
from tests.acceptance.pharmacy import AMX, PRD, Pharmacy, a_pharmacy
from tests.acceptance.test_a13_deliveries import body, of, reconnects
from tests.acceptance.test_b10_sources import LIST, LOADING, PLACE, TOTE, line
from tests.acceptance.ward import scan_of
from tests.kit.robot import ROBOT, hold

OURS, THEIRS = "main", "hospital-2"
HELD = {"lot": "AMX1", "expiry": "2032-03-31"}
KEYS = ("stock_location", "tenant")


def shared(key: str) -> Any:
    """Five packs of ours, and four of theirs that expire first, beside an item that only they have."""

    def stand(robot: Robot) -> None:
        for held in (*hold(robot, AMX, packs=4, lot="THEIRS", expiry="2031-12-31"), *hold(robot, PRD, packs=2, **HELD)):
            setattr(held, key, THEIRS)
        for held in hold(robot, AMX, packs=5, **HELD):
            setattr(held, key, OURS)

    return stand


def theirs_left(pharmacy: Pharmacy, key: str) -> int:
    return sum(getattr(held, key) == THEIRS for held in pharmacy.steel.book.packs.values())


@pytest.mark.parametrize("key", KEYS)
async def test_only_what_is_ours_is_counted_ordered_and_compared(key: str) -> None:
    async with a_pharmacy(shared(key), site={"loading": LOADING}, **{key: OURS}) as pharmacy:
        technician, rx = await pharmacy.person("technician"), await pharmacy.service()
        stock = await technician.get(f"/v1/robots/{ROBOT}/stock")
        assert [(one["item"], one["packs"]) for one in stock["items"]] == [(AMX, 5)]
        shown = (await rx.done("PUT", LIST, {"revision": 1, "lines": [line(7), line(1, n=2, item=PRD)]}))["lines"]
        assert [one["lacking"] for one in shown] == [2, 1]
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        await pharmacy.world.until("robot.pick_ended")
        await pharmacy.quiet()
        assert {pharmacy.steel.steel.packs[number].batch for number in pharmacy.out()} == {"AMX1"}
        assert (len(pharmacy.out()), pharmacy.stock(AMX), theirs_left(pharmacy, key)) == (5, 0, 6)
        asked = [message.criteria[0].stock_location_id for message in pharmacy.heard if isinstance(message, OutputRequest)]
        limits = {one.stock_location_id for told in pharmacy.heard if isinstance(told, StockInfoRequest) for one in told.criteria}
        assert (asked, limits) == (([OURS], {OURS}) if key == "stock_location" else ([None], {None}))
        await reconnects(pharmacy)
        assert pharmacy.rows("robot.stock_differs") == []


@pytest.mark.parametrize("key", KEYS)
async def test_what_others_store_and_take_is_no_row_of_ours(key: str) -> None:
    async with a_pharmacy(shared(key), **{key: OURS}) as pharmacy:
        mine = next(id_ for id_, held in pharmacy.steel.book.packs.items() if getattr(held, key) == OURS)
        theirs = [id_ for id_, held in pharmacy.steel.book.packs.items() if getattr(held, key) == THEIRS]
        before = len(pharmacy.rows("robot.output_unasked", "robot.stock_differs", "robot.stock_seen"))
        held = pharmacy.steel.book.packs[theirs[0]]
        held.expiry = "2035-01-01"
        pharmacy.steel.picker.on_corrected(held)
        pharmacy.steel.book.drop(theirs[1])  # somebody has ordered it over a connection of theirs
        pharmacy.steel.picker.on_changed(AMX)
        await asyncio.sleep(100)
        assert len(pharmacy.rows("robot.output_unasked", "robot.stock_differs", "robot.stock_seen")) == before
        assert pharmacy.stock(AMX) == 5
        pharmacy.far.hands.order("1", article=AMX, quantity=1, pack=mine)
        (unasked,) = [await pharmacy.world.until("robot.output_unasked")]
        assert [one["pack"] for one in unasked["out"]] == [str(mine)]
        assert pharmacy.stock(AMX) == 4


@pytest.mark.parametrize("key", KEYS)
async def test_what_is_stored_here_is_stored_as_ours(key: str) -> None:
    async with a_pharmacy(shared(key), **{key: OURS}) as pharmacy:
        rx = await pharmacy.service()
        await rx.done("PUT", "/v1/deliveries/D-1", body(of(AMX, 1)))
        await pharmacy.world.until("delivery.told", answer="accepted")
        pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(AMX, scan_of(AMX)), "20441")
        await pharmacy.world.until("delivery.completed")
        assert [getattr(held, key) for held in pharmacy.steel.book.packs.values()].count(OURS) == 6
        assert pharmacy.stock(AMX) == 6
        await reconnects(pharmacy)
        assert pharmacy.rows("robot.stock_differs") == []
