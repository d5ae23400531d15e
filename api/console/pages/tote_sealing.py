"""Sealing: a tote that is filled gets its seal and its way; what is controlled in it needs a second name."""

from __future__ import annotations

from typing import Any

from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.pages.totes import Seal, controlled, items_of, tote_of
from api.console.visitor import Visitor
from api.console.witness import Witness, named, signed
from controller.machines.custody import State
from controller.policy.roles import Right
from controller.workflows import packing
from controller.workflows.custody import find
from sites.part import Id

pages = Pages()


class Sealing(Form):
    """The station it goes to, and the seal."""

    to: Id
    seal: Seal


@pages.post("/totes/{id}/sealing", Sealing, Right.PICK)
async def seal(visitor: Visitor, said: Sealing, id: str) -> Go:
    """Seals it; with something controlled in it, goes on to whoever signs too. Raises Refused as the packing does."""
    if controlled(visitor.station, tote_of(visitor, id, State.FILLING, State.PACKED)):
        return Go(f"{ROOT}/totes/{id}/sealing/{said.to}/{said.seal}")
    _pack(visitor, id, said.to, said.seal, {})
    return Go()


@pages.page("/totes/{id}/sealing/{to}/{seal}", "tote_sealing.html", Right.PICK)
def second_name(visitor: Visitor, id: str, to: str, seal: str) -> Shown:
    """What exactly is signed, and by whom; once it is, this is the tote's page."""
    found = visitor.station.books.totes.totes.get(id)
    if found is not None and found["state"] == State.PACKED:
        return Shown(go=f"{ROOT}/totes/{id}")
    answer = tote_of(visitor, id, State.FILLING)
    return Shown(
        {"tote": answer, "items": items_of(visitor.station, answer), "to": to, "seal": seal, **named(visitor)}, frozenset({id})
    )


@pages.post("/totes/{id}/sealing/{to}/{seal}", Witness, Right.PICK)
async def sign(visitor: Visitor, said: Witness, id: str, to: str, seal: str) -> Go:
    """Two names seal it. Raises Refused as the packing and the witness do."""
    what = packing.what_is_packed(find(visitor.station, id), to, seal)
    _pack(visitor, id, to, seal, {"witness": await signed(visitor, said, what)})
    return Go(f"{ROOT}/totes/{id}")


def _pack(visitor: Visitor, id_: str, to: str, seal: str, witness: dict[str, Any]) -> None:
    list_ = find(visitor.station, id_)["pick_list"]
    packing.pack(visitor.station, visitor.who, id_, {"list": list_, "to": to, "seal": seal, **witness})
