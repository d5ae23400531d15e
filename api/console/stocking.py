"""Pockets and lots as whoever fills, counts and clears the cabinet sees them: what REST says of each, and which medicine it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from api.console.visitor import Visitor
from api.rest.stock import LotAnswer, PocketAnswer, pocket_of
from controller.formulary import lots as lotting
from controller.formulary.items import Item
from controller.ledger.views.work_records import Work
from controller.station import Station

AT_ONCE = 6
"""Rows on one page (reference ecosystem C5)."""


@dataclass(frozen=True, slots=True)
class PocketRow:
    """One pocket with the medicine it is for."""

    pocket: PocketAnswer
    item: Item

    @property
    def drawer(self) -> str:
        """What holds it."""
        return self.pocket.drawer


@dataclass(frozen=True, slots=True)
class LotRow:
    """One lot in a pocket; `days` to its last day, from which on nothing of it is given out."""

    pocket: PocketAnswer
    item: Item
    lot: LotAnswer
    days: int

    @property
    def drawer(self) -> str:
        """What holds it."""
        return self.pocket.drawer

    @property
    def over(self) -> bool:
        """Whether it has expired."""
        return self.days <= 0


def pocket_row(station: Station, pocket: str) -> PocketRow | None:
    """One pocket; None where nothing that the formulary knows is assigned to it."""
    known = station.books.stock.pockets.get(pocket)
    item = station.books.formulary.item(known["item"]) if known is not None and known["item"] is not None else None
    return PocketRow(pocket_of(station, known), item) if known is not None and item is not None else None


def pocket_rows(station: Station) -> list[PocketRow]:
    """Every pocket that is for something."""
    return [row for known in station.books.stock.pockets if (row := pocket_row(station, known)) is not None]


def expiring(station: Station, days: int) -> list[LotRow]:
    """The lots that expire within so many days, and those that have."""
    today = station.clock.now().date()
    return [
        LotRow(row.pocket, row.item, lot, (lotting.last_day(lot.expiry) - today).days)
        for row in pocket_rows(station)
        for lot in row.pocket.lots
        if lotting.expired(lot.expiry, today) or lotting.short_dated(lot.expiry, today, days)
    ]


def going_on(visitor: Visitor, kind: str) -> list[Work]:
    """What this person has begun of a kind and not ended."""
    return [work for work in visitor.station.books.work.live() if (work["kind"], work["person"]) == (kind, visitor.who.person)]


def lies_first(lots: Iterable[LotAnswer], expiry: str | None) -> str | None:
    """The first expiry of what lies in a pocket, where `expiry` is to be put to it; None where one of the two is not known."""
    known = [lot.expiry for lot in lots if lot.expiry is not None]
    return min(known, key=lotting.last_day) if known and expiry is not None else None


def goes(first: str | None, expiry: str | None) -> Literal["behind", "in front", "anywhere"]:
    """Where a package is put: behind what expires before it, in front of what expires after it."""
    if first is None or expiry is None or lotting.last_day(first) == lotting.last_day(expiry):
        return "anywhere"
    return "behind" if lotting.last_day(first) < lotting.last_day(expiry) else "in front"
