"""`/v1/counts`: a person at a terminal counts one pocket, blind. What is due for it: `/v1/pockets?due=count`."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Response

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page_of
from api.rest.works import Count, Key, WorkAnswer, WorkId, answered, entered, find, shown
from controller.policy.roles import Right
from controller.workflows import count
from controller.workflows.talk import say
from sites.part import Id

router = APIRouter(prefix="/v1/counts", tags=["counts"], route_class=StationRoute)


class CountBody(Body):
    """Which pocket is to be counted."""

    pocket: Id


class Counts(Answer):
    """A page of counts."""

    items: list[WorkAnswer]
    next: str | None


@router.put("/{id}", status_code=202)
@needs(Right.COUNT)
async def put_count(id: WorkId, body: CountBody, request: StationRequest, response: Response) -> WorkAnswer:
    """Asks for a count under an id of the caller's choice, and opens the pocket.

    The same request again is the same count; another one under that id is `count-id-taken`.
    """
    await count.request(request.station, request.who, id, body.model_dump(exclude_none=True))
    response.headers["Location"] = f"/v1/counts/{id}"
    return await answered(request.station, "count", id, request, response)


@router.get("/{id}")
@needs(Right.COUNT)
async def get_count(id: WorkId, request: StationRequest, response: Response) -> WorkAnswer:
    """Where a count stands."""
    return await answered(request.station, "count", id, request, response)


@router.get("")
@needs(Right.COUNT)
async def list_counts(request: StationRequest, response: Response, after: After = None, limit: Limit = 50) -> Counts:
    """All counts, by id."""
    shown_, cursor = page_of(partial(request.station.books.work.after, "count"), lambda work: work["id"], after, limit)
    link_next(request, response, cursor)
    return Counts(items=[shown(request.station, work) for work in shown_], next=cursor)


@router.post("/{id}/entries", status_code=202)
@needs(Right.COUNT)
async def post_count_entry(id: WorkId, entry: Count, request: StationRequest, response: Response, key: Key = None) -> WorkAnswer:
    """Says what was counted."""
    await entered(request.station, request.who, "count", id, entry, key)
    return await answered(request.station, "count", id, request, response)


@router.post("/{id}/cancellation", status_code=202)
@needs(Right.COUNT)
async def cancel_count(id: WorkId, request: StationRequest, response: Response) -> WorkAnswer:
    """Ends a count. A controlled pocket that was opened is counted all the same."""
    find(request.station, "count", id)
    await say(request.station, request.who, "count", id, "cancel")
    return await answered(request.station, "count", id, request, response)
