"""Expiries: the lots that have expired or soon will, drawer by drawer, and the way to each pocket."""

from __future__ import annotations

from api.console.cabinet import nearest_first
from api.console.page import Pages, Shown
from api.console.paging import paged
from api.console.stocking import AT_ONCE, expiring
from api.console.visitor import Visitor
from controller.policy.roles import Right

pages = Pages()

SPANS = (7, 30, 90, 180)
"""How many days ahead somebody may look."""


@pages.page("/expiries", "expiries.html", Right.SEE_STOCK)
def expiries(visitor: Visitor) -> Shown:
    """What has expired first; both in the order in which a hand goes along the drawers."""
    station, asked = visitor.station, visitor.query.get("days", "")
    days = int(asked) if asked in {str(span) for span in SPANS} else station.site.policy.short_dated_days
    found = expiring(station, days)
    rows = [*nearest_first(station, [row for row in found if row.over])]
    rows += nearest_first(station, sorted((row for row in found if not row.over), key=lambda row: row.days))
    facts = {
        "page": paged(rows, visitor.query.get("page", "1"), AT_ONCE),
        "days": days,
        "spans": sorted({*SPANS, days}),
        "over": sum(row.over for row in found),
        "soon": sum(not row.over for row in found),
        "counts": visitor.may(Right.COUNT),
    }
    return Shown(facts, all_of=frozenset({"stock", "pocket", "item"}))
