"""What belts are made of: a zone with motor and eye, a body on its way, and the marks that it will pass."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from simulators.plant.gate import Gate

EPS = 1e-6
"""mm: nearer than this is there."""
MOUTH_MM = 20.0
"""Where the eye at a zone's mouth looks."""


@dataclass(slots=True)
class BeltAils:
    """What is wrong with a zone at the moment."""

    eye: bool | None = None
    """The eye says blocked (True) or clear (False), whatever stands before it."""
    motor: bool = False
    """The motor does not turn."""
    slow: float = 1.0
    """The rollers turn so many times as fast as they should."""
    blocked_at: float | None = None
    """Something holds every body whose front comes to this place, in mm."""


class Belt:
    """A zone: `length` mm of rollers with one motor and one photo-eye. `runs` is what its module wants."""

    def __init__(self, id: str, length: float, eye_at: float, speed: float) -> None:
        self.id, self.length, self.eye_at, self.speed = id, length, eye_at, speed
        self.runs = False
        self.next: Belt | None = None
        self.fork: Fork | None = None
        self.readers: list[ReadingPoint] = []
        self.before_eye: set[str] = set()
        """The bodies that really stand before the eye."""
        self.ails = BeltAils()
        self.on_eye: Callable[[bool], None] = lambda blocked: None
        self.on_entry: Callable[[], None] = lambda: None
        """A body comes before the eye at the zone's mouth."""
        self.mouth: Callable[[], bool] = lambda: False
        """Whether a body stands before the eye at the zone's beginning."""

    @property
    def eye(self) -> bool:
        """What the eye says: blocked."""
        return bool(self.before_eye) if self.ails.eye is None else self.ails.eye

    @property
    def surface(self) -> float:
        """How fast its rollers really go, mm/s."""
        return 0.0 if not self.runs or self.ails.motor else self.speed * self.ails.slow


@dataclass(slots=True)
class Fork:
    """Where a gate stands on a zone, and where it leads when drawn."""

    id: str
    at: float
    other: Belt
    gate: Gate


@dataclass(slots=True)
class ReadingPoint:
    """Where a reader looks. `seen` is called with each body whose middle passes."""

    id: str
    at: float
    seen: Callable[[Body], None] = lambda body: None


@dataclass(slots=True)
class Stretch:
    """The part of a body's way on one zone. Its place on the zone is its way minus `base`."""

    belt: Belt
    base: float


@dataclass(order=True, slots=True)
class Mark:
    """Something that a body passes when its front has gone `way`. At one moment, what begins comes before what ends."""

    way: float
    rank: int
    what: str = field(compare=False)
    belt: Belt = field(compare=False)
    reader: ReadingPoint | None = field(default=None, compare=False)


EYE, MOUTH, END, FORK, READ, OFF = "eye", "mouth", "end", "fork", "read", "off"
EYE_CLEAR, FORK_CLEAR = "eye clear", "fork clear"
RANKS = {EYE: 0, MOUTH: 0, FORK: 1, READ: 2, END: 3, OFF: 4, FORK_CLEAR: 5, EYE_CLEAR: 6}


class Body:
    """A tote or pack of a length on the belts. `way` is how far its front has come; `code` is what a reader would read."""

    def __init__(self, id: str, length: float, code: str) -> None:
        self.id, self.length, self.code = id, length, code
        self.way = 0.0
        self.speed = 0.0
        self.trail: list[Stretch] = []
        """The zones it lies on, its rear's first."""
        self.marks: list[Mark] = []
        self.held = False
        """A hand holds it."""
        self.caught = False
        """A gate has it between its parts."""
        self.waits_for: Belt | None = None
        """The zone that it cannot get onto: another body lies over its beginning."""
        self.at_end = False
        """It stands at the end of the last zone."""
        self.over: Fork | None = None
        """The fork that it lies over."""
        self.touching: str | None = None
        """The body it has run up against."""

    @property
    def belt(self) -> Belt:
        """The zone where its front is."""
        return self.trail[-1].belt

    @property
    def front(self) -> float:
        """Its front's place on that zone, mm."""
        return self.way - self.trail[-1].base

    @property
    def rear(self) -> tuple[Belt, float]:
        """The zone where its rear is, and the place on it."""
        return self.trail[0].belt, self.way - self.length - self.trail[0].base

    @property
    def under(self) -> Belt:
        """The zone under its middle, which moves it."""
        middle = self.way - self.length / 2
        return next((stretch.belt for stretch in reversed(self.trail) if stretch.base <= middle + EPS), self.trail[0].belt)

    def span(self, belt: Belt) -> tuple[float, float] | None:
        """The places of a zone between which it lies there, in mm; the first is below 0 where its rear is on an earlier zone."""
        for index, stretch in enumerate(self.trail):
            if stretch.belt is belt:
                front = self.way - stretch.base
                ends = self.trail[index + 1].base - stretch.base if index + 1 < len(self.trail) else front
                return front - self.length, min(front, ends)
        return None

    def lies(self, belt: Belt, start: float, end: float) -> bool:
        """Whether it lies anywhere between two places of a zone; the same place twice: over that place."""
        span = self.span(belt)
        return span is not None and span[0] + EPS < end and start < span[1] - EPS

    def add(self, what: str, way: float, belt: Belt, reader: ReadingPoint | None = None) -> None:
        """One more mark ahead; one that lies behind already is none."""
        if way > self.way - EPS:
            insort(self.marks, Mark(way, RANKS[what], what, belt, reader))

    def forget(self, belt: Belt, whats: Iterable[str], beyond: float) -> None:
        """No more of these marks of a zone beyond a way: the body goes another."""
        gone = set(whats)
        self.marks = [mark for mark in self.marks if not (mark.belt is belt and mark.what in gone and mark.way > beyond + EPS)]
