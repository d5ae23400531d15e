"""A13, row 106: the robot fills boxes that are called as the totes are, and labels packs; what it does not label a person does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from firmware_protocols.wwks2.messages import OutputRequest
from tests.acceptance.pharmacy import AMX, Pharmacy, a_pharmacy
from tests.acceptance.test_b10_sources import LIST, LOADING, PLACE, TOTE, line
from tests.acceptance.ward import Person
from tests.kit.robot import ROBOT, hold

BOXES = [{"id": "out-1", "number": 1, "name": "Boxes", "box_holds": 3}]
TEN = partial(hold, item=AMX, lot="AMX1", expiry="2032-03-31", packs=10)
LABEL = {"template": "ward-1", "data": "bed 4 ]]> & more"}


@asynccontextmanager
async def a_store(**about: Any) -> AsyncIterator[tuple[Pharmacy, Person, Person]]:
    """A robot with a loading place, a technician and the pharmacy's program."""
    async with a_pharmacy(TEN, site={"loading": LOADING}, **about) as pharmacy:
        yield pharmacy, await pharmacy.person("technician"), await pharmacy.service()


async def fill(pharmacy: Pharmacy, technician: Person, rx: Person, *lines: dict[str, Any]) -> None:
    """The list's tote stands there until nothing more is ordered for it."""
    await rx.done("PUT", LIST, {"revision": 1, "lines": list(lines)})
    await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
    await pharmacy.until(lambda: len(pharmacy.rows("robot.pick_ended")) == len(lines))
    await pharmacy.quiet()


def asked(pharmacy: Pharmacy) -> list[OutputRequest]:
    """The orders that have reached the robot."""
    return [message for message in pharmacy.heard if isinstance(message, OutputRequest)]


async def test_a_tote_is_the_box_that_a_robot_fills_and_the_next_box_is_a_tote_too() -> None:
    async with a_store(outputs=BOXES) as (pharmacy, technician, rx):
        await fill(pharmacy, technician, rx, line(5))
        (order,) = asked(pharmacy)
        assert order.box_number == "T-1"
        steel = pharmacy.steel.steel
        lie = [place for number in steel.packs if (place := steel.place(number)).startswith("box:")]
        assert lie.count("box:T-1") == 3, lie
        totes = {tote["id"]: tote["contents"][0]["quantity"] for tote in (await technician.get("/v1/totes"))["items"]}
        other = next(place for place in lie if place != "box:T-1").removeprefix("box:")
        assert totes == {"T-1": 3, other: 2}
        (pick,) = (await technician.get(f"/v1/robots/{ROBOT}/picks"))["items"]
        assert (pick["box"], pick["boxes"], {pack["box"] for pack in pick["out"]}) == ("T-1", ["T-1", other], {"T-1", other})
        shown = await rx.get(LIST)
        assert (shown["lines"][0]["picked"], set(shown["totes"])) == (5, {"T-1", other})


async def test_where_packs_lie_loose_no_box_is_ordered() -> None:
    async with a_store() as (pharmacy, technician, rx):
        await fill(pharmacy, technician, rx, line(2))
        assert [(order.box_number, order.criteria[0].labels) for order in asked(pharmacy)] == [(None, ())]
        assert (await technician.get(TOTE))["to_label"] == []


async def test_labels_reach_the_robot_and_each_pack_says_what_became_of_its_label() -> None:
    async with a_store() as (pharmacy, technician, rx):
        await fill(pharmacy, technician, rx, line(2, labels=[LABEL]), line(1, n=2))
        labels = [[(one.template_id, one.content.text) for one in order.criteria[0].labels] for order in asked(pharmacy)]
        assert labels == [[(LABEL["template"], LABEL["data"])], []]
        picks = (await technician.get(f"/v1/robots/{ROBOT}/picks"))["items"]
        assert [[pack["label"] for pack in pick["out"]] for pick in picks] == [["labelled", "labelled"], ["not-labelled"]]
        assert (await technician.get(TOTE))["to_label"] == []
        assert (await rx.get(LIST))["lines"][0]["labels"] == [LABEL]
        bad = line(1, labels=[{"template": "t", "data": "\uffff"}])
        await rx.refused("PUT", LIST, {"revision": 2, "lines": [bad]}, "bad-request")


async def test_a_label_that_failed_is_put_on_by_a_person_before_the_tote_is_sealed() -> None:
    async with a_store() as (pharmacy, technician, rx):
        pharmacy.world.fault("robot-labels", robot=ROBOT)
        await fill(pharmacy, technician, rx, line(2, labels=[LABEL]))
        (pick,) = (await technician.get(f"/v1/robots/{ROBOT}/picks"))["items"]
        assert [pack["label"] for pack in pick["out"]] == ["failed", "failed"]
        lacking = [{"line": 1, "item": AMX, "packs": 2}]
        assert (await technician.get(TOTE))["to_label"] == lacking
        seal = {"list": "L-1", "to": "ward-a", "seal": "S-1"}
        await technician.refused("POST", f"{TOTE}/packing", seal, "tote-not-checked")
        found = [{"item": AMX, "lots": [{"lot": "AMX1", "expiry": "2032-03-31", "quantity": 2}]}]
        refused = await technician.refused("POST", f"{TOTE}/check", {"found": found}, "tote-labels-lacking")
        assert refused["facts"] == {"tote": "T-1", "packs": 2, "lines": [1]}
        checked = await technician.done("POST", f"{TOTE}/check", {"found": found, "labelled": True})
        assert (checked["tote"]["to_label"], checked["differences"]) == ([], [])
        assert pharmacy.rows("tote.checked")[0]["labelled"] == lacking
        assert (await technician.done("POST", f"{TOTE}/packing", seal))["state"] == "packed"
