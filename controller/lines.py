"""From a site's belts to the line that tracking knows, and which counter tells of which segment (lines.md B.2; devices.md 7.1).

A loading place that is reached over belts is two points of the line: an end, which receives what its reader has read, and an entry,
from which a new leg begins when the tote is let go. A packing place is an end. Every other exit is a lane that a person empties:
the safe default, to which silence leads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from controller.tracking.line import SECOND, Diverter, End, Limits, Line, Reader, Segment
from sites.loading import LoadingPlace
from sites.models import Site
from sites.routes import CONTAINER_MM
from sites.segments import Graph, graph, zones_of
from sites.segments import Segment as Way

LOOK_US = SECOND // 10
"""While something moves, each module is looked at so often: a counter's word is late by so much at most."""
JITTER_US = 2 * LOOK_US
"""A look that was just missed, and the wire."""
REST_US = 5 * SECOND
"""So long a tote may wait before a zone that another is leaving. None waits longer: a place takes one at a time."""

By = Literal["arrivals", "departures"]


@dataclass(frozen=True, slots=True)
class Place:
    """A loading or packing place on a belt. `end` where totes are sent to it, `entry` where they leave it: points of the line."""

    id: str
    zone: str
    entry: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """A line, and what of the site's parts tells of it."""

    line: Line
    places: Mapping[str, Place]
    arrivals: Mapping[str, str]
    """Segments whose beginning an eye sees, and its zone: what is counted there has come onto them."""
    departures: Mapping[str, str]
    """Segments whose end an eye sees, and its zone: what leaves it has left them."""
    eyes: Mapping[str, tuple[str, By]]
    """For each reader the zone whose eye knows that something has passed it, and by which of its counters."""
    zones: Mapping[str, tuple[str, ...]]
    """The zones of each segment."""
    exits: Mapping[str, Literal["default", "other"]]
    """What the segments behind gates are to their gates."""
    lanes: Mapping[str, str]
    """The segments at whose end a person takes off what nobody sent there, and the zone of that end."""

    def at_zone(self, zone: str) -> Place:
        """The place in a zone that has one."""
        return next(place for place in self.places.values() if place.zone == zone)

    def of_zone(self, zone: str) -> tuple[str, ...]:
        """The segments of which a part lies in a zone."""
        return tuple(segment for segment, zones in self.zones.items() if zone in zones)

    def chain(self, entry: str, end: str) -> tuple[str, ...] | None:
        """The readers that a tote passes from an entry to an end, the last one where it is received; None if no way leads there."""
        readers = {reader.id for reader in self.line.readers}
        target = next((one.reader for one in self.line.ends if one.id == end), None)
        left: list[tuple[str, tuple[str, ...]]] = [(entry, ())]
        passed = set()
        while left and target is not None:
            point, seen = left.pop(0)
            seen = (*seen, point) if point in readers else seen
            if point == target:
                return seen
            passed.add(point)
            left += [(one.end, seen) for one in self.line.segments if one.start == point and one.end not in passed]
        return None

    def leads(self, at: str, to: str) -> bool:
        """Whether the belts lead from one place to another, both by their names in the site file."""
        start, end = self.places.get(at), self.places.get(to)
        if start is None or end is None or start.entry is None or end.end is None:
            return False
        return self.chain(start.entry, end.end) is not None

    def gates(self, chain: tuple[str, ...]) -> tuple[str, ...]:
        """The diverters for which these readers read."""
        return tuple(one.diverter for one in self.line.readers if one.id in chain and one.diverter is not None)


def layout_of(site: Site) -> Layout | None:
    """The line of a site in whose loading or packing places totes come by belt; None where there are none.

    Raises ValueError, naming everything that is wrong, for belts that cannot be tracked safely.
    """
    loading = [place for place in site.loading if place.zone is not None]
    if not site.conveyors or not (loading or site.packing):
        return None
    found = graph(site.conveyors, site.diverters, site.readers, [str(place.zone) for place in loading])
    return _Laying(site, found, loading).laid()


