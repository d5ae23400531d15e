"""`/v1/links`: every wire, how it is, and its last frames, for who mends it."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from api.rest.asking import Answer, StationRequest, StationRoute, needs
from controller.policy.roles import Right
from controller.station import Station
from drivers.faults import Refused

router = APIRouter(prefix="/v1/links", tags=["links"], route_class=StationRoute)


class LinkAnswer(Answer):
    """`answered_s` is how long ago the last answer came; null before the first."""

    id: str
    up: bool
    epoch: int
    exchanges: int
    timeouts: int
    strays: int
    answered_s: float | None


class Links(Answer):
    """All of them."""

    items: list[LinkAnswer]


class FrameAnswer(Answer):
    """One frame: `age_s` seconds ago, `out`, `in`, or `noise` that was nobody's; bytes in hexadecimal and their meaning.

    `at_s` is the daemon's own steady clock: it tells frames apart and apart in time, and begins anew with the daemon.
    """

    epoch: int
    at_s: float
    age_s: float
    direction: str
    bytes: str
    means: str


class Frames(Answer):
    """The ring of one link, oldest first."""

    items: list[FrameAnswer]


@router.get("")
@needs(Right.SEE_LINKS)
async def list_links(request: StationRequest) -> Links:
    """Every link of the station."""
    return Links(items=links_of(request.station))


@router.get("/{id}/frames")
@needs(Right.SEE_LINKS)
async def list_frames(id: str, request: StationRequest) -> Frames:
    """The last frames of one link, decoded."""
    return Frames(items=frames_of(request.station, id))


def links_of(station: Station) -> list[LinkAnswer]:
    """Every link as it is now."""
    now = asyncio.get_running_loop().time()
    items = []
    for link in station.devices.links.values():
        seen = link.figures
        answered = None if seen.last_answer is None else round(now - seen.last_answer, 2)
        items.append(
            LinkAnswer(
                id=link.id,
                up=link.up,
                epoch=link.epoch,
                exchanges=seen.exchanges,
                timeouts=seen.timeouts,
                strays=seen.strays,
                answered_s=answered,
            )
        )
    return items


def frames_of(station: Station, id: str) -> list[FrameAnswer]:
    """What is kept of one link, oldest first. Raises Refused("unknown-link")."""
    if id not in station.devices.links:
        raise Refused("unknown-link", id=id)
    now = asyncio.get_running_loop().time()
    return [
        FrameAnswer(
            epoch=frame.epoch,
            at_s=round(frame.at, 6),
            age_s=round(now - frame.at, 3),
            direction=frame.direction,
            bytes=frame.data.hex(" "),
            means=frame.means,
        )
        for frame in station.devices.wirelog.frames(id)
    ]
