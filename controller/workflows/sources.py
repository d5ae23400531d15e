"""Sources: everything that has some of an item for pick lists, in the order in which it is used (reference domain B10)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.formulary import lots as lotting
from controller.ledger.views.gantry_records import may_give
from controller.machines.robot import HOLDS, TAKES_ORDERS, State
from controller.workflows.resolve import distance_mm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from controller.formulary.items import Item
    from controller.station import Station

ROBOT, GANTRY, PERSON = range(3)
"""What fetching costs: a robot's time least, a person's most."""
_OUT = frozenset({*HOLDS, State.STOPPED})
"""A robot in such a state waits for a person; one that is only not there at the moment keeps its place."""


@dataclass(frozen=True, slots=True)
class Offer:
    """So many units that are promised to nobody, out of one pocket or one robot, by multiples of `whole`."""

    holder: str
    pocket: str | None
    quantity: int
    whole: int
    waits: bool
    cost: int
    expiry: datetime.date
    distance_mm: int
    key: str
    """Under which it is promised."""


def offers(station: Station, item: Item, promised: Mapping[str, int]) -> list[Offer]:
    """What everything has of an item beyond what is `promised` of it, the one to use first in front.

    Whatever a person must look at first offers nothing. A drawer that is only out of reach at the moment keeps its place; a
    machine that is, or that waits to be homed, comes last: it is waited for where nothing else has the item.
    """
    found = [*_pockets(station, item, promised), *_robots(station, item, promised)]
    earliest = min((offer.expiry for offer in found if offer.quantity > 0 and not offer.waits), default=datetime.date.max)
    tolerance = datetime.timedelta(days=station.site.policy.fresh_days)
    return sorted(
        found,
        key=lambda offer: (
            offer.waits,
            offer.expiry - earliest > tolerance,
            offer.cost,
            offer.expiry,
            offer.distance_mm,
            -offer.quantity,
            offer.key,
        ),
    )


def robots(station: Station) -> list[str]:
    """The robots that give out into totes: those at which there is a loading place."""
    return list(dict.fromkeys(place.robot for place in station.site.loading if place.robot is not None))


def _pockets(station: Station, item: Item, promised: Mapping[str, int]) -> Iterator[Offer]:
    stock, today = station.books.stock, station.clock.now().date()
    ordered: dict[str, int] = {}
    for pocket in sorted(stock.holding(item.id), key=lambda pocket: lotting.first_expiry(pocket["lots"], today)):
        id_, holder = pocket["pocket"], station.holders[pocket["drawer"]]
        if holder.held:
            continue
        free, whole, cost = stock.free(id_, today), 1, PERSON
        if not holder.by_hand:  # its orders are for an item, wherever it lies: they have what expires first
            units, whole, cost = may_give(pocket, item.pack, today) * item.pack, item.pack, GANTRY
            left = ordered.setdefault(holder.id, station.books.gantries.promised(holder.id, item.id) * item.pack)
            free, ordered[holder.id] = max(units - left, 0), max(left - units, 0)
        free = max(free - promised.get(id_, 0), 0)
        first = lotting.first_expiry(pocket["lots"], today)
        waits = holder.id in station.gantries and station.gantries[holder.id].waits
        yield Offer(holder.id, id_, free, whole, waits, cost, first, distance_mm(station, None, holder.id), id_)


def _robots(station: Station, item: Item, promised: Mapping[str, int]) -> Iterator[Offer]:
    view, today = station.books.robots, station.clock.now().date()
    for id_ in robots(station):
        if station.robots[id_].state in _OUT:
            continue
        key = f"{id_}/{item.id}"
        free = max(view.free(id_, item.id, today) * item.pack - promised.get(key, 0), 0)
        if free:
            first = lotting.first_expiry(view.free_lots(id_, item.id, today), today)
            waits = station.robots[id_].state not in TAKES_ORDERS
            yield Offer(id_, None, free, item.pack, waits, ROBOT, first, 0, key)
