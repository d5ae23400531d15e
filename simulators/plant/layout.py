"""The belts of a site as they stand at the start: empty, at their set speeds, every gate at rest."""

from __future__ import annotations

from simulators.plant.belt import Belt, Fork, ReadingPoint
from simulators.plant.belts import Belts
from simulators.plant.gate import Gate
from sites.models import Site
from sites.segments import zones_of


def laid(site: Site) -> Belts:
    """All belts, gates and reading points of a site. Whoever reads there sets `ReadingPoint.seen`."""
    parts = zones_of(site.conveyors)
    belts = Belts(Belt(zone.id, zone.length_mm, zone.eye, zone.speed_mm_s) for zone in parts.values())
    for zone in parts.values():
        if zone.to is not None:
            belts.belts[zone.id].next = belts.belts[zone.to]
    for part in site.diverters:
        fork = Fork(part.id, part.at_mm, belts.belts[part.other], Gate(part.id, part.travel_ms / 1000, belts.log))
        fork.gate.moved = lambda fork=fork: belts.gate_moved(fork)  # type: ignore[misc]
        belts.belts[part.zone].fork = fork
    for reader in site.readers:
        belts.belts[reader.zone].readers.append(ReadingPoint(reader.id, reader.at_mm))
    return belts
