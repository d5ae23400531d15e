"""What is believed: totes by their labels, belts with what is on them in its order, readers. Only `tracking.step` changes it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from controller.machines import reader as reader_table
from controller.machines import segment as segment_table
from controller.machines import tote as tote_table
from controller.tracking.line import SECOND, Segment
from controller.tracking.routes import Routes
from controller.tracking.told import Decision, Event, Kind

RESULTS = 200
"""A reader is judged by so many last results (B.3)."""
TWO = "something that nobody has read came with it"
"""Why what was read whole and in time is not received: it may be the double, and the tote what stands behind it."""


@dataclass(slots=True)
class Thing:
    """Something on a belt. Its label is the one that a reader saw, or that was said to be put there; empty if nobody knows."""

    label: str
    entered_us: int
    """By the clock of its belt, which stands when the belt stands."""
    entered_mm: int = 0
    """Where its front was then."""
    exit: str = ""
    """What was decided at the diverter ahead."""
    beyond_us: int = 0
    """By the clock of that exit, when it came onto this belt; later where it was held up since (`ways.release`)."""
    goal: str = ""
    """The end or the reader it is sent to."""
    until_us: int = 0
    """When that decision is too late, by the clock of its belt."""
    sent: bool = False
    unread: int = 0
    """So many times in a row it was not read."""
    maybe: str = ""
    """The label that it probably has; nothing but a person's search is led by it."""
    laps: int = 0
    sure: bool = False
    """It was read at the last reader and nothing came between: its window is more than a guess."""
    joined: bool = False
    """It touches the next one: an eye counts both as one."""
    late: bool = False
    skipped: bool = False
    """Another that was behind it came first."""
    orderless: bool = False
    """It was on this belt when the order became uncertain."""


@dataclass(slots=True)
class Belt:
    """One segment now."""

    segment: Segment
    state: segment_table.State = segment_table.State.RUNNING
    moving_since: int | None = 0
    moved_us: int = 0
    things: deque[Thing] = field(default_factory=deque)
    arrivals: int | None = None
    departures: int | None = None
    inside: int = 0
    left: deque[tuple[int, ...]] = field(default_factory=deque)
    """When things left it that have not arrived behind it: by its own clock, and by those of the belts behind it."""
    disorder: int = 0
    """So many reads after each other were out of order."""

    def clock(self, at: int) -> int:
        """How long it has moved, microseconds, at that moment."""
        return self.moved_us if self.moving_since is None else self.moved_us + max(at - self.moving_since, 0)


@dataclass(slots=True)
class Tote:
    """What is known of one label."""

    label: str
    script: str = ""
    to: str = ""
    chain: tuple[str, ...] = ()
    state: tote_table.State = tote_table.State.FREE
    proofs: list[str] = field(default_factory=list)
    cleared_for: str = ""
    """The destination for which it was sent through the last diverter before it, by a decision that was in time."""
    place: str = ""
    reader: str = ""
    """The last one that saw it, and when."""
    seen_us: int = 0
    expected: bool = False
    """Somebody said where it is, or it was under way at a restart."""
    release: tuple[str, int] | None = None
    """The segment and its clock's reading from which on no double of it can come any more."""


@dataclass(slots=True)
class Reader:
    """One reader now."""

    state: reader_table.State = reader_table.State.OK
    results: deque[bool] = field(default_factory=lambda: deque(maxlen=RESULTS))


@dataclass(slots=True)
class State:
    """All that is believed of a line, and what the step that is going on has to say."""

    routes: Routes
    belts: dict[str, Belt]
    readers: dict[str, Reader]
    totes: dict[str, Tote] = field(default_factory=dict)
    lanes: dict[str, int] = field(default_factory=dict)
    """What lies in lanes that only a person empties."""
    unconfirmed: set[str] = field(default_factory=set)
    """Segments before diverters that were set, and nothing arrived behind them."""
    against_feeding: tuple[str, ...] = ()
    late_decisions: int = 0
    events: list[Event] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def tell(self, kind: Kind, where: str, at: int, label: str = "", detail: str = "") -> None:
        """Something is known now."""
        self.events.append(Event(kind, where, at, label, detail))


def begin(routes: Routes) -> State:
    """A line of which nothing is known: empty belts, moving."""
    return State(
        routes,
        {name: Belt(segment) for name, segment in routes.segments.items()},
        {name: Reader() for name in routes.readers},
        lanes={name: 0 for name, segment in routes.segments.items() if segment.end in routes.drains},
    )


def window(state: State, belt: Belt, thing: Thing) -> tuple[int, int | None]:
    """When it is expected at the end of its belt, by the belt's clock: from, until (None: no time is too long). B.2."""
    segment, limits = belt.segment, state.routes.line.limits
    eyes = [state.routes.segments[way].eye_mm for way in state.routes.after.get(segment.end, ())]
    past = [state.routes.front_mm[segment.end]] if segment.end in state.routes.front_mm else eyes or [0]
    soonest, latest = (
        max(segment.length_mm - thing.entered_mm + mm, 0) * SECOND // segment.speed_mm_s for mm in (min(past), max(past))
    )
    begins = thing.entered_us + int(soonest * (1 - limits.speed)) - limits.jitter_us
    if segment.dwell_us is None:
        return begins, None
    return begins, thing.entered_us + int(latest * (1 + limits.speed)) + limits.jitter_us + segment.dwell_us


def unnamed_us(state: State, belt: Belt) -> int | None:
    """When the first of what was counted onto this belt, and nobody has read, may come to its end, by the belt's clock. None if
    nothing of the kind is on it."""
    return min((window(state, belt, one)[0] for one in belt.things if not one.label), default=None)


def fire(tote: Tote, event: tote_table.Event) -> None:
    """Moves a tote by its table, where the table has the event; what it refuses changes nothing."""
    if (event, tote.state) in tote_table.RULES.legal:
        tote.state = tote_table.RULES.after(tote.state, event)


def take(state: State, label: str, at: int) -> tuple[str, Thing] | None:
    """Takes the thing with this label off whatever belt it is believed on."""
    for name, belt in state.belts.items():
        for thing in belt.things:
            if thing.label == label:
                belt.things.remove(thing)
                settle(state, belt, at)
                return name, thing
    return None


def doubt(state: State, belt: Belt, at: int, why: str) -> None:
    """From now on nothing on this belt is decided by its order."""
    before = belt.state
    belt.state = segment_table.RULES.after(belt.state, segment_table.Event.DISORDERED)
    belt.disorder = 0
    for thing in belt.things:
        thing.orderless, thing.sure = True, False
    if belt.state is not before:
        state.tell(Kind.UNCERTAIN, belt.segment.id, at, detail=why)
    settle(state, belt, at)


def settle(state: State, belt: Belt, at: int) -> None:
    """An uncertain belt is certain again when nothing is on it that was there when it became so."""
    if belt.state is segment_table.State.UNCERTAIN and not any(thing.orderless for thing in belt.things):
        belt.state = segment_table.RULES.after(belt.state, segment_table.Event.RE_READ)
        state.tell(Kind.CERTAIN, belt.segment.id, at)
