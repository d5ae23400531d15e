"""What a line's graph says: which exit leads where, how soon a tote can be at the next reader, what forms a loop.

Worked out once, when the line is known.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

from controller.tracking.line import SECOND, Line, Segment


@dataclass(frozen=True, slots=True)
class Routes:
    """A line and what follows from its graph."""

    line: Line
    segments: Mapping[str, Segment]
    after: Mapping[str, tuple[str, ...]]
    """The segments that begin at a point."""
    before: Mapping[str, tuple[str, ...]]
    """The segments that end at a point."""
    towards: Mapping[tuple[str, str], str]
    """The exit of a diverter on the shortest way to a point, for each point that can be reached from it."""
    soonest_us: Mapping[tuple[str, str], int]
    """The shortest travel between two readers, the belts as fast as they may be; between one and itself a whole lap."""
    loop: frozenset[str]
    """The segments on which a tote can come round again."""
    readers: Mapping[str, str | None]
    """Readers, and the diverter each reads for."""
    receiving: Mapping[str, str]
    """Readers of destinations, and which destination."""
    front_mm: Mapping[str, int]
    """How far the front of a tote is past a reader when its report comes."""
    drains: tuple[str, ...]
    """Ends that take whatever comes: reject and exception lanes."""


def routes(line: Line) -> Routes:
    """Works out what the graph says."""
    segments = {segment.id: segment for segment in line.segments}
    points = {point for segment in line.segments for point in (segment.start, segment.end)}
    after = {point: tuple(one.id for one in line.segments if one.start == point) for point in points}
    before = {point: tuple(one.id for one in line.segments if one.end == point) for point in points}
    receiving = {end.reader: end.id for end in line.ends if end.reader is not None}
    towards: dict[tuple[str, str], str] = {}
    for diverter in line.diverters:
        for exit_ in diverter.exits:
            for point in (segments[exit_].end, *_distances(segments[exit_].end, after, segments)):
                towards[diverter.id, point] = _nearer(towards.get((diverter.id, point)), exit_, point, after, segments)
        for reader, end in receiving.items():
            if (diverter.id, reader) in towards:
                towards[diverter.id, end] = towards[diverter.id, reader]
    readers = [reader.id for reader in line.readers]
    soonest = {(one, other): at for one in readers for other, at in _distances(one, after, segments).items() if other in readers}
    loop = frozenset(
        segment.id for segment in line.segments if segment.start in {segment.end, *_distances(segment.end, after, segments)}
    )
    least = 1 - line.limits.speed
    return Routes(
        line=line,
        segments=segments,
        after=after,
        before=before,
        towards=towards,
        soonest_us={pair: max(int(at * least) - line.limits.jitter_us, 0) for pair, at in soonest.items()},
        loop=loop,
        readers={reader.id: reader.diverter for reader in line.readers},
        receiving=receiving,
        front_mm={reader.id: reader.front_mm for reader in line.readers},
        drains=tuple(end.id for end in line.ends if not end.productive),
    )


def travel_us(segment: Segment) -> int:
    """How long its belt takes from one end to the other, at its speed."""
    return segment.length_mm * SECOND // segment.speed_mm_s


def _distances(point: str, after: Mapping[str, tuple[str, ...]], segments: Mapping[str, Segment]) -> dict[str, int]:
    """Travel times to every point that can be reached; to itself once round, if there is a way round."""
    found: dict[str, int] = {}
    waiting = [(travel_us(segments[way]), segments[way].end) for way in after.get(point, ())]
    heapq.heapify(waiting)
    while waiting:
        at, where = heapq.heappop(waiting)
        if where in found:
            continue
        found[where] = at
        for way in after.get(where, ()):
            heapq.heappush(waiting, (at + travel_us(segments[way]), segments[way].end))
    return found


def _nearer(known: str | None, new: str, point: str, after: Mapping[str, tuple[str, ...]], segments: Mapping[str, Segment]) -> str:
    """Which of two exits is nearer to the point."""
    if known is None:
        return new

    def far(exit_: str) -> int:
        end = segments[exit_].end
        return travel_us(segments[exit_]) + (0 if end == point else _distances(end, after, segments)[point])

    return min((known, new), key=far)
