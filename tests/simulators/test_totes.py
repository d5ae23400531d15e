"""What really lies in totes: packs that come out of a robot and a gantry fall into the tote that stands there, else elsewhere."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from simulators.house import House
from simulators.plant.pocket import CannotDo, NotThere
from simulators.plant.robot.pack import Article
from simulators.plant.totes import Packed
from sites.data import StockLot
from sites.models import Site
from tests.kit import gantry, virtual_loop
from tests.simulators.small import small
from tests.simulators.test_control import of
from tests.simulators.test_robot_site import ROBOT

ARM = {"links": {"arm": {"url": "tcp://127.0.0.1:1", "protocol": "grbl"}}, "gantries": [gantry.gantry()]}
PLACES: list[dict[str, Any]] = [
    {"id": "table", "name": "Under the counter", "robot": "robot", "output": 1},
    {"id": "by-arm", "name": "Before the gantry", "gantry": "arm"},
]
STOCK = [StockLot(pocket="S-1", lot="L1", expiry=datetime.date(2031, 1, 31), quantity=3)]


def house(**more: Any) -> House:
    """A small site with a robot, a gantry and a loading place at each."""
    site = small()
    site["links"] |= {"picker": {"url": "tcp://127.0.0.1:6050", "protocol": "wwks2"}, **ARM["links"]}
    made = House(Site.model_validate(site | {"robots": [ROBOT], "gantries": ARM["gantries"], "loading": PLACES} | more), STOCK)
    for number in range(4):
        made.robots["robot"].robot.hold(Article("A1"), "4711", batch=f"B{number}", expiry="2031-05-31")
    return made


def in_a(story: Callable[[House], Awaitable[None]], **more: Any) -> None:
    """Plays a story in virtual time."""

    async def play() -> None:
        made = house(**more)
        await story(made)
        made.clear()

    virtual_loop.run(play())


def gives_out(made: House, quantity: int) -> None:
    """Orders at the robot's own screen."""
    made.robots["robot"].hands.order("1", article="A1", quantity=quantity)


def places(made: House) -> list[str]:
    """Where each pack of the robot is, by its number."""
    steel = made.robots["robot"].robot.steel
    return [steel.place(number).partition("-")[0] for number in sorted(steel.packs)]


def test_packs_fall_into_the_tote_at_the_output_and_make_room_there() -> None:
    async def story(made: House) -> None:
        made.totes.place("T-1", "table")
        assert (made.totes.at("table"), made.totes.contents("T-1")) == ("T-1", [])
        gives_out(made, 4)
        assert await made.totes.log.until(lambda: len(made.totes.contents("T-1")) == 4, 120), "two have room at the output"
        assert [one.id for one in made.totes.contents("T-1")] == [f"robot/{n}" for n in (1, 2, 3, 4)]
        assert made.totes.counted("T-1", lambda item: 10)["A1", "B2", "2031-05-31"] == 10
        assert places(made) == ["tote:T"] * 4
        assert [one.what for one in made.totes.log.entries] == ["placed", *["filled"] * 4]

    in_a(story)


def test_where_no_tote_stands_packs_lie_at_the_output_until_a_hand_has_them() -> None:
    async def story(made: House) -> None:
        gives_out(made, 3)
        await asyncio.sleep(120)
        assert sorted(places(made)) == ["output:1", "output:1", "rack:1", "rack:1"], "the third waits for room"
        made.totes.place("T-1", "table")
        made.totes.lay_pack("T-1", "robot/1")
        assert await made.totes.log.until(lambda: len(made.totes.contents("T-1")) == 2, 120)
        assert [one.id for one in made.totes.contents("T-1")] == ["robot/1", "robot/3"]
        made.robots["robot"].hands.take(2)
        made.totes.lay_pack("T-1", "robot/2")
        assert made.totes.take("T-1", "robot/2") == Packed("robot/2", "A1", "B1", "2031-05-31")
        assert places(made)[1] == "hand"
        with pytest.raises(CannotDo, match="pack robot/3 is at tote:T-1"):
            made.totes.lay_pack("T-1", "robot/3")
        for unknown in ("robot/9", "robot/x", "other/1", "arm/S-1/9"):
            with pytest.raises(NotThere):
                made.totes.lay_pack("T-1", unknown)

    in_a(story)


