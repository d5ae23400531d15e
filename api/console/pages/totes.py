"""Totes: where each stands, and one tote with what can be done with it now. Sealing, checking and signing for one are pages of
their own."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints

from api.console.page import ROOT, Form, Go, Nothing, Pages, Shown
from api.console.visitor import Visitor
from api.rest.pick_lists import list_answer
from api.rest.totes import ToteAnswer, tote_answer
from controller.formulary.items import Item
from controller.machines.custody import State
from controller.policy.roles import Right
from controller.station import Station
from controller.workflows import fill, packing, receiving
from drivers.faults import Refused
from sites.part import Id

pages = Pages()

Seal = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")]
GROUPS = (
    ("here", (State.ARRIVED,)),
    ("coming", (State.ANNOUNCED, State.RETURNING)),
    ("filling", (State.FILLING,)),
    ("sealed", (State.PACKED,)),
    ("away", (State.IN_TRANSIT,)),
)
"""As they stand on the page; what has come to its end is found by its name."""
AGES = frozenset({State.ANNOUNCED, State.RETURNING, State.IN_TRANSIT})


class Scan(Form):
    """The code on a tote."""

    tote: Id


class Arrival(Form):
    """The seal that is on it."""

    seal: Seal


class Place(Form):
    """For which list it is put where."""

    list: Id
    at: Id


@pages.page("/totes", "totes.html", Right.SEE_PICK_LISTS)
def totes(visitor: Visitor) -> Shown:
    """All that are on their way somewhere, the longest first."""
    station = visitor.station
    known = sorted(station.books.totes.totes.values(), key=lambda tote: tote["since"])
    groups = [(name, [tote_answer(tote, visitor.who) for tote in known if tote["state"] in states]) for name, states in GROUPS]
    ticks = any(tote["state"] in AGES for tote in known)
    facts = {"groups": [(name, found) for name, found in groups if found]}
    return Shown(facts, all_of=frozenset({"tote", "stock", "line"}), ticks=ticks)


@pages.post("/totes", Scan, Right.SEE_PICK_LISTS)
async def scan(visitor: Visitor, said: Scan) -> Go:
    """To the tote that was scanned."""
    return Go(f"{ROOT}/totes/{said.tote}")


@pages.page("/totes/{id}", "tote.html", Right.SEE_PICK_LISTS)
def tote(visitor: Visitor, id: str) -> Shown:
    """One tote. An empty one that nobody knows can be put somewhere for a list."""
    station, found = visitor.station, visitor.station.books.totes.totes.get(id)
    answer = tote_answer(found, visitor.who) if found is not None else None
    items = items_of(station, answer)
    lists = [list_answer(station, one) for one in station.books.work.pick_lists.values()]
    facts = {
        "id": id,
        "tote": answer,
        "items": items,
        "unchecked": found is not None and found["unchecked"],
        "controlled": controlled(station, answer),
        "places": [*station.site.loading, *station.site.packing],
        "lists": [one.id for one in lists if one.state == "open"],
        "partners": [part.id for part in station.site.partners],
        "fills": visitor.may(Right.PICK),
        "unpacks": visitor.may(Right.RESTOCK),
        "missing": missing(answer),
        "differs": visitor.query.get("differs", ""),
    }
    return Shown(facts, frozenset({id}), all_of=frozenset({"pick_list"}), ticks=answer is not None and answer.state in AGES)


@pages.post("/totes/{id}/arrival", Arrival, Right.RESTOCK)
async def arrive(visitor: Visitor, said: Arrival, id: str) -> Go:
    """It stands here, under this seal. Raises Refused."""
    receiving.arrive(visitor.station, visitor.who, id, said.seal)
    return Go()


@pages.post("/totes/{id}/place", Place, Right.PICK)
async def place(visitor: Visitor, said: Place, id: str) -> Go:
    """It was put there for that list. Raises Refused."""
    fill.place(visitor.station, visitor.who, id, {"list": said.list, "at": said.at})
    return Go()


@pages.post("/totes/{id}/dispatch", Nothing, Right.PICK)
async def dispatch(visitor: Visitor, _: Nothing, id: str) -> Go:
    """It leaves. Raises Refused."""
    packing.send(visitor.station, visitor.who, id)
    return Go()


@pages.post("/totes/{id}/return", Nothing, Right.PICK)
async def call_back(visitor: Visitor, _: Nothing, id: str) -> Go:
    """It does not leave, and is unpacked here. Raises Refused."""
    packing.call_back(visitor.station, visitor.who, id)
    return Go()


def items_of(station: Station, tote: ToteAnswer | None) -> dict[str, Item | None]:
    """The medicines in it, as the formulary knows them."""
    return {one.item: station.books.formulary.item(one.item) for one in tote.contents} if tote is not None else {}


def controlled(station: Station, tote: ToteAnswer | None) -> bool:
    """Whether two names are needed for it."""
    known = [item for item in items_of(station, tote).values() if item is not None]
    return any(item.controlled for item in known) or (tote is not None and any(one.controlled for one in tote.contents))


def missing(tote: ToteAnswer | None) -> list[dict[str, Any]]:
    """What a receipt says was neither put away nor left in it."""
    if tote is None or tote.receipt is None:
        return []
    loaded, left = tote.receipt["loaded"], tote.receipt["left"]
    found = [(one.item, (one.quantity or 0) - loaded.get(one.item, 0) - left.get(one.item, 0)) for one in tote.contents]
    return [{"item": item, "quantity": quantity} for item, quantity in found if quantity > 0]


def tote_of(visitor: Visitor, id_: str, *states: State) -> ToteAnswer:
    """The tote, which is in one of these states. Raises Refused."""
    found = visitor.station.books.totes.totes.get(id_)
    if found is None:
        raise Refused("unknown-tote", id=id_)
    if found["state"] not in states:
        raise Refused("tote-not-now", tote=id_, state=found["state"], why="this page is not its page now")
    return tote_answer(found, visitor.who)
