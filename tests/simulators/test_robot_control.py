"""The control API's part for robots over real HTTP: the truth of every pack, moves, hands, and what each refusal names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.simulators import test_control
from tests.simulators.pis import Pis, Stage
from tests.simulators.test_robot_clauses import answered, ordered, status


@asynccontextmanager
async def staged() -> AsyncIterator[tuple[test_control.Stage, Stage, Pis]]:
    """A client of the control API, the robot that it plays, and a pharmacy system."""
    robot = Stage()
    async with test_control.of(robot.house) as control:
        pis = await robot.dial()
        await pis.hello()
        yield control, robot, pis
        pis.end.close()


def hands(do: str, **about: Any) -> dict[str, Any]:
    return {"json": {"do": do, **about}}


async def test_packs_moves_and_the_book_are_told() -> None:
    async with staged() as (control, stage, pis):
        body = {"article": "A1", "scan_code": "4711", "expiry": "2029-03-31", "count": 3}
        ids = (await control.told("POST", "/robots/R1/packs", 201, json=body))["ids"]
        assert len(ids) == 3
        told = await control.told("GET", "/robots/R1/packs", params={"article": "A1", "at": "rack", "after": 1, "limit": 1})
        assert told["packs"] == [
            {
                "number": 2, "article": "A1", "scan_code": "4711", "batch": "", "serial": "", "expiry": "2029-03-31",
                "width_mm": 60, "height_mm": 40, "depth_mm": 110, "shape": "Cuboid", "at": "rack:1-01-08+65",
            }
        ]  # fmt: skip
        assert (await control.told("GET", "/robots/R1/packs", params={"at": "output"})) == {"packs": []}
        assert (await control.told("GET", "/robots/R1/packs/3"))["at"] == "rack:1-01-08+130"
        booked = (await control.told("GET", "/robots/R1/book", params={"after": ids[0], "article": "A1"}))["packs"]
        assert [one["id"] for one in booked] == ids[1:]
        assert (booked[0]["state"], booked[0]["place"]) == ("Available", "rack:1-01-08+65")
        stage.robot.steel.ails.slow = 0.01
        await pis.ask(ordered(688, output=2))
        moved = await control.told("GET", "/robots/R1/moves", params={"pack": 1, "what": "moved", "wait_s": 20, "limit": 1})
        assert [(move["left"], move["reached"], move["by"]) for move in moved["moves"]] == [
            ("rack:1-01-08+0", "gripper", "gripper")
        ]
        state = await control.told("GET", "/robots/R1")
        assert (state["running"], state["orders"], state["clients"]) == (True, {"688": "InProcess"}, [100])
        assert list((await control.told("GET", "/robots"))["robots"]) == ["R1"]


async def test_hands_do_everything_a_person_can() -> None:
    async with staged() as (control, stage, pis):

        async def do(act: str, **about: Any) -> Any:
            return await control.told("POST", "/robots/R1/hands", **hands(act, **about))

        laid = await do("lay", input="1", article="A1", scan_code="4711", delivery="D1")
        assert (laid["pack"], [move["reached"] for move in laid["moves"]]) == (1, ["input:1"])
        assert (await do("take", pack=1))["from"] == "input:1"
        await do("lay-again", input="1", pack=1)
        asked = await pis.until("InputRequest")
        assert asked.get("IsNewDelivery") is None, "the second time it is a return"
        pis.say(answered(asked, "RejectedNoExpiryDate"))
        intake = stage.robot.inputs.under_way["501"]
        async with asyncio.timeout(5):
            while intake.state != "missing":
                await asyncio.sleep(0)
        assert (await do("enter", input="1", expiry="2030-01-31"))["asked"] == "501"
        assert [move["what"] for move in (await do("open-door"))["moves"]] == ["door_opened", "stopped"]
        stage.hold("A2")
        stage.hold("A2")
        await do("swap", pack=2, other=3)
        assert (await do("put-in", article="A3", scan_code="4712"))["pack"] == 4
        await do("relabel", pack=3, scan_code="4713")
        await do("reread")
        assert (await control.told("GET", "/robots/R1"))["reading"] == {"left": 3, "passes": 0}
        assert await do("clear") == {"did": "clear", "packs": [], "moves": []}
        await do("shut-door")
        await do("start")
        await do("order", output="2", article="A2")
        assert stage.robot.orders.open["manual 1"].status == "Queued"
        await do("press", output="2")
        assert (await pis.until("OutputDestinationButtonPressedMessage")).get("OutputDestination") == "2"
        assert (await do("take-all", output="2"))["packs"] == []


async def test_what_cannot_be_is_refused_by_its_field() -> None:
    async with staged() as (control, _, pis):
        assert await control.refused("GET", "/robots/R9", 404) == {"id": "there is no robot R9; this site has R1"}
        assert list(await control.refused("GET", "/robots/R1/packs/9", 404)) == ["pack"]
        assert list(await control.refused("POST", "/robots/R1/hands", 409, **hands("start"))) == ["robot"]
        assert list(await control.refused("POST", "/robots/R1/hands", 422, **hands("dance"))) != []
        body = {"article": "A1", "scan_code": "1", "height_mm": 400, "count": 2}
        refused = await control.refused("POST", "/robots/R1/packs", 409, json=body)
        assert refused == {"count": "robot R1 has no place for a pack of 60x400x110 mm; 0 of 2 were stored"}
        fault = await control.told("POST", "/faults", 201, json={"kind": "robot-output", "robot": "R1", "output": "3"})
        assert status(await pis.ask(ordered(688, output=3))) == "Rejected"
        await control.told("DELETE", f"/faults/{fault['id']}", 204)
        assert status(await pis.ask(ordered(689, output=3))) == "Queued"
