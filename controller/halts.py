"""A halt of the station: a named person stops every opening and every motion, and a named person ends that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from controller import belts, gantries, robots
from controller.actors.requests import Told
from controller.machines.drawer import HOLDS, Event, State
from controller.policy.roles import Right
from controller.policy.session import require

if TYPE_CHECKING:
    from controller.policy.session import Session
    from controller.station import Station


async def halt(station: Station, session: Session, reason: str) -> None:
    """All are told at once, so that none waits for one that does not answer, and each is, whatever becomes of the others. What is
    held already stays what it is. Raises LedgerFault when it could not be recorded."""
    ended = await asyncio.gather(
        *(
            drawer.order(Told(Event.HALT, by=session.person, more={"reason": reason}))
            for drawer in station.drawers.values()
            if drawer.state not in HOLDS or drawer.state is State.RECOVERING
        ),
        *(gantries.halt(gantry, session, reason) for gantry in station.gantries.values()),
        *(robots.halt(robot, session, reason) for robot in station.robots.values()),
        belts.halt(station.line, session, reason),
        return_exceptions=True,
    )
    for end in ended:
        if isinstance(end, BaseException):
            raise end
    await station.ledger.settled()


async def resume(station: Station, session: Session) -> None:
    """Every halted drawer is looked at again, gantries wait to be homed, and belts stand until a person starts them. Raises
    Refused."""
    require(session, Right.RECOVER_DRAWERS)
    for drawer in station.drawers.values():
        if drawer.state is State.HALTED:
            await drawer.order(Told(Event.RESUME, by=session.person))
    await gantries.resume(station, session)
    await robots.resume(station, session)
    await belts.resume(station.line, session)
    await station.ledger.settled()
