"""The graph of a site's belts (lines.md B.2): points where something is known or decided, and the segments between them.

A point is an entry, a reader, a diverter, a merge (several ways come together), a place where containers are held, or an exit. A
segment is what lies between two points: its length, what an unhindered container takes for it, and how many may be on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sites.conveyors import ConveyorPart, DiverterPart, ReaderPart, Zone

PointKind = Literal["entry", "merge", "reader", "diverter", "place", "exit"]


@dataclass(frozen=True, slots=True)
class Point:
    """A point and where it is. An entry or merge stands at its zone's beginning and bears its name with `<`, an exit with `>`, a
    place where containers are held stands at its zone's eye and bears its name with `@`."""

    id: str
    kind: PointKind
    zone: str
    at_mm: int


@dataclass(frozen=True, slots=True)
class Segment:
    """The way from one point to the next. `exit` is `default` or `other` behind a diverter, else None."""

    id: str
    start: str
    end: str
    exit: Literal["default", "other"] | None
    length_mm: int
    travel_s: float
    """Unhindered, at the zones' set speeds."""
    places: int
    """Containers that may wait on it: a zone's places belong to the segment in which its eye looks. One at least."""
    zones: tuple[str, ...]
    """Every zone of which a part belongs to it, in order."""


@dataclass(frozen=True, slots=True)
class Graph:
    """All points by their id, and all segments."""

    points: Mapping[str, Point]
    segments: tuple[Segment, ...]

    def after(self, point: str) -> tuple[Segment, ...]:
        """The segments that begin at a point."""
        return tuple(segment for segment in self.segments if segment.start == point)


def zones_of(conveyors: Sequence[ConveyorPart]) -> dict[str, Zone]:
    """Every zone by its id."""
    return {zone.id: zone for part in conveyors for zone in part.zones}


def graph(
    conveyors: Sequence[ConveyorPart], diverters: Sequence[DiverterPart], readers: Sequence[ReaderPart], held: Sequence[str] = ()
) -> Graph:
    """The graph of belts that `galenic check` has found right. In the zones of `held` containers wait until they are let go. A
    ring without any point has no segment."""
    zones = zones_of(conveyors)
    leads = [zone.to for zone in zones.values() if zone.to is not None] + [gate.other for gate in diverters]
    by_zone: dict[str, list[Point]] = {id: [] for id in zones}
    for zone in zones.values():
        if zone.entry_per_hour is not None:
            by_zone[zone.id].append(Point(f"<{zone.id}", "entry", zone.id, 0))
        elif leads.count(zone.id) > 1:
            by_zone[zone.id].append(Point(f"<{zone.id}", "merge", zone.id, 0))
        if zone.id in held:
            by_zone[zone.id].append(Point(f"@{zone.id}", "place", zone.id, zone.eye))
        if zone.exit_per_hour is not None:
            by_zone[zone.id].append(Point(f">{zone.id}", "exit", zone.id, zone.length_mm))
    for reader in readers:
        by_zone[reader.zone].append(Point(reader.id, "reader", reader.zone, reader.at_mm))
    for gate in diverters:
        by_zone[gate.zone].append(Point(gate.id, "diverter", gate.zone, gate.at_mm))
    for standing in by_zone.values():
        standing.sort(key=lambda point: point.at_mm)
    points = {point.id: point for standing in by_zone.values() for point in standing}
    others = {gate.id: gate.other for gate in diverters}
    segments = [segment for point in points.values() for segment in _leaving(point, zones, by_zone, others.get(point.id))]
    return Graph(points, tuple(segments))


def _leaving(point: Point, zones: Mapping[str, Zone], by_zone: Mapping[str, list[Point]], other: str | None) -> Iterator[Segment]:
    ways: list[tuple[Literal["default", "other"] | None, str, int]] = [("default" if other else None, point.zone, point.at_mm)]
    if other is not None:
        ways.append(("other", other, 0))
    for way, zone, at_mm in ways:
        seen = point if way != "other" else None
        found = _way(seen, zone, at_mm, zones, by_zone)
        if found is not None:
            end, length_mm, travel_s, places, passed = found
            yield Segment(f"{point.id}..{end.id}", point.id, end.id, way, length_mm, travel_s, max(1, places), passed)


def _way(
    start: Point | None, zone: str, at_mm: int, zones: Mapping[str, Zone], by_zone: Mapping[str, list[Point]]
) -> tuple[Point, int, float, int, tuple[str, ...]] | None:
    """To the next point: it, the length, the time, the places and the zones; None where the belt ends before one, or goes round."""
    length_mm, travel_s, places = 0, 0.0, 0
    passed: tuple[str, ...] = (zone,)
    standing = by_zone[zone]
    left = standing[standing.index(start) + 1 :] if start is not None else standing
    while True:
        part = zones[zone]
        until = left[0].at_mm if left else part.length_mm
        length_mm += until - at_mm
        travel_s += (until - at_mm) / part.speed_mm_s
        places += part.places if at_mm <= part.eye <= until else 0
        if left:
            return left[0], length_mm, travel_s, places, passed
        if part.to is None or (part.to in passed and not by_zone[part.to]):
            return None
        zone, at_mm = part.to, 0
        left = by_zone[zone]
        passed = (*passed, zone)


def travel(zones: Mapping[str, Zone], start: tuple[str, int], end: tuple[str, int]) -> tuple[int, float] | None:
    """Length in mm and time in s from a place (zone, mm) along `to` to another; None where that way does not lead there."""
    zone, at_mm = start
    length_mm, travel_s, passed = 0, 0.0, {zone}
    while True:
        part = zones[zone]
        here = zone == end[0] and end[1] >= at_mm
        until = end[1] if here else part.length_mm
        length_mm += until - at_mm
        travel_s += (until - at_mm) / part.speed_mm_s
        if here:
            return length_mm, travel_s
        if part.to is None or part.to in passed or part.to not in zones:
            return None
        zone, at_mm = part.to, 0
        passed.add(zone)


def budget_s(zones: Mapping[str, Zone], reader: ReaderPart, gate: DiverterPart) -> float | None:
    """Seconds from a code being read until its container's gate must have been told (B.2); None where it never gets there.

    (distance - half a container) / speed - travel of the gate - confirmation: it is read by its middle and met by its front.
    """
    way = travel(zones, (reader.zone, reader.at_mm), (gate.zone, gate.at_mm))
    if way is None:
        return None
    half = gate.container_mm / 2 / zones[gate.zone].speed_mm_s
    return way[1] - half - gate.travel_ms / 1000 - gate.confirm_ms / 1000


def per_hour(zone: Zone, container_mm: int) -> int:
    """Containers an hour that a zone can carry: one at a time, each from the zone's beginning until it has left the eye.

    That is c/T (decision 7 of lines.md) with one place: zero-pressure zones let in the next when they are clear.
    """
    return 3600 * zone.speed_mm_s // (zone.length_mm + container_mm)
