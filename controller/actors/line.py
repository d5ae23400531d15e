"""The actor of a line: all belts, gates and readers of a station. Looks and codes become facts, tracking says what follows,
that goes into the ledger, and only then is a gate told or a belt stopped.

Nothing here starts a belt. Totes are sent by `line_sends`, people's acts are `line_people`, what looks say is `line_eyes`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from controller.actors import line_entries as entries
from controller.actors.ground import Ground
from controller.actors.line_acts import Act, Acts
from controller.actors.line_eyes import Eyes, Left
from controller.actors.line_gates import Gates
from controller.actors.line_sends import Sends, Sent
from controller.ledger.books import Books
from controller.ledger.port import Entry, Posting
from controller.ledger.views.lines import LinesView
from controller.lines import LOOK_US, Layout, Place
from controller.tracking.facts import Fact, Passed, ReaderBack, ReaderLost
from controller.tracking.line import SECOND
from controller.tracking.routes import routes
from controller.tracking.state import State, begin
from controller.tracking.told import Event, Kind, Route, Stop
from controller.tracking.tracking import step
from drivers.capabilities import Conveyor, ConveyorLook, Diverter
from drivers.faults import DeviceFault, LedgerFault, LinkFault, Refused
from drivers.link import LinkChange
from drivers.registry import Devices
from firmware_protocols.scanner_lines.messages import Scan
from sites.models import Site

log = logging.getLogger(__name__)

BUSY_S = LOOK_US / SECOND
IDLE_S = 0.4
"""Between two looks at a module while nothing moves."""
TICK_S = 0.2
CODE = 64
"""So much of a code is kept: no tote has a longer one, and a stranger's may be anything."""
HOLD_S = 3.0
"""A zone that could not be held is tried again after this."""


