"""The robot's steel: how long the axes take, where packs fit, what stands where after a jam, and what the book then says."""

from __future__ import annotations

import asyncio
import resource
import time
from dataclasses import replace
from itertools import pairwise
from math import sqrt
from random import Random

import pytest

from simulators.plant.pocket import CannotDo, NotThere
from simulators.plant.robot import code
from simulators.plant.robot.axes import Axes, Axis, Spot
from simulators.plant.robot.make import Make, OutputPoint
from simulators.plant.robot.pack import Article
from simulators.plant.robot.rack import Geometry, Rack
from simulators.plant.robot.robot import Robot
from tests.simulators.pis import MAKE, Stage, staged
from tests.simulators.test_robot_clauses import answered, ordered, packs, status


def test_an_axis_accelerates_and_the_slower_one_decides() -> None:
    """lines.md D.1: d/v + v/a where full speed is reached, 2*sqrt(d/a) where not; Chebyshev."""
    axis = Axis(2000, 1000)
    assert axis.seconds(4000) == 4000 / 2000 + 2000 / 1000 == 2 * sqrt(4000 / 1000)
    assert axis.seconds(-6000) == 5.0
    assert axis.seconds(1000) == 2.0
    assert axis.seconds(0) == 0.0
    axes = Axes(along=Axis(2000, 2000), up=Axis(1000, 1500))
    assert axes.seconds(Spot(0, 0), Spot(4000, 100)) == axes.along.seconds(4000) > axes.up.seconds(100)
    assert axes.seconds(Spot(0, 0), Spot(100, 2000)) == axes.up.seconds(2000)


def test_packs_stand_side_by_side_where_they_fit_and_never_in_each_other() -> None:
    """10,000 seeded puts and takes: no two places of a bay overlap, all lie inside, and the nearest bay that fits is taken."""
    chance, geometry = Random(4), Geometry(columns=3, shelves=6, cold_columns=1)
    rack = Rack(geometry, Axes(), Spot(0, 0))
    standing: dict[int, tuple[int, int, int, bool]] = {}
    places = {}
    for number in range(1, 10_001):
        if standing and chance.random() < 0.4:
            gone = chance.choice(sorted(standing))
            assert rack.take(places[gone]) == gone
            rack.free(places.pop(gone))
            del standing[gone]
            continue
        size = chance.randint(20, 300), chance.randint(10, 120), chance.randint(20, 260), chance.random() < 0.3
        place = rack.keep(*size[:3], cold=size[3])
        if place is None:
            continue
        assert size[1] <= 110
        assert size[2] <= 250
        assert rack.cold(place) is size[3]
        rack.put(place, number)
        standing[number], places[number] = size, place
    by_bay: dict[int, list[tuple[int, int]]] = {}
    for place in places.values():
        assert 0 <= place.left_mm <= place.left_mm + place.width_mm <= 600
        by_bay.setdefault(place.bay, []).append((place.left_mm, place.width_mm))
    for bay in by_bay.values():
        assert all(one[0] + one[1] <= other[0] for one, other in pairwise(sorted(bay)))
    assert len(rack) == len(standing) > 100
    assert rack.keep(100, 111, 100, cold=False) is None
    assert rack.keep(100, 100, 251, cold=False) is None


@pytest.mark.parametrize(
    ("scanned", "read"),
    [
        ("0103453120000011218Z1\x1d1729033110B7", code.Code("03453120000011", "B7", "8Z1", "2029-03-31")),
        ("010345312000001117290200", code.Code("03453120000011", "", "", "2029-02-28")),
        ("010345312000001117291300", code.Code("03453120000011")),
        ("010345312000001117290231", code.Code("03453120000011")),
        ("03453120000011", code.Code("03453120000011")),
        ("10B7", code.Code("10B7")),
        ("4711", code.Code("4711")),
    ],
)
def test_what_a_code_says(scanned: str, read: code.Code) -> None:
    assert code.read(scanned) == read


