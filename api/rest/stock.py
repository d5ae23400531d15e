"""`/v1/pockets`: what is assigned where, and how much lies there for those who may know it.

A pocket that is counted blind shows `ok`, `low` or `out` and never a number, to anybody (law 9, I9): where its item is
controlled or its class is counted at a draw, where nobody knows what lies there, and while somebody is asked to count it.
Auditors read the ledger.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from api.rest.asking import After, Answer, Limit, StationRequest, StationRoute, link_next, needs, page, set_etag
from controller.ledger.views.stock import Pocket
from controller.policy.roles import Right
from controller.station import Station
from controller.workflows.draw import count_policy
from drivers.faults import Refused
from sites.part import Id

router = APIRouter(prefix="/v1/pockets", tags=["stock"], route_class=StationRoute)


class PocketAnswer(Answer):
    """One pocket. `on_hand` and the lots' quantities are null where it is counted blind."""

    id: str
    drawer: str
    item: str | None
    capacity: int
    par: int
    state: Literal["ok", "low", "out"]
    blind: bool
    on_hand: int | None
    lots: list[LotAnswer]
    unverified: str | None
    """Why nobody knows what lies there: then it is counted before anything else is done with it."""
    count_due: bool
    """Touched since its last good count."""
    verified_at: str | None
    """When a count last agreed with the books."""
    seq: int


class LotAnswer(Answer):
    """One lot in a pocket, the first to expire first."""

    lot: str
    expiry: str | None
    quantity: int | None


class Pockets(Answer):
    """A page of pockets."""

    items: list[PocketAnswer]
    next: str | None


@router.get("")
@needs(Right.SEE_STOCK)
async def list_pockets(
    request: StationRequest,
    response: Response,
    after: After = None,
    limit: Limit = 50,
    item: Id | None = None,
    drawer: Id | None = None,
    state: Literal["ok", "low", "out", "unverified"] | None = None,
    due: Annotated[Literal["count"] | None, Query(description="The count plan: pockets touched since a good count.")] = None,
    schedule: Annotated[Literal["none", "CII", "CIII", "CIV", "CV"] | None, Query(alias="class")] = None,
    verified_before: Annotated[AwareDatetime | None, Query(description="Not found right by a count since then.")] = None,
) -> Pockets:
    """Pockets by id: all, or those of an item, a drawer or a class, in a state, due for a count, or long not verified."""
    pockets = [
        pocket
        for pocket in (pocket_of(request.station, known) for known in request.station.books.stock.pockets.values())
        if (item is None or pocket.item == item)
        and (drawer is None or pocket.drawer == drawer)
        and (state is None or state == pocket.state or (state == "unverified" and pocket.unverified is not None))
        and (due is None or pocket.count_due)
        and (schedule is None or _class(request.station, pocket.item) == schedule)
        and (verified_before is None or _verified(pocket) < verified_before)
    ]
    shown, cursor = page(pockets, lambda pocket: pocket.id, after, limit)
    link_next(request, response, cursor)
    return Pockets(items=shown, next=cursor)


@router.get("/{id}")
@needs(Right.SEE_STOCK)
async def get_pocket(id: Id, request: StationRequest, response: Response) -> PocketAnswer:
    """One pocket."""
    known = request.station.books.stock.pockets.get(id)
    if known is None:
        raise Refused("unknown-pocket", id=id)
    set_etag(response, known["seq"])
    return pocket_of(request.station, known)


def pocket_of(station: Station, pocket: Pocket) -> PocketAnswer:
    """A pocket as anybody may see it."""
    item = station.books.formulary.item(pocket["item"]) if pocket["item"] is not None else None
    counted = item is None or item.controlled or count_policy(station.site.policy, item) != "none"
    blind = counted or pocket["unverified"] is not None or station.books.work.counting(pocket["pocket"])
    return PocketAnswer(
        id=pocket["pocket"],
        drawer=pocket["drawer"],
        item=pocket["item"],
        capacity=pocket["capacity"],
        par=pocket["par"],
        state=station.books.stock.fullness(pocket["pocket"]),
        blind=blind,
        on_hand=None if blind else pocket["balance"],
        lots=[
            LotAnswer(lot=lot["lot"], expiry=lot["expiry"], quantity=None if blind else lot["quantity"])
            for lot in pocket["lots"]
            if lot["quantity"] > 0
        ],
        unverified=pocket["unverified"],
        count_due=pocket["item"] is not None and pocket["touched"] > pocket["good"],
        verified_at=pocket["good_at"],
        seq=pocket["seq"],
    )


def _class(station: Station, item: str | None) -> str | None:
    found = station.books.formulary.item(item) if item is not None else None
    return found.schedule if found is not None else None


def _verified(pocket: PocketAnswer) -> datetime.datetime:
    if pocket.verified_at is None:
        return datetime.datetime.min.replace(tzinfo=datetime.UTC)
    return datetime.datetime.fromisoformat(pocket.verified_at)
