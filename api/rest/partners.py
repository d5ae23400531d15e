"""`/v1/partners/{id}/events`: where another station's webhooks tell what became of a tote. Its signature is its log-in."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError

from api.rest.asking import Answer, StationRequest, StationRoute
from api.rest.totes import ReceiptBody
from api.signatures import verified
from controller.policy.roles import Right, Role
from controller.policy.session import Session
from controller.station import Station
from controller.workflows import packing
from drivers.faults import Refused
from sites.part import Id

router = APIRouter(prefix="/v1/partners", tags=["partners"], route_class=StationRoute)

RECEIVED = "org.galenic.tote.received.v1"


class Heard(Answer):
    """What was made of an event: `done`, `known` (it was heard before), `refused` and why, or `ignored`."""

    outcome: str
    code: str | None = None


@router.post("/{id}/events")
async def post_partner_event(id: Id, request: StationRequest) -> Heard:
    """Takes one event of a partner's in, as Standard Webhooks has it. A receipt that cannot be is recorded, and not sent again."""
    body = await request.body()
    keys = next((part.keys for part in request.station.site.partners if part.id == id), ())
    if not verified(keys, request.headers, body):
        raise Refused("signature-wrong")
    try:
        event = json.loads(body)
        if event["type"] != RECEIVED:
            return Heard(outcome="ignored")
        tote, receipt = str(event["data"]["tote"]), ReceiptBody.model_validate(event["data"]["receipt"]).model_dump()
    except (ValueError, KeyError, TypeError) as wrong:
        raise Refused("event-unreadable", why=_why(wrong)) from wrong
    return _received(request.station, id, tote, receipt)


def _received(station: Station, partner: str, tote: str, receipt: dict[str, Any]) -> Heard:
    session = Session(partner, partner, partner, frozenset({Role.SERVICE_ACCOUNT}), frozenset({Right.PUSH_PICK_LISTS}), None)
    try:
        if receipt["station"] != partner:
            raise Refused("receipt-of-another-station", tote=tote, station=receipt["station"], to=partner)
        return Heard(outcome="done" if packing.confirm(station, session, tote, receipt) else "known")
    except Refused as refused:
        packing.receipt_refused(station, partner, tote, receipt, refused.code)
        return Heard(outcome="refused", code=refused.code)


def _why(wrong: Exception) -> str:
    if isinstance(wrong, ValidationError):
        return "; ".join(f"receipt.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong.errors()[:5])
    return f"{type(wrong).__name__}: {wrong}"[:200]