def test_sixty_thousand_packs_are_cheap_to_hold() -> None:
    robot = Robot("big", Make(geometry=Geometry(columns=40, shelves=100, cold_columns=2)))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    for number in range(60_000):
        robot.hold(
            Article(f"A{number % 10_000}"), f"{number % 10_000:014}", batch="B1", expiry="2029-03-31", width_mm=50 + number % 30
        )
    assert len(robot.book.packs) == len(robot.steel.rack) == 60_000
    assert time.process_time() - began < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000, "KiB"
    with pytest.raises(ValueError, match="has no place for a pack of 60x999x110 mm"):
        robot.hold(Article("A1"), "1", height_mm=999)


def test_each_pack_is_in_one_place_at_every_instant_of_its_way_out() -> None:
    async def tell(stage: Stage) -> None:
        for _ in range(4):
            stage.hold()
        await stage.pis.ask(ordered(688, quantity=4, output=2))
        await stage.pis.listen(60)
        moves = stage.robot.steel.moves.entries
        for number in range(1, 4):
            way = [(move.left, move.reached) for move in moves if move.pack == number]
            assert [reached for _, reached in way] == ["gripper", "belt:2", "output:2"]
            assert all(one[1] == other[0] for one, other in pairwise(way)), "each move begins where the last one ended"
        assert [move.what for move in moves if move.pack == 4] == [], "output 2 holds three: the fourth waits in the rack"
        assert "OutputMessage" not in stage.pis.tags()
        assert stage.hands.take_all("2") == [1, 2, 3]
        assert status(await stage.pis.until("OutputMessage")) == "Completed"

    stage = staged(tell)
    again = staged(tell)
    assert stage.robot.steel.moves.entries == again.robot.steel.moves.entries, "one run is like another"


def test_an_output_that_is_cleared_by_somebody_never_stays_full() -> None:
    async def tell(stage: Stage) -> None:
        for _ in range(5):
            stage.hold()
        await stage.pis.ask(ordered(688, quantity=5))
        await stage.robot.steel.moves.until(lambda: stage.robot.steel.place(1) == "output:1", 60)
        stage.hands.take(1)
        assert len(packs(await stage.pis.until("OutputMessage"))) == 5
        await stage.pis.listen(30)
        assert {stage.robot.steel.place(number) for number in range(1, 6)} == {"hand"}

    staged(tell, Make(outputs=(OutputPoint("1", capacity=1, cleared_s=10),)))


def test_a_pack_that_stands_before_another_is_set_aside_first() -> None:
    """lines.md D.1, depth shuffles: only the foremost can be taken; it goes elsewhere and stays there."""

    async def tell(stage: Stage) -> None:
        steel = stage.robot.steel
        behind, front = stage.hold(expiry="2027-01-31"), stage.hold("A2")
        assert [steel.place(1), steel.place(2)] == ["rack:1-01-02+0", "rack:1-01-01+0"]
        third = stage.hold("A3")
        assert steel.place(3) == "rack:1-01-01+0/1", "before the pack that was stored last"
        stage.fault("robot-slips")
        await stage.pis.ask(ordered(688, article="A2"))
        assert status(await stage.pis.until("OutputMessage", id="688")) == "Completed", "the grip that failed was tried again"
        assert steel.place(3) == "rack:1-01-02+0/1"
        assert (third.place.row, third.state) == (1, "Available")
        await stage.pis.ask(ordered(689))
        await steel.moves.until(lambda: steel.place(3) == "gripper", 60)
        steel.open_door()
        steel.shut_door()
        assert third.state == "NotAvailable"
        steel.resume()
        assert packs(await stage.pis.until("OutputMessage", id="689")) == [str(behind.id)]
        assert (steel.place(3), third.state) == ("rack:1-01-01+0", "Available")
        assert front.id not in stage.robot.book.packs
        for article in ("A4", "A5", "A6"):
            stage.hold(article)
        full = steel.rack.keep(60, 40, 110, cold=False)
        assert full is None
        await stage.pis.ask(ordered(690, article="A3"))
        ended = await stage.pis.until("OutputMessage", id="690")
        assert (status(ended), packs(ended)) == ("Incomplete", []), "no place to set the one before it aside"

    staged(tell, replace(MAKE, geometry=Geometry(sides=1, columns=1, shelves=2, bay_width_mm=80, packs_deep=2)))


