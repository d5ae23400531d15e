"""Belts that lead to loading and packing places: what tracking needs to know of every tote (lines.md B.2; decision 0060).

A tote is read before it is received, and before every gate; a gate's default exit leads to no place; and an eye stands where
something must be seen to come or go. Looked at when the belts themselves are right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sites.conveyors import ReaderPart, Zone
from sites.models import Site
from sites.positions import Path as KeyPath
from sites.reading import TomlFile
from sites.routes import CONTAINER_MM
from sites.segments import Graph, Segment, graph, zones_of


def check_line(file: TomlFile, site: Site | None) -> None:
    """Every rule about belts on which totes are tracked; none where no place is on a belt."""
    if site is None or any(finding.severity == "error" for finding in file.findings):
        return
    held = [str(place.zone) for place in site.loading if place.zone is not None]
    if not held and not site.packing:
        return
    found = graph(site.conveyors, site.diverters, site.readers, held)
    zones = zones_of(site.conveyors)
    tote = max((gate.container_mm for gate in site.diverters), default=CONTAINER_MM)
    for path, message in (
        *_places(site, found, zones, tote),
        *_gates(site, found, zones),
        *_readers(site, found, zones, tote),
        *_merges(site, found, zones, tote),
    ):
        file.say("error", path, message)


Said = Iterator[tuple[KeyPath, str]]


def _places(site: Site, found: Graph, zones: Mapping[str, Zone], tote: int) -> Said:
    points = {f"@{place.zone}": ("loading", number) for number, place in enumerate(site.loading) if place.zone is not None}
    points |= {f">{place.zone}": ("packing", number) for number, place in enumerate(site.packing)}
    for point, (kind, number) in points.items():
        zone, path = zones[point[1:]], (kind, number, "zone")
        before = [found.points[way.start].kind for way in found.segments if way.end == point]
        if kind == "packing" and zone.exit_per_hour is None:
            yield path, f"zone {zone.id} is no exit: a packing place is where totes are taken off"
        elif any(one not in {"reader", "entry"} for one in before) or (kind == "packing" and "reader" not in before):
            yield path, f"nothing reads what arrives in zone {zone.id}: a reader stands in it, before its eye"
        if kind == "loading" and zone.to is None:
            yield path, f"zone {zone.id} leads nowhere, so no tote ever leaves this place"
        elif kind == "loading" and zone.eye + tote > zone.length_mm:
            yield (
                path,
                f"the eye of zone {zone.id} is less than a tote ({tote} mm) before its end: a tote would be on its way unseen",
            )


def _gates(site: Site, found: Graph, zones: Mapping[str, Zone]) -> Said:
    receiving = {way.start for way in found.segments if way.end[0] in "@>" and found.points[way.start].kind == "reader"}
    receiving = {one for one in receiving if _leads_to_a_place(site, found, one)}
    for number, gate in enumerate(site.diverters):
        path = ("diverters", number)
        if all(reader.decides != gate.id for reader in site.readers):
            yield path, "no reader decides this diverter, and totes for places pass it"
        for way in found.after(gate.id):
            if way.exit == "default" and way.end in receiving:
                yield path, f"its default exit leads to {way.end}, which receives: silence would not be safe"
            if not _eye_on(way, found, zones, gate.at_mm):
                yield path, f"no eye stands on its {way.exit} exit before {way.end}, so nobody sees which way a tote went"


def _leads_to_a_place(site: Site, found: Graph, reader: str) -> bool:
    places = {f"@{place.zone}" for place in site.loading} | {f">{place.zone}" for place in site.packing}
    return any(way.end in places for way in found.after(reader))


def _eye_on(way: Segment, found: Graph, zones: Mapping[str, Zone], gate_mm: int) -> bool:
    end, begins = found.points[way.end], 0 if way.exit == "other" else gate_mm
    for zone in way.zones:
        eye = zones[zone].eye
        if begins <= eye and not (zone == end.zone and zone == way.zones[-1] and eye >= end.at_mm):
            return True
        begins = 0
    return False


def _readers(site: Site, found: Graph, zones: Mapping[str, Zone], tote: int) -> Said:
    for number, reader in enumerate(site.readers):
        path, eye, front = ("readers", number, "at_mm"), zones[reader.zone].eye, reader.at_mm + tote // 2
        if _leads_to_a_place(site, found, reader.id):
            if front > eye:
                yield path, f"a tote ({tote} mm) stands before the eye at {eye} mm before this reader has seen its middle"
        elif reader.decides is None:
            yield path, "it reads for nothing: it decides no diverter and no place receives behind it"
        elif not eye < front < eye + tote:
            yield path, _before_a_gate(reader, eye, tote)


def _before_a_gate(reader: ReaderPart, eye: int, tote: int) -> str:
    least, most = eye - tote // 2 + 1, eye + tote - tote // 2 - 1
    return (
        f"a tote that waits at the eye of zone {reader.zone} ({eye} mm) would be decided before it goes on, or counted before it "
        f"is read: between {least} and {most} mm it is read as it leaves"
    )


def _merges(site: Site, found: Graph, zones: Mapping[str, Zone], tote: int) -> Said:
    """What leaves the last eye before a merge is on the common belt."""
    numbers = {
        zone.id: ("conveyors", index, "zones", number)
        for index, part in enumerate(site.conveyors)
        for number, zone in enumerate(part.zones)
    }
    for way in found.segments:
        if found.points[way.end].kind != "merge":
            continue
        last = zones[way.zones[-2] if len(way.zones) > 1 else way.zones[-1]]
        if last.eye + tote > last.length_mm:
            yield (*numbers[last.id], "eye_mm"), f"less than a tote ({tote} mm) before the end of a zone that leads to a merge"
