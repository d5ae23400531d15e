"""What the pages of pull, restock, count and pick show alike, and what is said alike on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from api.console.cabinet import front
from api.console.drawing import top_of
from api.console.medicines import name_of
from api.console.page import Form, Go, Nothing, Pages
from api.console.visitor import Visitor
from api.rest.works import WorkAnswer, find, shown
from controller.ledger.views.work_records import Work
from controller.policy.roles import Right
from controller.station import Station
from controller.workflows.resolve import elsewhere
from controller.workflows.talk import say

FRONT_PX, TOP_PX = (300, 175), (300, 100)
"""The room there is for a picture beside what is to be done."""

Number = Annotated[int, Field(ge=0, le=1_000_000)]


class Counted(Form):
    """How many units lie in the pocket."""

    number: Number
    key: str = Field("", max_length=100)


class Scanned(Form):
    """A code from a package."""

    data: str = Field(max_length=4096)


@dataclass(frozen=True, slots=True)
class Sensed:
    """A drawer as its switches say, `age_s` seconds ago; None where there is no such switch or nothing was seen yet."""

    id: str
    state: str
    latched: bool | None
    shut: bool | None
    age_s: float | None


def sensed(station: Station, drawer: str | None, pocket: str | None) -> dict[str, Any]:
    """The drawer, which pocket of it is lit, and the most that the pocket `holds`, as the site file says it (so it tells nothing of
    what lies there); None for what is no drawer and no pocket."""
    actor, known = station.drawers.get(drawer or ""), station.books.stock.pockets.get(pocket or "")
    here = {"pocket": pocket, "holds": known["capacity"] if known is not None else None}
    if actor is None:
        return {"sensed": None, "drawer": None, "front": None, "top": None, **here}
    status = actor.status()
    seen = Sensed(actor.id, str(status.state), status.latched, status.shut, status.age_s if status.age_s < 1e9 else None)
    pictures = {
        "front": front(station, actor.part.cabinet, FRONT_PX, actor.id),
        "top": top_of(actor.part, *TOP_PX, lit=pocket),
    }
    return {"sensed": seen, "drawer": actor.part, **here, **pictures}


def asked_of(station: Station, work: WorkAnswer) -> str:
    """What the person is to do now: `open`, `take`, `take-and-count`, `count`, `place`, `shut`,
    `put-back`, `wait`, or `ended`."""
    if work.state in {"committed", "cancelled", "failed", "in_doubt"}:
        return "ended"
    if work.ask is None:
        return "wait"
    if work.ask.do == "open":
        return "open"
    if work.ask.do != "answer":
        return work.ask.do
    entries = set(work.ask.entries)
    if entries == {"count"}:
        return "count"
    if "placed" in entries:
        return "place"
    if "count" in entries:
        return "take-and-count"
    return "take"


def elsewhere_of(station: Station, work: Work) -> list[str]:
    """Where else the drug is, nearest first."""
    item = station.books.formulary.item(work["item"])
    if item is None or not work["legs"]:
        return []
    leg = work["legs"][work["at"]]
    return elsewhere(station, item, leg["drawer"], leg["pocket"])


def begun(visitor: Visitor, kind: str, id_: str) -> tuple[Work, dict[str, Any]]:
    """A piece of work, and what its page says of it whatever it asks: whose it is, of which medicine, at which pocket. Raises
    Refused for one that is not known."""
    station = visitor.station
    work = find(station, kind, id_)
    answer, leg = shown(station, work), work["legs"][work["at"]] if work["legs"] else None
    return work, {
        "work": answer,
        "mine": work["person"] == visitor.who.person,
        "person": name_of(station, work["person"]),
        "item": station.books.formulary.item(work["item"]),
        "leg": leg,
        "ask": asked_of(station, answer),
        "key": f"{id_}-{len(leg['counts'])}" if leg else id_,
        **sensed(station, leg["drawer"] if leg else None, leg["pocket"] if leg else None),
    }


def declare(pages: Pages, kind: str, right: Right, *, counts: bool = True, scans: bool = True) -> None:
    """Declares what a person may post at a piece of work of this kind whatever it asks: that it is given up, what was counted, a
    code from a package. Each raises Refused as the work does."""
    at = f"/{kind}s/{{id}}"

    async def cancelled(visitor: Visitor, _: Nothing, id: str) -> Go:
        await say(visitor.station, visitor.who, kind, id, "cancel")
        return Go()

    async def counted(visitor: Visitor, said: Counted, id: str) -> Go:
        await say(visitor.station, visitor.who, kind, id, "count", said.key or None, number=said.number)
        return Go()

    async def scanned(visitor: Visitor, said: Scanned, id: str) -> Go:
        await scan_into(visitor, kind, id, said.data)
        return Go()

    pages.post(f"{at}/cancellation", Nothing, right)(cancelled)
    if counts:
        pages.post(f"{at}/counted", Counted, right)(counted)
    if scans:
        pages.post(f"{at}/scans", Scanned, right)(scanned)


async def scan_into(visitor: Visitor, kind: str, id_: str, data: str) -> None:
    """Gives a code from a package to a piece of work; the wrong package of before, scanned again, has been put back. Raises
    Refused."""
    work = find(visitor.station, kind, id_)
    wrong = bool(work["legs"]) and work["legs"][work["at"]]["wrong"] is not None
    await say(visitor.station, visitor.who, kind, id_, "put-back" if wrong else "scan", data=data)
