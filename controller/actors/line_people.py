"""What people do at a line: stop it, start it, say that a place is clear, that a lane is empty, where a tote is.

Whoever starts, clears or readmits stands at a terminal and has looked. A stop may be sent by anybody, at any time.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from controller.ledger.port import Entry
from controller.machines import tote as tote_table
from controller.machines.tote import State
from controller.policy.roles import Right
from controller.policy.session import Session, require
from controller.tracking.facts import Cleared, Emptied, Fact, Freed, Readmitted, Voided, WrittenOff
from drivers.faults import LedgerFault, Refused

if TYPE_CHECKING:
    from controller.actors.line import LineActor


async def stop(line: LineActor, by: str, why: str, *halted: Entry) -> list[str]:
    """Stops every belt at once; `halted` is recorded with it. How each group's stop ended. Where it cannot be recorded it is sent
    all the same."""
    acts = [line.stop_act(module, why, by) for module in _one_of_each_group(line)]
    try:
        line.ground.ledger.post(Entry("line.stop_asked", {"reason": why}, by), *halted, *(act.entry for act in acts))
    except LedgerFault as fault:
        line.ground.unrecordable(fault)
    return list(await asyncio.gather(*(line.acts.now(act) for act in acts)))


async def start(line: LineActor, who: Session) -> list[str]:
    """Lets every belt run again. Zones that hold totes are told to hold first, and a stop that comes meanwhile is the last word.
    How the start of each group ended. Raises Refused and LedgerFault."""
    require(who, Right.RECOVER_DRAWERS)
    stops = line.acts.stops
    if line.halted:
        raise Refused("line-stopped", why=f"halted: {line.view.halted}")
    for place in line.layout.places.values():
        look = line.looks.get(line.module_of[place.zone])
        if place.entry is None or line.holds(place):
            continue
        if look is not None:
            await line.hold(place.zone, look.counting)
        if look is None or line.held.get(place.zone) != look.counting:
            raise Refused("line-not-held", at=place.id)
    ended: list[str] = []
    for module in _one_of_each_group(line):
        if line.acts.stops != stops:
            if ended:
                break  # a refusal would say that nothing has moved
            raise Refused("line-stopped", why="it was stopped again before it ran")
        begin = partial(line.conveyors[module].start, who.person)
        act = line.acts.act({"act": "start", "at": module}, begin, by=who.person)
        ended.append(await line.acts.done(act, line.acts.post(act)))
    return ended


async def clear(line: LineActor, zone: str, who: Session) -> None:
    """A named person was at this zone: what jammed is gone, a gate was looked at, what was to leave it and did not still stands
    there. Whatever lies on its belts was perhaps touched, so nothing there is decided by order. Raises Refused, LedgerFault."""
    require(who, Right.RECOVER_DRAWERS)
    if zone not in line.module_of:
        raise Refused("line-unknown-zone", zone=zone)
    at = line.now_us()
    facts: list[Fact] = [Cleared(segment, at) for segment in line.layout.of_zone(zone)]
    leg = line.sends.forget(zone)
    if leg is not None and _lies_idle(line, leg.tote):
        facts += [Voided(leg.tote, at), Freed(leg.tote, at)]
    line.tell(*facts, first=[Entry("line.cleared", {"zone": zone}, who.person)])
    for gate, where in line.gate_zone.items():
        if where == zone:
            line.gate_watch.doubt(gate, doubted=False, by=who.person)
    look = line.looks.get(line.module_of[zone])
    if look is not None and "sensor-jam" in look.zones[zone].faults:
        end_jam = partial(line.conveyors[line.module_of[zone]].clear_jam, zone, who.person)
        act = line.acts.act({"act": "clear_jam", "at": zone}, end_jam, by=who.person)
        await line.acts.done(act, line.acts.post(act))


def empty(line: LineActor, zone: str, who: Session) -> None:
    """A named person has taken everything off the lane that ends in this zone. Raises Refused, LedgerFault."""
    require(who, Right.RECOVER_DRAWERS)
    lanes = [segment for segment, where in line.layout.lanes.items() if where == zone]
    if not lanes:
        raise Refused("line-unknown-zone", zone=zone)
    line.tell(*(Emptied(lane, line.now_us()) for lane in lanes), first=[Entry("line.emptied", {"zone": zone}, who.person)])


def readmit(line: LineActor, tote: str, place: str, who: Session) -> None:
    """A named person has this tote in hand, has looked, and puts it down at a loading place: it may be sent from there as if it
    had never been on the line. Raises Refused, LedgerFault."""
    require(who, Right.RECOVER_DRAWERS)
    if line.place(place).entry is None:
        raise Refused("line-no-way", at=place, to=place)
    line.tell(*_closed(line, tote), first=[Entry("line.readmitted", {"tote": tote, "at": place}, who.person)])


def write_off(line: LineActor, tote: str, who: Session) -> None:
    """A named person gives up the search for a tote that is lost. Raises Refused, LedgerFault."""
    require(who, Right.RECOVER_DRAWERS)
    known = line.state.totes.get(tote)
    if known is None or (known.state is not State.LOST and not _lies_idle(line, tote)):
        raise Refused("line-tote-not-held", tote=tote, state="not known" if known is None else str(known.state))
    line.tell(*_closed(line, tote), first=[Entry("line.written_off", {"tote": tote}, who.person)])


def _closed(line: LineActor, tote: str) -> list[Fact]:
    """What ends the leg of a tote that a person has found, or has given up."""
    known, at = line.state.totes.get(tote), line.now_us()
    state = State.FREE if known is None else known.state
    if state is State.LOST:
        return [WrittenOff(tote, at)]
    if state in {State.HELD, State.REJECTED}:
        return [Readmitted(tote, at), Voided(tote, at), Freed(tote, at)]
    if state is State.FOREIGN:
        return [Freed(tote, at)]
    if _lies_idle(line, tote):
        return [Voided(tote, at), Freed(tote, at)]
    raise Refused("line-tote-not-held", tote=tote, state=str(state))


def _lies_idle(line: LineActor, tote: str) -> bool:
    """Whether it is bound and nobody knows where it is: it was never seen to leave, or not seen since a restart."""
    known = line.state.totes.get(tote)
    leaving = any(leg.tote == tote for leg in line.sends.leaving.values())
    return known is not None and known.state in tote_table.ON_THE_LINE and not known.place and not leaving


def _one_of_each_group(line: LineActor) -> list[str]:
    """A module of each group, one that answers where there is one: a group stops and starts together."""
    groups: dict[str, str] = {}
    for part in sorted(line.site.conveyors, key=lambda part: part.id not in line.looks):
        groups.setdefault(part.group, part.id)
    return list(groups.values())