def test_a_jam_with_a_pack_in_the_gripper_until_it_has_been_seen_again() -> None:
    """B11: the pack touched is UNCERTAIN and not available, its order ends Incomplete, nothing starts by itself."""

    async def tell(stage: Stage) -> None:
        held, other = stage.hold(), stage.hold()
        steel = stage.robot.steel
        await stage.pis.ask(ordered(688, quantity=2))
        await steel.moves.until(lambda: steel.place(1) == "gripper", 60)
        stage.fault("robot-jam")
        unsure = await stage.pis.until("StockInfoMessage")
        assert [(pack.get("Id"), pack.get("State")) for pack in unsure.iter("Pack")] == [(str(held.id), "NotAvailable")]
        down = await stage.pis.ask('<StatusRequest Id="2" Source="{me}" Destination="999"/>')
        assert (down.get("State"), down.get("StateText")) == ("NotReady", "jam at gripper")
        assert status(await stage.pis.ask(ordered(689))) == "Queued"
        await asyncio.sleep(600)
        assert steel.place(1) == "gripper", "nothing restarts by itself"
        with pytest.raises(CannotDo, match="cannot be started: jam at gripper"):
            steel.resume()
        with pytest.raises(CannotDo, match="is shut"):
            steel.unjam(take=False)
        with pytest.raises(CannotDo, match="behind the shut door"):
            stage.hands.take(2)
        steel.open_door()
        steel.open_door()
        with pytest.raises(CannotDo, match="the door is open"):
            steel.resume()
        assert steel.unjam(take=False) == []
        steel.shut_door()
        steel.shut_door()
        assert stage.faults.told() == [], "hands have cleared it"
        steel.resume()
        await asyncio.sleep(1)
        assert steel.stopped, "it is still homing"
        ended = await stage.pis.until("OutputMessage", id="688")
        assert (status(ended), packs(ended)) == ("Incomplete", [str(other.id)])
        ended = await stage.pis.until("OutputMessage", id="689")
        assert (status(ended), packs(ended)) == ("Incomplete", []), "its only pack was not available then"
        assert (held.state, steel.place(1)[:5]) == ("Available", "rack:")
        with pytest.raises(CannotDo, match="it runs"):
            steel.resume()
        await stage.pis.ask(ordered(690))
        assert packs(await stage.pis.until("OutputMessage", id="690")) == [str(held.id)]

    staged(tell)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_gripper_found_empty_or_with_another_pack_after_a_stop(swapped: bool) -> None:
    """Read again: what is not the pack it should be goes out to the reject tray, and the book gives the missing one up."""

    async def tell(stage: Stage) -> None:
        held = stage.hold()
        steel = stage.robot.steel
        await stage.pis.ask(ordered(688))
        await steel.moves.until(lambda: steel.place(1) == "gripper", 60)
        steel.open_door()
        assert stage.hands.take(1) == "gripper"
        if swapped:
            other = stage.robot.new_pack("A9", "other")
            steel.packs[other.number] = other
            steel.gripper = other.number
            steel.move(other.number, "gripper", "hand")
        steel.shut_door()
        steel.resume()
        ended = await stage.pis.until("OutputMessage")
        assert (status(ended), packs(ended)) == ("Incomplete", [])
        await stage.pis.listen(30)
        assert held.id not in stage.robot.book.packs
        assert steel.place(1) == "hand"
        if swapped:
            assert steel.place(2) == "reject:1"
        last = [lead for _, lead in stage.pis.log if lead.tag == "StockInfoMessage"][-1]
        assert last[0].attrib == {"Id": "A1", "Quantity": "0"}, "no name once there is none left"

    staged(tell)


