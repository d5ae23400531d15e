"""All robots of a station: put back where the ledger left them, halted and taken up again together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.actors.robot import RobotActor, Told
from controller.machines.robot import HOLDS, Event, State
from drivers.faults import Refused

if TYPE_CHECKING:
    from controller.actors.ground import Ground
    from controller.policy.session import Session
    from controller.station import Station


def find(station: Station, id_: str) -> RobotActor:
    """The robot. Raises Refused("unknown-robot")."""
    found = station.robots.get(id_)
    if found is None:
        raise Refused("unknown-robot", id=id_)
    return found


def actors(station: Station, ground: Ground) -> dict[str, RobotActor]:
    """All robots of the site, by id. Nothing runs yet."""
    audit_s = station.site.policy.audit_hours * 3600.0
    return {id_: RobotActor(robot, ground, station.books, station.clock, audit_s) for id_, robot in station.devices.robots.items()}


def restore(station: Station) -> None:
    """Before anything runs. Orders of before stay open and are asked for after the Hello; nothing is sent again."""
    if entries := [robot.restore() for robot in station.robots.values()]:
        station.ledger.post(*entries)


async def halt(robot: RobotActor, session: Session, reason: str) -> None:
    """No further order goes to it. What it has taken goes on: its own stop is hardware (law 13). Raises LedgerFault."""
    if robot.state not in HOLDS:
        await robot.order(Told(Event.HALT, by=session.person, more={"reason": reason}))


async def resume(station: Station, session: Session) -> None:
    """Ends a halt: each robot is asked for its orders and its packs before another order goes to it."""
    for robot in station.robots.values():
        if robot.state is State.HALTED:
            await robot.order(Told(Event.RESUME, by=session.person))