class _Laying:
    """One site's graph on its way to a line."""

    def __init__(self, site: Site, found: Graph, loading: list[LoadingPlace]) -> None:
        self.site, self.graph, self.loading = site, found, loading
        self.zones = zones_of(site.conveyors)
        self.tote_mm = max((gate.container_mm for gate in site.diverters), default=CONTAINER_MM)
        ends = {f"@{place.zone}" for place in loading} | {f">{place.zone}" for place in site.packing}
        self.held = {f"@{place.zone}": place for place in loading}
        self.receiving = {way.start: way.end for way in found.segments if way.end in ends and self._kind(way.start) == "reader"}
        """Readers behind which nothing but a place is, and that place's point."""
        self.ways = [way for way in found.segments if way.end not in ends]

    def laid(self) -> Layout:
        decides = {reader.id: reader.decides for reader in self.site.readers}
        line = Line(
            segments=tuple(self._segment(way) for way in self.ways),
            readers=tuple(
                Reader(reader.id, None if reader.id in self.receiving else decides[reader.id], self.tote_mm // 2)
                for reader in self.site.readers
            ),
            diverters=tuple(
                Diverter(gate.id, self._exits(gate.id), self._exits(gate.id)[0], gate.travel_ms * 1000, gate.confirm_ms * 1000)
                for gate in self.site.diverters
            ),
            entries=tuple(self._start(point.id) for point in self.graph.points.values() if self._begins(point.id)),
            ends=(*self._places_that_receive(), *(End(end, productive=False) for end in self._drains())),
            merges=tuple(point.id for point in self.graph.points.values() if point.kind == "merge"),
            limits=Limits(tote_mm=self.tote_mm, jitter_us=JITTER_US),
        )
        return Layout(
            line,
            {place.id: place for place in self._places()},
            {self._id(way): zone for way in self.ways if (zone := self._counted_in(way)) is not None},
            {self._id(way): zone for way in self.ways if (zone := self._counted_out(way)) is not None},
            {reader.id: (reader.zone, self._by(reader.zone, reader.at_mm)) for reader in self.site.readers},
            {self._id(way): self._lies_in(way) for way in self.ways},
            {self._id(way): way.exit for way in self.ways if way.exit is not None},
            {self._id(way): self.graph.points[way.end].zone for way in self.ways if way.end in self._drains()},
        )

    # --- points

    def _kind(self, point: str) -> str:
        return self.graph.points[point].kind

    def _begins(self, point: str) -> bool:
        """Whether it is an entry of the line: a place, or what leads to none."""
        return self._kind(point) == "place" or (self._kind(point) == "entry" and any(way.start == point for way in self.ways))

    def _start(self, point: str) -> str:
        return f"{self.held[point].id}>" if point in self.held else point

    def _drains(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(way.end for way in self.ways if self._kind(way.end) == "exit"))

    def _reader_of(self, point: str) -> str | None:
        return next((reader for reader, end in self.receiving.items() if end == point), None)

    def _places_that_receive(self) -> tuple[End, ...]:
        points = [(place.id, f"@{place.zone}") for place in self.loading]
        packing = [(place.id, f">{place.zone}") for place in self.site.packing]
        found = [(id_, self._reader_of(point)) for id_, point in points]
        ends = [End(id_, True, reader) for id_, reader in found if reader is not None]
        return (*ends, *(End(id_, True, self._reader_of(point)) for id_, point in packing))

    def _places(self) -> Iterator[Place]:
        for place in self.loading:
            zone = str(place.zone)
            yield Place(place.id, zone, f"{place.id}>", place.id if self._reader_of(f"@{zone}") else None)
        yield from (Place(place.id, place.zone, None, place.id) for place in self.site.packing)

    # --- segments

    def _id(self, way: Way) -> str:
        return f"{self._start(way.start)}..{way.end}"

    def _exits(self, gate: str) -> tuple[str, ...]:
        """The default one first."""
        return tuple(self._id(way) for way in sorted(self.graph.after(gate), key=lambda way: way.exit or ""))

    def _segment(self, way: Way) -> Segment:
        length_mm, speed = way.length_mm, max(1, round(way.length_mm / way.travel_s))
        if way.start in self.held:  # a tote has left its place when its rear has passed the eye
            length_mm = max(1, length_mm - self.tote_mm)
        decides = self._kind(way.start) == "reader"
        return Segment(
            self._id(way), self._start(way.start), way.end, length_mm, speed, way.places,
            eye_mm=self._eye_mm(way), dwell_us=0 if decides else REST_US,
        )  # fmt: skip

    def _lies_in(self, way: Way) -> tuple[str, ...]:
        """Its zones, without one at whose very beginning it ends."""
        return way.zones[:-1] if len(way.zones) > 1 and not self.graph.points[way.end].at_mm else way.zones

    def _eye_mm(self, way: Way) -> int:
        """How far from the beginning the first eye stands."""
        zone = self._counted_in(way)
        if zone is None:
            return 0
        before = way.zones[: way.zones.index(zone)]
        begins = 0 if way.exit == "other" else self.graph.points[way.start].at_mm
        return sum(self.zones[one].length_mm for one in before) + self.zones[zone].eye - begins

    def _counted_in(self, way: Way) -> str | None:
        """The zone of the first eye, of what a gate or a merge lets onto it."""
        if self._kind(way.start) not in {"diverter", "merge"}:
            return None
        end = self.graph.points[way.end]
        begins = 0 if way.exit == "other" else self.graph.points[way.start].at_mm
        for zone in way.zones:
            eye = self.zones[zone].eye
            if eye >= begins and not (zone == end.zone and zone == way.zones[-1] and eye >= end.at_mm):
                return zone
            begins = 0
        return None

    def _counted_out(self, way: Way) -> str | None:
        """The zone of the last eye before a merge, or before the gate that a reader decides."""
        if self._kind(way.end) == "merge":
            return way.zones[-1] if len(way.zones) == 1 else way.zones[-2]
        if self._kind(way.end) == "diverter" and self._by(way.zones[0], self.graph.points[way.start].at_mm) == "departures":
            return way.zones[0]
        return None

    def _by(self, zone: str, at_mm: int) -> By:
        """A tote that is read before its front is at the eye is known of by its arrival there, one that is read later by its
        departure."""
        return "arrivals" if at_mm + self.tote_mm // 2 <= self.zones[zone].eye else "departures"
