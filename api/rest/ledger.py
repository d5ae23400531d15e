"""`/v1/ledger`: the rows themselves, for an auditor. Pages by number are stable for ever."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.rest.asking import Answer, Limit, StationRequest, StationRoute, needs
from controller.policy.roles import Right
from controller.station import Station

router = APIRouter(prefix="/v1/ledger", tags=["ledger"], route_class=StationRoute)


class RowAnswer(Answer):
    """One row; hashes in hexadecimal. `galenic ledger verify` checks the chain from the file or an export."""

    seq: int
    epoch: int
    at: str
    clock_trust: str
    actor: str
    kind: str
    version: int
    body: dict[str, Any]
    prev_hash: str
    hash: str


class Rows(Answer):
    """A page of rows; `next` is the number to go on after, null at the end."""

    items: list[RowAnswer]
    next: int | None


@router.get("")
@needs(Right.SEE_LEDGER)
async def list_rows(request: StationRequest, after: Annotated[int, Query(ge=0)] = 0, limit: Limit = 100) -> Rows:
    """Rows with a number above `after`, in order."""
    items = rows_of(request.station, after, limit)
    return Rows(items=items, next=items[-1].seq if len(items) == limit else None)


def rows_of(station: Station, after: int, limit: int) -> list[RowAnswer]:
    """At most so many rows that are on the disk, above a number, in order."""
    return [
        RowAnswer(
            seq=row.seq,
            epoch=row.epoch,
            at=row.at,
            clock_trust=row.clock_trust,
            actor=row.actor,
            kind=row.kind,
            version=row.version,
            body=json.loads(row.body),
            prev_hash=row.prev_hash.hex(),
            hash=row.hash.hex(),
        )
        for row in station.ledger.read(after, limit)
    ]
