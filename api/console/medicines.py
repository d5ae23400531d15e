"""What the pages say of an order: the medicine's line, the dose, when it is due and was last taken, and what to know first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.rest.orders import Offer, offer_of
from controller.formulary.items import Item
from controller.station import Station
from controller.workflows.resolve import allocate
from drivers.faults import Refused

BEGINS, SHARED = 3, 5
"""Letters that two names have alike when they look alike."""


@dataclass(frozen=True, slots=True)
class Medicine:
    """One order as one row. `pocket` and `drawer` are where its first units would come from now; None where nowhere."""

    order: str
    item: Item
    dose: str
    offer: Offer
    due: str | None
    given: dict[str, Any] | None
    pocket: str | None
    drawer: str | None


def medicine(station: Station, order: dict[str, Any]) -> Medicine | None:
    """The row of an order; None for one of an item that the formulary does not know."""
    item = station.books.formulary.item(order["item"])
    if item is None:
        return None
    offer, given = offer_of(station, order["id"]), station.books.orders.given.get(order["id"])
    pocket, drawer = _where(station, item, offer)
    return Medicine(
        order=order["id"],
        item=item,
        dose=str(item.dose(order["dose"]["value"], order["dose"]["unit"])),
        offer=offer,
        due=order["schedule"]["due"],
        given={"person": name_of(station, given["person"]), "at": given["at"]} if given else None,
        pocket=pocket,
        drawer=drawer,
    )


def _where(station: Station, item: Item, offer: Offer) -> tuple[str | None, str | None]:
    if not offer.offered or offer.quantity is None:
        return None, None
    try:
        first = allocate(station, item, offer.quantity)[0]
    except Refused:
        return None, None
    return first.pocket, first.drawer


def alike(one: Item, other: Item) -> bool:
    """Whether two names are taken for one another: the site's list of look-alike names has both, and they begin alike, or share
    five letters in a row."""
    names = [item.name.casefold() for item in (one, other)]
    if one.display is None or other.display is None or names[0] == names[1]:
        return False
    runs = [{name[at : at + SHARED] for at in range(len(name) - SHARED + 1)} for name in names]
    return names[0][:BEGINS] == names[1][:BEGINS] or bool(runs[0] & runs[1])


def name_of(station: Station, person: str) -> str:
    """What a person is called; the id of one who is not known by name."""
    known = station.books.people.persons.get(person)
    return known["name"] if known else person
