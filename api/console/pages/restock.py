"""Restock: today's work, and the scan that opens the pocket a package belongs to.

What a code cannot say by itself (why a short-dated package is put in all the same, which pocket an item gets that has none) is
asked on a page of its own; nothing has opened by then.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pydantic import Field

from api.console.cabinet import nearest_first
from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.pages.patient import new_id
from api.console.paging import paged
from api.console.stocking import AT_ONCE, expiring, going_on, lies_first, pocket_row, pocket_rows
from api.console.visitor import Visitor
from api.rest.stock import pocket_of
from api.rest.totes import tote_answer
from controller.formulary import lots as lotting
from controller.machines.custody import State
from controller.policy.roles import Right
from controller.workflows import restock, scans
from drivers.faults import Refused

pages = Pages()

ASKED_FIRST = frozenset({"short-dated", "not-stocked"})
"""Refusals that the page about the package answers: it asks for a reason, or for a pocket."""


class Package(Form):
    """A package's code; `tote` is what it came out of, `pocket` where it is to go, if that was chosen before."""

    seen: int
    scan: str = Field(min_length=1, max_length=4096)
    pocket: str = Field("", max_length=48)
    tote: str = Field("", max_length=48)
    reason: str = Field("", max_length=500)


@pages.page("/restock", "restock.html", Right.RESTOCK, Right.SEE_STOCK)
def today(visitor: Visitor) -> Shown:
    """What is out or low, drawer by drawer; totes that stand here; how much expires."""
    station = visitor.station
    low = [row for row in pocket_rows(station) if row.pocket.state != "ok" or row.pocket.unverified is not None]
    here = [tote for tote in station.books.totes.totes.values() if State(tote["state"]) is State.ARRIVED]
    soon = expiring(station, station.site.policy.short_dated_days)
    facts = {
        "page": paged(nearest_first(station, low), visitor.query.get("page", "1"), AT_ONCE),
        "low": len(low),
        "totes": [tote_answer(tote, visitor.who) for tote in sorted(here, key=lambda tote: tote["since"])],
        "over": sum(row.over for row in soon),
        "soon": sum(not row.over for row in soon),
        "begun": going_on(visitor, "restock"),
        "wanted": pocket_row(station, visitor.query.get("pocket", "")),
        "tote": visitor.query.get("tote", ""),
    }
    return Shown(facts, all_of=frozenset({"stock", "pocket", "tote", "restock", "count", "pull", "pick", "item"}))


@pages.post("/restock", Package, Right.RESTOCK)
async def scan_to_open(visitor: Visitor, said: Package) -> Go:
    """Opens the pocket that the package belongs to, and no other. Raises Refused as the restock does."""
    station, who = visitor.station, visitor.who
    chosen = {name: value for name in ("pocket", "tote", "reason") if (value := getattr(said, name))}
    asked: dict[str, Any] = {"scan": said.scan, **chosen, **_listed(visitor, said)}
    id_ = new_id(who, said.seen, "restock", said.scan, *chosen.values())
    try:
        await restock.request(station, who, id_, asked)
    except Refused as refused:
        if refused.code in ASKED_FIRST:
            return Go(f"{ROOT}/restock/package?{urlencode({'scan': said.scan, **chosen})}")
        raise
    return Go(f"{ROOT}/restocks/{id_}")


def _listed(visitor: Visitor, said: Package) -> dict[str, int]:
    """How much of it is still in the tote it comes out of, where this person may know."""
    tote = visitor.station.books.totes.totes.get(said.tote)
    if tote is None:
        return {}
    item = visitor.station.books.formulary.by_gtin(scans.read(visitor.station, said.scan)[0])
    content = next((one for one in tote_answer(tote, visitor.who).contents if item is not None and one.item == item.id), None)
    if content is None or content.quantity is None or content.controlled or content.quantity <= content.loaded:
        return {}
    return {"quantity": content.quantity - content.loaded}


@pages.page("/restock/package", "restock_package.html", Right.RESTOCK, Right.SEE_STOCK)
def package(visitor: Visitor) -> Shown:
    """What a package is, and what is to be said before it opens anything. Raises Refused for a code that says nothing."""
    station, scan = visitor.station, visitor.query.get("scan", "")
    gtin, code = scans.read(station, scan)
    item = station.books.formulary.by_gtin(gtin)
    if item is None:
        raise Refused("item-not-known", gtin=gtin)
    expiry, days = code.expiry.isoformat() if code.expiry else None, station.site.policy.short_dated_days
    mine = station.books.stock.holding(item.id)
    free = [pocket for pocket in station.books.stock.pockets.values() if pocket["item"] is None]
    pockets = [pocket_of(station, pocket) for pocket in (mine or free)]
    facts = {
        "scan": scan,
        "item": item,
        "lot": code.lot,
        "expiry": expiry,
        "short": lotting.short_dated(expiry, station.clock.now().date(), days),
        "days": days,
        "pockets": nearest_first(station, pockets),
        "first": {pocket.id: lies_first(pocket.lots, expiry) for pocket in pockets},
        "stocked": bool(mine),
        "pocket": visitor.query.get("pocket", ""),
        "tote": visitor.query.get("tote", ""),
    }
    return Shown(facts, about=frozenset(pocket.id for pocket in pockets))