class LineActor:
    """All belts of one station."""

    def __init__(self, site: Site, layout: Layout, devices: Devices, ground: Ground, books: Books) -> None:
        self.site, self.layout, self.ground, self.books, self.devices = site, layout, ground, books, devices
        self.state: State = begin(routes(layout.line))
        self.conveyors: Mapping[str, Conveyor] = devices.conveyors
        self.gates: Mapping[str, Diverter] = devices.diverters
        self.module_of = {zone.id: part.id for part in site.conveyors for zone in part.zones}
        self.gate_zone = {gate.id: gate.zone for gate in site.diverters}
        self.looks: dict[str, ConveyorLook] = {}
        """The last look at each module that answers now."""
        self.gate_watch = Gates(ground)
        self.held: dict[str, int] = {}
        """Zones that hold what comes, by the counting in which they were told to."""
        self.acts, self.sends = Acts(ground), Sends(self)
        self.eyes = Eyes(site, layout)
        self._modules: dict[str, tuple[bool, list[str], list[str]]] = {}
        self._believed: entries.Believed = {}
        self._holding: dict[str, float] = {}
        self._last_us = 0
        for reader in site.readers:
            scanner = devices.scanners[reader.scanner]
            scanner.watch(partial(self._scanned, reader.id))
            devices.links[scanner.link_id].watch(partial(self._scanner_link, reader.id))

    @property
    def view(self) -> LinesView:
        """What the ledger says of the line."""
        return self.books.lines

    @property
    def halted(self) -> bool:
        """Whether a person has halted it: nothing is sent and no gate is told."""
        return bool(self.view.halted)

    async def run(self) -> None:
        """Looks at everything for ever. Ends only by cancellation."""
        self.tell(*(ReaderLost(one.id, self.now_us()) for one in self.site.readers if not self._reader_up(one.scanner)))
        async with asyncio.TaskGroup() as watching:
            for id_, conveyor in self.conveyors.items():
                watching.create_task(self._watch(id_, conveyor), name=f"looks at {id_}")
            for id_, gate in self.gates.items():
                watching.create_task(self.gate_watch.watch(id_, gate), name=f"looks at {id_}")
            watching.create_task(self._tick(), name="line's clock")

    async def send(self, tote: str, list_: str, frm: str, to: str, who: str) -> Sent:
        """Lets the tote that stands at the place `frm` go to the place `to`, with one release for one recorded intent.

        Its end is told by counters: `released`, `not` (it stands where it stood), or `unknown`: it may still go, and a person
        clears its zone. `line.arrived {tote, at}` tells later that it has come. `who` is a person's or service's id, or "station".

        Raises Refused (`line-stopped`, `line-not-fed`, `line-reader-lost`, `line-gate-in-doubt`, `line-no-way`,
        `line-unknown-place`, `line-place-busy`, `line-place-taken`, `line-nothing-there`, `line-tote-elsewhere` and those of the
        station) and LedgerFault; nothing has moved then.
        """
        return await self.sends.send(tote, list_, frm, to, who)

    def now_us(self) -> int:
        """The loop's monotonic time, in microseconds."""
        return int(asyncio.get_running_loop().time() * SECOND)

    # --- facts in, events and decisions out

    def tell(self, *facts: Fact, first: Iterable[Entry] = ()) -> Posting | None:
        """Tells tracking what has happened, and records what follows in one commit with `first`; then acts are begun.

        None if there was nothing to record. Raises LedgerFault, IllegalEvent for what somebody said and a table refuses.
        """
        rows, acts = list(first), list[Act]()
        for fact in facts:
            self._last_us = max(self._last_us, fact.at)  # what is told late is told in its order all the same
            done = step(self.state, replace(fact, at=self._last_us), self.now_us())
            for event in done.events:
                rows.append(entries.of_event(event))
                acts += self._after(event)
            for decision in done.decisions:
                match decision:
                    case Route():
                        acts += self._routed(decision)
                    case Stop():
                        acts += self._stop_segment(decision)
                    case _:
                        rows.append(Entry("line.feeding", {"allowed": decision.allowed, "why": list(decision.why)}))
        self.sends.seen()
        believed = entries.believed(self.state)
        rows += [*entries.changed(self._believed, believed), *(act.entry for act in acts)]
        self._believed = believed
        if not rows:
            return None
        posting = self.ground.ledger.post(*rows)
        for act in acts:
            self.acts.begin(act, posting, partial(self._ended, act))
        return posting

    def say(self, *facts: Fact) -> None:
        """The same for what devices have said: what cannot be recorded ends the work of the station, and raises nothing."""
        try:
            self.tell(*facts)
        except LedgerFault as fault:
            self.ground.unrecordable(fault)

    def _after(self, event: Event) -> list[Act]:
        """What was led away before the eye that expected it has come where it should, and its zone is told so (devices.md 7.1)."""
        if event.kind is Kind.RELEASED:
            self.sends.standing[event.where] = event.label
        if event.kind not in {Kind.CONFIRMED, Kind.STRAYED} or self.layout.exits.get(event.where) != "other":
            return []
        gate = next(one.id for one in self.layout.line.diverters if event.where in one.exits)
        zone = self.gate_zone[gate]
        device = self.conveyors[self.module_of[zone]]
        return [self.acts.act({"act": "confirm_arrival", "at": zone}, partial(device.confirm_arrival, zone))]

    def _routed(self, route: Route) -> list[Act]:
        """A decision in time is sent once; under a halt none is, and silence is safe."""
        if self.halted:
            return []
        way, gate, until = self.layout.exits[route.exit], self.gates[route.diverter], route.until / SECOND
        self.gate_watch.told(route.diverter, until + gate.longest_effect_s)
        about = {"act": "set", "at": route.diverter, "exit": way, "tote": route.label}
        return [self.acts.act(about, partial(gate.set, way), deadline=until)]

    def _stop_segment(self, decision: Stop) -> list[Act]:
        modules = {self.module_of[zone] for zone in self.layout.zones[decision.segment]}
        return [self.stop_act(module, decision.why) for module in sorted(modules)]

    def stop_act(self, module: str, why: str, by: str = "station") -> Act:
        """Stops the module's group. It may always be sent, and waits for nothing but its turn."""
        device = self.conveyors[module]
        return self.acts.act({"act": "stop", "at": module, "why": why}, lambda intent, until: device.stop(why or intent), by=by)

    def _ended(self, act: Act, outcome: str) -> None:
        if act.about["act"] == "set" and outcome in {"unconfirmed", "unknown"}:
            self.gate_watch.doubt(str(act.about["at"]), doubted=True)

    def recall(self) -> None:
        """What was recorded before is what changes are compared with. Before anything is told."""
        self._believed = entries.recorded(self.view)

    # --- modules

    async def _watch(self, id_: str, conveyor: Conveyor) -> None:
        while True:
            try:
                look = await conveyor.look()
            except (LinkFault, DeviceFault):
                self._unseen(id_)
            else:
                self._looked(id_, look)
            await asyncio.sleep(BUSY_S if self._busy() else IDLE_S)

    def _busy(self) -> bool:
        moving = (zone.state in {"accepting", "discharging"} for look in self.looks.values() for zone in look.zones.values())
        return bool(self.sends.leaving) or any(belt.things for belt in self.state.belts.values()) or any(moving)

    def _looked(self, id_: str, look: ConveyorLook) -> None:
        self.looks[id_] = look
        try:
            self._note(id_, up=True, stopped=look.stopped, faults=_faults(look))
            for said in self.eyes.looked(id_, look, int(look.at * SECOND)):
                if isinstance(said, Left):
                    self.sends.left(said)
                else:
                    self.tell(said)
            self.sends.looked(id_, look)
            self._hold(id_, look)
        except LedgerFault as fault:
            self.ground.unrecordable(fault)

    def _unseen(self, id_: str) -> None:
        self.looks.pop(id_, None)
        try:
            self._note(id_, up=False, stopped=frozenset(), faults=frozenset())
        except LedgerFault as fault:
            self.ground.unrecordable(fault)

    def _note(self, id_: str, *, up: bool, stopped: frozenset[str], faults: frozenset[str]) -> None:
        now = up, sorted(stopped), sorted(faults)
        if self._modules.get(id_) != now:
            self._modules[id_] = now
            body = {"module": id_, "up": up, "stopped": now[1], "faults": now[2]}
            self.ground.ledger.post(Entry("line.module_changed", body))

    def _hold(self, id_: str, look: ConveyorLook) -> None:
        """A module that has begun anew holds nothing any more: it is told again, which moves nothing."""
        now = asyncio.get_running_loop().time()
        for place in self.layout.places.values():
            zone = place.zone
            if place.entry is None or self.module_of[zone] != id_ or self.held.get(zone) == look.counting:
                continue
            if now < self._holding.get(zone, 0.0):
                continue
            self._holding[zone] = now + HOLD_S
            self.ground.spawn(self.hold(zone, look.counting), f"holding {zone}")

    async def hold(self, zone: str, counting: int) -> None:
        """Totes that come to this zone stay there, as long as its module counts on; `held` then says so. Raises LedgerFault."""
        device = self.conveyors[self.module_of[zone]]
        act = self.acts.act({"act": "hold", "at": zone}, lambda intent, until: device.hold(zone, True, intent, until))
        held = await self.acts.done(act, self.acts.post(act)) == "accepted"
        if held:
            self.held[zone] = counting

    # --- what the line is asked

    def place(self, id_: str) -> Place:
        """A place on the belts. Raises Refused("line-unknown-place")."""
        found = self.layout.places.get(id_)
        if found is None:
            raise Refused("line-unknown-place", at=id_)
        return found

    def occupied(self, place: Place) -> bool:
        """Whether something stands there, or nobody can see."""
        look = self.looks.get(self.module_of[place.zone])
        return look is None or look.zones[place.zone].eye

    def holds(self, place: Place) -> bool:
        """Whether its zone holds what comes, as far as its module has said in the counting that goes on now."""
        look = self.looks.get(self.module_of[place.zone])
        return look is not None and self.held.get(place.zone) == look.counting

    def stands(self) -> str:
        """Why the line as a whole does not carry now; empty if it does."""
        for module in self.conveyors:
            look = self.looks.get(module)
            if look is None:
                return f"{module} does not answer"
            if look.stopped or _faults(look):
                return f"{module}: {', '.join(sorted(look.stopped | _faults(look)))}"
        return ""

    def _scanned(self, reader: str, scan: Scan) -> None:
        seen = self.eyes.scanned(reader, scan.data[:CODE], self.now_us())
        if seen is not None:
            self.say(seen)

    def _scanner_link(self, reader: str, change: LinkChange) -> None:
        self.say(ReaderBack(reader, self.now_us()) if change.up else ReaderLost(reader, self.now_us()))

    def _reader_up(self, scanner: str) -> bool:
        return self.devices.links[self.devices.scanners[scanner].link_id].up

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.say(Passed(self.now_us()))


def _faults(look: ConveyorLook) -> frozenset[str]:
    return look.faults | {f"{zone}: {fault}" for zone, seen in look.zones.items() for fault in seen.faults}
