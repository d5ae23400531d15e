"""`/v1/restocks`: a technician at a terminal scans a package, and the matching pocket opens."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page_of
from api.rest.works import Key, Quantity, Reason, RestockEntry, Scan, WorkAnswer, WorkId, answered, entered, find, shown
from controller.policy.roles import Right
from controller.workflows import restock
from controller.workflows.talk import say
from sites.part import Id

router = APIRouter(prefix="/v1/restocks", tags=["restocks"], route_class=StationRoute)


class RestockBody(Body):
    """What is to be put in: the package's code, and what names the delivery it came with.

    `quantity` is what the list says; `lot` and `expiry` stand here or in the `placed` entry where the code lacks them;
    `pocket` chooses among several, or gives the item a pocket that has none. A short-dated package needs a `reason`.
    """

    scan: Scan
    pocket: Id | None = None
    quantity: Quantity | None = None
    list: Id | None = None
    line: Annotated[int, Field(ge=1, le=10_000)] | None = None
    tote: Id | None = None
    lot: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,20}$")] | None = None
    expiry: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}(-\d{2})?$")] | None = None
    reason: Reason | None = None


class Restocks(Answer):
    """A page of restocks."""

    items: list[WorkAnswer]
    next: str | None


@router.put("/{id}", status_code=202)
@needs(Right.RESTOCK)
async def put_restock(id: WorkId, body: RestockBody, request: StationRequest, response: Response) -> WorkAnswer:
    """Asks for a restock under an id of the caller's choice, and opens the pocket the code belongs to, no other.

    The same request again is the same restock; another one under that id is `restock-id-taken`.
    """
    await restock.request(request.station, request.who, id, body.model_dump(exclude_none=True))
    response.headers["Location"] = f"/v1/restocks/{id}"
    return await answered(request.station, "restock", id, request, response)


@router.get("/{id}")
@needs(Right.RESTOCK)
async def get_restock(id: WorkId, request: StationRequest, response: Response) -> WorkAnswer:
    """Where a restock stands."""
    return await answered(request.station, "restock", id, request, response)


@router.get("")
@needs(Right.RESTOCK)
async def list_restocks(request: StationRequest, response: Response, after: After = None, limit: Limit = 50) -> Restocks:
    """All restocks, by id."""
    shown_, cursor = page_of(partial(request.station.books.work.after, "restock"), lambda work: work["id"], after, limit)
    link_next(request, response, cursor)
    return Restocks(items=[shown(request.station, work) for work in shown_], next=cursor)


@router.post("/{id}/entries", status_code=202)
@needs(Right.RESTOCK)
async def post_restock_entry(
    id: WorkId, entry: RestockEntry, request: StationRequest, response: Response, key: Key = None
) -> WorkAnswer:
    """Says what was counted before, or what was put in."""
    await entered(request.station, request.who, "restock", id, entry, key)
    return await answered(request.station, "restock", id, request, response)


@router.post("/{id}/cancellation", status_code=202)
@needs(Right.RESTOCK)
async def cancel_restock(id: WorkId, request: StationRequest, response: Response) -> WorkAnswer:
    """Ends a restock of which nothing was put in. A controlled pocket that was opened is counted first."""
    find(request.station, "restock", id)
    await say(request.station, request.who, "restock", id, "cancel")
    return await answered(request.station, "restock", id, request, response)
