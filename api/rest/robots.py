"""`/v1/robots`: how each robot stands, what it holds, its orders; and a person's word on an order of which nobody knows the end.

Quantities are packs. Nothing here makes a robot move: orders come of pick lists.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page, page_of, set_etag
from controller.actors.robot import RobotActor, Told
from controller.ledger.views.robot_records import FREE, STANDING, Pick
from controller.ledger.views.robots import key_of
from controller.machines.robot import Event
from controller.policy.roles import Right
from controller.policy.session import require
from controller.robots import find
from controller.station import Station
from sites.part import Id

router = APIRouter(prefix="/v1/robots", tags=["robots"], route_class=StationRoute)


class ComponentAnswer(Answer):
    """One component of a robot, by its own word."""

    kind: str
    name: str
    ready: bool
    text: str


class HoldingAnswer(Answer):
    """What a robot should hold of one item, in packs. `free` may be given out and is promised to nobody; `uncertain` may have been
    moved when the robot stopped, and is asked for again."""

    item: str
    packs: int
    free: int
    uncertain: int
    lots: list[dict[str, Any]]


class DifferenceAnswer(Answer):
    """How the books of one item and the robot's own answer last differed."""

    item: str
    seq: int
    at: str
    expected: int
    told: int
    appeared: list[str]
    missing: list[str]
    picks: list[str]


class RobotAnswer(Answer):
    """One robot. `synced_at` is when all that it holds was last compared with the books."""

    id: str
    state: Literal["down", "asking", "syncing", "ready", "stopped", "halted", "out_of_service", "fault"]
    reason: str
    seq: int
    link: str
    up: bool
    components: list[ComponentAnswer]
    items: int
    packs: int
    orders: int
    """That have not ended."""
    in_doubt: int
    """Of these, orders that a person must look at."""
    synced_at: str | None


class Robots(Answer):
    """All of them."""

    items: list[RobotAnswer]


class RobotDetail(RobotAnswer):
    """One robot with what differed. What it holds is asked for by `/v1/robots/{id}/stock`."""

    differences: list[DifferenceAnswer]


class Stock(Answer):
    """A page of what a robot holds."""

    items: list[HoldingAnswer]
    next: str | None


class PackAnswer(Answer):
    """A pack that came out. `pack` is the robot's number of it."""

    pack: str | None
    item: str | None
    lot: str | None
    expiry: str | None
    serial: str | None
    units: int | None
    output: int | None
    box: str | None
    label: Literal["labelled", "not-labelled", "failed"] | None = None


class PickAnswer(Answer):
    """One order to a robot: `packs` are wanted, `out` came out. While it is `in_doubt` its packs are promised to it."""

    id: str
    robot: str
    state: Literal[
        "requested", "queued", "in_process", "aborting", "in_doubt", "not_sent", "rejected", "completed", "incomplete", "aborted",
        "settled",
    ]  # fmt: skip
    seq: int
    asked_at: str
    since: str
    item: str
    packs: int
    output: int
    box: str | None
    priority: str
    purpose: dict[str, Any]
    person: str
    out: list[PackAnswer]
    boxes: list[str]
    reason: str | None
    suspects: list[str]
    """Packs that left the robot's books under it, and nobody has said yet whether they came out."""
    by: str | None
    note: str | None


class Picks(Answer):
    """A page of orders, the oldest first."""

    items: list[PickAnswer]
    next: str | None


class SaidPack(Body):
    """A pack that really came out, as far as it can be read."""

    pack: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")] | None = None
    lot: Annotated[str, StringConstraints(pattern=r"^[!-~]{0,20}$")] | None = None
    expiry: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}(-\d{2})?$")] | None = None
    serial: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,20}$")] | None = None


class SettlementBody(Body):
    """What somebody who has looked says came out of an order: each pack once; none, if nothing did."""

    packs: Annotated[list[SaidPack], Field(max_length=999)]
    note: Annotated[str, StringConstraints(min_length=1, max_length=400)]


class ServiceBody(Body):
    """Out of service, or back into it (also out of a fault), by a named person who stands there."""

    step: Literal["out_of_service", "return_to_service"]


@router.get("")
@needs(Right.SEE_STATION)
async def list_robots(request: StationRequest) -> Robots:
    """All robots."""
    return Robots(items=[RobotAnswer.model_validate(robot_of(request.station, robot)) for robot in request.station.robots.values()])


