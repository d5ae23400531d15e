"""Signing for a tote that is unpacked: what stays in it, and with something controlled a second name. No figure of what was packed
stands here for whoever counts."""

from __future__ import annotations

import re

from pydantic import Field

from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.pages.totes import controlled, items_of, tote_of
from api.console.visitor import Visitor
from api.console.witness import Witness, named, signed
from api.console.working import Number
from controller.machines.custody import State
from controller.policy.roles import Right
from controller.workflows import receiving
from controller.workflows.custody import find
from drivers.faults import Refused
from sites.part import Id

pages = Pages()

NOTHING = "nothing"
_LEFT = re.compile(r"([A-Za-z0-9-]+)=(\d{1,7})")


class Left(Form):
    """What stays in the tote: as many units of each item."""

    item: list[Id] = Field([], max_length=1000)
    left: list[Number] = Field([], max_length=1000)


@pages.post("/totes/{id}/receipt", Left, Right.RESTOCK)
async def receive(visitor: Visitor, said: Left, id: str) -> Go:
    """Signs for it; with something controlled in it, goes on to whoever signs too. Raises Refused as the receipt does."""
    left = {item: units for item, units in zip(said.item, said.left, strict=False) if units}
    if controlled(visitor.station, tote_of(visitor, id, State.ARRIVED)):
        return Go(f"{ROOT}/totes/{id}/receipt/{_written(left)}")
    receiving.receive(visitor.station, visitor.who, id, left, None)
    return Go()


@pages.page("/totes/{id}/receipt/{left}", "tote_receipt.html", Right.RESTOCK)
def second_name(visitor: Visitor, id: str, left: str) -> Shown:
    """What exactly is signed, and by whom; once it is, this is the tote's page."""
    found = visitor.station.books.totes.totes.get(id)
    if found is not None and found["state"] == State.RECEIVED:
        return Shown(go=f"{ROOT}/totes/{id}")
    answer = tote_of(visitor, id, State.ARRIVED)
    facts = {"tote": answer, "items": items_of(visitor.station, answer), "left": _read(left), **named(visitor)}
    return Shown(facts, frozenset({id}))


@pages.post("/totes/{id}/receipt/{left}", Witness, Right.RESTOCK)
async def sign(visitor: Visitor, said: Witness, id: str, left: str) -> Go:
    """Two names sign for it. Raises Refused as the receipt and the witness do."""
    stays = _read(left)
    token = await signed(visitor, said, receiving.what_is_received(find(visitor.station, id), stays))
    receiving.receive(visitor.station, visitor.who, id, stays, token)
    return Go(f"{ROOT}/totes/{id}")


def _written(left: dict[str, int]) -> str:
    """As the address of the page says it: `ibuprofen-400=2,morphine-10=1`, or `nothing`."""
    return ",".join(f"{item}={units}" for item, units in sorted(left.items())) or NOTHING


def _read(left: str) -> dict[str, int]:
    """Back from the address. Raises Refused("bad-request")."""
    if left == NOTHING:
        return {}
    parts = [_LEFT.fullmatch(part) for part in left.split(",")]
    found = {part[1]: int(part[2]) for part in parts if part is not None}
    if len(found) != len(parts):
        raise Refused("bad-request", fields=["left"])
    return found
