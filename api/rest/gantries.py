"""`/v1/gantries`: how each gantry stands, its tray, its orders; homing, stopping and settling by a named person who stands there.

Quantities are packs. Nothing here makes it fetch: orders come of pick lists. What lies on its shelf are pockets (`/v1/pockets`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page_of, set_etag
from controller import gantries
from controller.actors.gantry import GantryActor
from controller.actors.gantry_told import Told
from controller.ledger.views.gantry_records import GIVEN, Fetch, Order, those
from controller.ledger.views.robots import key_of
from controller.machines.gantry import Event
from controller.policy.roles import Right
from controller.policy.session import require
from controller.station import Station
from sites.part import Id

router = APIRouter(prefix="/v1/gantries", tags=["gantries"], route_class=StationRoute)


class TrayAnswer(Answer):
    """A place of the tray, from 1, and the pack that lies there or may lie there."""

    place: int
    order: str
    pack: str
    item: str
    state: Literal["fetching", "in_tray", "in_doubt"]


class GantryAnswer(Answer):
    """One gantry. `planner_fallbacks` counts, by cause, the trips that the station's own rule planned though the planning
    worker should have been heard."""

    id: str
    state: Literal[
        "down", "unhomed", "homing", "ready", "fetching", "handing_over", "in_doubt", "halted", "out_of_service", "fault"
    ]  # fmt: skip
    reason: str
    seq: int
    link: str
    up: bool
    tray: list[TrayAnswer]
    orders: int
    """That have not ended."""
    in_doubt: int
    """Of these, orders that a person must settle."""
    planner_fallbacks: dict[str, int]


class Gantries(Answer):
    """All of them."""

    items: list[GantryAnswer]


class PackAnswer(Answer):
    """A pack of an order: on its way, in the tray, in the tote (`given`), not in the tote (`lost`), or nobody knows."""

    pack: str
    state: Literal["fetching", "in_tray", "in_doubt", "given", "lost"]
    pocket: str
    tray: int
    lot: str
    expiry: str | None


class OrderAnswer(Answer):
    """One order to a gantry: `packs` are wanted, `given` lie in the tote. While it is `in_doubt` nobody else counts on the rest."""

    id: str
    gantry: str
    state: Literal["waiting", "fetching", "in_doubt", "completed", "incomplete", "settled"]
    seq: int
    asked_at: str
    since: str
    item: str
    packs: int
    given: int
    urgent: bool
    purpose: dict[str, Any]
    person: str
    fetched: list[PackAnswer]
    reason: str | None
    by: str | None
    note: str | None


class Orders(Answer):
    """A page of orders, the oldest first."""

    items: list[OrderAnswer]
    next: str | None


class SettledBody(Body):
    """What somebody who has looked, and has emptied the tray of this order, says: which of its packs now lie in the tote."""

    in_tote: Annotated[list[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}$")]], Field(max_length=99)]
    note: Annotated[str, StringConstraints(min_length=1, max_length=400)]


class GantryServiceBody(Body):
    """Out of service, where hands may reach into its shelf, or back into it (also out of a fault), by a named person there."""

    step: Literal["out_of_service", "return_to_service"]


@router.get("")
@needs(Right.SEE_STATION)
async def list_gantries(request: StationRequest) -> Gantries:
    """All gantries."""
    return Gantries(items=[gantry_of(request.station, one) for one in request.station.gantries.values()])


@router.get("/{id}")
@needs(Right.SEE_STATION)
async def get_gantry(id: Id, request: StationRequest, response: Response) -> GantryAnswer:
    """One gantry."""
    return _told(request.station, id, response)


@router.get("/{id}/orders")
@needs(Right.SEE_PICK_LISTS)
async def list_gantry_orders(id: Id, request: StationRequest, response: Response, after: After = None, limit: Limit = 50) -> Orders:
    """A gantry's orders."""
    gantries.find(request.station, id)
    view = request.station.books.gantries

    def above(start: str, most: int) -> list[Any]:
        return view.after(id, start, most)

    some, cursor = page_of(above, lambda order: key_of("", order["order"]).removeprefix("/"), after, limit)
    link_next(request, response, cursor)
    return Orders(items=[order_of(one) for one in some], next=cursor)