@pytest.mark.parametrize("take", [False, True])
def test_a_jam_on_a_belt(take: bool) -> None:
    """What lay on it is not reported, also where it comes out at the end: only a look at the output tells."""

    async def tell(stage: Stage) -> None:
        for _ in range(3):
            stage.hold()
        steel = stage.robot.steel
        await stage.pis.ask(ordered(688, quantity=2))
        await steel.moves.until(lambda: steel.place(1) == "belt:1", 60)
        stage.fault("robot-jam", at="1")
        await asyncio.sleep(60)
        assert steel.place(1) == "belt:1", "belts stand still"
        steel.open_door()
        assert steel.unjam(take=take) == ([1] if take else [])
        steel.shut_door()
        steel.resume()
        ended = await stage.pis.until("OutputMessage")
        assert (status(ended), len(packs(ended))) == ("Incomplete", 1)
        await stage.pis.listen(30)
        assert steel.place(1) == ("hand" if take else "output:1")
        assert steel.place(2) == "output:1"
        assert stage.robot.book.count("A1") == 1
        await stage.pis.ask(ordered(689))
        assert status(await stage.pis.until("OutputMessage", id="689")) == "Completed"

    staged(tell)


def test_a_pack_taken_off_the_belt_by_hand_does_not_come_out() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold()
        steel = stage.robot.steel
        await stage.pis.ask(ordered(688))
        await steel.moves.until(lambda: steel.place(1) == "belt:1", 60)
        assert stage.hands.take(1) == "belt:1"
        assert status(await stage.pis.until("OutputMessage")) == "Incomplete"
        assert stage.robot.book.count("A1") == 0

    staged(tell)


def test_a_jam_fault_that_is_lifted_lets_it_go_on() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold()
        await stage.pis.ask(ordered(688))
        number, down = stage.fault("robot-jam"), stage.fault("robot-component", component="storage")
        assert await stage.pis.listen(60) == []
        stage.faults.lift(number)
        assert await stage.pis.listen(60) == [], "the storage system is down still"
        stage.faults.lift(down)
        assert status(await stage.pis.until("OutputMessage")) == "Completed", "its pack had not been touched"

    staged(tell)


def test_a_pack_that_is_not_where_the_book_says() -> None:
    """RB-03, RB-01: fallen, slipped, or another pack in its place. The robot delivers what stands there."""

    async def tell(stage: Stage) -> None:
        gone, slipped, wrong = stage.hold("A1"), stage.hold("A2"), stage.hold("A3")
        stage.hold("A4")
        stage.fault("robot-loses-pack", pack=1)
        assert stage.robot.steel.place(1) == "floor"
        await stage.pis.ask(ordered(701, article="A1"))
        assert status(await stage.pis.until("OutputMessage", id="701")) == "Incomplete"
        assert gone.state == "NotAvailable"
        stage.fault("robot-slips")
        await stage.pis.ask(ordered(702, article="A2"))
        assert status(await stage.pis.until("OutputMessage", id="702")) == "Incomplete"
        assert (slipped.state, stage.robot.steel.place(2)[:5], stage.faults.told()) == ("NotAvailable", "rack:", [])
        stage.fault("robot-swaps", pack=3, other=4)
        await stage.pis.ask(ordered(703, article="A3"))
        ended = await stage.pis.until("OutputMessage", id="703")
        assert (status(ended), packs(ended)) == ("Completed", [str(wrong.id)])
        assert stage.robot.steel.place(4) == "output:1", "it says A3, and an A4 lies there"
        assert stage.robot.steel.packs[4].article == "A4"
        for kind, about in (("robot-loses-pack", {"pack": 4}), ("robot-swaps", {"pack": 3, "other": 4})):
            with pytest.raises(CannotDo, match="in the rack"):
                stage.fault(kind, **about)

    staged(tell)


