"""Belts: every name leads somewhere, every gate can be told in time, and no belt is given more than it can carry (lines.md B.2).

Names and wires are looked at in what was read, so that one error hides no other; the graph only when those are right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sites.models import Site
from sites.positions import Path as KeyPath
from sites.reading import TomlFile, rows, text, whole
from sites.references import exists, given_once, listed, names
from sites.routes import check_routes


def check_belts(file: TomlFile, site: Site | None) -> None:
    """Every rule about conveyors, diverters and readers."""
    _names(file)
    _modules(file)
    _places(file)
    _gates(file)
    _scanners(file)
    if site is not None and site.conveyors and not any(finding.severity == "error" for finding in file.findings):
        check_routes(file, site)


def zones_in(table: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every zone of every module, with where it stands."""
    for index, module in rows(table, "conveyors"):
        for number, zone in rows(module, "zones"):
            yield ("conveyors", index, "zones", number), zone


def _names(file: TomlFile) -> None:
    table = file.table
    zones = [((*path, "id"), name) for path, zone in zones_in(table) if (name := text(zone, "id")) is not None]
    given_once(file, zones, "zone")
    given_once(file, names(table, "diverters", "readers"), "diverter or reader")
    known = [name for _, name in zones]
    for path, zone in zones_in(table):
        exists(file, (*path, "to"), text(zone, "to"), known, "zone")
    boards, scanners, gates = ([name for _, name in names(table, kind)] for kind in ("boards", "scanners", "diverters"))
    wanted = (
        ("diverters", "board", boards, "board"),
        ("diverters", "zone", known, "zone"),
        ("diverters", "other", known, "zone"),
        ("readers", "scanner", scanners, "scanner"),
        ("readers", "zone", known, "zone"),
        ("readers", "decides", gates, "diverter"),
    )
    for kind, key, among, what in wanted:
        for index, row in rows(table, kind):
            exists(file, (kind, index, key), text(row, key), among, what)


def _modules(file: TomlFile) -> None:
    for index, module in rows(file.table, "conveyors"):
        sides: set[str] = set()
        for number, zone in rows(module, "zones"):
            side = text(zone, "side")
            if side in sides:
                file.say("error", ("conveyors", index, "zones", number, "side"), f"the module has its {side} zone already")
            sides.add(side or "")


def _places(file: TomlFile) -> None:
    """What stands at a zone stands on it."""
    zones = {text(zone, "id"): zone for _, zone in zones_in(file.table)}
    for path, zone in zones_in(file.table):
        _within(file, (*path, "eye_mm"), whole(zone, "eye_mm"), zone)
    for kind in ("diverters", "readers"):
        for index, row in rows(file.table, kind):
            _within(file, (kind, index, "at_mm"), whole(row, "at_mm"), zones.get(text(row, "zone")))


def _within(file: TomlFile, path: KeyPath, at_mm: int | None, zone: dict[str, Any] | None) -> None:
    length = whole(zone, "length_mm") if zone is not None else None
    if at_mm is not None and length is not None and at_mm > length:
        file.say("error", path, f"this is beyond the end of zone {text(zone or {}, 'id')}", allowed=f"at most {length}")


def _gates(file: TomlFile) -> None:
    table = file.table
    zones = {text(zone, "id"): zone for _, zone in zones_in(table)}
    drivers = {text(board, "id"): text(board, "driver") for _, board in rows(table, "boards")}
    taken: dict[tuple[str | None, int | None], str] = {
        (text(drawer, "lock", "board"), whole(drawer, "lock", "channel")): f"drawer {text(drawer, 'id')}"
        for _, drawer in rows(table, "drawers")
    }
    gated: dict[str | None, str | None] = {}
    for index, gate in rows(table, "diverters"):
        board, zone = text(gate, "board"), text(gate, "zone")
        if drivers.get(board) not in {None, "waveshare-relay-d"}:
            file.say("error", ("diverters", index, "board"), f"board {board} has no relay that closes for a time")
        wire = board, whole(gate, "channel")
        if wire in taken:
            file.say("error", ("diverters", index, "channel"), f"{taken[wire]} hangs on this relay: one pulse would move both")
        taken.setdefault(wire, f"diverter {text(gate, 'id')}")
        if zone in gated:
            file.say("error", ("diverters", index, "zone"), f"diverter {gated[zone]} stands in this zone already")
        gated.setdefault(zone, text(gate, "id"))
        if zone in zones:
            _exits(file, index, gate, zones[zone])


def _exits(file: TomlFile, index: int, gate: dict[str, Any], zone: dict[str, Any]) -> None:
    path: KeyPath = ("diverters", index)
    default, other = text(zone, "to"), text(gate, "other")
    if default is None:
        message = f"zone {text(zone, 'id')} leads nowhere, so this diverter has no default exit: give that zone a `to`"
        file.say("error", (*path, "zone"), message)
    elif other in {default, text(zone, "id")}:
        file.say("error", (*path, "other"), "both exits are the same, so nothing is parted here")
    at_mm, length = whole(gate, "at_mm"), whole(zone, "length_mm")
    if at_mm is None or length is None:
        return
    eye = whole(zone, "eye_mm") or max(1, length - 50)
    if eye <= at_mm <= length:
        message = f"the eye of zone {text(zone, 'id')} looks at {eye} mm, before the gate: it would count what is then diverted"
        file.say("error", (*path, "at_mm"), message, allowed=f"less than {eye}")


def _scanners(file: TomlFile) -> None:
    held = {
        name: f"terminal {text(terminal, 'id')}"
        for _, terminal in rows(file.table, "terminals")
        for name in (text(terminal, "scanner"), *listed(terminal, "readers"))
    }
    for index, reader in rows(file.table, "readers"):
        scanner = text(reader, "scanner")
        if scanner is not None and scanner in held:
            message = f"{held[scanner]} has this scanner: nobody could tell which of them read a code"
            file.say("error", ("readers", index, "scanner"), message)
        held.setdefault(scanner, f"reader {text(reader, 'id')}")
