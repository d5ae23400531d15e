"""Pull: a nurse takes the doses of one order (reference domain B1, and B3 where the item is controlled).

What must be known before a lock moves is checked again inside the drawer's own step: the order, the person, the stock.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from controller.formulary.doses import Amount, DoseError, left_over
from controller.formulary.items import Item
from controller.ledger.port import Entry
from controller.policy.roles import Right
from controller.workflows.draw import Drawn, draw
from controller.workflows.may_open import may_open
from controller.workflows.resolve import Allocation, StockMoved, allocate, elsewhere, still_free
from controller.workflows.talk import begin
from controller.workflows.visit import Visit
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controller.formulary.lots import Lot
    from controller.policy.session import Session
    from controller.station import Station
    from controller.workflows.talk import Course, Talk


_NOT_PULLABLE = {
    "unverified": "order-not-verified",
    "held": "order-held",
    "discontinued": "order-discontinued",
}


@dataclass(frozen=True, slots=True)
class Due:
    """What an order asks for now: so many units of an item for a dose; `quantity` is what is still to be taken of it."""

    order: Mapping[str, Any]
    item: Item
    dose: Amount
    quantity: int


async def request(station: Station, session: Session, id_: str, asked: Mapping[str, Any]) -> bool:
    """Asks for a pull: `order`, and if wanted `quantity` and `pocket`. Returns whether it is new. Raises Refused."""
    return await begin(station, session, "pull", id_, asked, pull)


async def pull(talk: Talk) -> Course:
    """One pull, from the checks to its end. Pockets are worked one after the other."""
    visit, allocations = await _first(talk)
    yield
    drawn = await draw(visit, allocations[0].quantity, partial(_v, talk))
    if not drawn.opened:
        _not_opened(talk, visit, drawn)
        return
    taken = drawn.taken
    for number, part in enumerate(allocations[1:], start=1):
        if talk.work["cancelling"]:
            break
        try:
            visit = Visit(talk, part.pocket, due(talk.station, talk.request, talk.id).item)
            await visit.unlock(partial(_next, talk, part))
            drawn = await draw(visit, part.quantity, partial(_v, talk))
        except Refused as refused:
            talk.post(talk.entry("skipped", pocket=part.pocket, code=refused.code, facts=dict(refused.facts)))
            continue
        if not drawn.opened:
            talk.post(talk.entry("skipped", pocket=part.pocket, code="not-opened", facts={"number": number}))
        taken += drawn.taken
    _end(talk, taken)


async def _first(talk: Talk) -> tuple[Visit, list[Allocation]]:
    """Chooses the pockets, reserves them and asks for the first to be opened. Raises Refused."""
    while True:
        seen = talk.station.ledger.head
        wanted = due(talk.station, talk.request, talk.id)
        allocations = allocate(talk.station, wanted.item, wanted.quantity, talk.request.get("pocket"))
        visit = Visit(talk, allocations[0].pocket, wanted.item)
        try:
            await visit.unlock(partial(_begin, talk, wanted, allocations, seen))
        except StockMoved:
            continue
        return visit, allocations


def _not_opened(talk: Talk, visit: Visit, drawn: Drawn) -> None:
    if drawn.cancelled:
        talk.post(talk.entry("cancelled"))
        return
    near = elsewhere(talk.station, visit.item, visit.drawer.id, visit.pocket)
    talk.post(talk.entry("failed", code="not-opened", facts={"drawer": visit.drawer.id, "elsewhere": near}))


def _begin(talk: Talk, wanted: Due, allocations: list[Allocation], seen: tuple[int, bytes], intent: str) -> list[Entry]:
    """Decides the first opening, in one commit with the intent. All is looked at once more, if the ledger has grown since."""
    grown = talk.station.ledger.head != seen
    if grown:
        wanted = due(talk.station, talk.request, talk.id)
    may_open(talk, Right.PULL, allocations[0].pocket, wanted.item)
    if grown and not still_free(talk.station, allocations, f"pull/{talk.id}"):
        raise StockMoved
    order, patient = wanted.order, wanted.order["patient"]
    return [
        talk.requested(
            wanted.item.id,
            wanted.quantity,
            order=order["id"],
            patient=patient,
            filler=order["filler"],
            due=order["schedule"]["due"],
            dose=wanted.dose.as_json(),
            strength=wanted.item.strength.as_json(),
            unit=wanted.item.unit,
        ),
        talk.entry("reserved", allocations=[allocation.as_json() for allocation in allocations]),
        talk.entry("accessing", pocket=allocations[0].pocket, intent=intent),
    ]


def _next(talk: Talk, part: Allocation, intent: str) -> list[Entry]:
    """Decides a further opening of the same pull."""
    wanted = due(talk.station, talk.request, talk.id)
    may_open(talk, Right.PULL, part.pocket, wanted.item)
    if not still_free(talk.station, [part], f"pull/{talk.id}"):
        raise Refused("no-stock", item=wanted.item.id)
    return [talk.entry("accessing", pocket=part.pocket, intent=intent)]


def _v(talk: Talk, quantity: int, lots: list[Lot]) -> Entry:
    """The V entry: what left the pocket for the patient."""
    work = talk.work
    leg, about = work["legs"][work["at"]], work["about"]
    body = {
        "code": "V",
        "pocket": leg["pocket"],
        "drawer": leg["drawer"],
        "item": work["item"],
        "quantity": quantity,
        "unit": about["unit"],
        "lots": lots,
        "work": talk.name,
        "pull": talk.id,
        "order": about["order"],
        "filler": about["filler"],
        "patient": about["patient"],
        "due": about["due"],
    }
    return Entry("stock.taken", body, talk.session.person)


def due(station: Station, asked: Mapping[str, Any], pull: str | None = None) -> Due:
    """What an order asks for at this moment; `pull` is the one that asks, whose own doses do not count against it.

    `asked` are `order` and, if fewer units are wanted than the dose needs, `quantity`. Raises Refused, with one code for
    each reason for which there is nothing to be pulled.
    """
    order = station.books.orders.order(asked["order"])
    if order is None:
        raise Refused("unknown-order", id=asked["order"])
    if order["state"] != "verified":
        raise Refused(_NOT_PULLABLE[order["state"]], order=order["id"])
    patient = station.books.orders.patient(order["patient"])
    if patient is None or patient["area"] != station.site.station.area:
        raise Refused("patient-elsewhere", patient=order["patient"], order=order["id"])
    item = station.books.formulary.item(order["item"])
    if item is None:
        raise Refused("unknown-item", id=order["item"])
    _in_window(station, order)
    _not_twice(station, order["id"], pull)
    try:
        dose = item.dose(order["dose"]["value"], order["dose"]["unit"])
        need = item.packages(dose).quantity - _given_otherwise(station, order["id"], order["schedule"]["due"], pull)
    except DoseError as wrong:
        raise Refused("dose-not-from-item", order=order["id"], item=item.id, why=str(wrong)) from wrong
    if need <= 0:
        given = station.books.orders.given[order["id"]]
        raise Refused("dose-already-pulled", order=order["id"], by=given["person"], at=given["at"], pull=given["pull"])
    quantity = asked.get("quantity") or need
    if quantity > need:
        raise Refused("more-than-the-dose", asked=quantity, dose=need)
    return Due(order, item, dose, quantity)


def _in_window(station: Station, order: Mapping[str, Any]) -> None:
    due_at = order["schedule"]["due"]
    if due_at is None:
        return
    opens = datetime.datetime.fromisoformat(due_at) - datetime.timedelta(minutes=station.site.policy.early_minutes)
    if station.clock.now() < opens:
        raise Refused("too-early", order=order["id"], due=due_at, opens=opens.isoformat())


def _not_twice(station: Station, order: str, pull: str | None) -> None:
    for work in station.books.work.live():
        if work["kind"] == "pull" and work["about"]["order"] == order and work["id"] != pull:
            raise Refused("dose-being-pulled", order=order, by=work["person"], since=work["since"], pull=work["id"])


def _given_otherwise(station: Station, order: str, due_at: str | None, but_for: str | None) -> int:
    """Units that other pulls have already given for the same due time."""
    given = station.books.orders.given.get(order)
    if given is None or due_at is None or given["due"] != due_at:
        return 0
    return sum(quantity for pull, quantity in given["by_pull"].items() if pull != but_for)


def _end(talk: Talk, taken: int) -> None:
    """Commits what was taken, with what is short of it and what is left over to be wasted."""
    work = talk.work
    if taken == 0 and work["cancelling"]:
        talk.post(talk.entry("cancelled"))
        return
    about = work["about"]
    given = taken + _given_otherwise(talk.station, about["order"], about["due"], talk.id)
    waste = left_over(Amount.of_json(about["strength"]), given, Amount.of_json(about["dose"])) if taken else None
    remainder = max(work["quantity"] - taken, 0)
    item = talk.station.books.formulary.item(work["item"])
    near = elsewhere(talk.station, item, work["legs"][-1]["drawer"]) if remainder and item else []
    talk.post(
        talk.entry(
            "committed",
            taken=taken,
            outcome="short" if remainder else "done",
            remainder=remainder,
            elsewhere=near,
            waste={"amount": waste.as_json(), "state": "outstanding"} if waste else None,
        )
    )
