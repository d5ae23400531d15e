"""An idle robot that moves what is often asked for nearer: shorter trips after it, the same packs and stock, and no order waits
longer for it than one move."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from simulators.plant.robot.make import Make
from simulators.plant.robot.moves import Move
from simulators.plant.robot.rack import Geometry
from tests.simulators.pis import MAKE, Stage, staged
from tests.simulators.test_robot_clauses import ordered, packs, status

IDLE_S = 120.0
LONG = replace(MAKE, geometry=Geometry(sides=1, columns=24, shelves=4, bay_width_mm=80), tidy_after_s=IDLE_S)
"""A pack to a bay, and 24 metres of them would be the same."""


async def far_off(stage: Stage) -> None:
    """Sixty packs of B1 stand near, ten of A1 far; one A1 and five B1 have been fetched, so that there is room near."""
    for _ in range(60):
        stage.hold("B1")
    for _ in range(10):
        stage.hold("A1")
    for id_, article, quantity in ((700, "A1", 1), (701, "B1", 5)):
        await stage.pis.ask(ordered(id_, quantity, article=article))
        await stage.pis.until("OutputMessage", 600, id=str(id_))


async def trip_s(stage: Stage, id_: int) -> float:
    """How long an order of one A1 takes from when it is asked until it is told that it is out."""
    began = asyncio.get_running_loop().time()
    await stage.pis.ask(ordered(id_, article="A1"))
    assert status(await stage.pis.until("OutputMessage", 600, id=str(id_))) == "Completed"
    return asyncio.get_running_loop().time() - began


def tidied(stage: Stage) -> list[Move]:
    """The gripper's moves that ended in the rack."""
    return [move for move in stage.robot.steel.moves.entries if move.by == "gripper" and (move.reached or "").startswith("rack:")]


def stands_as_booked(stage: Stage) -> dict[int, str]:
    """Every pack of the book with its article, each of which really stands where the book says."""
    robot = stage.robot
    for held in robot.book.packs.values():
        number = robot.steel.rack.at(held.place)
        assert number is not None
        assert robot.steel.packs[number].article == held.article
        assert robot.book.at(held.place) is held
    assert len(robot.steel.rack) == len(robot.book.packs)
    return {held.id: held.article for held in robot.book.packs.values()}


async def quiet(stage: Stage) -> None:
    """An idle time after which it moves nothing more."""
    moved = -1
    while moved != len(tidied(stage)):
        moved = len(tidied(stage))
        await asyncio.sleep(3 * IDLE_S)


def test_row_110_a_pick_after_an_idle_time_is_shorter_and_packs_and_stock_are_the_same() -> None:
    async def tell(stage: Stage, make: Make = LONG) -> float:
        await far_off(stage)
        before, stock = stands_as_booked(stage), await stage.pis.ask('<StockInfoRequest Id="9" Source="{me}" Destination="777"/>')
        await stage.pis.listen(IDLE_S - 60)
        assert not tidied(stage), "not before it has been idle for long enough"
        nearest = min(held.id for held in stage.robot.book.of_article("A1"))
        was = stage.robot._tidy.trip_s(stage.robot.book.packs[nearest].place)
        told = len(stage.pis.log)
        await quiet(stage)
        await stage.pis.listen(1)
        is_ = stage.robot._tidy.trip_s(stage.robot.book.packs[nearest].place)
        assert (is_ < was - 0.2) is (make.tidy_after_s is not None)
        assert stands_as_booked(stage) == before
        again = await stage.pis.ask('<StockInfoRequest Id="10" Source="{me}" Destination="777"/>')
        assert packs(again) == packs(stock)
        assert [lead.tag for _, lead in stage.pis.log[told:]] == ["StockInfoResponse"], "nobody is told of it"
        return await trip_s(stage, 702)

    took: list[float] = []

    async def with_it(stage: Stage) -> None:
        took.append(await tell(stage))

    async def without(stage: Stage) -> None:
        took.append(await tell(stage, replace(LONG, tidy_after_s=None)))

    staged(with_it, LONG)
    staged(without, replace(LONG, tidy_after_s=None))
    assert took[0] < took[1] - 0.2, took


def test_an_order_that_comes_during_a_move_waits_for_that_one_move_and_no_other() -> None:
    async def tell(stage: Stage) -> None:
        await far_off(stage)
        steel = stage.robot.steel
        await steel.moves.until(lambda: steel.gripper is not None, 2 * IDLE_S)
        in_gripper = steel.packs[steel.gripper or 0]
        begun = len(steel.moves.entries)
        await stage.pis.ask(ordered(703, 10, article="A1"))
        ended = await stage.pis.until("OutputMessage", 600, id="703")
        assert status(ended) == "Incomplete", "nine were there"
        assert len(packs(ended)) == 9, "the one in the gripper too"
        gripped = [move for move in steel.moves.entries[begun:] if move.by == "gripper"]
        assert (gripped[0].pack, gripped[0].left) == (in_gripper.number, "gripper")
        assert (gripped[0].reached or "").startswith("rack:")
        later = [move for move in gripped[1:] if (move.reached or "").startswith("rack:")]
        assert not later, "then the order, and nothing but the order"
        stands_as_booked(stage)

    staged(tell, LONG)


def test_a_pack_that_is_not_where_it_should_be_ends_the_order_that_was_to_get_it() -> None:
    async def tell(stage: Stage) -> None:
        await far_off(stage)
        steel, book = stage.robot.steel, stage.robot.book
        first = min(book.of_article("A1"), key=lambda held: held.id)
        number = steel.rack.at(first.place)
        assert number is not None
        stage.fault("robot-loses-pack", pack=number)
        await asyncio.sleep(stage.robot._worked_at + IDLE_S + 0.5 - asyncio.get_running_loop().time())
        assert steel.busy
        assert steel.gripper is None, "it is on its way to the pack"
        await stage.pis.ask(ordered(704, 10, article="A1"))
        ended = await stage.pis.until("OutputMessage", 900, id="704")
        assert (status(ended), len(packs(ended))) == ("Incomplete", 8)
        assert first.id not in book.packs
        stands_as_booked(stage)

    staged(tell, LONG)


def test_a_stop_in_the_midst_of_a_move_leaves_the_pack_where_it_is_found_again() -> None:
    async def tell(stage: Stage) -> None:
        await far_off(stage)
        steel, before = stage.robot.steel, set(stage.robot.book.packs)
        await steel.moves.until(lambda: steel.gripper is not None, 2 * IDLE_S)
        steel.open_door()
        steel.shut_door()
        steel.resume()
        await quiet(stage)
        assert set(stands_as_booked(stage)) == before

    staged(tell, LONG)
