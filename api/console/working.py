"""What the pages of pull, restock, count and pick say alike: the drawer as its sensors see it, what is asked, where else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.console.cabinet import front
from api.console.drawing import top_of
from api.console.visitor import Visitor
from api.rest.works import WorkAnswer, find
from controller.ledger.views.work_records import Work
from controller.station import Station
from controller.workflows.resolve import elsewhere
from controller.workflows.talk import say

FRONT_PX, TOP_PX = (300, 175), (300, 100)
"""The room there is for a picture beside what is to be done."""


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


async def scan_into(visitor: Visitor, kind: str, id_: str, data: str) -> None:
    """Gives a code from a package to a piece of work; the wrong package of before, scanned again, has been put back. Raises
    Refused."""
    work = find(visitor.station, kind, id_)
    wrong = bool(work["legs"]) and work["legs"][work["at"]]["wrong"] is not None
    await say(visitor.station, visitor.who, kind, id_, "put-back" if wrong else "scan", data=data)
