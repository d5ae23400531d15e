"""What the drawings say is what is so: words of every kind of happening, belts that do not lie over each other, machines."""

from __future__ import annotations

from typing import get_args

import pytest

from simulators.house import House
from simulators.plant.passages import Happened, Passage
from simulators.plant.robot.moves import Move
from simulators.plant.robot.steel import Source, Target
from simulators.plant.totes import Happening
from simulators.plant.truth import Edge, What
from simulators.twin import belts, cabinets, machines, words
from sites.check import check
from tests.kit import virtual_loop
from tests.simulators.small import small_site
from tests.simulators.twin.stage import PHARMACY, WARD, house_of


@pytest.mark.parametrize(
    ("edge", "said"),
    [
        (Edge(1, 0, "pulse", "D-1", "pulse", "locks", 3, "02 02"), "drawer D-1: coil on, by locks lock 3, frame 02 02"),
        (Edge(1, 0, "pulse", "", "pulse", "locks", 9, "02"), "a lock without a drawer: coil on, by locks lock 9, frame 02"),
        (Edge(1, 0, "pulse_end", "D-1", "pulse"), "drawer D-1: coil off"),
        (Edge(1, 0, "unlatched", "D-1", "fault"), "drawer D-1: unlocked by itself"),
        (Edge(1, 0, "latched", "D-1", "relatch"), "drawer D-1: locked again: nobody pulled"),
        (Edge(1, 0, "opened", "D-1", "force"), "drawer D-1: torn open"),
        (Edge(1, 0, "opened", "D-1", "pulse"), "drawer D-1: pulled open by a hand"),
        (Edge(1, 0, "shut", "D-1", "hand"), "drawer D-1: pushed home"),
        (Edge(1, 0, "taken", "D-1", "hand", pocket="D-1-1", lot="L", quantity=2), "2 taken out of D-1-1, lot L"),
        (Edge(1, 0, "put", "D-1", "hand", pocket="D-1-1", lot="", quantity=1), "1 put into D-1-1, lot unknown"),
        (Edge(1, 0, "gripped", "", "gantry", gantry="arm", pack="G/1", place="G"), "gantry arm gripped G/1 at G"),
        (Edge(1, 0, "moving", "", "gantry", gantry="arm"), "gantry arm moving"),
        (Edge(1, 0, "handed-over", "", "gantry", gantry="arm", pack="G/1"), "gantry arm handed over G/1"),
    ],
)
def test_an_edge_in_words(edge: Edge, said: str) -> None:
    assert words.edge(edge) == said


def test_every_kind_of_happening_has_words() -> None:
    drawers = set(get_args(What)) - {"moving", "rested", "gripped", "dropped", "laid", "handed-over"}
    assert drawers == {*words.EDGES, "opened", "taken", "put"}
    of_bodies = {what for what in get_args(Happened) if not what.startswith(("eye", "gate", "motor"))}
    assert of_bodies == set(words.PASSAGES)
    assert words.passage(Passage(1, 0, "eye_blocked", "A1")) == ""
    assert words.passage(Passage(1, 0, "touched", "A1", "T-1", "T-2")) == "T-1 runs up against T-2"
    assert words.passage(Passage(1, 0, "read", "read-1", "T-1")) == "T-1 is read by read-1"
    assert words.happening(Happening(1, 0, "carried-off", "T-1")) == "tote T-1 carried off"
    assert words.happening(Happening(1, 0, "filled", "T-1", "load", "R1/4")) == "tote T-1 filled at load R1/4"
    moved = Move(1, 0, "R1", "moved", "gripper", 4, "rack:1", "gripper")
    assert words.move(moved) == "robot R1: pack 4 moved rack:1 to gripper"
    assert words.move(Move(1, 0, "R1", "stopped", "robot", why="door open")) == "robot R1: stopped (door open)"
    assert words.move(Move(1, 0, "R1", "pressed", "hand", reached="output:1")) == "robot R1: pressed output:1"


def test_an_item_and_a_fault_in_words() -> None:
    items = {item.id: item for item in check(WARD).data.items}
    assert words.item(items, "fentanyl-100ug") == "fentanyl citrate 100 micrograms solution for injection"
    assert words.item(items, "unheard-of") == "unheard-of"
    assert words.item(items, None) == "no item"
    stuck = {"id": 1, "since": 0.0, "kind": "stuck-sensor", "drawer": "D-1", "sensor": "latch", "shows": False}
    assert words.fault(stuck) == "stuck sensor: D-1, latch, shows no"
    assert words.fault({"id": 2, "since": 0.0, "kind": "slow-belt", "zone": "A", "times": 1}) == "slow belt: A, times 1"
    assert words.fault({"id": 3, "since": 0.0, "kind": "unplug", "link": "a", "seconds": None}) == "unplug: a"


def test_belts_are_to_scale_and_none_lies_over_another() -> None:
    async def play() -> None:
        house = house_of(PHARMACY)
        line = belts.line(house)
        assert line is not None
        assert {zone.id: zone.length for zone in line.zones} == {id: belt.length for id, belt in house.belts.belts.items()}
        for zone in line.zones:
            assert zone.x + zone.length <= line.width
            for other in line.zones:
                apart = zone.y != other.y or zone.x >= other.x + other.length or other.x >= zone.x + zone.length
                assert zone is other or apart, (zone, other)
        where = {zone.id: zone.x for zone in line.zones}
        assert where["S1"] == where["B1"] + 200, "a branch begins where its gate stands"
        assert where["A2"] >= where["G"] + 900, "what follows two ways lies behind both"
        assert not belts.moving(house)
        house.totes.place("T-1", "load-robot")
        assert belts.moving(house)
        drawn = belts.line(house)
        assert drawn is not None
        (body,) = drawn.bodies
        assert (body.id, body.length) == ("T-1", 300)
        assert body.x == where["L"] + house.belts.where("T-1").front - 300
        house.clear()

    virtual_loop.run(play())


