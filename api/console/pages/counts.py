"""Counts: what is due, and one count of one pocket, blind: no figure stands here before the person's own count is recorded."""

from __future__ import annotations

from api.console.cabinet import nearest_first
from api.console.narrowing import narrowed
from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.pages.patient import new_id
from api.console.paging import paged
from api.console.stocking import AT_ONCE, PocketRow, going_on, pocket_rows
from api.console.visitor import Visitor
from api.console.working import begun, declare
from controller.ledger.views.work import LIVE
from controller.policy.roles import Right
from controller.station import Station
from controller.workflows import count
from controller.workflows.resolve import distance_mm
from sites.part import Id

pages = Pages()
declare(pages, "count", Right.COUNT, scans=False)


class Start(Form):
    """The pocket to be counted."""

    seen: int
    pocket: Id


@pages.page("/counts", "counts.html", Right.COUNT, Right.SEE_STOCK)
def plan(visitor: Visitor) -> Shown:
    """What is due, in doubt first and then drawer by drawer; or what a pocket's name or the letters of one medicine find."""
    station, letters = visitor.station, visitor.query.get("find", "").strip()
    due, found = due_rows(station), narrowed(pocket_rows(station), letters)
    rows = found.rows if letters else due
    facts = {
        "page": paged(rows, visitor.query.get("page", "1"), AT_ONCE),
        "find": letters,
        "found": found,
        "due": len(due),
        "begun": going_on(visitor, "count"),
    }
    return Shown(facts, all_of=frozenset({"stock", "pocket", "count", "restock", "pull", "pick"}))


@pages.post("/counts", Start, Right.COUNT)
async def start(visitor: Visitor, said: Start) -> Go:
    """Opens the pocket for a count. Raises Refused as the count does."""
    id_ = new_id(visitor.who, said.seen, "count", said.pocket)
    await count.request(visitor.station, visitor.who, id_, {"pocket": said.pocket})
    return Go(f"{ROOT}/counts/{id_}")


@pages.page("/counts/{id}", "counting.html", Right.COUNT)
def counting(visitor: Visitor, id: str) -> Shown:
    """Where the count stands and what it asks of the person now."""
    work, facts = begun(visitor, "count", id)
    leg, ended, over = facts["leg"], work["state"] not in LIVE, work["state"] in {"committed", "cancelled"}
    facts["next"] = _next(visitor.station, leg["drawer"], leg["pocket"]) if over else leg["pocket"] if ended else None
    return Shown(facts, frozenset({id, leg["drawer"], leg["pocket"]}), ticks=not ended)


def due_rows(station: Station) -> list[PocketRow]:
    """The count plan: what is in doubt, and what was touched since its last good count."""
    rows = pocket_rows(station)
    doubt = [row for row in rows if row.pocket.unverified is not None]
    touched = [row for row in rows if row.pocket.unverified is None and row.pocket.count_due]
    return [*nearest_first(station, doubt), *nearest_first(station, touched)]


def _next(station: Station, drawer: str, but_for: str) -> str | None:
    """The due pocket that is nearest to the drawer where the hand is, what is in doubt first; `but_for` is done with."""
    left = [row for row in due_rows(station) if row.pocket.id != but_for]
    nearest = min(left, key=lambda row: (row.pocket.unverified is None, distance_mm(station, drawer, row.drawer)), default=None)
    return nearest.pocket.id if nearest is not None else None
