"""The patients of this ward, those of whoever looks first; a few letters or a bed narrow them."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

from api.console.medicines import medicine
from api.console.page import Pages, Shown
from api.console.paging import paged
from api.console.visitor import Visitor
from controller.policy.roles import Right

pages = Pages()

AT_ONCE = 6
"""Rows on one page: no list scrolls away under a finger (reference ecosystem C5)."""


@pages.page("/patients", "patients.html", Right.SEE_PATIENTS, Right.PULL)
def patients(visitor: Visitor) -> Shown:
    """By bed, with what is due now; two of one surname say so."""
    station, letters = visitor.station, visitor.query.get("find", "").strip().casefold()
    records = [
        known["record"] for known in station.books.orders.patients.values() if known["record"]["area"] == station.site.station.area
    ]
    names = Counter(record["family"].casefold() for record in records)
    mine = {
        station.books.orders.orders[order]["record"]["patient"]
        for order, given in station.books.orders.given.items()
        if given["person"] == visitor.who.person and order in station.books.orders.orders
    }
    found = sorted(
        (record for record in records if letters in _looked_at(record)),
        key=lambda record: (record["id"] not in mine, record.get("bed") or "~", record["id"]),
    )
    page = paged(found, visitor.query.get("page", "1"), AT_ONCE)
    rows = [
        {
            "record": record,
            "years": years(record["born"], station.clock.now().date()),
            "due": _due(visitor, record["id"]),
            "same_name": names[record["family"].casefold()] > 1,
            "mine": record["id"] in mine,
        }
        for record in page.rows
    ]
    facts = {"rows": rows, "find": letters, "page": page, "all": len(records)}
    return Shown(facts, all_of=frozenset({"order", "patient", "pull"}))


def years(born: str, today: datetime.date) -> int:
    """A patient's age."""
    day = datetime.date.fromisoformat(born)
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _looked_at(record: dict[str, Any]) -> str:
    return " ".join(str(record.get(name) or "") for name in ("family", "given", "bed", "mrn")).casefold()


def _due(visitor: Visitor, patient: str) -> int:
    orders = (known["record"] for known in visitor.station.books.orders.orders.values())
    rows = (medicine(visitor.station, order) for order in orders if order["patient"] == patient and order["schedule"]["due"])
    return sum(row is not None and row.offer.offered for row in rows)
