"""Gantries: how each stands, its tray and its orders; homing, stopping, service, and what lies in the tote after a doubt."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.console.page import ROOT, Form, Go, Nothing, Pages, Shown
from api.console.paging import paged
from api.console.visitor import Visitor
from api.rest.gantries import gantry_of, order_of
from controller import gantries
from controller.actors.gantry_told import Told
from controller.ledger.views.gantry_records import IN_DOUBT, IN_TRAY
from controller.machines.gantry import Event
from controller.policy.roles import Right
from drivers.faults import Refused

pages = Pages()

AT_ONCE = 6


class Settled(Form):
    """Which packs of an order now lie in the tote; its tray is empty."""

    pack: tuple[Annotated[str, Field(pattern=r"^[0-9]{1,6}$")], ...] = ()
    note: Annotated[str, Field(min_length=1, max_length=400)]


class Service(Form):
    """Out of service, or back into it."""

    step: Literal["out_of_service", "return_to_service"]


@pages.page("/gantries/{id}", "gantry.html", Right.SEE_STATION)
def gantry(visitor: Visitor, id: str) -> Shown:
    """One gantry, live: its tray, its queue with ages, and the steps that a person can take."""
    station, found = visitor.station, gantries.find(visitor.station, id)
    orders = [order_of(order) for order in station.books.gantries.live(id)] if visitor.may(Right.SEE_PICK_LISTS) else []
    held = {pack.order for pack in gantry_of(station, found).tray}
    orders.sort(key=lambda order: (order.state != "in_doubt", order.asked_at))
    facts = {
        "gantry": gantry_of(station, found),
        "held": found.held,
        "page": paged(orders, visitor.query.get("page", "1"), AT_ONCE),
        "to_settle": {order.id for order in orders if order.state == "in_doubt" or (found.held and order.id in held)},
        "may_settle": visitor.may(Right.PICK),
        "may_serve": visitor.may(Right.RECOVER_DRAWERS),
        "named": station.books.formulary.item,
    }
    return Shown(facts, frozenset({id}), frozenset({"link"}), ticks=bool(orders))


@pages.page("/gantries/{id}/orders/{order}", "gantry_order.html", Right.PICK)
def order(visitor: Visitor, id: str, order: str) -> Shown:
    """Which packs of an order lie in the tote? Somebody has looked, has emptied the tray, and says."""
    gantries.find(visitor.station, id)
    found = visitor.station.books.gantries.order(id, order)
    if found is None:
        raise Refused("unknown-gantry-order", gantry=id, order=order)
    answer = order_of(found)
    packs = [pack for pack in answer.fetched if pack.state in {IN_TRAY, IN_DOUBT}]
    if answer.state in {"completed", "incomplete", "settled"}:
        return Shown(go=f"{ROOT}/gantries/{id}")
    facts = {"gantry": id, "order": answer, "packs": packs, "item": visitor.station.books.formulary.item(found["item"])}
    return Shown(facts, frozenset({order}))


@pages.post("/gantries/{id}/orders/{order}", Settled, Right.PICK)
async def settle(visitor: Visitor, said: Settled, id: str, order: str) -> Go:
    """Settles it; nothing of it is fetched again. Raises Refused."""
    gantries.find(visitor.station, id).settle(order, visitor.who, said.pack, said.note)
    await visitor.station.ledger.settled()
    return Go(f"{ROOT}/gantries/{id}")


@pages.post("/gantries/{id}/home", Nothing, Right.RECOVER_DRAWERS)
async def home(visitor: Visitor, _: Nothing, id: str) -> Go:
    """Has it run to its limit switches while the person stands by. Raises Refused."""
    await gantries.find(visitor.station, id).home(visitor.who)
    return Go()


@pages.post("/gantries/{id}/stop", Nothing, Right.SEE_STATION)
async def stop(visitor: Visitor, _: Nothing, id: str) -> Go:
    """Stops whatever moves. Raises LinkFault where nobody can say that it stands."""
    await gantries.find(visitor.station, id).stop(visitor.who)
    return Go()


@pages.post("/gantries/{id}/service", Service, Right.RECOVER_DRAWERS)
async def serve(visitor: Visitor, said: Service, id: str) -> Go:
    """Takes it out of service, which stops it, or puts it back. Raises Refused."""
    found = gantries.find(visitor.station, id)
    if said.step == "out_of_service":
        await found.order(Told(Event.TAKE_OUT, by=visitor.who.person))
    else:
        await gantries.into_service(visitor.station, found, visitor.who)
    await visitor.station.ledger.settled()
    return Go()
