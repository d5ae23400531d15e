"""Where things are: drawers on a cabinet's front, pockets in a drawer, in millimetres from the upper left."""

from __future__ import annotations

from collections.abc import Sequence

from sites.models import Site
from sites.pockets import Place
from sites.positions import Path as KeyPath
from sites.reading import TomlFile

Placed = tuple[KeyPath, str, Place | None]
"""A thing's place in the file, its name, and its rectangle if it has one."""


def overlap(one: Place, other: Place) -> bool:
    """True if the rectangles share an area; touching edges are none."""
    across = one.x_mm < other.x_mm + other.width_mm and other.x_mm < one.x_mm + one.width_mm
    return across and one.y_mm < other.y_mm + other.height_mm and other.y_mm < one.y_mm + one.height_mm


def inside(place: Place, width_mm: int, height_mm: int) -> bool:
    """True if the rectangle lies in one of this size whose upper left is the origin."""
    return place.x_mm + place.width_mm <= width_mm and place.y_mm + place.height_mm <= height_mm


def check_places(file: TomlFile, site: Site) -> None:
    """Warns of what a drawing of the cabinet would show wrongly: nothing here stops a drawer from opening."""
    for cabinet in site.cabinets:
        drawers: list[Placed] = [
            (("drawers", index), drawer.id, drawer.place)
            for index, drawer in enumerate(site.drawers)
            if drawer.cabinet == cabinet.id
        ]
        for path, _, place in drawers:
            if place is None:
                file.say("warning", path, "this drawer has no `place`, so a drawing of its cabinet lacks it")
            elif not inside(place, cabinet.width_mm, cabinet.height_mm):
                message = f"this drawer sticks out of its cabinet of {cabinet.width_mm} by {cabinet.height_mm} mm"
                file.say("warning", (*path, "place"), message)
        _collisions(file, drawers)
    for index, drawer in enumerate(site.drawers):
        _collisions(
            file, [(("drawers", index, "pockets", number), pocket.id, pocket.place) for number, pocket in enumerate(drawer.pockets)]
        )


def _collisions(file: TomlFile, placed: Sequence[Placed]) -> None:
    for number, (path, _, place) in enumerate(placed):
        for _, name, other in placed[:number]:
            if place is not None and other is not None and overlap(place, other):
                file.say("warning", (*path, "place"), f"this place overlaps that of {name}")
                break
