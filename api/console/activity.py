"""What happened here, the newest first, as far as `/v1/events` would tell it to this person: read back out of the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.console.medicines import name_of
from api.console.visitor import Visitor
from api.outward import is_told, may_leave
from controller.ledger.port import Row
from controller.policy.roles import Right

KINDS = (
    *(f"{work}.{what}" for work in ("pull", "restock", "count", "pick") for what in ("requested", "cancelled", "failed")),
    *(f"{work}.{what}" for work in ("pull", "restock", "count", "pick") for what in ("committed", "in_doubt")),
    *("alarm.raised", "alarm.cleared", "pocket.unverified", "drawer.recovering", "drawer.forced", "drawer.fault"),
    *(f"discrepancy.{what}" for what in ("opened", "escalated", "claimed", "explained", "resolved", "rejected", "closed")),
    *("pick_list.put", "pick_list.cancelled", "pick_list.closed"),
    *(f"tote.{what}" for what in ("placed", "packed", "sent", "arrived", "received", "confirmed", "differed", "overdue")),
    *("robot.changed", "robot.pick_in_doubt", "robot.pick_settled", "gantry.changed", "gantry.in_doubt", "gantry.order_settled"),
    *("line.halted", "line.resumed", "line.stop_asked", "line.jam", "line.lost", "line.strayed", "line.written_off"),
    *("session.opened", "session.closed", "session.refused", "person.added", "person.changed", "person.removed"),
    *("station.ready", "station.stopped", "station.degraded", "link.lost", "link.up"),
)
"""What is worth a line, of all that the ledger holds."""
FAMILIES = frozenset(kind.partition(".")[0] for kind in KINDS)
WORKS = {"pull": Right.PULL, "restock": Right.RESTOCK, "count": Right.COUNT, "pick": Right.PICK}
WINDOW = 2000
"""Rows that are looked through at a time."""
FARTHEST = 50_000
"""So far back is looked for one page; the rest is asked for anew."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One line. `thing` is its place or number, `item` the drug where this person may ask for the work, `says` a code more."""

    seq: int
    at: str
    kind: str
    person: str | None
    thing: str
    item: Any
    says: str


def before(visitor: Visitor, seq: int, most: int) -> tuple[list[Happened], int | None]:
    """At most so many lines below a ledger number, the newest first, and the number to go on from; None where nothing is left."""
    ledger, found, top = visitor.station.ledger, list[Happened](), seq
    told = [kind for kind in KINDS if is_told(kind, visitor.who.rights)]
    while top > 1 and len(found) < most and seq - top < FARTHEST:
        low = max(0, top - 1 - WINDOW)
        rows = [row for row in ledger.read(low, WINDOW, told) if row.seq < top]
        for row in reversed(rows):
            found.append(_line(visitor, row))
            if len(found) == most:
                return found, row.seq if row.seq > 1 else None
        top = low + 1
    return found, top if top > 1 else None


def _line(visitor: Visitor, row: Row) -> Happened:
    station, family = visitor.station, row.kind.partition(".")[0]
    body: Mapping[str, Any] = json.loads(row.body)
    told = may_leave(row.kind, body)
    thing = next((str(told[name]) for name in _NAMES if told.get(name)), "")
    says = next((str(told[name]) for name in _SAYS if told.get(name)), "")
    person = name_of(station, row.actor) if row.actor in station.books.people.persons else None
    work = station.books.work.get(family, body[family]) if family in WORKS and visitor.may(WORKS[family]) else None
    item = station.books.formulary.item(work["item"] if work else told.get("item", ""))
    if work is not None and work["legs"]:
        thing = ", ".join(leg["pocket"] for leg in work["legs"])
    return Happened(row.seq, row.at, row.kind, person, thing, item, says)


_NAMES = ("pocket", "drawer", "tote", "pick_list", "robot", "gantry", "link", "person", "where", "zone", "work", "discrepancy")
"""What a line is about, in the order in which people would name it."""
_SAYS = ("state", "kind", "step", "code", "reason", "outcome", "destination", "terminal")
