"""`/v1/counts`: a person at a terminal counts one pocket, blind. What is due for it: `/v1/pockets?due=count`."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from api.rest.asking import After, Answer, Body, Limit, TheStation, Who, link_next, needs, page_of
from api.rest.works import Count, Key, WorkAnswer, WorkId, answered, entered, find, shown
from controller.policy.roles import Right
from controller.workflows import count
from controller.workflows.talk import say
from sites.models import Id

router = APIRouter(prefix="/v1/counts", tags=["counts"])


class CountBody(Body):
    """Which pocket is to be counted."""

    pocket: Id


class Counts(Answer):
    """A page of counts."""

    items: list[WorkAnswer]
    next: str | None


@router.put("/{id}", status_code=202, dependencies=[needs(Right.COUNT)])
async def put_count(id: WorkId, body: CountBody, station: TheStation, who: Who, request: Request, response: Response) -> WorkAnswer:
    """Asks for a count under an id of the caller's choice, and opens the pocket.

    The same request again is the same count; another one under that id is `count-id-taken`.
    """
    await count.request(station, who, id, body.model_dump(exclude_none=True))
    response.headers["Location"] = f"/v1/counts/{id}"
    return await answered(station, "count", id, request, response)


@router.get("/{id}", dependencies=[needs(Right.COUNT)])
async def get_count(id: WorkId, station: TheStation, request: Request, response: Response) -> WorkAnswer:
    """Where a count stands."""
    return await answered(station, "count", id, request, response)


@router.get("", dependencies=[needs(Right.COUNT)])
async def list_counts(station: TheStation, request: Request, response: Response, after: After = None, limit: Limit = 50) -> Counts:
    """All counts, by id."""
    shown_, cursor = page_of(partial(station.books.work.after, "count"), lambda work: work["id"], after, limit)
    link_next(request, response, cursor)
    return Counts(items=[shown(station, work) for work in shown_], next=cursor)


@router.post("/{id}/entries", status_code=202, dependencies=[needs(Right.COUNT)])
async def post_count_entry(
    id: WorkId, entry: Count, station: TheStation, who: Who, request: Request, response: Response, key: Key = None
) -> WorkAnswer:
    """Says what was counted."""
    await entered(station, who, "count", id, entry, key)
    return await answered(station, "count", id, request, response)


@router.post("/{id}/cancellation", status_code=202, dependencies=[needs(Right.COUNT)])
async def cancel_count(id: WorkId, station: TheStation, who: Who, request: Request, response: Response) -> WorkAnswer:
    """Ends a count. A controlled pocket that was opened is counted all the same."""
    find(station, "count", id)
    await say(station, who, "count", id, "cancel")
    return await answered(station, "count", id, request, response)
