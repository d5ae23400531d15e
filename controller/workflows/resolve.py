"""Resolve: which pockets a quantity comes from. First expired first out, then nearest, then fullest (reference domain B1)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.formulary import lots as lotting
from controller.formulary.criteria import ANY, Criteria
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controller.formulary.items import Item
    from controller.ledger.views.work_records import Work
    from controller.station import Station

_NOTHING: Mapping[str, int] = {}


class StockMoved(Exception):
    """Somebody else's reservation came first, between choosing the pocket and its drawer's step; another one may do."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """So many units out of one pocket."""

    pocket: str
    drawer: str
    quantity: int

    def as_json(self) -> dict[str, str | int]:
        """As the ledger writes it."""
        return {"pocket": self.pocket, "drawer": self.drawer, "quantity": self.quantity}


def allocate(
    station: Station,
    item: Item,
    quantity: int,
    only: str | None = None,
    promised: Mapping[str, int] = _NOTHING,
    criteria: Criteria = ANY,
) -> list[Allocation]:
    """The pockets for `quantity` units, in the order in which they are opened; `only` names the pocket to use. What is
    `promised` to others is left to them; what does not fit the `criteria` stays.

    What there is too little of is given in part, except of a controlled item: how much one pocket gives before another is
    asked would tell the count of the first. Raises Refused: `not-stocked`, `pocket-of-another-item`, `stock-reserved`,
    `stock-shut-off`, `stock-expired`, `stock-in-parts`, `no-stock-that-fits`, `no-stock`.
    """
    stock, today = station.books.stock, station.clock.now().date()
    pockets = [
        pocket["pocket"]
        for pocket in stock.holding(item.id)
        if (only is None or pocket["pocket"] == only) and station.holders[pocket["drawer"]].by_hand
    ]
    if not pockets:
        raise Refused("pocket-of-another-item" if only else "not-stocked", item=item.id, pocket=only)
    free = {
        pocket: max(stock.free(pocket, today) - promised.get(pocket, 0), 0) for pocket in pockets if not _shut_off(station, pocket)
    }
    if criteria != ANY:
        fit = {pocket: min(units, _fitting(station, pocket, criteria)) for pocket, units in free.items()}
        if any(free.values()) and not any(fit.values()):
            raise Refused("no-stock-that-fits", item=item.id)
        free = fit
    if item.controlled:
        whole = {pocket: units for pocket, units in free.items() if units >= quantity}
        if not whole and sum(free.values()) >= quantity:
            raise Refused("stock-in-parts", item=item.id, asked=quantity)
        free = whole
    allocations: list[Allocation] = []
    left = quantity
    while left > 0:
        taken = {allocation.pocket for allocation in allocations}
        usable = [pocket for pocket, units in free.items() if units > 0 and pocket not in taken]
        if not usable:
            break
        at = allocations[-1].drawer if allocations else None
        pocket = min(usable, key=lambda pocket: _rank(station, pocket, free[pocket], at, today))
        part = min(left, free[pocket])
        allocations.append(Allocation(pocket, stock.pockets[pocket]["drawer"], part))
        left -= part
    if not allocations:
        raise _nothing_free(station, item, pockets, today)
    return allocations


def elsewhere(station: Station, item: Item, at: str, but_for: str | None = None) -> list[str]:
    """Where more of an item is to be had at this station, nearest to the drawer `at` first; the pocket `but_for` left out."""
    stock, today = station.books.stock, station.clock.now().date()
    drawers = {pocket["pocket"]: pocket["drawer"] for pocket in stock.holding(item.id) if pocket["pocket"] != but_for}
    usable = [pocket for pocket in drawers if not _shut_off(station, pocket) and stock.free(pocket, today) > 0]
    return sorted(usable, key=lambda pocket: (distance_mm(station, at, drawers[pocket]), pocket))


def still_free(station: Station, allocations: list[Allocation], work: str) -> bool:
    """Whether each part can still be promised to this work; asked in the very step that promises it."""
    today = station.clock.now().date()
    return all(station.books.stock.free(part.pocket, today, work) >= part.quantity for part in allocations)


def _fitting(station: Station, pocket: str, criteria: Criteria) -> int:
    """Units in date that will do."""
    return lotting.in_date(criteria.those(station.books.stock.pockets[pocket]["lots"]), station.clock.now().date())


def _rank(station: Station, pocket: str, free: int, at: str | None, today: datetime.date) -> tuple[datetime.date, int, int, str]:
    here = station.books.stock.pockets[pocket]
    return lotting.first_expiry(here["lots"], today), distance_mm(station, at, here["drawer"]), -free, pocket


def distance_mm(station: Station, start: str | None, end: str) -> int:
    """How far the hand goes: from the drawer before, or from the cabinet's upper left, where its screen stands."""
    places = [station.holders[holder].place for holder in (start, end) if holder is not None]
    corners = [(place.x_mm, place.y_mm) if place else (0, 0) for place in places]
    if start is None:
        corners.insert(0, (0, 0))
    (x, y), (to_x, to_y) = corners
    return abs(x - to_x) + abs(y - to_y)


def _shut_off(station: Station, pocket: str) -> bool:
    return station.holders[station.books.stock.pockets[pocket]["drawer"]].shut_off


def _nothing_free(station: Station, item: Item, pockets: list[str], today: datetime.date) -> Refused:
    """Why nothing can be had: the reason a person can do something about comes first. No figures: pockets may be blind."""
    stock = station.books.stock
    for pocket in pockets:
        for key in stock.reserved_by(pocket):
            work: Work = station.books.work.works[key]
            return Refused("stock-reserved", item=item.id, by=work["person"], since=work["since"], work=key)
    if any(_shut_off(station, pocket) and stock.free(pocket, today) > 0 for pocket in pockets):
        return Refused("stock-shut-off", item=item.id, pockets=[p for p in pockets if _shut_off(station, p)])
    if any(lotting.in_date(stock.pockets[pocket]["lots"], today) < stock.pockets[pocket]["balance"] for pocket in pockets):
        return Refused("stock-expired", item=item.id, pockets=pockets)
    return Refused("no-stock", item=item.id)
