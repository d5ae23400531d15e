"""`/v1/pulls`: a person at a terminal takes the doses of one order."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Response

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page_of
from api.rest.works import DrawEntry, Key, Quantity, WorkAnswer, WorkId, answered, entered, find, shown
from controller.policy.roles import Right
from controller.workflows import pull
from controller.workflows.talk import say
from sites.part import Id

router = APIRouter(prefix="/v1/pulls", tags=["pulls"], route_class=StationRoute)


class PullBody(Body):
    """What is to be pulled. Without `quantity` it is as many units as the dose needs, without `pocket` the best one."""

    order: Id
    quantity: Quantity | None = None
    pocket: Id | None = None


class Pulls(Answer):
    """A page of pulls."""

    items: list[WorkAnswer]
    next: str | None


@router.put("/{id}", status_code=202)
@needs(Right.PULL)
async def put_pull(id: WorkId, body: PullBody, request: StationRequest, response: Response) -> WorkAnswer:
    """Asks for a pull under an id of the caller's choice, and opens its first pocket.

    The same request again is the same pull; another one under that id is `pull-id-taken`.
    """
    await pull.request(request.station, request.who, id, body.model_dump(exclude_none=True))
    response.headers["Location"] = f"/v1/pulls/{id}"
    return await answered(request.station, "pull", id, request, response)


@router.get("/{id}")
@needs(Right.PULL)
async def get_pull(id: WorkId, request: StationRequest, response: Response) -> WorkAnswer:
    """Where a pull stands."""
    return await answered(request.station, "pull", id, request, response)


@router.get("")
@needs(Right.PULL)
async def list_pulls(request: StationRequest, response: Response, after: After = None, limit: Limit = 50) -> Pulls:
    """All pulls, by id."""
    shown_, cursor = page_of(partial(request.station.books.work.after, "pull"), lambda work: work["id"], after, limit)
    link_next(request, response, cursor)
    return Pulls(items=[shown(request.station, work) for work in shown_], next=cursor)


@router.post("/{id}/entries", status_code=202)
@needs(Right.PULL)
async def post_pull_entry(id: WorkId, entry: DrawEntry, request: StationRequest, response: Response, key: Key = None) -> WorkAnswer:
    """Says what was taken or counted, or gives a scanned code."""
    await entered(request.station, request.who, "pull", id, entry, key)
    return await answered(request.station, "pull", id, request, response)


@router.post("/{id}/cancellation", status_code=202)
@needs(Right.PULL)
async def cancel_pull(id: WorkId, request: StationRequest, response: Response) -> WorkAnswer:
    """Ends a pull of which nothing was taken. A controlled pocket that was opened is counted first."""
    find(request.station, "pull", id)
    await say(request.station, request.who, "pull", id, "cancel")
    return await answered(request.station, "pull", id, request, response)
