"""`/v1/consumers`: programs outside say how far they have come; after a restart or a lost connection they are told from there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page, the_standing
from controller.policy.roles import Right
from controller.station import Station
from drivers.faults import Refused
from sites.outward import Consumer
from sites.part import Id

router = APIRouter(prefix="/v1/consumers", tags=["consumers"], route_class=StationRoute)


class CursorBody(Body):
    """Everything up to the event with this number has arrived and is kept. `resend`: what follows was missed, send it again."""

    sequence: Annotated[int, Field(ge=0, le=2**63 - 1)]
    resend: bool = False


class CursorAnswer(Answer):
    """A consumer's place: `sequence` counts now, `recorded` of it is in the ledger (at most one entry a second, the last wins)."""

    consumer: str
    service: str
    sequence: int
    recorded: int


class Cursors(Answer):
    """A page of consumers."""

    items: list[CursorAnswer]
    next: str | None


@router.get("")
@needs(Right.SEE_STATION)
async def list_consumers(request: StationRequest, response: Response, after: After = None, limit: Limit = 100) -> Cursors:
    """The consumers of the site file: a program sees its own, an administrator or auditor all."""
    mine = [one.id for one in request.station.site.outward.consumers if _may_see(request, one)]
    shown, cursor = page(mine, str, after, limit)
    link_next(request, response, cursor)
    return Cursors(items=[cursor_of(request.station, _known(request, id)) for id in shown], next=cursor)


@router.get("/{id}/cursor")
@needs(Right.SEE_STATION)
async def get_cursor(id: Id, request: StationRequest) -> CursorAnswer:
    """How far one consumer has come."""
    if request.who.terminal is not None and Right.SEE_OUTWARD not in request.who.rights:
        raise Refused("not-your-cursor", consumer=id)
    consumer = _known(request, id)
    if not _may_see(request, consumer):
        raise Refused("not-your-cursor", consumer=id)
    return cursor_of(request.station, consumer)


@router.put("/{id}/cursor")
@needs(Right.SEE_STATION)
async def put_cursor(id: Id, body: CursorBody, request: StationRequest) -> CursorAnswer:
    """Confirms. Only the consumer's own service account may, and never backwards; the same again changes nothing."""
    if request.who.terminal is not None:
        raise Refused("not-your-cursor", consumer=id)
    consumer = _known(request, id)
    if request.who.person != consumer.service:
        raise Refused("not-your-cursor", consumer=id)
    request.station.cursors.confirm(id, body.sequence, request.who.person)
    telling = the_standing(request).telling
    if body.resend and telling is not None:
        telling.resend(id)
    return cursor_of(request.station, consumer)


def _known(request: StationRequest, id: str) -> Consumer:
    for consumer in request.station.site.outward.consumers:
        if consumer.id == id:
            return consumer
    raise Refused("consumer-unknown", consumer=id)


def _may_see(request: StationRequest, consumer: Consumer) -> bool:
    who = request.who
    return Right.SEE_OUTWARD in who.rights or (who.terminal is None and who.person == consumer.service)


def cursor_of(station: Station, consumer: Consumer) -> CursorAnswer:
    """How far a consumer has come."""
    cursors = station.cursors
    return CursorAnswer(
        consumer=consumer.id,
        service=consumer.service,
        sequence=cursors.of(consumer.id),
        recorded=cursors.recorded(consumer.id),
    )