def test_a_container_over_two_zones_is_drawn_on_both_in_its_full_length() -> None:
    async def play() -> None:
        house = house_of(PHARMACY)
        house.totes.place("T-1", "load-robot")
        pieces = 1
        while pieces == 1:
            await house.belts.log.until(lambda: False, 0.02)
            line = belts.line(house)
            assert line is not None
            pieces = len(line.bodies)
        assert abs(sum(piece.length for piece in line.bodies) - 300) < 0.5
        house.clear()

    virtual_loop.run(play())


def test_belts_that_go_round_are_drawn_all_the_same() -> None:
    async def play() -> None:
        house = house_of(PHARMACY)
        module = house.site.conveyors[0]
        ring = [zone.model_copy(update={"to": {"L": "A1", "A1": "L"}[zone.id]}) for zone in module.zones]
        site = house.site.model_copy(
            update={"conveyors": (module.model_copy(update={"zones": tuple(ring)}),), "diverters": (), "readers": ()}
        )
        corners = belts._laid(site)
        assert set(corners) == {"L", "A1"}
        assert corners["L"] != corners["A1"]
        house.clear()

    virtual_loop.run(play())


def test_a_robots_gripper_is_between_the_ends_of_its_trip_and_stands_when_it_is_stopped() -> None:
    async def play() -> None:
        house = house_of(PHARMACY)
        steel = house.robots["R1"].robot.steel
        home = steel.spot
        assert home == steel.make.inputs[0].spot
        place = next(place for place in steel.where.values() if not isinstance(place, str) and steel.rack.spot(place) != home)
        there = steel.rack.spot(place)
        steel.carry(Source(place=place), Target(output="2"), lambda felt: None)
        took = steel.make.axes.seconds(steel.make.inputs[0].spot, there)
        await steel.moves.until(lambda: False, took / 2)
        halfway = steel.spot
        assert abs(halfway[0] - (home[0] + there.x_mm) / 2) < 1
        assert abs(halfway[1] - (home[1] + there.z_mm) / 2) < 1
        assert machines.robot_drawing("R1", house.robots["R1"], house.items).x == round(halfway[0], 1)
        steel.open_door()
        await steel.moves.until(lambda: False, 5.0)
        assert steel.spot == halfway
        house.clear()

    virtual_loop.run(play())


def test_a_gantry_is_drawn_with_what_lies_about() -> None:
    async def play() -> None:
        house = house_of(PHARMACY)
        gantry = house.plant.gantries["arm"]
        gantry.held, gantry.shelf["G-01"] = gantry.shelf["G-01"][:1], gantry.shelf["G-01"][1:]
        gantry.tray[1] = [gantry.shelf["G-02"].pop()]
        gantry.floor = [gantry.shelf["G-03"].pop()]
        where = [lying.where for lying in machines.gantry_packs(gantry, house.items)]
        assert where == ["in the gripper", "in the tray, place 2", "on the floor"]
        drawn = machines.gantry_drawing(gantry, house.items)
        slots = {slot.id: slot for slot in drawn.slots}
        assert slots["G-01"].packs == len(gantry.shelf["G-01"])
        assert (slots["G-01"].width, slots["G-01"].height) == (60, 80)
        assert slots["G-02"].x - slots["G-01"].x == 250
        gantry.tip(True)
        gantry.vacuum = True
        assert machines.gantry_drawing(gantry, house.items).word == "tips its tray, vacuum on"
        house.clear()

    virtual_loop.run(play())


def test_totes_and_packs_on_the_floor_are_told() -> None:
    async def play() -> None:
        house = house_of(PHARMACY)
        steel = house.robots["R1"].robot.steel
        house.totes.place("T-1", "packing")
        assert machines.tote_contents(house, "T-1") == "nothing"
        house.totes.lay("T-1", "senna-8", "L", "2031-01-01", 3)
        assert machines.tote_contents(house, "T-1") == "3 × sennosides 8.6 mg tablet, lot L, loose"
        steel.move_out(1, "fault", "floor")
        (lying,) = machines.machine("R1", house).lying
        assert (lying.id, lying.where) == ("1", "floor")
        house.clear()

    virtual_loop.run(play())


def test_a_drawer_is_named_with_all_that_is_the_matter() -> None:
    async def play() -> None:
        house = House(small_site())
        house.plant.drawers["A-01"].drive()
        told = [{"kind": "jam", "drawer": "A-01"}, {"kind": "unplug", "link": "lockbus"}]
        (front,) = cabinets.fronts(house, told)
        assert front.drawers == []
        assert front.unplaced[0].label == "Drawer A-01, shut, coil on, fault jam"
        house.plant.drawers["A-02"].force()
        (within,) = cabinets.open_drawers(house)
        assert (within.placed, within.width, within.pockets[0].narrow) == (False, 0, False)
        house.clear()

    virtual_loop.run(play())
