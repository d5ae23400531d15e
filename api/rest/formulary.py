"""`/v1/items`: the formulary, pushed by a pharmacy system and read by everybody who works here."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.rest.asking import After, Answer, Limit, StationRequest, StationRoute, link_next, needs, page, set_etag
from controller.ledger.port import Entry
from controller.policy.roles import Right
from controller.workflows.opening import as_record
from drivers.faults import Refused
from sites import data
from sites.part import Id

router = APIRouter(prefix="/v1/items", tags=["formulary"], route_class=StationRoute)


class Items(Answer):
    """A page of items."""

    items: list[data.Item]
    next: str | None


@router.put("/{id}")
@needs(Right.PUSH_FORMULARY)
async def put_item(id: Id, body: data.Item, request: StationRequest, response: Response) -> data.Item:
    """Takes an item in, or its new state. The same again changes nothing."""
    if body.id != id:
        raise Refused("id-differs", path=id, body=body.id)
    for gtin in body.gtins:
        other = request.station.books.formulary.by_gtin(gtin)
        if other is not None and other.id != id:
            raise Refused("gtin-taken", gtin=gtin, item=other.id)
    record = as_record(body)
    known = request.station.books.formulary.items.get(id)
    if known is None or known["record"] != record:
        request.station.ledger.post(Entry("item.put", {"id": id, "record": record}, request.who.person))
    set_etag(response, request.station.books.formulary.items[id]["seq"])
    return body


@router.get("/{id}")
@needs(Right.SEE_ITEMS)
async def get_item(id: Id, request: StationRequest, response: Response) -> data.Item:
    """One item."""
    known = request.station.books.formulary.items.get(id)
    if known is None:
        raise Refused("unknown-item", id=id)
    set_etag(response, known["seq"])
    return data.Item.model_validate(known["record"])


@router.get("")
@needs(Right.SEE_ITEMS)
async def list_items(request: StationRequest, response: Response, after: After = None, limit: Limit = 50) -> Items:
    """All items, by id."""
    records = [known["record"] for known in request.station.books.formulary.items.values()]
    shown, cursor = page(records, lambda record: record["id"], after, limit)
    link_next(request, response, cursor)
    return Items(items=[data.Item.model_validate(record) for record in shown], next=cursor)
