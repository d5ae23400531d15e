"""`/v1/patients` and `/v1/orders`: pushed by a pharmacy system; a nurse sees what is offered to her patients now."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.rest.asking import After, Answer, Limit, TheStation, Who, link_next, needs, page, set_etag
from controller.formulary.doses import DoseError
from controller.ledger.port import Entry
from controller.policy.roles import Right
from controller.policy.session import Session
from controller.station import Station
from controller.workflows import pull
from controller.workflows.opening import as_record
from drivers.faults import Refused
from sites import data
from sites.models import Id

router = APIRouter(prefix="/v1", tags=["orders"])

NO_STORE = {"Cache-Control": "no-store"}
"""On everything with a patient in it."""


class Patients(Answer):
    """A page of patients."""

    items: list[data.Patient]
    next: str | None


class Offer(Answer):
    """What a pull of the order would be now, or why there is none (`why_not`, a code of the catalogue)."""

    offered: bool
    why_not: str | None = None
    quantity: int | None = None
    unit: str | None = None
    dose: str | None = None
    """As it is written: `7.5 mg`."""
    waste: str | None = None
    """What will be left over to be wasted, as it is written."""


class OrderAnswer(Answer):
    """An order, what it offers now, and what was last given on it."""

    order: data.Order
    offer: Offer
    given: dict[str, Any] | None


class Orders(Answer):
    """A page of orders."""

    items: list[OrderAnswer]
    next: str | None


@router.put("/patients/{id}", dependencies=[needs(Right.PUSH_PATIENTS)])
async def put_patient(id: Id, body: data.Patient, station: TheStation, who: Who, response: Response) -> data.Patient:
    """Takes a patient in, or the new state of one. The same again changes nothing."""
    _put(station, who, "patient.put", id, body)
    _head(response, station.books.orders.patients[id]["seq"])
    return body


@router.get("/patients/{id}", dependencies=[needs(Right.SEE_PATIENTS)])
async def get_patient(id: Id, station: TheStation, response: Response) -> data.Patient:
    """One patient."""
    known = station.books.orders.patients.get(id)
    if known is None:
        raise Refused("unknown-patient", id=id)
    _head(response, known["seq"])
    return data.Patient.model_validate(known["record"])


@router.get("/patients", dependencies=[needs(Right.SEE_PATIENTS)])
async def list_patients(
    station: TheStation, request: Request, response: Response, after: After = None, limit: Limit = 50, area: Id | None = None
) -> Patients:
    """The patients of an area, this station's unless another is named, by id."""
    response.headers.update(NO_STORE)
    wanted = area if area is not None else station.site.station.area
    records = [known["record"] for known in station.books.orders.patients.values() if known["record"]["area"] == wanted]
    shown, cursor = page(records, lambda record: record["id"], after, limit)
    link_next(request, response, cursor)
    return Patients(items=[data.Patient.model_validate(record) for record in shown], next=cursor)


@router.put("/orders/{id}", dependencies=[needs(Right.PUSH_ORDERS)])
async def put_order(id: Id, body: data.Order, station: TheStation, who: Who, response: Response) -> data.Order:
    """Takes an order in, or its new state: verified, held, discontinued. It counts from this answer on."""
    item = station.books.formulary.item(body.item)
    if item is not None:
        try:
            item.packages(item.dose(str(body.dose.value), body.dose.unit))
        except DoseError as wrong:
            raise Refused("dose-not-from-item", order=id, item=item.id, why=str(wrong)) from wrong
    _put(station, who, "order.put", id, body)
    _head(response, station.books.orders.orders[id]["seq"])
    return body


@router.get("/orders/{id}", dependencies=[needs(Right.SEE_ORDERS)])
async def get_order(id: Id, station: TheStation, response: Response) -> OrderAnswer:
    """One order."""
    known = station.books.orders.orders.get(id)
    if known is None:
        raise Refused("unknown-order", id=id)
    _head(response, known["seq"])
    return _order(station, known["record"])


@router.get("/orders", dependencies=[needs(Right.SEE_ORDERS)])
async def list_orders(
    station: TheStation,
    request: Request,
    response: Response,
    after: After = None,
    limit: Limit = 50,
    patient: Id | None = None,
    offered: Annotated[bool | None, Query(description="Only what is, or is not, offered to be pulled now.")] = None,
) -> Orders:
    """Orders by id."""
    response.headers.update(NO_STORE)
    records = [known["record"] for known in station.books.orders.orders.values()]
    chosen = [record for record in records if patient is None or record["patient"] == patient]
    if offered is not None:
        chosen = [record for record in chosen if _offer(station, record["id"]).offered == offered]
    shown, cursor = page(chosen, lambda record: record["id"], after, limit)
    link_next(request, response, cursor)
    return Orders(items=[_order(station, record) for record in shown], next=cursor)


def _put(station: Station, who: Session, kind: str, id_: str, body: data.Patient | data.Order) -> None:
    if body.id != id_:
        raise Refused("id-differs", path=id_, body=body.id)
    book = station.books.orders.patients if kind == "patient.put" else station.books.orders.orders
    record = as_record(body)
    known = book.get(id_)
    if known is None or known["record"] != record:
        station.ledger.post(Entry(kind, {"id": id_, "record": record}, who.person))


def _head(response: Response, version: int) -> None:
    response.headers.update(NO_STORE)
    set_etag(response, version)


def _order(station: Station, record: dict[str, Any]) -> OrderAnswer:
    given = station.books.orders.given.get(record["id"])
    return OrderAnswer(
        order=data.Order.model_validate(record),
        offer=_offer(station, record["id"]),
        given={name: given[name] for name in ("pull", "person", "at")} if given else None,
    )


def _offer(station: Station, order: str) -> Offer:
    try:
        wanted = pull.due(station, {"order": order})
    except Refused as refused:
        return Offer(offered=False, why_not=refused.code)
    waste = wanted.item.packages(wanted.dose).waste
    return Offer(
        offered=True,
        quantity=wanted.quantity,
        unit=wanted.item.unit,
        dose=str(wanted.dose),
        waste=str(waste) if waste.value else None,
    )
