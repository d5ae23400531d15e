"""One restock at its pocket: what lies there is counted, more is put to it, the drawer is shut. What it asks is what the
restock's own workflow asks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from api.console.page import Form, Go, Pages, Shown
from api.console.stocking import goes, lies_first, pocket_row
from api.console.visitor import Visitor
from api.console.working import Number, begun, declare
from controller.ledger.views.work import LIVE
from controller.policy.roles import Right
from controller.workflows.talk import say

pages = Pages()
declare(pages, "restock", Right.RESTOCK)

YEARS = 12
"""So many years an expiry may lie ahead on this page's list."""


class Placed(Form):
    """How many units were put in; lot and expiry where the code does not say them: a month ends on its last day."""

    quantity: Number
    lot: Annotated[str, StringConstraints(pattern=r"^[!-~]{0,20}$")] = ""
    year: Annotated[str, StringConstraints(pattern=r"^(\d{4})?$")] = ""
    month: Annotated[str, StringConstraints(pattern=r"^(\d{2})?$")] = ""
    day: Annotated[str, StringConstraints(pattern=r"^(\d{2})?$")] = ""
    reason: str = Field("", max_length=500)

    @property
    def expiry(self) -> str:
        """`2027-03`, or `2027-03-31`; empty where nothing was chosen."""
        return "-".join(part for part in (self.year, self.month, self.day) if part)


@pages.page("/restocks/{id}", "restocking.html", Right.RESTOCK)
def restocking(visitor: Visitor, id: str) -> Shown:
    """Where the restock stands and what it asks of the person now."""
    station = visitor.station
    work, facts = begun(visitor, "restock", id)
    leg, expiry = facts["leg"], work["about"]["expiry"]
    row = pocket_row(station, leg["pocket"])
    first = lies_first(row.pocket.lots if row is not None else (), expiry)
    facts |= {
        "first": first,
        "goes": goes(first, expiry),
        "tote": work["request"].get("tote", ""),
        "years": [station.clock.now().year + n for n in range(YEARS)],
    }
    return Shown(facts, frozenset({id, leg["drawer"], leg["pocket"]}), ticks=work["state"] in LIVE)


@pages.post("/restocks/{id}/placed", Placed, Right.RESTOCK)
async def placed(visitor: Visitor, said: Placed, id: str) -> Go:
    """Says what was put in; again, until the drawer is shut, it is a correction. Raises Refused."""
    known = {"lot": said.lot, "expiry": said.expiry, "reason": said.reason}
    facts = {name: value for name, value in known.items() if value}
    await say(visitor.station, visitor.who, "restock", id, "placed", quantity=said.quantity, **facts)
    return Go()
