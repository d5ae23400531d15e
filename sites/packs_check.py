"""What stands in robots at the start: each pack at a robot that there is, of an item that there is, and with room for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sites.models import Site
from sites.packs import RackPacks
from sites.reading import TomlFile, rows, text
from sites.references import exists, given_once, names
from sites.robots import RobotRack

BESIDE_MM = 5
"""Kept free beside each pack for the gripper, in racks as simulators build them."""
STEP_MM = 10
"""Room in them is counted in steps of this."""


def check_packs(packs: TomlFile, read: Sequence[RackPacks], file: TomlFile, site: Site | None, formulary: TomlFile | None) -> None:
    """Every rule about them. `read` are the rows as records; empty where the file has errors of its own."""
    table = packs.table
    robots = [name for _, name in names(file.table, "robots")]
    items = None if formulary is None or not formulary.readable else [name for _, name in names(formulary.table, "items")]
    for index, row in rows(table, "packs"):
        if file.readable:
            exists(packs, ("packs", index, "robot"), text(row, "robot"), robots, "robot")
        if items is not None:
            exists(packs, ("packs", index, "item"), text(row, "item"), items, "item")
    lots = [
        (("packs", index, "lot"), f"{text(row, 'robot')} {text(row, 'item')} {text(row, 'lot')}")
        for index, row in rows(table, "packs")
    ]
    given_once(packs, lots, "row of this robot's lots")
    if site is not None:
        cold = {
            text(item, "id") for _, item in rows(formulary.table if formulary else {}, "items") if item.get("refrigerated") is True
        }
        _room(packs, read, {robot.id: robot.rack for robot in site.robots}, cold)
        if not site.station.simulated:
            file.say("warning", ("data", "packs"), "a site that is not simulated asks its robots; this file is not read")


def _room(packs: TomlFile, read: Sequence[RackPacks], racks: dict[str, RobotRack], cold: set[str | None]) -> None:
    """Room is reckoned as if every pack in a part of a rack were as large as its largest."""
    stand: Counter[tuple[str, bool]] = Counter()
    widest: dict[tuple[str, bool], int] = {}
    deepest: dict[tuple[str, bool], int] = {}
    for index, row in enumerate(read):
        rack = racks.get(row.robot)
        if rack is None:
            continue
        key = row.robot, row.item in cold
        if row.height_mm > rack.place_height_mm or row.depth_mm > rack.place_depth_mm or _width(row) > rack.place_width_mm:
            places = f"{rack.place_width_mm} x {rack.place_height_mm} x {rack.place_depth_mm} mm"
            packs.say("error", ("packs", index), f"such a pack fits into none of the robot's places of {places}")
            continue
        stand[key] += row.quantity
        widest[key] = max(widest.get(key, 0), _width(row))
        deepest[key] = max(deepest.get(key, 0), row.depth_mm)
        columns = rack.refrigerated_columns if key[1] else rack.columns - rack.refrigerated_columns
        deep = max(1, min(rack.packs_deep, rack.place_depth_mm // deepest[key]))
        room = max(columns, 0) * rack.shelves * (rack.place_width_mm // widest[key]) * deep
        if stand[key] > room:
            part = "refrigerated part" if key[1] else "rack"
            packs.say("error", ("packs", index, "quantity"), f"with these, {stand[key]} packs stand in a {part} for {room}")


def _width(row: RackPacks) -> int:
    return -(-(row.width_mm + BESIDE_MM) // STEP_MM) * STEP_MM
