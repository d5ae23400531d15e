"""One day: the world's facts go to the tracking, its decisions to the world, and people come when something waits for them.

This file is the only one here that knows the product. What the judge gets is plain.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from controller.tracking import facts, told
from controller.tracking.line import Diverter, End, Line, Reader, Segment
from controller.tracking.merge import Turns, Waiting, grant
from controller.tracking.routes import routes
from controller.tracking.state import State, begin
from controller.tracking.tracking import step
from tests.lines import hands
from tests.lines.hands import Deed
from tests.lines.layout import (
    ACTUATE_US,
    BELTS,
    CHAIN,
    CONFIRM_US,
    DIVERTERS,
    FRONT_MM,
    LANES,
    PITCH_MM,
    READERS,
    SPEED_MM_S,
    TOTE_MM,
)
from tests.lines.story import Story
from tests.lines.world import Body, World

S = 1_000_000
PERSON_S = 20
"""Until somebody has come."""
QUIET_S = 330
"""After the last tote, three windows of the longest way round."""
TELLS: dict[str, Callable[..., Any]] = {
    "seen": lambda _, reader, labels, at, mm: facts.Seen(reader, labels, at, mm),
    "arrived": lambda _, belt, count, at: facts.Arrived(belt, count, at),
    "departed": lambda _, belt, count, at: facts.Departed(belt, count, at),
    "stopped": lambda _, belt, at: facts.Stopped(belt, at),
    "started": lambda _, belt, at: facts.Started(belt, at),
}


def line() -> Line:
    """The layout as the product is told of it."""
    between = {"reader-1": "div-1", "reader-2": "div-2", "reader-3": None}
    return Line(
        segments=tuple(
            Segment(name, belt.start, belt.end, belt.length_mm, SPEED_MM_S, belt.places, belt.eye_mm, belt.dwell_s * S)
            for name, belt in BELTS.items()
            if name != "table"
        ),
        readers=tuple(Reader(name, between[name], FRONT_MM) for name in READERS),
        diverters=tuple(Diverter(name, exits, exits[0], ACTUATE_US, CONFIRM_US) for name, exits in DIVERTERS.items()),
        entries=("out-1", "out-2"),
        ends=(End("packing", True, "reader-3"), End("drain", False)),
        merges=("merge-1",),
    )


@dataclass(slots=True)
class Evidence:
    """All that is judged: what was said, what was commanded, what hands did, and the world at its end."""

    story: Story
    world: World
    said: list[tuple[str, str, int, str, str]] = field(default_factory=list)
    """Kind, where, when it happened, label, detail."""
    commands: list[tuple[int, str, str, str, list[tuple[str, int]]]] = field(default_factory=list)
    """When, diverter, exit, label, and what stood before that diverter then: code and micrometres to go."""
    deeds: list[Deed] = field(default_factory=list)
    placed: dict[str, Body] = field(default_factory=dict)
    voided: dict[str, int] = field(default_factory=dict)
    believed: dict[str, str] = field(default_factory=dict)
    ended: int = 0


@dataclass(slots=True)
class Day:
    story: Story
    world: World
    state: State
    evidence: Evidence
    turns: Turns = field(default_factory=Turns)
    feeding: bool = True
    why: tuple[str, ...] = ()
    wire: deque[tuple[int, Any]] = field(default_factory=deque)
    errands: list[tuple[int, str, str]] = field(default_factory=list)
    arrived: dict[str, int] = field(default_factory=dict)
    """Since when something stands at the end of a lane."""

    def tell(self, fact: Any) -> None:
        done = step(self.state, fact, max(self.world.now, fact.at))
        self.evidence.said += [(str(one.kind), one.where, one.at, one.label, one.detail) for one in done.events]
        for decision in done.decisions:
            match decision:
                case told.Route():
                    if self.world.now <= decision.until:
                        tip = next(name for name, belt in BELTS.items() if belt.end == decision.diverter)
                        there = [(one.code, BELTS[tip].length_mm * 1000 - one.front) for one in self.world.bodies[tip]]
                        self.evidence.commands.append((self.world.now, decision.diverter, decision.exit, decision.label, there))
                        self.world.set(decision.diverter, decision.exit, decision.over)
                case told.Stop():
                    if decision.segment in BELTS:
                        self.world.stop(decision.segment, stopped=True)
                        self.errands.append((self.world.now + PERSON_S * S, decision.segment, decision.why.rpartition(" ")[2]))
                case told.Feed():
                    self.feeding = decision.allowed
                    for why in decision.why:
                        if why.split()[0] in {"jam", "unconfirmed"}:
                            self.errands.append((self.world.now + PERSON_S * S, why.split()[1], ""))

    def feed(self, number: int) -> bool:
        """The robot puts a tote to an output, and says so."""
        label, entry, belt = f"T-{number}", *(("out-1", "in-1"), ("out-2", "in-2"))[number % 2]
        body = Body(label, genuine=True)
        if not self.world.put(body, belt, TOTE_MM):
            return False
        self.evidence.placed[label] = body
        self.tell(facts.Bound(label, f"script-{number}", "packing", CHAIN, self.world.now))
        self.tell(facts.Placed(entry, label, self.world.now))
        return True

    def merge(self) -> None:
        waiting = []
        for lane in LANES:
            if not self.world.waiting(lane):
                self.arrived.pop(lane, None)
                continue
            since = self.arrived.setdefault(lane, self.world.now)
            if self.feeding or lane == "back":
                waiting.append(Waiting(lane, since, len(self.state.belts[lane].things), BELTS[lane].places))
        lane, self.turns = grant(self.turns, waiting, int(self.world.room_behind_the_merge(PITCH_MM)), self.world.now)
        if lane is not None:
            self.world.gates[lane] += 1

    def people(self) -> None:
        """Whoever is sent for takes off what carries a held label, says that the place is clear and starts its belt."""
        for errand in [one for one in self.errands if one[0] <= self.world.now]:
            self.errands.remove(errand)
            _, belt, label = errand
            for body in self.world.everything():
                if label and body.code == label:
                    body.trail.append((self.world.now, "hand", "off"))
                    self.world.take(body)
            if belt in BELTS and belt != "table":
                self.tell(facts.Cleared(belt, self.world.now))
                self.world.stop(belt, stopped=False)
        resting = [body for body in self.world.bodies["reject"] if body.front > 3_000_000]
        if len(resting) > 8:
            for body in resting:
                self.world.take(body)
            self.tell(facts.Emptied("reject", self.world.now))

    def race(self, apart_ms: int, *, reversed_: bool) -> None:
        """Two totes stand at the end of a lane, and its gate lets both go."""
        ends = BELTS["in-1"].length_mm * 1000
        fronts = (ends, ends - TOTE_MM * 1000 - apart_ms * SPEED_MM_S)
        for number, front in enumerate(fronts):
            body = Body(f"T-{number}", genuine=True, front=front, belt="in-1")
            self.world.bodies["in-1"].append(body)
            self.evidence.placed[body.code] = body
        for number in (1, 0) if reversed_ else (0, 1):
            self.tell(facts.Bound(f"T-{number}", f"script-{number}", "packing", CHAIN, self.world.now))
            self.tell(facts.Placed("out-1", f"T-{number}", self.world.now))
        self.world.gates["in-1"] = 2

    def hand(self, asked: str) -> bool:
        """One deed of a hand; whether there was anything to lay hands on."""
        world, (kind, _, belt) = self.world, asked.partition(":")
        on_line = sorted({body.code for body in world.everything() if body.genuine})
        closed = [label for kind_, _, _, label, _ in self.evidence.said if kind_ == "released"]
        deed = None
        match kind:
            case "remove":
                deed = hands.remove(world, belt)
            case "elsewhere":
                deed = hands.elsewhere(world)
            case "swap":
                deed = hands.swap(world)
            case "foreign":
                deed = hands.insert(world, kind, f"X-{world.now}", belt)
            case "clone" if on_line:
                deed = hands.insert(world, kind, world.chance.choice(on_line), belt)
            case "dead" if closed:
                deed = hands.insert(world, kind, world.chance.choice(closed), belt)
            case "void" if on_line:
                label = world.chance.choice(on_line)
                if label not in closed and label not in self.evidence.voided:
                    self.evidence.voided[label] = world.now
                    self.tell(facts.Voided(label, world.now))
        if deed is not None:
            self.evidence.deeds.append(deed)
        return deed is not None or not belt


def lived(story: Story) -> Evidence:
    """Lives through one day and returns what is left to judge."""
    world = World(story.seed, story.unread, story.tick)
    day = Day(story, world, begin(routes(line())), Evidence(story, world))
    acts = sorted(
        [(int(at * S), "hand", kind) for at, kind in story.hands]
        + [(int(at * S), "stop", belt) for at, belt, _ in story.stops]
        + [(int((at + long) * S), "start", belt) for at, belt, long in story.stops]
        + [(int(at * S), "stuck", one) for at, one, _ in story.stuck]
        + [(int((at + long) * S), "free", one) for at, one, long in story.stuck]
    )
    for (what, belt), count in world.counts.items():
        if BELTS[belt].eye_mm if what == "arrived" else belt in LANES or belt.startswith("tip"):
            day.tell(TELLS[what](what, belt, count, 0))  # a driver tells where its counters stand when its link is up
    if story.race_ms is not None:
        day.race(story.race_ms, reversed_=story.reversed)
    fed, last = 0, 0
    while world.now < last + QUIET_S * S:
        _wires(day)
        if fed < story.totes and world.now >= fed * story.every_s * S and day.feed(fed):
            fed, last = fed + 1, world.now
        while acts and acts[0][0] <= world.now:
            at, what, which = acts.pop(0)
            if not _act(day, what, which) and world.now < last + 60 * S:
                acts = sorted([*acts, (at + S // 2, what, which)])
        day.merge()
        day.people()
        for deed in day.evidence.deeds:
            _watch(deed, world)
        if fed == story.totes and not acts and not day.errands and world.now % S < story.tick and settled(day):
            break
    day.evidence.believed = {label: str(tote.state) for label, tote in day.state.totes.items()}
    day.evidence.ended = world.now
    return day.evidence


def _wires(day: Day) -> None:
    """The world goes on by one tick, and what its devices say arrives when the wires have carried it, in its order."""
    world = day.world
    for fact in world.tick():
        slow = any(at * S <= world.now < (at + long) * S for at, long in day.story.slow)
        before = day.wire[-1][0] if day.wire else 0
        day.wire.append((max(before, world.now + (2 * S if slow else 20_000)), TELLS[str(fact[0])](*fact)))
    while day.wire and day.wire[0][0] <= world.now:
        day.tell(day.wire.popleft()[1])
    if world.now % (S // 5) < day.story.tick and not day.wire:
        day.tell(facts.Passed(world.now))


def _act(day: Day, what: str, which: str) -> bool:
    """Whether it could be done now."""
    match what:
        case "hand":
            return day.hand(which)
        case "stop" | "start":
            held = any(belt == which for _, belt, _ in day.errands)
            if what == "stop" or not held:
                day.world.stop(which, stopped=what == "stop")
        case "stuck":
            day.world.stuck.add(which)
        case "free":
            day.world.stuck.discard(which)
    return True


def _watch(deed: Deed, world: World) -> None:
    """When the belt has moved so far since that whatever was on it must have come to its end, or to its second lap."""
    belt = BELTS[deed.belt]
    allowed = belt.length_mm * S * 12 // (SPEED_MM_S * 10) + (2 + belt.dwell_s) * S
    if deed.due is None and world.moved[deed.belt] >= deed.moved + allowed:
        deed.due = world.now


def settled(day: Day) -> bool:
    """Nobody waits for anything any more."""
    open_ = {"bound", "moving", "at", "late", "unread", "in_lane"}
    waits = any(str(tote.state) in open_ for tote in day.state.totes.values())
    moving = any(body.belt != "reject" for body in day.world.everything())
    return not waits and not moving and all(deed.due is not None for deed in day.evidence.deeds)
