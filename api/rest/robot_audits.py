"""`/v1/robots/{id}/audit`: all that a robot holds compared with the books while it is idle; what differs is a discrepancy.

It asks the robot and moves nothing. It begins by itself `policy.audit_hours` after the last one.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter

from api.rest.asking import Answer, StationRequest, StationRoute, needs
from controller.actors.robot import RobotActor
from controller.policy.roles import Right
from controller.policy.session import require
from controller.robots import find
from sites.part import Id

router = APIRouter(prefix="/v1/robots", tags=["robots"], route_class=StationRoute)


class AuditNow(Answer):
    """The audit that has begun. Of its `articles`, unknown until the robot has told them, so many are `compared`; `left` of these
    were in motion or in doubt, and are asked for by themselves. It goes on as soon as nothing is in its way (`waits_for`)."""

    seq: int
    begun_at: str
    by: str
    why: Literal["due", "asked"]
    articles: int | None
    compared: int
    packs: int
    differing: int
    left: int
    waits_for: str | None
    """`orders`, `inputs`, or the state that the robot is in."""


class AuditBefore(Answer):
    """The last audit that has ended. `differing` is items of which packs were missing or too many."""

    seq: int
    at: str
    by: str
    articles: int
    packs: int
    differing: int
    left: int


class AuditAnswer(Answer):
    """A robot's audits: the one that has begun, the last, and from when on the next one begins by itself."""

    now: AuditNow | None
    last: AuditBefore | None
    due_at: str | None


@router.get("/{id}/audit")
@needs(Right.SEE_STATION)
async def get_audit(id: Id, request: StationRequest) -> AuditAnswer:
    """How far it is."""
    return _answer(find(request.station, id))


@router.post("/{id}/audit")
@needs(Right.PICK)
async def post_audit(id: Id, request: StationRequest) -> AuditAnswer:
    """A named person wants one now. It begins when the robot is idle, in slices between which any order goes first; one that has
    begun is that one."""
    require(request.who, Right.PICK)
    robot = find(request.station, id)
    robot.audits.ask(request.who)
    await request.station.ledger.settled()
    return _answer(robot)


def _answer(robot: RobotActor) -> AuditAnswer:
    known, progress, due = robot.view.robots[robot.id], robot.audits.progress, robot.audits.due()
    begun, ended, now = known["audit"], known["audited"], None
    if begun is not None:
        now = AuditNow(
            seq=begun["seq"],
            begun_at=begun["at"],
            by=begun["by"],
            why=begun["why"],
            articles=len(progress.items) if progress is not None else None,
            compared=progress.done if progress is not None else 0,
            packs=progress.packs if progress is not None else 0,
            differing=progress.differing if progress is not None else 0,
            left=progress.left if progress is not None else 0,
            waits_for=robot.audits.waits_for(),
        )
    last = None if ended is None else AuditBefore.model_validate(ended)
    return AuditAnswer(now=now, last=last, due_at=None if begun is not None or due is None else due.isoformat())
