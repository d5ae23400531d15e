"""A line as a directed graph: points (entries, readers, diverters, merges, ends) and the segments between them (lines.md B.2).

Plain data. Lengths are whole millimetres, speeds whole millimetres a second, times whole microseconds; a tolerance is a
Fraction. An exit of a diverter is called by the segment that it leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

SECOND = 1_000_000
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of belt from one point to the next."""

    id: str
    start: str
    end: str
    length_mm: int
    speed_mm_s: int
    places: int
    eye_mm: int = 0
    """How far from its beginning the eye stands that counts arrivals: a tote counted there has left the point behind it."""
    dwell_us: int | None = 0
    """How long a tote may rest on it beside its travel: 0 on a belt that only carries, more where totes accumulate, and None
    where no time is too long."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of codes with its photo-eye, at the end of one segment and the beginning of the next."""

    id: str
    diverter: str | None = None
    """For which diverter it reads; none if it stands where totes are received."""
    front_mm: int = 0
    """How far the front of a tote is past the reader when its report comes: half a tote if it reports at the middle (the
    arithmetic of B.2), a whole one if it reports when its photo-eye is free again."""


@dataclass(frozen=True, slots=True)
class Diverter:
    """Its exits, by the segments they lead to. `default` is where it sends whatever nothing was decided about: the safe way."""

    id: str
    exits: tuple[str, ...]
    default: str
    actuate_us: int
    confirm_us: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """Where a line ends. A `productive` one is a destination and reads what it receives; others take whatever comes."""

    id: str
    productive: bool
    reader: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be set for a line; the figures are those of B.2 and B.3."""

    tote_mm: int = 300
    speed: Fraction = Fraction(1, 10)
    """How much faster or slower than its speed a belt may be."""
    jitter_us: int = SECOND // 10
    late_windows: int = 3
    """After so many windows what is late is lost."""
    laps: int = 3
    loop_share: Fraction = Fraction(7, 10)
    """Above this share of a loop's places nothing more is fed."""
    jam_us: int = 5 * SECOND
    """Within this what left one zone arrives in the next (devices.md 7.1)."""
    lane_share: Fraction = Fraction(3, 4)
    """Above this share of the places of a lane that only a person empties nothing more is fed (rule R5 of B.4)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line. Raises ValueError, naming everything that is wrong, if it is none that can be tracked safely."""

    segments: tuple[Segment, ...]
    readers: tuple[Reader, ...]
    diverters: tuple[Diverter, ...]
    entries: tuple[str, ...]
    ends: tuple[End, ...]
    merges: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        wrong = sorted(mistakes(self))
        if wrong:
            raise ValueError("; ".join(wrong))


def mistakes(line: Line) -> Iterator[str]:
    """Everything for which this graph is no line."""
    points = [*line.entries, *line.merges, *(one.id for part in (line.readers, line.diverters, line.ends) for one in part)]
    names = [*points, *(segment.id for segment in line.segments)]
    yield from (f"{name} is there twice" for name in set(names) if names.count(name) > 1)
    for segment in line.segments:
        yield from (f"{segment.id} leads to no point {end}" for end in (segment.start, segment.end) if end not in points)
        if min(segment.length_mm, segment.speed_mm_s, segment.places) <= 0:
            yield f"{segment.id} has no length, no speed or no place"
    ways = {point: [segment.id for segment in line.segments if segment.start == point] for point in points}
    ends = {end.id for end in line.ends}
    diverters = {diverter.id: diverter for diverter in line.diverters}
    for point, out in ways.items():
        if point in ends:
            yield from (f"{point} is an end and leads on" for _ in out[:1])
        elif point in diverters:
            if set(diverters[point].exits) != set(out):
                yield f"the exits of {point} are not the segments that begin there"
        elif len(out) != 1 and not _receives(line, point):
            yield f"{point} leads to {len(out)} segments and not to one"
    yield from _unsafe(line, ways)


def _receives(line: Line, point: str) -> bool:
    return any(end.reader == point for end in line.ends)


def _unsafe(line: Line, ways: dict[str, list[str]]) -> Iterator[str]:
    """What would let a tote come where it must not."""
    into = {segment.id: segment.end for segment in line.segments}
    known = {reader.id for reader in line.readers}
    for reader in line.readers:
        if reader.diverter is not None and [into.get(way) for way in ways[reader.id]] != [reader.diverter]:
            yield f"{reader.id} does not lead straight to {reader.diverter}"
        if reader.diverter is None and not _receives(line, reader.id):
            yield f"{reader.id} reads for nothing"
        if list(into.values()).count(reader.id) != 1:
            yield f"not one segment but {list(into.values()).count(reader.id)} lead to {reader.id}"
    read_for = {reader.diverter for reader in line.readers}
    yield from (f"nothing is read for {diverter.id}" for diverter in line.diverters if diverter.id not in read_for)
    for end in line.ends:
        if end.productive and (end.reader not in known or any(into[way] == end.id for out in ways.values() for way in out)):
            yield f"{end.id} receives what was not read there"
    receiving = {end.reader for end in line.ends if end.productive}
    for diverter in line.diverters:
        if diverter.default not in diverter.exits:
            yield f"{diverter.id} has no exit {diverter.default}"
        elif into[diverter.default] in receiving:
            yield f"the default exit of {diverter.id} leads to {into[diverter.default]}: silence would not be safe"