def test_what_a_gantry_tips_out_falls_into_the_tote_before_it_or_lies_where_it_fell() -> None:
    async def story(made: House) -> None:
        arm = made.plant.gantries["arm"]

        def tips(*packs: str) -> None:
            arm.tray[0] = [pack for pack in arm.shelf["S-1"] if pack.id in packs]
            arm.shelf["S-1"] = [pack for pack in arm.shelf["S-1"] if pack.id not in packs]
            arm.tip(True)

        arm.drive((0.0, 100.0, 0.0), None, lambda: None)
        await asyncio.sleep(30)
        tips("S-1/1")
        await asyncio.sleep(5)
        assert [pack.id for pack in arm.handed_over] == ["S-1/1"]
        made.totes.place("T-1", "by-arm")
        tips("S-1/2", "S-1/3")
        await asyncio.sleep(5)
        assert [one.id for one in made.totes.contents("T-1")] == ["arm/S-1/2", "arm/S-1/3"]
        assert [pack.id for pack in arm.handed_over] == ["S-1/1"]
        made.totes.lay_pack("T-1", "arm/S-1/1")
        assert made.totes.take("T-1", "arm/S-1/2").lot == "L1"
        assert len(made.totes.contents("T-1")) == 2

    in_a(story)


def test_totes_are_put_lifted_swapped_and_carried_to_another_house() -> None:
    async def story(made: House) -> None:
        totes = made.totes
        totes.place("T-1", "table")
        with pytest.raises(CannotDo, match="tote T-1 stands there"):
            totes.place("T-2", "table")
        with pytest.raises(CannotDo, match="no hand holds tote T-1"):
            totes.place("T-1", "by-arm")
        totes.place("T-2", "by-arm")
        loose = totes.lay("T-1", "A2", "X1", "2030-01-31", 7)
        totes.swap("T-1", "T-2")
        assert (totes.at("table"), totes.at("by-arm")) == ("T-2", "T-1")
        assert totes.lift("T-2") == "table"
        with pytest.raises(CannotDo, match="holds tote T-2 already"):
            totes.lift("T-2")
        totes.swap("T-1", "T-2")
        assert (totes.where("T-1"), totes.at("by-arm")) == ("hand", "T-2")
        assert totes.carry_off("T-1") == [loose]
        with pytest.raises(NotThere, match="no tote T-1"):
            totes.contents("T-1")
        assert totes.carry_off("T-2") == []
        assert totes.at("by-arm") is None
        totes.bring("T-1", [loose])
        with pytest.raises(CannotDo, match="is here already, at hand"):
            totes.bring("T-1", [])
        with pytest.raises(NotThere, match="no hand/9 in tote T-1"):
            totes.take("T-1", "hand/9")
        assert totes.take("T-1", loose.id) == loose
        with pytest.raises(NotThere, match="no loading or packing place nowhere"):
            totes.place("T-1", "nowhere")

    in_a(story)


BELT: dict[str, Any] = {
    "links": small()["links"]
    | {
        "belt": {"url": "tcp://127.0.0.1:5211", "protocol": "modbus-tcp"},
        "picker": {"url": "tcp://127.0.0.1:6050", "protocol": "wwks2"},
        **ARM["links"],
    },
    "conveyors": [
        {
            "id": "module",
            "driver": "conveylinx",
            "link": "belt",
            "zones": [
                {"id": "L", "side": "upstream", "length_mm": 900, "eye_mm": 550, "to": "P", "entry_per_hour": 60},
                {"id": "P", "side": "downstream", "length_mm": 900, "eye_mm": 850, "exit_per_hour": 60},
            ],
        }
    ],
    "loading": [{**PLACES[0], "zone": "L"}, PLACES[1]],
    "packing": [{"id": "bench", "name": "Packing bench", "zone": "P"}],
}


