"""A shift at the belts of `tests/kit/line.toml`: a whole station, real bytes, simulated modules, gates and readers; and hands.

Somebody feeds totes and sends them, a packer takes off what has arrived, a technician sees to whatever the line says. A hand does
what the story asks. The judge gets what physically happened, what the ledger says, and what hands did; nothing else.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.actors import line_people
from controller.ledger import bodies
from controller.policy.session import Session
from drivers.faults import Refused
from simulators.plant.belt import Body
from simulators.plant.passages import Passage
from simulators.plant.pocket import CannotDo
from tests.kit.line import GANTRY, PACKING, ROBOT, TOTE_MM, Works, line_site
from tests.kit.station import simulated_station
from tests.kit.virtual_loop import run

WITHIN_REACH = ("A1", "B1", "S1", "A2", "B2", "S2")
BEAT_S = 0.5
PATIENCE_S = 20.0
"""What stands where it should not is taken off after so long."""
QUIET_S = 60.0
MOST_S = 900.0
OPEN = {"bound", "moving", "at", "late", "unread", "in_lane"}


@dataclass(frozen=True)
class Story:
    """One shift: how many totes, how often a reader misses, and what hands do, at which second."""

    seed: int
    totes: int = 6
    unread: float = 0.0
    hands: tuple[tuple[float, str], ...] = ()


def drawn(kind: str, number: int) -> Story:
    """The n-th shift of a kind: `unread`, `labels` or `hands`."""
    chance = random.Random(f"shift/{kind}/{number}")
    if kind == "unread":
        return Story(number, totes=8, unread=(0.001, 0.01, 0.05)[number % 3])
    deeds = ("foreign", "clone", "dead") if kind == "labels" else ("remove", "elsewhere", "swap", "foreign")
    times = sorted(round(chance.uniform(5, 90), 2) for _ in range(3))
    return Story(number, hands=tuple((at, chance.choice(deeds)) for at in times))


@dataclass
class Deed:
    """What a hand did, when, and to which bodies."""

    kind: str
    at: float
    bodies: tuple[str, ...]
    ways: tuple[str, ...] = ()
    """For what was put elsewhere: what stood before it there, and what stands before it here (a reader, a gate, the lane)."""


@dataclass
class Evidence:
    """All that is judged. Rows are (loop time, kind, body); `codes` is what each body carries."""

    story: Story
    passages: list[Passage] = field(default_factory=list)
    rows: list[tuple[float, str, Mapping[str, Any]]] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    received: list[tuple[float, str, str]] = field(default_factory=list)
    """What stood at a place when the ledger said that a tote had arrived: time, place, body (empty: nothing did)."""
    believed: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    """The bodies that are still on the belts at the end."""
    ended: float = 0.0


class Shift:
    """Everybody at the belts."""

    def __init__(self, works: Works, story: Story, who: Session) -> None:
        self.works, self.story, self.who = works, story, who
        self.chance = random.Random(f"shift/{story.seed}/hands")
        self.evidence = Evidence(story)
        self.hands = list(story.hands)
        self.fed = 0
        self.goals: dict[str, str] = {}
        self.since: dict[str, float] = {}
        self.taken: set[int] = set()
        self.jobs: set[asyncio.Task[None]] = set()

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def live(self) -> Evidence:
        """Until nothing is left to do, and a quiet time after that."""
        works = self.works
        for reader in works.world.house.readers.values():
            reader.no_read = self.story.unread
        began = quiet = self.now
        end = works.world.ledger.subscribe(self._said, frozenset({"line.arrived"}))
        while self.now - quiet < QUIET_S and self.now - began < MOST_S:
            await self._beat(began)
            if not self._done():
                quiet = self.now
            await asyncio.sleep(BEAT_S)
        end()
        for job in list(self.jobs):
            await job
        return self._closed()

    def _done(self) -> bool:
        waits = any(str(tote.state) in OPEN for tote in self.works.line.state.totes.values())
        return self.fed == self.story.totes and not self.hands and not waits and not self.jobs and not self.works.belts.bodies

    def _closed(self) -> Evidence:
        evidence, works = self.evidence, self.works
        evidence.passages, evidence.ended = list(works.belts.log.passages), self.now
        evidence.believed = {label: str(tote.state) for label, tote in works.line.state.totes.items()}
        evidence.left = list(works.belts.bodies)
        for row in works.world.ledger.read(0, 1_000_000):
            if row.kind.startswith("line."):
                minutes, seconds = row.at[14:16], row.at[17:].rstrip("Z")
                evidence.rows.append((60 * int(minutes) + float(seconds), row.kind, bodies.read(row.body)))
        return evidence

    def _said(self, _: Any, body: Mapping[str, Any]) -> None:
        """A tote has arrived: whoever works there sees what stands there."""
        zone = self.works.line.place(body["at"]).zone
        there = [one.id for one in self.works.belts.bodies.values() if one.belt.id == zone]
        self.evidence.received.append((self.now, body["at"], there[0] if there else ""))
        if body["at"] == PACKING and there:
            self.works.belts.take(there[0])

    # --- what people do, twice a second

    async def _beat(self, began: float) -> None:
        self._feed()
        self._send(ROBOT)
        self._send(GANTRY)
        while self.hands and self.now - began >= self.hands[0][0]:
            at, kind = self.hands[0]
            if self._hand(kind) or self.now - began > at + 60:
                self.hands.pop(0)
            else:
                break
        await self._technician()

    def _feed(self) -> None:
        if self.fed >= self.story.totes or self.works.belts.belt("L").before_eye:
            return
        if any(stretch.belt.id == "L" for body in self.works.belts.bodies.values() for stretch in body.trail):
            return
        self.fed += 1
        tote = f"T-{self.fed}"
        self.works.belts.put(tote, "L", TOTE_MM)
        self.evidence.codes[tote] = tote
        self.goals[tote] = GANTRY if self.chance.random() < 0.5 else PACKING

    def _send(self, frm: str) -> None:
        """Sends what stands there, if the line takes it."""
        zone = self.works.line.place(frm).zone
        standing = [body for body in self.works.belts.bodies.values() if body.belt.id == zone and not body.speed]
        if not standing or zone in self.works.line.sends.leaving:
            return
        tote = standing[0].code
        if frm == GANTRY and self.works.line.sends.standing.get(GANTRY) != tote:
            return
        to = PACKING if frm == GANTRY else self.goals.get(tote, PACKING)
        self._job(self._try(tote, frm, to))

    async def _try(self, tote: str, frm: str, to: str) -> None:
        try:
            await self.works.line.send(tote, f"list of {tote}", frm, to, "station")
        except Refused:
            return

    def _job(self, coroutine: Any) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self.jobs.add(task)
        task.add_done_callback(self.jobs.discard)

    async def _technician(self) -> None:
        """Takes off what stands where it should not, clears what is jammed or in doubt, and starts the belts again."""
        line, belts = self.works.line, self.works.belts
        for body in list(belts.bodies.values()):
            moves = body.speed or body.id in belts.belt("L").before_eye
            self.since[body.id] = self.now if moves else self.since.get(body.id, self.now)
            if body.belt.id == "G" and line.sends.standing.get(GANTRY) == body.code and not self._doubles(body.code):
                continue
            if self.now - self.since[body.id] > (3.0 if body.belt.id == "H" else PATIENCE_S):
                belts.take(body.id)
        if any(line.state.lanes.values()):
            line_people.empty(line, "H", self.who)
        stuck = [why.split()[1] for why in line.state.against_feeding if why.split()[0] in {"jam", "unconfirmed"}]
        zones = {zone for segment in stuck for zone in line.layout.zones[segment]} | {
            line.gate_zone[one] for one in line.gate_watch.doubted
        }
        zones |= {zone for zone, leg in line.sends.leaving.items() if leg.ends.done()}
        for zone in sorted(zones):
            if self._waited(f"zone {zone}"):
                await line_people.clear(line, zone, self.who)
        if any(look.stopped for look in line.looks.values()) and self._waited("stop"):
            for body in [one for one in belts.bodies.values() if self._doubles(one.code)]:
                belts.take(body.id)
            await line_people.start(line, self.who)

    def _doubles(self, code: str) -> bool:
        return sum(body.code == code for body in self.works.belts.bodies.values()) > 1

    def _waited(self, what: str) -> bool:
        """Whether somebody has been called for this and has come."""
        self.since.setdefault(what, self.now)
        if self.now - self.since[what] < 10:
            return False
        del self.since[what]
        return True

    # --- the hand

    def _hand(self, kind: str) -> bool:
        """One deed; whether there was anything to lay hands on."""
        belts, chance = self.works.belts, self.chance
        within = [
            one for one in belts.bodies.values() if one.belt.id in WITHIN_REACH and len(one.trail) == 1 and one.front >= TOTE_MM
        ]
        match kind:
            case "remove" if within:
                body = chance.choice(within)
                belts.take(body.id)
                return self._did(kind, body.id)
            case "elsewhere" if within:
                body = chance.choice(within)
                zone = chance.choice([one for one in WITHIN_REACH if one != body.belt.id])
                belts.take(body.id)
                was = _before(body)
                if not self._put(body.id, zone, body.code):
                    return self._did("remove", body.id)
                self._did(kind, body.id)
                self.evidence.deeds[-1].ways = was, _before(belts.where(body.id))
                return True
            case "swap" if len(within) > 1:
                one, two = chance.sample(within, 2)
                belts.swap(one.id, two.id)
                return self._did(kind, one.id, two.id)
            case "foreign" | "clone" | "dead":
                codes = {"foreign": [f"X-{len(self.evidence.deeds)}"], "clone": [one.code for one in belts.bodies.values()]}
                closed = [body for _, place, body in self.evidence.received if place == PACKING and body]
                from_ = codes.get(kind, closed)
                id_ = f"{kind}-{len(self.evidence.deeds)}"
                if from_ and self._put(id_, chance.choice(WITHIN_REACH), chance.choice(from_)):
                    return self._did(kind, id_)
        return False

    def _put(self, id_: str, zone: str, code: str) -> bool:
        try:
            self.works.belts.put(id_, zone, TOTE_MM, code, front=round(self.chance.uniform(TOTE_MM, 500), 1))
        except CannotDo:
            return False
        self.evidence.codes[id_] = code
        return True

    def _did(self, kind: str, *ids: str) -> bool:
        self.evidence.deeds.append(Deed(kind, self.now, ids))
        return True


def _before(body: Body) -> str:
    """The next reader, gate or lane on a body's way."""
    zone, front = body.belt.id, body.front
    if zone in {"A1", "A2"}:
        return f"{'read' if front < 710 else 'gate'}-{zone[1]}"
    if zone in {"B1", "B2"} and front < 200:
        return f"gate-{zone[1]}"
    return {"B1": "read-2", "B2": "H", "S1": "read-gantry", "S2": "read-packing"}[zone]


def lived(story: Story) -> Evidence:
    """Lives through one shift."""

    async def play() -> Evidence:
        async with simulated_station(line_site(), story.seed) as world:
            works = Works(world)
            await works.ready()
            return await Shift(works, story, await world.log_in("technician")).live()

    return run(play())
