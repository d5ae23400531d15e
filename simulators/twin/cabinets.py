"""Cabinets as they are drawn: drawers and pockets in the site file's millimetres, with the plant's truth of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.house import House
from simulators.plant.pocket import Lot
from simulators.twin import words
from sites.models import Drawer
from sites.pockets import OpenShelf, Place, Pocket

NARROW = 1.5
"""A pocket so many times as deep as it is wide is written along its depth."""


@dataclass(frozen=True, slots=True)
class DrawnDrawer:
    """A drawer's front. `place` is None where the site file has none: it stands in a list then."""

    id: str
    place: Place | None
    state: str
    word: str
    driven: bool
    ails: Sequence[str]
    act: Mapping[str, str]
    """What a hand does with it when it is clicked."""

    @property
    def label(self) -> str:
        """Its name and state, for who does not see it."""
        more = ["coil on"] if self.driven else []
        return ", ".join([f"Drawer {self.id}", self.word, *more, *(f"fault {ail}" for ail in self.ails)])


@dataclass(frozen=True, slots=True)
class Front:
    """A cabinet from the front."""

    id: str
    name: str
    width: int
    height: int
    drawers: Sequence[DrawnDrawer]
    unplaced: Sequence[DrawnDrawer]


@dataclass(frozen=True, slots=True)
class DrawnPocket:
    """A pocket from above, with what really lies in it."""

    id: str
    place: Place | None
    item: str
    quantity: int
    lots: Sequence[Lot]

    @property
    def narrow(self) -> bool:
        """Whether there is only room for writing along its depth."""
        return self.place is not None and self.place.height_mm > NARROW * self.place.width_mm

    @property
    def label(self) -> str:
        """For who does not see it."""
        return f"Pocket {self.id}, {self.item}, {self.quantity} in it"


@dataclass(frozen=True, slots=True)
class Within:
    """What a hand can reach now: an open drawer from above, or an open shelf. `width` and `depth` in mm, of all its pockets."""

    id: str
    title: str
    drawer: bool
    width: int
    depth: int
    pockets: Sequence[DrawnPocket]

    @property
    def placed(self) -> bool:
        """Whether it can be drawn."""
        return all(pocket.place is not None for pocket in self.pockets)


def fronts(house: House, in_force: Collection[Mapping[str, Any]]) -> list[Front]:
    """Every cabinet of the site."""
    drawn = []
    for cabinet in house.site.cabinets:
        drawers = [_drawer(house, part, in_force) for part in house.site.drawers if part.cabinet == cabinet.id]
        placed = [one for one in drawers if one.place is not None]
        unplaced = [one for one in drawers if one.place is None]
        drawn.append(Front(cabinet.id, cabinet.name, cabinet.width_mm, cabinet.height_mm, placed, unplaced))
    return drawn


def open_drawers(house: House) -> list[Within]:
    """The drawers that stand open."""
    return [_within(house, part, True) for part in house.site.drawers if not house.plant.drawers[part.id].shut]


def shelves(house: House) -> list[Within]:
    """The open shelves: nobody needs to open them."""
    return [_within(house, part, False) for part in house.site.shelves]


def _drawer(house: House, part: Drawer, in_force: Collection[Mapping[str, Any]]) -> DrawnDrawer:
    drawer = house.plant.drawers[part.id]
    state, word = words.drawer(drawer)
    ails = [str(fault["kind"]).replace("-", " ") for fault in in_force if fault.get("drawer") == part.id]
    act = {"do": "open" if drawer.shut else "shut", "drawer": part.id}
    return DrawnDrawer(part.id, part.place, state, word, drawer.driven, ails, act)


def _within(house: House, part: Drawer | OpenShelf, drawer: bool) -> Within:
    pockets = [_pocket(house, pocket) for pocket in part.pockets]
    places = [pocket.place for pocket in pockets if pocket.place is not None]
    width = max((place.x_mm + place.width_mm for place in places), default=0)
    depth = max((place.y_mm + place.height_mm for place in places), default=0)
    title = f"Drawer {part.id}, open, from above" if isinstance(part, Drawer) else part.name
    return Within(part.id, title, drawer, width, depth, pockets)


def _pocket(house: House, part: Pocket) -> DrawnPocket:
    pocket = house.plant.pockets[part.id]
    return DrawnPocket(part.id, part.place, words.item(house.items, part.item), pocket.quantity, pocket.lots)
