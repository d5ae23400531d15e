"""Where containers get to on a site's belts, how many an hour, and whether each gate can be told before they are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sites.conveyors import DiverterPart, Zone
from sites.models import Site
from sites.positions import Path as KeyPath
from sites.reading import TomlFile
from sites.segments import budget_s, per_hour, travel, zones_of

CONTAINER_MM = 300
"""A tote's length, where no diverter says another."""
MARGIN_S = 0.05
"""A decision takes so long at the 99th percentile (lines.md B.2, LC-09): a smaller budget is often missed."""

Ways = Mapping[str, tuple[str, ...]]
"""Where each zone leads."""


def check_routes(file: TomlFile, site: Site) -> None:
    """The graph of belts whose names are right."""
    zones = zones_of(site.conveyors)
    paths: dict[str, KeyPath] = {
        zone.id: ("conveyors", index, "zones", number)
        for index, part in enumerate(site.conveyors)
        for number, zone in enumerate(part.zones)
    }
    gates = {gate.zone: gate for gate in site.diverters}
    ways = {id: _ways(zone, gates.get(id)) for id, zone in zones.items()}
    _ends(file, zones, ways, paths)
    onward = {id: () if zones[id].recirculates else next_ones for id, next_ones in ways.items()}
    ring = _ring(onward)
    if ring is None:
        _loads(file, site, zones, onward, paths)
    else:
        around = " to ".join((*ring, ring[0]))
        message = f"containers would go round for ever ({around}): say `recirculates = true` of the zone that brings them back"
        file.say("error", (*paths[ring[-1]], "to"), message)
    _decisions(file, site, zones)


def _ways(zone: Zone, gate: DiverterPart | None) -> tuple[str, ...]:
    straight = () if zone.to is None else (zone.to,)
    return straight if gate is None else (*straight, gate.other)


def _ends(file: TomlFile, zones: Mapping[str, Zone], ways: Ways, paths: Mapping[str, KeyPath]) -> None:
    """Every container that comes in can get out, and every exit has containers that come."""
    entries = [id for id, zone in zones.items() if zone.entry_per_hour is not None]
    if not entries:
        file.say("error", ("conveyors",), "no zone has `entry_per_hour`, so nothing ever comes onto these belts")
    reached = _reached(entries, ways)
    for id, zone in zones.items():
        if zone.to is None and zone.exit_per_hour is None:
            file.say("error", paths[id], f"zone {id} ends and nobody takes containers off: give `to` or `exit_per_hour`")
        elif id not in reached and entries:
            what = "no container gets to this exit" if zone.exit_per_hour is not None else "no container gets to this zone"
            file.say("error" if zone.exit_per_hour is not None else "warning", paths[id], what)
    for id in entries:
        if not any(zones[one].exit_per_hour is not None for one in _reached([id], ways)):
            file.say("error", (*paths[id], "entry_per_hour"), f"no exit can be reached from entry {id}")


def _reached(starts: Iterable[str], ways: Ways) -> set[str]:
    reached, left = set(starts), list(starts)
    while left:
        for after in ways[left.pop()]:
            if after not in reached:
                reached.add(after)
                left.append(after)
    return reached


def _ring(ways: Ways) -> tuple[str, ...] | None:
    """A way that comes back to where it began, if there is one."""
    done: set[str] = set()
    for start in ways:
        walked: list[str] = []
        ahead: list[list[str]] = [[start]]
        while ahead:
            if not ahead[-1]:
                ahead.pop()
                if walked:
                    done.add(walked.pop())
                continue
            id = ahead[-1].pop()
            if id in walked:
                return tuple(walked[walked.index(id) :])
            if id not in done:
                walked.append(id)
                ahead.append(list(ways[id]))
    return None


