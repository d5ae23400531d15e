"""Belts as they are drawn: the site file gives their lengths, not where they stand, so they are laid out in rows, to scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulators.house import House
from simulators.plant.belt import Belt, Body
from sites.models import Site
from sites.segments import zones_of

ROW_MM, BELT_MM = 620, 360
"""From row to row, and how wide a belt is drawn. Ours: the site file has no width."""


@dataclass(frozen=True, slots=True)
class DrawnZone:
    """One zone, its beginning at x, y. `eye` is where its photo-eye looks, `blocked` what it says."""

    id: str
    x: int
    y: int
    length: int
    eye: int
    blocked: bool
    runs: bool
    place: str


@dataclass(frozen=True, slots=True)
class DrawnBody:
    """The part of a container that lies on one zone."""

    id: str
    x: float
    y: int
    length: float
    stuck: str


@dataclass(frozen=True, slots=True)
class Way:
    """From a zone, or from a gate on one, to the zone that follows."""

    x: int
    y: int
    to_x: int
    to_y: int


@dataclass(frozen=True, slots=True)
class DrawnGate:
    """A diverter's gate; `angle` from 0 (at rest) to 45 degrees (drawn)."""

    id: str
    x: int
    y: int
    angle: float
    word: str


@dataclass(frozen=True, slots=True)
class Line:
    """All belts of a site."""

    width: int
    height: int
    zones: Sequence[DrawnZone]
    ways: Sequence[Way]
    gates: Sequence[DrawnGate]
    readers: Sequence[tuple[str, int, int]]
    bodies: Sequence[DrawnBody]


def line(house: House) -> Line | None:
    """The belts as they are now; None where there are none."""
    site, belts = house.site, house.belts.belts
    if not belts:
        return None
    corners = _laid(site)
    zones = []
    places = {place.zone: place.id for place in site.loading if place.zone is not None}
    places |= {place.zone: place.id for place in site.packing}
    for id, zone in zones_of(site.conveyors).items():
        x, y = corners[id]
        belt = belts[id]
        zones.append(DrawnZone(id, x, y, zone.length_mm, zone.eye, belt.eye, belt.surface > 0, places.get(id, "")))
    ways = [Way(corners[a][0] + at, corners[a][1], *corners[b]) for a, b, at in _leads(site)]
    gates = []
    for part in site.diverters:
        gate, (x, y) = house.gates[part.id], corners[part.zone]
        word = "moves" if gate.moving else "drawn" if gate.drawn else "rests" if gate.rests else "half way"
        gates.append(DrawnGate(part.id, x + part.at_mm, y, round(45 * gate.where, 1), word))
    readers = [(part.id, corners[part.zone][0] + part.at_mm, corners[part.zone][1]) for part in site.readers]
    bodies = [piece for id in house.belts.bodies for piece in _pieces(house.belts.where(id), belts, corners)]
    width = max(zone.x + zone.length for zone in zones)
    return Line(width, max(zone.y for zone in zones) + ROW_MM, zones, ways, gates, readers, bodies)


def moving(house: House) -> bool:
    """Whether anything on the belts is under way."""
    bodies = any(body.speed for body in house.belts.bodies.values())
    return bodies or any(gate.moving for gate in house.gates.values())


def _pieces(body: Body, belts: Mapping[str, Belt], corners: Mapping[str, tuple[int, int]]) -> Iterator[DrawnBody]:
    stuck = "held" if body.held else "caught" if body.caught else ""
    for id, belt in belts.items():
        span = body.span(belt)
        if span is not None and span[1] > max(span[0], 0):
            x, y = corners[id]
            yield DrawnBody(body.id, round(x + max(span[0], 0), 1), y, round(span[1] - max(span[0], 0), 1), stuck)


def _leads(site: Site) -> list[tuple[str, str, int]]:
    """From zone to zone, and where on the first one its way leaves."""
    ends = [(zone.id, zone.to, zone.length_mm) for zone in zones_of(site.conveyors).values() if zone.to is not None]
    return ends + [(gate.zone, gate.other, gate.at_mm) for gate in site.diverters]


def _laid(site: Site) -> dict[str, tuple[int, int]]:
    """The corner of every zone: as far along as its longest way there, in the first row below that has room."""
    zones = zones_of(site.conveyors)
    before: dict[str, list[tuple[str, int]]] = {id: [] for id in zones}
    for start, end, at in _leads(site):
        before[end].append((start, at))
    along: dict[str, int] = {}

    def reach(id: str, passed: frozenset[str]) -> int:
        if id not in along:
            ways = [(start, at) for start, at in before[id] if start not in passed]
            along[id] = max((reach(start, passed | {start}) + at for start, at in ways), default=0)
        return along[id]

    for id in zones:
        reach(id, frozenset({id}))
    rows: dict[str, int] = {}
    branches = [gate.other for gate in site.diverters]
    starts = [id for id in zones if not before[id]]
    for first in (*starts, *branches, *zones):
        chain, id = list[str](), first
        while id not in rows and id not in chain:
            chain.append(id)
            following = zones[id].to
            if following is None:
                break
            id = following
        above = max((rows[start] for start, _ in before[first] if start in rows), default=-1)
        row = above + 1
        while any(
            rows[other] == row and _meet(along, zones[one].length_mm, one, zones[other].length_mm, other)
            for one in chain
            for other in rows
        ):
            row += 1
        rows.update(dict.fromkeys(chain, row))
    return {id: (along[id], rows[id] * ROW_MM) for id in zones}


def _meet(along: Mapping[str, int], length: int, one: str, other_length: int, other: str) -> bool:
    return along[one] < along[other] + other_length and along[other] < along[one] + length
