"""All gantries of a station: put back where the ledger left them, halted and taken up again together; and their planner."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from controller.actors.gantry import GantryActor
from controller.actors.gantry_told import Told
from controller.machines.gantry import HOLDS, Event, State
from controller.planning.planner import Planner
from drivers.faults import LinkFault, Refused
from drivers.link import Link

if TYPE_CHECKING:
    from controller.actors.ground import Ground
    from controller.policy.session import Session
    from controller.station import Station

_AT_A_POCKET = frozenset({"accessing", "counting"})


def actors(station: Station, ground: Ground) -> dict[str, GantryActor]:
    """The station's gantries."""
    made = {}
    for part in station.site.gantries:
        device, places = station.devices.gantries[part.id], [at.id for at in station.site.loading if at.gantry == part.id]
        link = station.devices.links[device.link_id]
        assert isinstance(link, Link)  # noqa: S101 - for the types: the checker lets no gantry hang on a dialog
        days = station.site.policy.fresh_days
        made[part.id] = GantryActor(part, device, link, ground, station.books, station.clock, places, lambda: station.planner, days)
    return made


def find(station: Station, id_: str) -> GantryActor:
    """The gantry. Raises Refused("unknown-gantry")."""
    found = station.gantries.get(id_)
    if found is None:
        raise Refused("unknown-gantry", id=id_)
    return found


def restore(station: Station) -> None:
    """Before anything runs. What was under way is in doubt, and nothing is done again."""
    for gantry in station.gantries.values():
        station.ledger.post(*gantry.restore())


async def plan(station: Station) -> None:
    """For as long as the station runs: the planner, whose worker is another process and ends with it."""
    async with Planner() as planner:
        station.planner = planner
        await asyncio.Event().wait()


async def halt(gantry: GantryActor, session: Session, reason: str) -> None:
    """It stops where it is, also where that cannot be recorded. What it was doing is in doubt. Raises LedgerFault."""
    try:
        if gantry.state not in HOLDS:
            await gantry.order(Told(Event.HALT, by=session.person, more={"reason": reason}))
    finally:
        with suppress(LinkFault):  # what cannot be reached cannot be told; that is recorded, and its own stop is hardware (law 13)
            await gantry.stop(session)


async def resume(station: Station, session: Session) -> None:
    """Ends a halt: each gantry waits to be homed, or for a person to settle what is in doubt."""
    for gantry in station.gantries.values():
        if gantry.state is State.HALTED:
            await gantry.order(Told(Event.RESUME, by=session.person))


async def into_service(station: Station, gantry: GantryActor, session: Session) -> None:
    """Back into service. Raises Refused("pocket-in-use") while somebody's hands may be in its shelf."""
    for work in station.books.work.live():
        leg = work["legs"][work["at"]] if work["state"] in _AT_A_POCKET else None
        if leg is not None and leg["drawer"] == gantry.id:
            raise Refused("pocket-in-use", pocket=leg["pocket"], by=work["person"], since=work["since"])
    await gantry.order(Told(Event.RETURN, by=session.person))
