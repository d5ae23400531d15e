"""`/v1/deliveries`: what will come over a robot's belts, announced by its number; and what of it has come. Quantities are packs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import AfterValidator, Field, StringConstraints

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page, set_etag
from controller.ledger.views.deliveries import Delivery, missing
from controller.policy.roles import Right
from controller.workflows import deliveries
from sites.part import Id

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"], route_class=StationRoute)


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_day)]


class LineBody(Body):
    """So many packs of one item; where `lot` or `expiry` is said, packs of another one are of no line."""

    item: Id
    quantity: Annotated[int, Field(ge=1, le=10_000)]
    lot: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,20}$")] | None = None
    expiry: Day | None = None


class DeliveryBody(Body):
    """A delivery under the number by which whoever feeds the robot names it."""

    robot: Id
    number: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,40}$")]
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=1000)]


class LineAnswer(Answer):
    """A line, in packs: `missing` have not been stored, which is no more than that; `refused` were turned back at the belt and may
    have been laid there again since."""

    n: int
    item: str
    lot: str | None
    expiry: str | None
    expected: int
    stored: int
    refused: int
    missing: int


class DeliveryAnswer(Answer):
    """A delivery. `told` is what the robot knows of it: nobody knows while it is `intended` or `silent`, and it is asked again with
    the next connection. `other` packs came under this number and are of no line, `refused` ones were turned back."""

    id: str
    robot: str
    number: str
    state: Literal["open", "complete", "short"]
    told: Literal["new", "intended", "accepted", "rejected", "silent", "not_sent"]
    text: str
    seq: int
    at: str
    since: str
    person: str
    closed_by: str | None
    lines: list[LineAnswer]
    other: dict[str, int]
    refused: int


class Deliveries(Answer):
    """A page of deliveries."""

    items: list[DeliveryAnswer]
    next: str | None


@router.put("/{id}")
@needs(Right.ANNOUNCE_DELIVERIES)
async def put_delivery(id: Id, body: DeliveryBody, request: StationRequest, response: Response) -> DeliveryAnswer:
    """Announces a delivery to a robot. It lets nothing in: each pack is ruled on at its belt.

    The same again is the same delivery; another one under that id is `delivery-id-taken`.
    """
    deliveries.put(request.station, request.who, id, body.model_dump())
    return _answer(deliveries.get(request.station, id), response)


@router.get("/{id}")
@needs(Right.SEE_STOCK)
async def get_delivery(id: Id, request: StationRequest, response: Response) -> DeliveryAnswer:
    """One delivery: expected, stored, refused and missing, line by line."""
    return _answer(deliveries.get(request.station, id), response)


@router.get("")
@needs(Right.SEE_STOCK)
async def list_deliveries(request: StationRequest, response: Response, after: After = None, limit: Limit = 50) -> Deliveries:
    """All deliveries, by id."""
    known = list(request.station.books.deliveries.deliveries.values())
    some, cursor = page(known, lambda one: one["delivery"], after, limit)
    link_next(request, response, cursor)
    return Deliveries(items=[_shown(one) for one in some], next=cursor)


@router.post("/{id}/closure")
@needs(Right.RESTOCK)
async def close_delivery(id: Id, request: StationRequest, response: Response) -> DeliveryAnswer:
    """A person says that no more of it comes. What is missing is said as missing; a complete one is closed by itself."""
    deliveries.close(request.station, request.who, id)
    return _answer(deliveries.get(request.station, id), response)


def _answer(delivery: Delivery, response: Response) -> DeliveryAnswer:
    set_etag(response, delivery["seq"])
    return _shown(delivery)


def _shown(delivery: Delivery) -> DeliveryAnswer:
    lines = [
        {**line, "expected": line["quantity"], "stored": len(line["packs"]), "missing": missing(line)} for line in delivery["lines"]
    ]
    other: dict[str, int] = {}
    for item in delivery["other"].values():
        other[item] = other.get(item, 0) + 1
    return DeliveryAnswer.model_validate({**delivery, "id": delivery["delivery"], "lines": lines, "other": other})