@router.post("/{id}/orders/{order}/settlement")
@needs(Right.PICK)
async def post_gantry_settlement(
    id: Id, order: Id, body: SettledBody, request: StationRequest, response: Response
) -> OrderAnswer:  # fmt: skip
    """A named person at a terminal has looked, and says which packs of an order lie in the tote.

    The order is in doubt, or its packs lie in the tray of a gantry that stands for a person. Nothing of it is fetched again:
    whatever is still wanted is a new order."""
    gantry = gantries.find(request.station, id)
    gantry.settle(order, request.who, body.in_tote, body.note)
    await request.station.ledger.settled()
    found = request.station.books.gantries.order(id, order)
    assert found is not None  # noqa: S101 - for the types: it was settled just now
    set_etag(response, found["seq"])
    return order_of(found)


@router.post("/{id}/home", status_code=202)
@needs(Right.RECOVER_DRAWERS)
async def post_home(id: Id, request: StationRequest, response: Response) -> GantryAnswer:
    """A named person who stands by has it run to its limit switches. It answers when it has begun; the state says how it ended."""
    gantry = gantries.find(request.station, id)
    await gantry.home(request.who)
    await request.station.ledger.settled()
    return _told(request.station, id, response)


@router.post("/{id}/stop")
@needs(Right.SEE_STATION)
async def post_stop(id: Id, request: StationRequest, response: Response) -> GantryAnswer:
    """Stops whatever moves: it may always be sent. It is no emergency stop: that one is hardware."""
    await gantries.find(request.station, id).stop(request.who)
    await request.station.ledger.settled()
    return _told(request.station, id, response)


@router.post("/{id}/service")
@needs(Right.RECOVER_DRAWERS)
async def post_gantry_service(id: Id, body: GantryServiceBody, request: StationRequest, response: Response) -> GantryAnswer:
    """Takes a gantry out of service, which stops it, or puts it back."""
    require(request.who, Right.RECOVER_DRAWERS)
    gantry = gantries.find(request.station, id)
    if body.step == "out_of_service":
        await gantry.order(Told(Event.TAKE_OUT, by=request.who.person))
    else:
        await gantries.into_service(request.station, gantry, request.who)
    await request.station.ledger.settled()
    return _told(request.station, id, response)


def _told(station: Station, id_: str, response: Response) -> GantryAnswer:
    shown = gantry_of(station, gantries.find(station, id_))
    set_etag(response, shown.seq)
    return shown


def gantry_of(station: Station, gantry: GantryActor) -> GantryAnswer:
    """A gantry as it is told."""
    view = station.books.gantries
    known = view.gantries[gantry.id]  # its start has been recorded
    return GantryAnswer.model_validate({
        "id": gantry.id,
        "state": str(gantry.state),
        "reason": known["reason"],
        "seq": known["seq"],
        "link": gantry.device.link_id,
        "up": gantry.link.up,
        "tray": [_in_tray(order, fetch) for order, fetch in view.in_tray(gantry.id)],
        "orders": len(view.live(gantry.id)),
        "in_doubt": len(view.doubtful(gantry.id)),
        "planner_fallbacks": dict(station.planner.fallbacks),
    })  # fmt: skip


def _in_tray(order: Order, fetch: Fetch) -> dict[str, Any]:
    where = {"place": fetch["tray"], "state": fetch["state"]}
    return {**where, "order": order["order"], "pack": fetch["fetch"], "item": order["item"]}


def order_of(order: Order) -> OrderAnswer:
    """An order as it is told."""
    own = {"id", "given", "fetched"}
    plain = {name: order[name] for name in OrderAnswer.model_fields if name not in own}  # type: ignore[literal-required]
    shown = ("state", "pocket", "tray", "lot", "expiry")
    fetched = [{"pack": number, **{name: one[name] for name in shown}} for number, one in order["fetches"].items()]  # type: ignore[literal-required]
    return OrderAnswer.model_validate({**plain, "id": order["order"], "given": len(those(order, GIVEN)), "fetched": fetched})
