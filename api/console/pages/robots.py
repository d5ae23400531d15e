"""Robots: how each stands, what it was ordered and since when; what a person does with an order of which nobody knows the end."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.console.medicines import name_of
from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.paging import paged
from api.console.visitor import Visitor
from api.rest.gantries import gantry_of
from api.rest.robots import RobotAnswer, pick_of, robot_of
from controller.actors.robot import Told
from controller.machines.robot import Event
from controller.policy.roles import Right
from controller.robots import find
from drivers.faults import Refused

pages = Pages()

AT_ONCE = 6

Note = Annotated[str, Field(min_length=1, max_length=400)]


class Settled(Form):
    """What somebody who has looked says came out: these of the packs that the robot misses, and so many others."""

    pack: tuple[Annotated[str, Field(pattern=r"^[0-9]{1,20}$")], ...] = ()
    others: Annotated[int, Field(ge=0, le=99)] = 0
    note: Note


class Service(Form):
    """Out of service, or back into it."""

    step: Literal["out_of_service", "return_to_service"]


@pages.page("/robots", "robots.html", Right.SEE_STATION)
def robots(visitor: Visitor) -> Shown:
    """Every robot and gantry: state, orders, orders in doubt."""
    station = visitor.station
    facts = {
        "robots": [RobotAnswer.model_validate(robot_of(station, robot)) for robot in station.robots.values()],
        "gantries": [gantry_of(station, gantry) for gantry in station.gantries.values()],
        "line": station.line is not None,
    }
    return Shown(facts, all_of=frozenset({"robot", "gantry", "link"}))


@pages.page("/robots/{id}", "robot.html", Right.SEE_STATION)
def robot(visitor: Visitor, id: str) -> Shown:
    """One robot, live: its queue with ages, what stopped it, and the steps that a person can take."""
    station, found = visitor.station, find(visitor.station, id)
    orders = [pick_of(order) for order in station.books.robots.live(id)] if visitor.may(Right.SEE_PICK_LISTS) else []
    orders.sort(key=lambda order: (order.state != "in_doubt", order.asked_at))
    outputs = {output.number: output.name for part in station.site.robots if part.id == id for output in part.outputs}
    known = station.books.robots.robots[id]
    facts = {
        "robot": RobotAnswer.model_validate(robot_of(station, found)),
        "page": paged(orders, visitor.query.get("page", "1"), AT_ONCE),
        "to_settle": {order.id for order in orders if order.state == "in_doubt"},
        "outputs": outputs,
        "differences": known["differences"],
        "may_settle": visitor.may(Right.PICK),
        "may_serve": visitor.may(Right.RECOVER_DRAWERS),
        "named": station.books.formulary.item,
    }
    return Shown(facts, frozenset({id}), frozenset({"link"}), ticks=bool(orders))


@pages.page("/robots/{id}/orders/{order}", "robot_order.html", Right.PICK)
def order(visitor: Visitor, id: str, order: str) -> Shown:
    """What came out of an order in doubt? Somebody has looked, and says."""
    find(visitor.station, id)
    found = visitor.station.books.robots.pick(id, order)
    if found is None:
        raise Refused("unknown-robot-pick", robot=id, order=order)
    if found["state"] != "in_doubt":
        return Shown(go=f"{ROOT}/robots/{id}")
    facts: dict[str, Any] = {
        "robot": id,
        "order": pick_of(found),
        "item": visitor.station.books.formulary.item(found["item"]),
        "person": name_of(visitor.station, found["person"]),
        "suspects": {pack: found["suspects"][pack] for pack in sorted(found["suspects"])},
    }
    return Shown(facts, frozenset({order}))


@pages.post("/robots/{id}/orders/{order}", Settled, Right.PICK)
async def settle(visitor: Visitor, said: Settled, id: str, order: str) -> Go:
    """Settles it; it is not sent again. Raises Refused."""
    packs: list[dict[str, Any]] = [{"pack": pack} for pack in said.pack] + [{}] * said.others
    find(visitor.station, id).settle(order, visitor.who, packs, said.note)
    await visitor.station.ledger.settled()
    return Go(f"{ROOT}/robots/{id}")


@pages.post("/robots/{id}/service", Service, Right.RECOVER_DRAWERS)
async def serve(visitor: Visitor, said: Service, id: str) -> Go:
    """Takes it out of service, or back into it. Raises Refused."""
    event = Event.TAKE_OUT if said.step == "out_of_service" else Event.RETURN
    await find(visitor.station, id).order(Told(event, by=visitor.who.person))
    await visitor.station.ledger.settled()
    return Go()
