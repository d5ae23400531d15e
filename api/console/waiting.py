"""What somebody's request to open waits for: another drawer of the cabinet, or a lock that has just moved."""

from __future__ import annotations

from dataclasses import dataclass

from api.console.medicines import name_of
from controller.actors.drawer import Drawer
from controller.policy.session import Session
from controller.station import Station


@dataclass(frozen=True, slots=True)
class Waits:
    """`drawer` is asked for. `other` is being opened before it, for `person` if for anybody else; None: the lock rests."""

    drawer: str
    other: str | None = None
    person: str | None = None


def waits_of(station: Station, session: Session) -> Waits | None:
    """What this session waits for at this moment; None where it has asked for nothing, or has it."""
    for talk in station.desk.talks.values():
        visit = talk.visit
        if talk.session.id != session.id or visit is None or visit.intent or not isinstance(visit.drawer, Drawer):
            continue
        mine, other = visit.drawer.id, visit.drawer.turn.holder
        if other is None or other == mine:
            return Waits(mine)
        intent = station.drawers[other].intent
        person = intent.person if intent is not None and intent.person != session.person else None
        return Waits(mine, other, name_of(station, person) if person is not None else None)
    return None