def test_on_a_belt_the_tote_before_the_eye_takes_the_packs_and_keeps_them_on_its_way() -> None:
    async def story(made: House) -> None:
        totes, belts = made.totes, made.belts
        totes.place("T-1", "table")
        belts.hold("T-1", True)
        assert (totes.at("table"), totes.where("T-1"), totes.at("bench")) == ("T-1", "belt:L", None)
        gives_out(made, 2)
        assert await totes.log.until(lambda: len(totes.contents("T-1")) == 2, 120)
        belts.hold("T-1", False)
        await asyncio.sleep(30)
        assert (totes.at("table"), totes.at("bench"), totes.where("T-1")) == (None, "T-1", "belt:P")
        belts.put("crate", "L", 300, "T-2", 600)
        belts.hold("crate", True)
        assert (totes.at("table"), totes.contents("T-2")) == ("T-2", [])
        totes.swap("T-1", "T-2")
        assert (totes.at("table"), len(totes.contents("T-1"))) == ("T-1", 2)
        assert totes.lift("T-1") == "belt:L"
        with pytest.raises(CannotDo, match="T-1 is at hand and T-2 at belt:P"):
            made.totes.swap("T-1", "T-2")
        totes.place("T-1", "by-arm")
        assert totes.known() == ["T-1", "T-2"]
        assert len(totes.carry_off("T-1")) == 2
        assert totes.carry_off("T-2") == []
        assert belts.bodies == {}

    in_a(story, **BELT)


async def test_the_control_api_does_and_tells_all_of_it() -> None:
    made = house()
    async with of(made) as stage:
        hands = [
            ({"do": "place", "tote": "T-1", "at": "table"}, "placed"),
            ({"do": "lay", "tote": "T-1", "item": "A2", "lot": "X1", "expiry": "2030-01-31", "quantity": 7}, "laid"),
            ({"do": "place", "tote": "T-2", "at": "by-arm"}, "placed"),
            ({"do": "swap", "tote": "T-1", "other": "T-2"}, "swapped"),
            ({"do": "lift", "tote": "T-1"}, "lifted"),
        ]
        for body, what in hands:
            told = await stage.told("POST", "/totes/hands", json=body)
            assert (told["did"], told["happenings"][0]["what"]) == (body["do"], what)
        loose = {"id": "hand/1", "item": "A2", "lot": "X1", "expiry": "2030-01-31", "units": 7}
        assert await stage.told("GET", "/totes/T-1") == {"id": "T-1", "at": "hand", "packs": [loose]}
        told = await stage.told("GET", "/totes")
        assert (list(told["totes"]), told["places"], told["happened"]) == (["T-1", "T-2"], {"table": "T-2", "by-arm": None}, 6)
        off = await stage.told("POST", "/totes/hands", json={"do": "carry-off", "tote": "T-1"})
        assert off["packs"] == [loose]
        await stage.told("POST", "/totes/hands", json={"do": "bring", "tote": "T-1", "packs": off["packs"]})
        taken = await stage.told("POST", "/totes/hands", json={"do": "take", "tote": "T-1", "pack": "hand/1"})
        assert taken["packs"] == [loose]
        made.robots["robot"].hands.lay("belt", made.robots["robot"].robot.new_pack("A1", "4711"))
        made.robots["robot"].hands.take(5)
        laid = await stage.told("POST", "/totes/hands", json={"do": "lay-pack", "tote": "T-1", "pack": "robot/5"})
        assert laid["packs"][0]["item"] == "A1"
        query = {"after": 6, "tote": "T-1", "what": "taken", "wait_s": 1}
        (happened,) = (await stage.told("GET", "/tote-happenings", params=query))["happenings"]
        assert (happened["number"], happened["pack"]) == (9, "hand/1")
        for method, path, body, status, field in (
            ("GET", "/totes/T-9", None, 404, "tote"),
            ("POST", "/totes/hands", {"do": "place", "tote": "T-1", "at": "X"}, 404, "at"),
            ("POST", "/totes/hands", {"do": "bring", "tote": "T-1", "packs": []}, 409, "tote"),
            ("POST", "/totes/hands", {"do": "kick", "tote": "T-1"}, 422, "do"),
        ):
            assert field in await stage.refused(method, path, status, json=body)
    made.clear()
