"""A robot that reads its own packs while it is idle: what it finds, what it tells, and that orders and stops go first."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from simulators.plant.pocket import CannotDo
from simulators.plant.robot.rack import Geometry
from tests.simulators.pis import MAKE, Stage, staged
from tests.simulators.test_robot_clauses import ordered, packs, status

HOUR_S = 3600.0
IDLE = replace(MAKE, rereads_s=HOUR_S)
GTIN = "00399001000011"
CODE = f"01{GTIN}17290331" + "10B1"


async def behind_the_door(stage: Stage, *acts: object) -> None:
    """Opens it, lets somebody do what must be done, shuts it, and starts the machine again."""
    stage.robot.steel.open_door()
    for act in acts:
        act()  # type: ignore[operator]
    stage.robot.steel.shut_door()
    stage.robot.steel.resume()
    await asyncio.sleep(stage.robot.steel.make.homing_s + 1)


def told(stage: Stage, after: int = 0) -> list[tuple[str | None, str | None, list[tuple[str | None, str | None]]]]:
    """Article, quantity and packs (number, state) of every stock message."""
    return [
        (article.get("Id"), article.get("Quantity"), [(pack.get("Id"), pack.get("State")) for pack in article.iter("Pack")])
        for _, lead in stage.pis.log[after:]
        if lead.tag == "StockInfoMessage"
        for article in lead.iter("Article")
    ]


def test_a_pack_that_a_hand_took_out_is_missed_when_the_robot_reads_its_places() -> None:
    async def tell(stage: Stage) -> None:
        gone, other = stage.hold("A1"), stage.hold("A1")
        await behind_the_door(stage, lambda: stage.hands.take(1))
        await asyncio.sleep(HOUR_S - 60)
        assert (len(stage.robot.book.packs), told(stage)) == (2, []), "the book does not know, and nobody is told"
        await stage.pis.listen(180)
        assert list(stage.robot.book.packs) == [other.id]
        assert told(stage) == [("A1", "1", [])]
        assert stage.robot.steel.rack.at(gone.place) is None
        assert stage.robot.inventory.passes == 1
        await asyncio.sleep(HOUR_S + 60)
        assert stage.robot.inventory.passes == 2, "and again after each spacing"

    staged(tell, IDLE)


def test_nothing_is_told_where_everything_is_as_the_book_says() -> None:
    async def tell(stage: Stage) -> None:
        for article in ("A1", "A2", "A3"):
            stage.hold(article)
        await stage.pis.listen(3 * HOUR_S)
        assert (stage.robot.inventory.passes, told(stage)) == (2, [])
        assert [move.what for move in stage.robot.steel.moves.entries] == [], "reading moves no pack"

    staged(tell, IDLE)


@pytest.mark.parametrize("label", [f"01{GTIN}17310630" + "10B9", "01003990010020151732013110C7", "nothing known"])
def test_another_label_is_another_pack_or_one_that_nobody_gives_out(label: str) -> None:
    async def tell(stage: Stage) -> None:
        held = stage.robot.hold(stage.hold("A1") and stage.robot.book.articles["A1"], CODE, batch="B1", expiry="2029-03-31")
        stage.robot.hold(replace(stage.robot.book.articles["A1"], id="A2"), "01003990010020151732013110C6", batch="C6")
        with pytest.raises(CannotDo, match="the door of robot R1 is shut"):
            stage.hands.relabel(2, label)
        await behind_the_door(stage, lambda: stage.hands.relabel(2, label))
        before = len(stage.pis.log)
        stage.hands.reread()
        await stage.pis.listen(60)
        here = stage.robot.book.packs[held.id]
        if label.endswith("B9"):
            assert (here.article, here.batch, here.expiry, here.state) == ("A1", "B9", "2031-06-30", "Available")
            assert told(stage, before) == [("A1", "2", [(str(held.id), "Available")])]
        elif label.endswith("C7"):
            assert (here.article, here.batch, here.expiry) == ("A2", "C7", "2032-01-31")
            assert told(stage, before) == [("A1", "1", []), ("A2", "2", [(str(held.id), "Available")])]
        else:
            assert (here.article, here.batch, here.state) == ("A1", "B1", "NotAvailable")
            assert told(stage, before) == [("A1", "2", [(str(held.id), "NotAvailable")])]
        assert stage.robot.steel.packs[2].article == "A1", "what is in it stays what it is"

    staged(tell)


def test_a_pack_that_a_hand_stood_into_the_rack_is_found_if_its_code_says_what_it_is() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold("A1")
        new = stage.robot.new_pack("A1", "code-A1", expiry="2030-01-31"), stage.robot.new_pack("A9", "unread")
        with pytest.raises(CannotDo, match="is shut"):
            stage.hands.put_in(new[0])
        await behind_the_door(stage, *(lambda pack=pack: stage.hands.put_in(pack) for pack in new))
        high = stage.robot.new_pack("A1", "code-A1", height_mm=400)
        stage.robot.steel.open_door()
        with pytest.raises(CannotDo, match="has no place"):
            stage.hands.put_in(high)
        await behind_the_door(stage)
        stage.hands.reread()
        await stage.pis.listen(60)
        assert [(held.article, held.expiry) for held in stage.robot.book.packs.values()] == [
            ("A1", "2029-03-31"),
            ("A1", "2030-01-31"),
        ]
        assert told(stage) == [("A1", "2", [])]
        assert stage.robot.steel.place(3).startswith("rack:"), "what nobody can read stays where it is"

    staged(tell)


def test_orders_go_before_reading_and_a_stop_only_interrupts_it() -> None:
    async def tell(stage: Stage) -> None:
        for article in [*["A1"] * 12, "A2"]:
            stage.hold(article)
        stage.fault("robot-loses-pack", pack=13)
        stage.hands.reread()
        await asyncio.sleep(1)
        assert stage.robot.steel.busy
        await stage.pis.ask(ordered(688, quantity=12))
        steel = stage.robot.steel
        await steel.moves.until(lambda: sum(move.reached == "gripper" for move in steel.moves.entries) == 12, 300)
        assert len(stage.robot.inventory.left) == 12, "no place was read while an order waited"
        ended = await stage.pis.until("OutputMessage", id="688")
        assert (status(ended), len(packs(ended))) == ("Completed", 12)
        stage.hold("A3")
        stage.hands.reread()
        await asyncio.sleep(0.5)
        await behind_the_door(stage)
        await asyncio.sleep(30)
        assert (stage.robot.inventory.passes, [held.article for held in stage.robot.book.packs.values()]) == (2, ["A3"])
        stage.hands.reread()
        stage.robot.power_lost()
        assert (stage.robot.inventory.passes, len(stage.robot.inventory.left)) == (2, 0)

    staged(tell)


def test_what_is_kept_for_an_order_is_left_to_it_and_what_stands_behind_another_is_not_read() -> None:
    async def tell(stage: Stage) -> None:
        behind, wanted = [stage.hold(article) for article in ("A1", "A2", "A3", "A4")][-1], stage.robot.book.packs
        assert stage.hold("A5").place == behind.place._replace(row=1)
        for pack in (2, 4):
            stage.robot.steel.move_out(pack, "fault", "floor")
        next(held for held in wanted.values() if held.article == "A2").reserved = "somebody's"
        stage.hands.reread()
        await asyncio.sleep(60)
        assert (stage.robot.inventory.passes, len(stage.robot.book.packs)) == (1, 5)

    staged(tell, replace(MAKE, geometry=Geometry(sides=1, columns=2, shelves=2, bay_width_mm=80, packs_deep=2)))


def test_a_pack_that_the_robot_was_unsure_of_is_sure_again_once_it_is_read() -> None:
    async def tell(stage: Stage) -> None:
        held = stage.hold("A1")
        stage.fault("robot-slips")
        await stage.pis.ask(ordered(688))
        await stage.pis.until("OutputMessage", id="688")
        assert held.state == "NotAvailable"
        stage.hands.reread()
        await asyncio.sleep(30)
        assert held.state == "Available"

    staged(tell)
