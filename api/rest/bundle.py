"""`/v1/bundle`: what to send to whoever mends the station from afar, as one file."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.bundle import bundle, name_of
from api.rest.asking import StationRequest, StationRoute, needs, the_standing
from controller.policy.roles import Right

router = APIRouter(prefix="/v1/bundle", tags=["links"], route_class=StationRoute)


class Zip(Response):
    """A zip."""

    media_type = "application/zip"


@router.get("", response_class=Zip)
@needs(Right.SEE_LINKS)
async def get_bundle(request: StationRequest) -> Zip:
    """A zip with the site as read, versions, health, links, devices, frames, the ledger's head and what went wrong lately.

    It holds no secret, no patient, nobody's name and no count; its README says what is in it.
    """
    named = {"Content-Disposition": f'attachment; filename="{name_of(request.station)}"'}
    return Zip(bundle(the_standing(request), request.station), headers=named)