@router.get("/{id}")
@needs(Right.SEE_STATION)
async def get_robot(id: Id, request: StationRequest, response: Response) -> RobotDetail:
    """One robot."""
    return _detail(request.station, id, response)


@router.get("/{id}/stock")
@needs(Right.SEE_STOCK)
async def list_robot_stock(id: Id, request: StationRequest, response: Response, after: After = None, limit: Limit = 50) -> Stock:
    """What a robot should hold, by item."""
    robot = find(request.station, id)
    known = request.station.books.robots.robots.get(id)
    some, cursor = page(list(known["stock"] if known else ()), lambda item: item, after, limit)
    link_next(request, response, cursor)
    return Stock(items=[_holding(request.station, robot, item) for item in some], next=cursor)


@router.get("/{id}/picks")
@needs(Right.SEE_PICK_LISTS)
async def list_robot_picks(id: Id, request: StationRequest, response: Response, after: After = None, limit: Limit = 50) -> Picks:
    """A robot's orders."""
    find(request.station, id)
    view = request.station.books.robots

    def above(start: str, most: int) -> list[Any]:
        return view.after(id, start, most)

    some, cursor = page_of(above, lambda pick: key_of("", pick["order"]).removeprefix("/"), after, limit)
    link_next(request, response, cursor)
    return Picks(items=[pick_of(one) for one in some], next=cursor)


@router.post("/{id}/picks/{pick}/settlement")
@needs(Right.PICK)
async def post_settlement(id: Id, pick: Id, body: SettlementBody, request: StationRequest, response: Response) -> PickAnswer:
    """A named person at a terminal has looked, and says what really came out of an order that is in doubt. It is not sent again:
    whatever is still wanted is a new order."""
    robot = find(request.station, id)
    robot.settle(pick, request.who, [one.model_dump() for one in body.packs], body.note)
    await request.station.ledger.settled()
    found = request.station.books.robots.pick(id, pick)
    assert found is not None  # noqa: S101 - for the types: it was settled just now
    set_etag(response, found["seq"])
    return pick_of(found)


@router.post("/{id}/service")
@needs(Right.RECOVER_DRAWERS)
async def post_service(id: Id, body: ServiceBody, request: StationRequest, response: Response) -> RobotDetail:
    """Takes a robot out of service, or back into it. What it had taken goes on; its own stop is hardware."""
    require(request.who, Right.RECOVER_DRAWERS)
    robot = find(request.station, id)
    event = Event.TAKE_OUT if body.step == "out_of_service" else Event.RETURN
    await robot.order(Told(event, by=request.who.person))
    await request.station.ledger.settled()
    return _detail(request.station, id, response)


def _detail(station: Station, id_: str, response: Response) -> RobotDetail:
    shown = robot_of(station, find(station, id_))
    set_etag(response, shown["seq"])
    known = station.books.robots.robots.get(id_)
    differences = [{"item": item, **one} for item, one in known["differences"].items()] if known is not None else []
    return RobotDetail.model_validate({**shown, "differences": differences})


def robot_of(station: Station, robot: RobotActor) -> dict[str, Any]:
    """What every answer says of a robot."""
    known = station.books.robots.robots[robot.id]  # its start has been recorded
    live = station.books.robots.live(robot.id)
    return {
        "id": robot.id,
        "state": str(robot.state),
        "reason": known["reason"],
        "seq": known["seq"],
        "link": robot.device.link_id,
        "up": robot.device.up,
        "components": known["components"],
        "items": len(known["stock"]),
        "packs": sum(map(len, known["stock"].values())),
        "orders": len(live),
        "in_doubt": sum(pick["state"] == "in_doubt" for pick in live),
        "synced_at": known["synced_at"],
    }


def _holding(station: Station, robot: RobotActor, item: str) -> HoldingAnswer:
    packs, today = station.books.robots.packs(robot.id, item), robot.today()
    return HoldingAnswer(
        item=item,
        packs=len(packs),
        free=station.books.robots.free(robot.id, item, today),
        uncertain=sum(held[STANDING] != FREE for held in packs.values()),
        lots=[dict(lot) for lot in station.books.robots.free_lots(robot.id, item, today)],
    )


def pick_of(pick: Pick) -> PickAnswer:
    """An order as it is told."""
    plain = {name: pick[name] for name in PickAnswer.model_fields if name not in {"id", "suspects"}}  # type: ignore[literal-required]
    return PickAnswer.model_validate({**plain, "id": pick["order"], "suspects": sorted(pick["suspects"])})
