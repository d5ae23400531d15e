"""`/v1/links`: every wire, how it is, and its last frames, for who mends it."""

from __future__ import annotations

import asyncio
from math import isfinite

from fastapi import APIRouter

from api.rest.asking import Answer, StationRequest, StationRoute, needs
from controller.actors.board import BoardWatch
from controller.policy.roles import Right
from controller.station import Station
from drivers.answers import STEPS_S, Answers
from drivers.faults import Refused

router = APIRouter(prefix="/v1/links", tags=["links"], route_class=StationRoute)


class AnswerTimes(Answer):
    """How long answers took since the daemon started: `counts` in steps that end at `steps_ms`; the last step has no end.

    `longest_ms` is null before the first answer, `missing` counts requests that nothing answered in time.
    """

    steps_ms: list[int]
    counts: list[int]
    longest_ms: float | None
    missing: int


class BoardAnswer(Answer):
    """A lock board. `answered_s` is how long ago it last told what its switches say; `answers` are those to its looks."""

    id: str
    up: bool
    epoch: int
    answered_s: float | None
    answers: AnswerTimes


class LinkAnswer(Answer):
    """`answered_s` is how long ago the last answer came; null before the first. `answers` are those of all its devices."""

    id: str
    up: bool
    epoch: int
    exchanges: int
    timeouts: int
    strays: int
    answered_s: float | None
    answers: AnswerTimes
    boards: list[BoardAnswer]


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
                answers=_times(seen.answers),
                boards=[board_of(watch) for watch in station.boards.values() if watch.board.link_id == link.id],
            )
        )
    return items


def board_of(watch: BoardWatch) -> BoardAnswer:
    """A board as it is now."""
    age_s = round(watch.age_s, 2) if isfinite(watch.age_s) else None
    return BoardAnswer(id=watch.id, up=watch.up, epoch=watch.epoch, answered_s=age_s, answers=_times(watch.board.answers))


def _times(answers: Answers) -> AnswerTimes:
    return AnswerTimes(
        steps_ms=[round(1000 * end) for end in STEPS_S],
        counts=list(answers.counts),
        longest_ms=None if answers.longest_s is None else round(1000 * answers.longest_s, 1),
        missing=answers.missing,
    )


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
