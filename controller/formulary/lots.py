"""Lots: what expires when, which is used first, and how a pocket's lots change with what is done to it.

Expiries are `YYYY-MM-DD`, or `YYYY-MM` where the pack says only the month; such a month ends on its last day. From the
expiry day on, hour zero, nothing of that lot is given out (reference domain AT8.1).
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypedDict

UNKNOWN_LOT = ""
"""The lot of what was found and never loaded: nobody knows its number."""
_FAR = datetime.date.max


class LotError(ValueError):
    """An expiry that is no date, or more asked of lots than they hold."""


class Lot(TypedDict):
    """A lot in a pocket, as JSON: its number, its expiry (None if nobody knows) and how many units there are."""

    lot: str
    expiry: str | None
    quantity: int


@lru_cache(maxsize=4096)
def last_day(expiry: str | None) -> datetime.date:
    """The day an expiry means; far away when it is not known. Raises LotError."""
    if expiry is None:
        return _FAR
    found = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", expiry)
    try:
        if found is None:
            raise ValueError("no date")
        year, month = int(found[1]), int(found[2])
        if found[3] is None:
            return datetime.date(year, month, calendar.monthrange(year, month)[1])
        return datetime.date(year, month, int(found[3]))
    except ValueError:
        raise LotError(f"{expiry!r} is not an expiry: write 2027-03-31, or 2027-03 where the pack says the month") from None


def expired(expiry: str | None, today: datetime.date) -> bool:
    """Whether a lot may no longer be given out."""
    return today >= last_day(expiry)


def short_dated(expiry: str | None, today: datetime.date, days: int) -> bool:
    """Whether a lot expires within `days`."""
    return last_day(expiry) - today < datetime.timedelta(days=days) if expiry is not None else False


def in_order(lots: Sequence[Lot]) -> list[Lot]:
    """First expired, first out; equal expiries by lot number, so that the order is always the same."""
    return sorted(lots, key=lambda lot: (last_day(lot["expiry"]), lot["lot"]))


def in_date(lots: Sequence[Lot], today: datetime.date) -> int:
    """How many units may still be given out."""
    return sum(lot["quantity"] for lot in lots if not expired(lot["expiry"], today))


def first_expiry(lots: Sequence[Lot], today: datetime.date) -> datetime.date:
    """The earliest day on which something here that is still in date expires; far away when there is nothing."""
    usable = [last_day(lot["expiry"]) for lot in lots if lot["quantity"] > 0 and not expired(lot["expiry"], today)]
    return min(usable, default=_FAR)


def draw(lots: Sequence[Lot], quantity: int, first: str | None = None, fits: Callable[[Lot], bool] | None = None) -> list[Lot]:
    """The lots that `quantity` units come from: the scanned lot `first`, if any, then of those that fit the first to expire.

    What the lots do not cover is said as the unknown lot: the books may be wrong, the taking is a fact.
    """
    drawn: list[Lot] = []
    for lot in sorted(in_order(lots), key=lambda lot: (lot["lot"] != first, fits is not None and not fits(lot))):
        part = min(lot["quantity"], quantity)
        if part > 0:
            drawn.append(Lot(lot=lot["lot"], expiry=lot["expiry"], quantity=part))
            quantity -= part
    if quantity > 0:
        drawn.append(Lot(lot=UNKNOWN_LOT, expiry=None, quantity=quantity))
    return drawn


def without(lots: Sequence[Lot], drawn: Sequence[Lot]) -> list[Lot]:
    """The lots less what was drawn of them. The unknown lot may go below zero: never clamped, it is a discrepancy."""
    return _merged([*lots, *(Lot(lot=lot["lot"], expiry=lot["expiry"], quantity=-lot["quantity"]) for lot in drawn)])


def together(lots: Sequence[Lot], loaded: Sequence[Lot]) -> list[Lot]:
    """The lots and what was put to them."""
    return _merged([*lots, *loaded])


def as_counted(lots: Sequence[Lot], counted: int) -> list[Lot]:
    """The lots after a count that says how many there are and not which.

    What is missing is taken to be the first to expire (as it would have been drawn); what is over joins the first to
    expire, so that it is never given out for longer than anything known to lie there.
    """
    known = sum(lot["quantity"] for lot in lots)
    if counted <= known:
        return without(lots, draw(lots, known - counted))
    ordered = in_order([lot for lot in lots if lot["quantity"] > 0])
    joined = ordered[0] if ordered else Lot(lot=UNKNOWN_LOT, expiry=None, quantity=0)
    return together(lots, [Lot(lot=joined["lot"], expiry=joined["expiry"], quantity=counted - known)])


def _merged(lots: Sequence[Lot]) -> list[Lot]:
    totals: dict[tuple[str, str | None], int] = {}
    for lot in lots:
        place = (lot["lot"], lot["expiry"])
        totals[place] = totals.get(place, 0) + lot["quantity"]
    return in_order([Lot(lot=lot, expiry=expiry, quantity=total) for (lot, expiry), total in totals.items() if total])