def _loads(file: TomlFile, site: Site, zones: Mapping[str, Zone], ways: Ways, paths: Mapping[str, KeyPath]) -> None:
    """What each zone is given an hour, against what it can carry. Silence sends all the default way, so that must take all."""
    gates = {gate.zone: gate for gate in site.diverters}
    container = max((gate.container_mm for gate in site.diverters), default=CONTAINER_MM)
    given = {id: zone.entry_per_hour or 0 for id, zone in zones.items()}
    givers: dict[str, list[str]] = {id: [f"its entry {given[id]}"] if given[id] else [] for id in zones}
    for id in _in_order(ways):
        zone, gate = zones[id], gates.get(id)
        carried = min(given[id], per_hour(zone, container))
        passed_on = max(0, carried - (zone.exit_per_hour or 0))
        for after in ways[id]:
            meant = gate.other_per_hour if gate is not None and after == gate.other else None
            rate = passed_on if meant is None else min(passed_on, meant)
            given[after] += rate
            if rate:
                givers[after].append(f"{id} {rate}")
    for id, zone in zones.items():
        if zone.length_mm < container:
            file.say(
                "warning", (*paths[id], "length_mm"), f"a carton of {container} mm does not fit on it, so it lies over two zones"
            )
        by = f"cartons an hour come to zone {id} ({' + '.join(givers[id])})"
        if given[id] > (can := per_hour(zone, container)):
            how = f"{zone.length_mm} mm at {zone.speed_mm_s} mm/s, one carton of {container} mm at a time"
            file.say("warning", paths[id], f"{given[id]} {by}, and it carries {can} ({how})")
        taken = zone.exit_per_hour
        if taken is not None and zone.to is None and min(given[id], can) > taken:
            file.say("warning", (*paths[id], "exit_per_hour"), f"{given[id]} {by}, and {taken} are taken off: it fills up")


def _in_order(ways: Ways) -> list[str]:
    """Every zone after all that lead to it. The ways have no ring."""
    before = {id: sum(id in after for after in ways.values()) for id in ways}
    ready, order = [id for id, count in before.items() if not count], []
    while ready:
        order.append(ready.pop())
        for after in ways[order[-1]]:
            before[after] -= 1
            if not before[after]:
                ready.append(after)
    return order


def _decisions(file: TomlFile, site: Site, zones: Mapping[str, Zone]) -> None:
    """Each gate is decided somewhere, in time, and stays drawn until its container has passed."""
    gates = {gate.id: gate for gate in site.diverters}
    decided = {reader.decides for reader in site.readers}
    for index, gate in enumerate(site.diverters):
        if gate.id not in decided:
            file.say("warning", ("diverters", index), "no reader decides this diverter, so all goes the default way")
    for index, reader in enumerate(site.readers):
        if reader.decides is None:
            continue
        gate, path = gates[reader.decides], ("readers", index, "decides")
        way, budget = travel(zones, (reader.zone, reader.at_mm), (gate.zone, gate.at_mm)), budget_s(zones, reader, gate)
        if way is None or budget is None:
            file.say("error", path, f"the belt does not lead from this reader to diverter {gate.id}")
            continue
        figures = (
            f"{way[0]} mm in {1000 * way[1]:.0f} ms, half a container {gate.container_mm // 2} mm, "
            f"gate {gate.travel_ms} ms, confirmation {gate.confirm_ms} ms"
        )
        if budget <= 0:
            file.say("error", path, f"diverter {gate.id} would be told {-1000 * budget:.0f} ms too late ({figures})")
        elif budget < MARGIN_S:
            file.say("warning", path, f"diverter {gate.id} must be told within {1000 * budget:.0f} ms ({figures})")
        passed = way[1] + gate.container_mm / 2 / zones[gate.zone].speed_mm_s
        if passed > gate.hold_ms / 1000:
            needed = f"{1000 * passed:.0f} ms after it was read"
            file.say(
                "error",
                ("diverters", [*gates].index(gate.id), "hold_ms"),
                f"the gate falls back under a container that has passed {needed}",
            )
