"""Sources: everything that has some of an item for pick lists, in the order in which it is used (reference domain B10)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from controller.formulary import lots as lotting
from controller.formulary.criteria import ANY, Criteria, less
from controller.ledger.views.gantry_records import may_give
from controller.ledger.views.robot_records import promised as promised_packs
from controller.machines.robot import HOLDS, TAKES_ORDERS, State
from controller.workflows.resolve import distance_mm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from controller.formulary.items import Item
    from controller.formulary.lots import Lot
    from controller.station import Station

ROBOT, GANTRY, PERSON = range(3)
"""What fetching costs: a robot's time least, a person's most."""
_OUT = frozenset({*HOLDS, State.STOPPED})
"""A robot in such a state waits for a person; one that is only not there at the moment keeps its place."""


@dataclass(slots=True)
class Promises:
    """What a plan has promised so far, by the key of the offer that it is of: the units, and each part with its criteria."""

    units: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[tuple[int, Criteria]]] = field(default_factory=dict)

    def add(self, key: str, units: int, criteria: Criteria) -> None:
        """So many more."""
        self.units[key] = self.units.get(key, 0) + units
        self.parts.setdefault(key, []).append((units, criteria))


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
    lots: tuple[Lot, ...] = ()
    """What of it fits, where criteria were asked for."""


def offers(station: Station, item: Item, promised: Promises, criteria: Criteria = ANY) -> list[Offer]:
    """What everything has of an item beyond what is `promised` of it, as far as it fits, the one to use first in front.

    Whatever a person must look at first offers nothing. A drawer that is only out of reach at the moment keeps its place; a
    machine that is, or that waits to be homed, comes last: it is waited for where nothing else has the item.
    """
    found = [*_pockets(station, item, promised.units), *_robots(station, item, promised.units)]
    if criteria != ANY:
        found = [_fitting(station, item, offer, promised.parts.get(offer.key, ()), criteria) for offer in found]
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


def _fitting(station: Station, item: Item, offer: Offer, promised: Sequence[tuple[int, Criteria]], criteria: Criteria) -> Offer:
    """What of an offer fits. Who has been promised units without a wish has those that expire first, as they will get them."""
    lots = _lots(station, item, offer)
    for units, theirs in promised:
        lots = less(lots, units, theirs)
    fit = criteria.those(lots)
    first = lotting.first_expiry(fit, station.clock.now().date())
    units = min(offer.quantity, sum(lot["quantity"] for lot in fit))
    return replace(offer, quantity=units, expiry=first, lots=tuple(fit))


def _lots(station: Station, item: Item, offer: Offer) -> list[Lot]:
    """The units in date behind an offer by lot, less what orders and reservations take of them."""
    today = station.clock.now().date()
    if offer.pocket is not None:
        stock = station.books.stock
        lots: list[Lot] = [lot for lot in stock.pockets[offer.pocket]["lots"] if not lotting.expired(lot["expiry"], today)]
        return less(lots, sum(lot["quantity"] for lot in lots) - stock.free(offer.pocket, today), ANY)
    view = station.books.robots
    lots = [{**lot, "quantity": lot["quantity"] * item.pack} for lot in view.free_lots(offer.holder, item.id, today)]
    for pick in view.live(offer.holder, item.id):
        lots = less(lots, promised_packs(pick) * item.pack, Criteria.of(pick["purpose"].get("criteria")))
    return lots


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
