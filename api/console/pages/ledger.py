"""The ledger's head and its check for everybody who mends or asks; its rows for an auditor."""

from __future__ import annotations

from api.console.page import Pages, Shown
from api.console.visitor import Visitor
from api.rest.ledger import rows_of
from controller.policy.roles import Right

pages = Pages()

AT_ONCE = 20


@pages.page("/ledger", "ledger.html", Right.SEE_STATION)
def ledger(visitor: Visitor) -> Shown:
    """The last row that is on the disk, and what the last check found; `?before=` goes back through the rows."""
    station = visitor.station
    last, asked = station.ledger.durable_seq, visitor.query.get("before", "")
    before = min(int(asked[:18]), last + 1) if asked.isdecimal() else last + 1
    after = max(0, before - 1 - AT_ONCE)
    rows = rows_of(station, after, before - 1 - after) if visitor.may(Right.SEE_LEDGER) and before - 1 > after else []
    facts = {
        "head": next(iter(rows_of(station, last - 1, 1)), None) if last else None,
        "epoch": station.ledger.epoch,
        "failure": station.failure.code if station.failure is not None else None,
        "broken": station.books.station.level == "L4",
        "rows": rows[::-1],
        "newest": before == last + 1,
        "before": before,
        "earlier": after + 1 if after else None,
        "later": before + AT_ONCE if before <= last else None,
    }
    return Shown(facts, ticks=before == last + 1)
