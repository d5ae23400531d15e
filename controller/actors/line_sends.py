"""Letting totes go: one release for one recorded intent. Whether the tote left is what its zone's counter says (laws 2 to 4)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from controller.actors.line_acts import failed
from controller.actors.line_eyes import Left
from controller.ledger.port import Entry, Posting
from controller.lines import Place
from controller.machines import reader as reader_table
from controller.machines import tote as tote_table
from controller.tracking.facts import Bound, Fact, Freed, Placed
from drivers.capabilities import ConveyorLook, ZoneLook
from drivers.faults import DeviceFault, LinkFault, Refused

if TYPE_CHECKING:
    from controller.actors.line import LineActor

SEND_S = 3.0
"""A release that cannot be written within this is not written."""
LEAVE_S = 15.0
"""A tote that was let go has left its place within this, or nobody knows whether it will."""
ASIDE = (tote_table.State.FREE, tote_table.State.FOREIGN, tote_table.State.RELEASED)
"""A tote of these is on no leg."""
UNDER_WAY = (*tote_table.ON_THE_LINE, tote_table.State.IN_LANE)


class Went(StrEnum):
    """How a send ended."""

    RELEASED = "released"
    """The counter says that something left the place."""
    NOT = "not"
    """Nothing was written, or the module never took it in: the tote stands where it stood."""
    UNKNOWN = "unknown"
    """It may still go. A person looks, and clears the place."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One send and how it ended."""

    intent: str
    outcome: Went


