"""`/v1/patients` and `/v1/orders`: pushed by a pharmacy system; a nurse sees what is offered to her patients now."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from api.rest.asking import After, Answer, Limit, StationRequest, StationRoute, link_next, needs, page, set_etag
from controller.formulary.doses import DoseError
from controller.ledger.port import Entry
from controller.policy.roles import Right
from controller.policy.session import Session
from controller.station import Station
from controller.workflows import pull
from controller.workflows.opening import as_record
from drivers.faults import Refused
from sites import data
from sites.part import Id

router = APIRouter(prefix="/v1", tags=["orders"], route_class=StationRoute)

Identifier = Annotated[str | None, Query(min_length=1, max_length=200)]
NO_STORE = {"Cache-Control": "no-store"}
"""On everything with a patient in it."""


class Patients(Answer):
    """A page of patients."""

    items: list[data.Patient]
    next: str | None


class Notice(Answer):
    """What to know before a dose is taken, which stops nothing: `allergies` as they are written, `same-drug` already given
    or being pulled on another order of this patient, `none-here` where no pocket of this station has any."""

    code: Literal["allergies", "same-drug", "none-here"]
    facts: dict[str, Any]


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
    notices: tuple[Notice, ...] = ()


class OrderAnswer(Answer):
    """An order, what it offers now, and what was last given on it."""

    order: data.Order
    offer: Offer
    given: dict[str, Any] | None


class Orders(Answer):
    """A page of orders."""

    items: list[OrderAnswer]
    next: str | None


@router.put("/patients/{id}")
@needs(Right.PUSH_PATIENTS)
async def put_patient(id: Id, body: data.Patient, request: StationRequest, response: Response) -> data.Patient:
    """Takes a patient in, or the new state of one. The same again changes nothing."""
    _put(request.station, request.who, "patient.put", id, body)
    _head(response, request.station.books.orders.patients[id]["seq"])
    return body


@router.get("/patients/{id}")
@needs(Right.SEE_PATIENTS)
async def get_patient(id: Id, request: StationRequest, response: Response) -> data.Patient:
    """One patient."""
    known = request.station.books.orders.patients.get(id)
    if known is None:
        raise Refused("unknown-patient", id=id)
    _head(response, known["seq"])
    return data.Patient.model_validate(known["record"])


@router.get("/patients")
@needs(Right.SEE_PATIENTS)
async def list_patients(
    request: StationRequest,
    response: Response,
    after: After = None,
    limit: Limit = 50,
    area: Id | None = None,
    mrn: Identifier = None,
    family: Identifier = None,
    born: datetime.date | None = None,
) -> Patients:
    """The patients of an area, this station's unless another is named, by id; or those whom two identifiers or more find."""
    response.headers.update(NO_STORE)
    looked = {"mrn": mrn, "family": family, "born": born.isoformat() if born else None}
    given = {name: value.casefold() for name, value in looked.items() if value is not None}
    if len(given) == 1:
        raise Refused("two-identifiers-needed", given=next(iter(given)))
    wanted = area if area is not None else request.station.site.station.area
    records = [
        known["record"]
        for known in request.station.books.orders.patients.values()
        if known["record"]["area"] == wanted and all(known["record"][name].casefold() == value for name, value in given.items())
    ]
    shown, cursor = page(records, lambda record: record["id"], after, limit)
    link_next(request, response, cursor)
    return Patients(items=[data.Patient.model_validate(record) for record in shown], next=cursor)


@router.put("/orders/{id}")
@needs(Right.PUSH_ORDERS)
async def put_order(id: Id, body: data.Order, request: StationRequest, response: Response) -> data.Order:
    """Takes an order in, or its new state: verified, held, discontinued. It counts from this answer on."""
    item = request.station.books.formulary.item(body.item)
    if item is not None:
        try:
            item.packages(item.dose(str(body.dose.value), body.dose.unit))
        except DoseError as wrong:
            raise Refused("dose-not-from-item", order=id, item=item.id, why=str(wrong)) from wrong
    _put(request.station, request.who, "order.put", id, body)
    _head(response, request.station.books.orders.orders[id]["seq"])
    return body


@router.get("/orders/{id}")
@needs(Right.SEE_ORDERS)
async def get_order(id: Id, request: StationRequest, response: Response) -> OrderAnswer:
    """One order."""
    known = request.station.books.orders.orders.get(id)
    if known is None:
        raise Refused("unknown-order", id=id)
    _head(response, known["seq"])
    return _order(request.station, known["record"])


@router.get("/orders")
@needs(Right.SEE_ORDERS)
async def list_orders(
    request: StationRequest,
    response: Response,
    after: After = None,
    limit: Limit = 50,
    patient: Id | None = None,
    offered: Annotated[bool | None, Query(description="Only what is, or is not, offered to be pulled now.")] = None,
) -> Orders:
    """Orders, the first to be due first and those as needed last; each says what was last given on it and what to know."""
    response.headers.update(NO_STORE)
    records = [known["record"] for known in request.station.books.orders.orders.values()]
    chosen = [record for record in records if patient is None or record["patient"] == patient]
    if offered is not None:
        chosen = [record for record in chosen if offer_of(request.station, record["id"]).offered == offered]
    shown, cursor = page(chosen, _when, after, limit)
    link_next(request, response, cursor)
    return Orders(items=[_order(request.station, record) for record in shown], next=cursor)


def _when(record: Mapping[str, Any]) -> str:
    """Sorts orders by their due time, whatever offset it is written with; as needed comes last."""
    due = record["schedule"]["due"]
    at = datetime.datetime.fromisoformat(due).astimezone(datetime.UTC).isoformat() if due is not None else "as needed"
    return f"{at} {record['id']}"


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
        offer=offer_of(station, record["id"]),
        given={name: given[name] for name in ("pull", "person", "at")} if given else None,
    )


def offer_of(station: Station, order: str) -> Offer:
    """What a pull of an order would be now, or why there is none."""
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
        notices=tuple(_notices(station, wanted)),
    )


def _notices(station: Station, wanted: pull.Due) -> list[Notice]:
    orders, order = station.books.orders, wanted.order
    patient = orders.patient(order["patient"])
    made = []
    if patient is not None and patient["allergies"]:
        made.append(Notice(code="allergies", facts={"text": list(patient["allergies"])}))
    for id_, given in orders.given.items():
        other = orders.order(id_)
        if other is not None and id_ != order["id"] and _same_drug(station, other, wanted):
            made.append(Notice(code="same-drug", facts={"order": id_, "by": given["person"], "at": given["at"]}))
    for work in station.books.work.live():
        other = orders.order(work["about"]["order"]) if work["kind"] == "pull" else None
        if other is not None and _same_drug(station, other, wanted):
            made.append(Notice(code="same-drug", facts={"order": other["id"], "by": work["person"], "at": work["since"]}))
    if all(station.books.stock.fullness(pocket["pocket"]) == "out" for pocket in station.books.stock.holding(wanted.item.id)):
        made.append(Notice(code="none-here", facts={"item": wanted.item.id}))
    return made


def _same_drug(station: Station, other: Mapping[str, Any], wanted: pull.Due) -> bool:
    """Another order of this patient for the drug of this name, whatever the strength."""
    item = station.books.formulary.item(other["item"])
    return other["patient"] == wanted.order["patient"] and item is not None and item.name == wanted.item.name
