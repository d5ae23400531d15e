"""The belt modules of a site, wired to its belts and to each other: who sends to whom, who stops with whom."""

from __future__ import annotations

from simulators.boards.conveylinx import ConveyLinx
from simulators.plant.belts import Belts
from sites.models import Site

PLACES = {"upstream": 0, "downstream": 1}


def modules(site: Site, belts: Belts) -> dict[str, ConveyLinx]:
    """Every module by its id. A zone that no zone sends to, or that a gate leads to, wakes by the eye at its mouth."""
    made = {
        part.id: ConveyLinx(part, {PLACES[zone.side]: belts.belts[zone.id] for zone in part.zones}, belts.run)
        for part in site.conveyors
    }
    for module in made.values():
        module.group = tuple(one for one in made.values() if one.part.group == module.part.group)
    controls = {zone.belt.id: zone for module in made.values() for zone in module.zones.values()}
    for part in site.conveyors:
        for zone in part.zones:
            if zone.to is not None:
                controls[zone.id].after = controls[zone.to]
                controls[zone.to].before.append(controls[zone.id])
    gated = {gate.other for gate in site.diverters}
    for id, control in controls.items():
        control.wakes = not control.before or id in gated
    return made