def test_what_is_under_way_when_the_door_opens_while_it_stores() -> None:
    """Under the scanner: tried again. In the gripper: put away, or given up where a hand has taken it."""

    async def tell(stage: Stage) -> None:
        steel = stage.robot.steel
        for number, (at, take) in enumerate(
            (("input:1", False), ("input:1", True), ("gripper", False), ("gripper", True)), start=1
        ):
            before = len(stage.pis.log)
            stage.hands.lay("1", stage.robot.new_pack("A1", "4711"))
            stage.pis.say(answered(await stage.pis.until("InputRequest", after=before), "Allowed"))
            if at == "gripper":
                await steel.moves.until(lambda number=number: steel.place(number) == "gripper", 60)  # type: ignore[misc]
            else:
                await asyncio.sleep(0.5)
            assert steel.place(number) == at
            steel.open_door()
            if take:
                stage.hands.take(number)
            steel.shut_door()
            steel.resume()
            ended = await stage.pis.until("InputMessage", after=before)
            handling = ended.find("Article/Pack/Handling")
            assert handling is not None
            assert handling.get("Input") == ("Aborted" if take else "Completed")
            assert steel.place(number)[:4] == ("hand" if take else "rack")

    staged(tell)


def test_an_output_that_goes_out_of_order_gives_up_what_it_still_wants() -> None:
    async def tell(stage: Stage) -> None:
        for _ in range(3):
            stage.hold()
        await stage.pis.ask(ordered(688, quantity=3))
        await stage.pis.until("StockInfoMessage")
        number = stage.fault("robot-output", output="1")
        ended = await stage.pis.until("OutputMessage")
        assert (status(ended), len(packs(ended))) == ("Incomplete", 2), "one was in the gripper"
        stage.faults.lift(number)
        assert status(await stage.pis.ask(ordered(689))) == "Queued"
        with pytest.raises(CannotDo, match="fills boxes"):
            stage.fault("robot-output", output="2", instead="4")

    staged(tell)


def test_slow_trips_and_stock_messages_that_overtake() -> None:
    async def tell(stage: Stage) -> None:
        for _ in range(4):
            stage.hold()
        took = []
        for id, kind in ((701, ""), (702, "robot-slow"), (703, "robot-stock-first")):
            number = stage.fault(kind) if kind else 0
            before, began = len(stage.pis.log), asyncio.get_running_loop().time()
            await stage.pis.ask(ordered(id))
            await stage.pis.until("OutputMessage", id=str(id))
            took.append(asyncio.get_running_loop().time() - began)
            await stage.pis.listen(1)
            tags = [lead.tag for _, lead in stage.pis.log[before:]]
            assert tags.index("StockInfoMessage") < tags.index("OutputMessage") if id == 703 else tags[-1] == "StockInfoMessage"
            if number:
                stage.faults.lift(number)
        assert took[1] > took[0] + 2

    staged(tell)


def test_what_is_not_there_is_named() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold()
        hands, steel = stage.hands, stage.robot.steel
        pack = stage.robot.new_pack("A1", "4711")
        for attempt, what in (
            (lambda: hands.lay("9", pack), "no input 9"),
            (lambda: steel.lay_on("9", pack), "no input 9"),
            (lambda: hands.take_all("9"), "no output 9"),
            (lambda: hands.press("9"), "no output 9"),
            (lambda: steel.place(99), "no pack 99"),
            (lambda: stage.fault("robot-jam", at="9"), "no gripper or output 9"),
            (lambda: stage.fault("robot-output", output="9"), "no output 9"),
            (lambda: stage.fault("robot-slow", robot="R9"), "no robot R9"),
        ):
            with pytest.raises(NotThere, match=what):
                attempt()
        hands.lay("1", pack)
        hands.take(pack.number)
        for refused, what in (
            (lambda: hands.take(pack.number), "is in a hand"),
            (lambda: hands.lay_again("1", 1), "no hand holds pack 1"),
            (lambda: hands.enter("1", insist=True), "asks nobody for anything"),
            (lambda: hands.order("9", article="A1"), "no output 9"),
            (lambda: hands.swap(1, 2), "the door of robot R1 is shut"),
        ):
            with pytest.raises(CannotDo, match=what):
                refused()
        hands.lay_again("1", pack.number)
        assert steel.place(pack.number) == "input:1"
        await stage.pis.until("InputRequest")
        with pytest.raises(CannotDo, match="is robot-slow there already"):
            [stage.fault("robot-slow") for _ in range(2)]

    staged(tell)
