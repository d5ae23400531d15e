"""Cart doses: what the patients of an area are due within a window, as far as it may be filled ahead (reference domain A13, 113).

Filled ahead is what a pharmacist has verified and a schedule says. What is given as needed, what is controlled and whatever
cannot be given now is left out, and said.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controller.formulary.doses import Amount, DoseError, Packages
from controller.ledger.views.carts import Dose, Fill, LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from controller.formulary.items import Item
    from controller.station import Station

Key = tuple[str, datetime.datetime]
"""An order and a moment: there is one dose for it, however often it is asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One dose that is to be filled."""

    patient: str
    order: str
    item: Item
    due: str
    """As the order's schedule writes it."""
    dose: Amount
    packages: Packages

    @property
    def key(self) -> Key:
        """Which dose it is."""
        return self.order, moment(self.due)


def moment(text: str) -> datetime.datetime:
    """The instant of an RFC 3339 time, whatever offset it is written with."""
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)


def due_within(station: Station, fill: str, area: str, since: str, to: str) -> tuple[list[Wanted], list[LeftOut]]:
    """The doses of an area due from `since` on and before `to`, in time order, and what of that is left out."""
    taken = {dose: other for other in station.books.carts.fills.values() if other["id"] != fill for dose in _holds(station, other)}
    wanted: list[Wanted] = []
    left_out: list[LeftOut] = []
    for pushed in station.books.orders.orders.values():
        order = pushed["record"]
        patient = station.books.orders.patient(order["patient"])
        if patient is None or patient["area"] != area:
            continue
        times = list(_times(order, since, to))
        why = _never(station, order)
        if why is not None:
            if times or (order["schedule"]["kind"] == "prn" and order["state"] == "verified"):
                left_out.append(_left(order, times[0] if times else None, why))
            continue
        for due in times:
            one = _wanted(station, order, due)
            if isinstance(one, str):
                left_out.append(_left(order, due, one))
            elif _given(station, one.key):
                left_out.append(_left(order, due, "given"))
            elif one.key in taken:
                left_out.append(_left(order, due, "in-another-fill"))
            else:
                wanted.append(one)
    wanted.sort(key=lambda one: (one.key[1], one.patient, one.order))
    left_out.sort(key=lambda one: (one["patient"], one["order"], one["due"] or ""))
    return wanted, left_out


def not_wanted(station: Station, fill: Fill, dose: Dose) -> str | None:
    """Why a dose of a fill is not to be given any more, as orders and patients stand now; None while it is."""
    order, patient = station.books.orders.order(dose["order"]), station.books.orders.patient(dose["patient"])
    if order is None or order["patient"] != dose["patient"]:
        return "order-changed"
    if patient is None or patient["area"] != fill["area"]:
        return "patient-elsewhere"
    if (why := _never(station, order)) is not None:
        return why
    one = _wanted(station, order, dose["due"])
    if isinstance(one, str):
        return one
    if (one.item.id, one.packages.quantity, one.dose.as_json()) != (dose["item"], dose["quantity"], dose["dose"]):
        return "order-changed"
    if moment(dose["due"]) not in {moment(due) for due in _times(order, dose["due"], None)}:
        return "not-due-then"
    return "given" if _given(station, one.key) else None


def _times(order: Mapping[str, Any], since: str, to: str | None) -> Iterator[str]:
    """When an order is due from `since` on and before `to` (None: at `since` itself)."""
    schedule = order["schedule"]
    if schedule["due"] is None:
        return
    due = datetime.datetime.fromisoformat(schedule["due"])
    first, every, until = moment(since), schedule.get("every_min"), schedule.get("until")
    end = moment(to) if to is not None else first + datetime.timedelta(microseconds=1)
    if every is not None and due < first:
        step = datetime.timedelta(minutes=every)
        due += -(-(first - due) // step) * step
    while first <= due < end and (until is None or due <= moment(until)):
        yield due.isoformat()
        if every is None:
            return
        due += datetime.timedelta(minutes=every)


def _never(station: Station, order: Mapping[str, Any]) -> str | None:
    """Why nothing of an order is filled ahead."""
    if order["state"] != "verified":
        return f"order-{order['state']}"
    item = station.books.formulary.item(order["item"])
    if item is None:
        return "unknown-item"
    if item.controlled:
        return "controlled"
    return "as-needed" if order["schedule"]["kind"] == "prn" else None


def _wanted(station: Station, order: Mapping[str, Any], due: str) -> Wanted | str:
    """One dose of an order that may be filled, or the code of why it cannot be made of its item."""
    item = station.books.formulary.item(order["item"])
    if item is None:
        return "unknown-item"
    try:
        dose = item.dose(order["dose"]["value"], order["dose"]["unit"])
        return Wanted(order["patient"], order["id"], item, due, dose, item.packages(dose))
    except DoseError:
        return "dose-not-from-item"


def _given(station: Station, key: Key) -> bool:
    """Whether any of it was pulled from a pocket of this station."""
    given = station.books.orders.given.get(key[0])
    return given is not None and given["due"] is not None and moment(given["due"]) == key[1]


def _holds(station: Station, fill: Fill) -> set[Key]:
    """The doses that another cart fill has: those in its bags, and until it has left or ended those that it still wants."""
    open_ = not (fill["sent"] or station.books.work.pick_lists[fill["pick_list"]]["cancelled"])
    has = (dose for dose in fill["doses"].values() if dose["put"] or (open_ and not_wanted(station, fill, dose) is None))
    return {(dose["order"], moment(dose["due"])) for dose in has}


def _left(order: Mapping[str, Any], due: str | None, why: str) -> LeftOut:
    return LeftOut(patient=order["patient"], order=order["id"], item=order["item"], due=due, why=why)