@dataclass(slots=True)
class Leg:
    """One tote that is to leave one place, until it has."""

    intent: str
    tote: str
    list: str
    to: str
    chain: tuple[str, ...]
    place: Place
    by: str
    counting: int
    releases: int
    """The module's release count before."""
    ends: asyncio.Future[Went] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Sends:
    """All sends of one line."""

    def __init__(self, line: LineActor) -> None:
        self._line = line
        self.leaving: dict[str, Leg] = {}
        """By the zone that is left; one at a time."""
        self.standing: dict[str, str] = {}
        """What was seen to arrive at a place and has not left it."""

    async def send(self, tote: str, list_: str, frm: str, to: str, by: str) -> Sent:
        """Lets the tote that stands at `frm` go to `to`. Raises Refused and LedgerFault; nothing has moved then."""
        line = self._line
        place, chain, seen = self._may(tote, frm, to)
        look = line.looks[line.module_of[place.zone]]
        leg = Leg(line.ground.ids.new(), tote, list_, to, chain, place, by, look.counting, seen.releases)
        body = {"intent": leg.intent, "tote": tote, "list": list_, "from": frm, "to": to, "chain": list(chain)}
        posting = line.ground.ledger.post(Entry("line.send_intended", body, by))
        self.leaving[place.zone] = leg
        task = line.ground.spawn(self._let_go(leg, posting, line.acts.stops), f"sending {tote}")
        await asyncio.shield(task)
        return Sent(leg.intent, leg.ends.result())

    def _may(self, tote: str, frm: str, to: str) -> tuple[Place, tuple[str, ...], ZoneLook]:
        """Whether it may go. Raises Refused, LedgerFault."""
        line = self._line
        line.ground.permit()
        place = line.place(frm)
        target = line.place(to)
        chain = line.layout.chain(place.entry, target.end) if place.entry and target.end else None
        if chain is None:
            raise Refused("line-no-way", at=frm, to=to)
        if line.halted:
            raise Refused("line-stopped", why=f"halted: {line.view.halted}")
        if why := line.stands():
            raise Refused("line-stopped", why=why)
        if place.zone in self.leaving:
            raise Refused("line-place-busy", at=frm, tote=self.leaving[place.zone].tote)
        seen = line.looks[line.module_of[place.zone]].zones[place.zone]
        if not seen.eye:
            raise Refused("line-nothing-there", at=frm)
        if not line.holds(place):
            raise Refused("line-stopped", why=f"{place.zone} is not held yet")
        self._fed(chain)
        self._where(tote, frm)
        self._free(target)
        return place, chain, seen

    def _where(self, tote: str, frm: str) -> None:
        """Nothing speaks against its standing there, and nothing is held against it."""
        line, known = self._line, self._line.state.totes.get(tote)
        for leg in self.leaving.values():
            if leg.tote == tote:
                raise Refused("line-tote-elsewhere", tote=tote, state="leaving", place=leg.place.id)
        if self.standing.get(frm, tote) != tote:
            raise Refused("line-tote-elsewhere", tote=tote, state="not there", place=f"{self.standing[frm]} stands at {frm}, so")
        if known is None:
            return
        if known.state not in ASIDE:
            raise Refused("line-tote-elsewhere", tote=tote, state=str(known.state), place=known.place or "nobody knows where")
        if known.state is tote_table.State.RELEASED and known.place not in {frm, ""}:
            stands = line.layout.places.get(known.place)
            if stands is not None and stands.entry is not None and line.occupied(stands):
                raise Refused("line-tote-elsewhere", tote=tote, state=str(known.state), place=known.place)

    def _free(self, target: Place) -> None:
        """A place takes one tote at a time: nothing stands there, and nothing is on its way there."""
        line = self._line
        coming = [one.label for one in line.state.totes.values() if one.to == target.id and one.state in UNDER_WAY]
        coming += [leg.tote for leg in self.leaving.values() if leg.to == target.id and leg.tote not in coming]
        if coming or line.occupied(target):
            raise Refused("line-place-taken", at=target.id, tote=", ".join(coming) or "a tote")

    def _fed(self, chain: tuple[str, ...]) -> None:
        """Nothing speaks against feeding, every reader on its way answers, and every gate did what it was told."""
        line = self._line
        if line.state.against_feeding:
            raise Refused("line-not-fed", why=", ".join(line.state.against_feeding))
        for reader in chain:
            if line.state.readers[reader].state is reader_table.State.DOWN:
                raise Refused("line-reader-lost", reader=reader)
        for gate in line.layout.gates(chain):
            if not line.gate_watch.sure(gate):
                raise Refused("line-gate-in-doubt", gate=gate)

    async def _let_go(self, leg: Leg, posting: Posting, stops: int) -> None:
        """One write, unless the line was stopped since it was decided. Its end is recorded, whatever it is."""
        line, zone = self._line, leg.place.zone
        device = line.conveyors[line.module_of[zone]]
        await posting.durable
        written = line.acts.stops == stops
        try:
            if written:
                await device.release(zone, leg.intent, asyncio.get_running_loop().time() + SEND_S)
        except (LinkFault, DeviceFault) as fault:
            written = failed(fault) != "not_sent"
        if not written:
            self._end(leg, Went.NOT)
            return
        try:
            async with asyncio.timeout(max(LEAVE_S, device.longest_effect_s)):
                await asyncio.shield(leg.ends)
        except TimeoutError:
            self._end(leg, self._not_seen(leg))
        else:
            self._record(leg, leg.ends.result())

    def _not_seen(self, leg: Leg) -> Went:
        """No counter has moved in time. A module that has not taken the release in never will; else it may still go."""
        look = self._line.looks.get(self._line.module_of[leg.place.zone])
        if look is None or look.counting != leg.counting or look.zones[leg.place.zone].releases != leg.releases:
            return Went.UNKNOWN
        return Went.NOT

    def _end(self, leg: Leg, outcome: Went) -> None:
        """It ends without having been seen to leave."""
        if outcome is Went.NOT:
            self.leaving.pop(leg.place.zone, None)
        if not leg.ends.done():
            leg.ends.set_result(outcome)
        self._record(leg, outcome)

    def _bound(self, leg: Leg, *, under_way: bool) -> list[Fact]:
        """It is bound when it has left: as long as it stands there, whatever is read elsewhere with its code is another one."""
        at, known = self._line.now_us(), self._line.state.totes.get(leg.tote)
        freed = [Freed(leg.tote, at)] if known is not None and known.state is tote_table.State.RELEASED else []
        return [*freed, Bound(leg.tote, leg.list, leg.to, leg.chain, at, under_way=under_way)]

    def _record(self, leg: Leg, outcome: Went) -> None:
        """What may have left unseen is under way, and is nowhere until it is read."""
        facts = self._bound(leg, under_way=True) if outcome is Went.UNKNOWN else []
        body = {"intent": leg.intent, "tote": leg.tote, "from": leg.place.id, "outcome": str(outcome)}
        self._line.tell(*facts, first=[Entry("line.send_ended", body, leg.by)])

    # --- what looks say

    def left(self, said: Left) -> None:
        """Something has left a place: the tote that was let go, or one that a hand took off. Raises LedgerFault."""
        line, leg = self._line, self.leaving.pop(said.zone, None)
        place = line.layout.at_zone(said.zone)
        self.standing.pop(place.id, None)
        if leg is None:
            line.ground.ledger.post(Entry("line.taken_off", {"at": place.id}))
            return
        entry = Entry("line.left", {"intent": leg.intent, "tote": leg.tote, "from": place.id}, leg.by)
        known = leg.ends.done()  # then it is bound already
        bound = [] if known else self._bound(leg, under_way=False)
        line.tell(*bound, Placed(str(place.entry), leg.tote, line.now_us()), *said.then, first=[entry])
        if not known:
            leg.ends.set_result(Went.RELEASED)

    def looked(self, module: str, look: ConveyorLook) -> None:
        """A module that counts anew says nothing any more of what it was told before: it may have let go. Raises LedgerFault."""
        for zone, leg in self.leaving.items():
            if self._line.module_of[zone] == module and look.counting != leg.counting and not leg.ends.done():
                leg.ends.set_result(Went.UNKNOWN)

    def leaving_from(self, zone: str) -> str | None:
        """The tote that was let go there and has not been seen to leave."""
        leg = self.leaving.get(zone)
        return None if leg is None else leg.tote

    def forget(self, zone: str) -> Leg | None:
        """A named person has looked at a place: whatever was to leave it and did not is on no leg any more."""
        leg = self.leaving.get(zone)
        if leg is None or not leg.ends.done():
            return None
        return self.leaving.pop(zone)

    def restore(self) -> None:
        """Of what was to leave when the daemon ended nobody knows whether it did, or still will. Raises LedgerFault."""
        line = self._line
        for send in list(line.view.sends.values()):
            chain, place = tuple(send["chain"]), line.place(send["at"])
            leg = Leg(send["intent"], send["tote"], send["list"], send["to"], chain, place, "station", -1, -1)
            leg.ends.set_result(Went.UNKNOWN)
            self.leaving[leg.place.zone] = leg
            self._record(leg, Went.UNKNOWN)

    def seen(self) -> None:
        """A tote that a reader has seen has left its place, whatever was seen of that."""
        for zone, leg in list(self.leaving.items()):
            if leg.ends.done() and self._line.state.totes[leg.tote].reader:
                del self.leaving[zone]
