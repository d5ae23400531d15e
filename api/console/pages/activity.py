"""Recent activity: work, alarms, machines, discrepancies and people, the newest first."""

from __future__ import annotations

from api.console.activity import FAMILIES, before
from api.console.page import Pages, Shown
from api.console.visitor import Visitor
from controller.policy.roles import Right

pages = Pages()

AT_ONCE = 12


@pages.page("/activity", "activity.html", Right.SEE_STATION)
def activity(visitor: Visitor) -> Shown:
    """Twelve lines at a time. The newest page goes on by itself; older ones stand."""
    asked = visitor.query.get("before", "")
    old = asked.isdecimal() and len(asked) < 19
    seq = int(asked) if old else visitor.station.ledger.durable_seq + 1
    lines, then = before(visitor, seq, AT_ONCE)
    return Shown({"lines": lines, "then": then, "old": old}, all_of=frozenset() if old else FAMILIES)
