"""`/v1/items`: the formulary, pushed by a pharmacy system and read by everybody who works here."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.rest.asking import After, Answer, Limit, TheStation, Who, link_next, needs, page, set_etag
from controller.ledger.port import Entry
from controller.policy.roles import Right
from controller.workflows.opening import as_record
from drivers.faults import Refused
from sites import data
from sites.models import Id

router = APIRouter(prefix="/v1/items", tags=["formulary"])


class Items(Answer):
    """A page of items."""

    items: list[data.Item]
    next: str | None


@router.put("/{id}", dependencies=[needs(Right.PUSH_FORMULARY)])
async def put_item(id: Id, body: data.Item, station: TheStation, who: Who, response: Response) -> data.Item:
    """Takes an item in, or its new state. The same again changes nothing."""
    if body.id != id:
        raise Refused("id-differs", path=id, body=body.id)
    for gtin in body.gtins:
        other = station.books.formulary.by_gtin(gtin)
        if other is not None and other.id != id:
            raise Refused("gtin-taken", gtin=gtin, item=other.id)
    record = as_record(body)
    known = station.books.formulary.items.get(id)
    if known is None or known["record"] != record:
        station.ledger.post(Entry("item.put", {"id": id, "record": record}, who.person))
    set_etag(response, station.books.formulary.items[id]["seq"])
    return body


@router.get("/{id}", dependencies=[needs(Right.SEE_ITEMS)])
async def get_item(id: Id, station: TheStation, response: Response) -> data.Item:
    """One item."""
    known = station.books.formulary.items.get(id)
    if known is None:
        raise Refused("unknown-item", id=id)
    set_etag(response, known["seq"])
    return data.Item.model_validate(known["record"])


@router.get("", dependencies=[needs(Right.SEE_ITEMS)])
async def list_items(station: TheStation, request: Request, response: Response, after: After = None, limit: Limit = 50) -> Items:
    """All items, by id."""
    records = [known["record"] for known in station.books.formulary.items.values()]
    shown, cursor = page(records, lambda record: record["id"], after, limit)
    link_next(request, response, cursor)
    return Items(items=[data.Item.model_validate(record) for record in shown], next=cursor)
