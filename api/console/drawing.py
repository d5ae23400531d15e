"""A cabinet as its site file places it: the front with every drawer, and one drawer from above with its pockets, in millimetres.

A pure function of the site's parts and of what is known of each drawer; `templates/drawing.html` draws what it gives. Reference:
ecosystem C9. No quantity is in it, so a counting role may see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sites.models import Cabinet, Drawer
from sites.pockets import Place

State = Literal["locked", "here", "open", "count-first", "doubt", "out", "alarm-high", "alarm-medium"]
"""How a drawer is shown; each has a colour, a pattern and a word."""

TAP_PX = 45
"""What is lower than this is drawn, and tapped in the list beside the drawing."""
SHARE = 0.5
"""Of the width that is there, the picture takes no more than this where a list stands beside it."""
LETTER = 0.62
"""The width of a bold digit or capital, in parts of its height."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in millimetres, from the upper left of what it stands in, and what is written in it."""

    id: str
    label: str
    """What is written on it: of a pocket that is named after its drawer, only what tells it from the others."""
    x_mm: int
    y_mm: int
    width_mm: int
    height_mm: int
    column: int
    """Counted from the left, from 1."""
    row: int
    """Counted from the top (a pocket: from the back) within its column, from 1."""
    below: int
    """How many more there are below it (a pocket: before it) in its column."""
    letters_mm: float
    """How high its label may be written."""
    state: State
    lit: bool = False
    """Of a pocket: the one to reach into."""
    item: str | None = None
    """Of a pocket: the item that lies in it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of so many px for so many mm, with its boxes in the order in which an eye reads them: down each column."""

    kind: Literal["front", "top"]
    id: str
    name: str
    width_mm: int
    height_mm: int
    width_px: int
    height_px: int
    boxes: tuple[Box, ...]
    tappable: bool
    """Whether every box is high enough for a finger; otherwise a list stands beside the picture."""
    unplaced: tuple[str, ...]
    """What the site file gives no place: it is in the list alone."""

    @property
    def px_per_mm(self) -> float:
        """How large a millimetre is drawn."""
        return self.width_px / self.width_mm


def front_of(
    cabinet: Cabinet, drawers: Sequence[Drawer], states: Mapping[str, State], width_px: int, height_px: int, here: str | None = None
) -> Drawing:
    """The cabinet's front, as large as fits into so many px.

    `states` says how each drawer is shown, `locked` where it says nothing; `here` is the one to go to, and is shown so unless it
    is open already, out of service or an alarm.
    """
    inside = [drawer for drawer in drawers if drawer.cabinet == cabinet.id]
    placed = {drawer.id: drawer.place for drawer in inside if drawer.place is not None}
    shown = {name: _guided(states.get(name, "locked"), here=name == here) for name in placed}
    boxes = _boxes(placed, shown, {name: name for name in placed})
    unplaced = tuple(drawer.id for drawer in inside if drawer.place is None)
    return _drawing(
        "front", cabinet.id, cabinet.name, (cabinet.width_mm, cabinet.height_mm), boxes, unplaced, (width_px, height_px)
    )


def top_of(drawer: Drawer, width_px: int, height_px: int, lit: str | None = None) -> Drawing | None:
    """A drawer from above, its front edge below: what a hand sees when it is pulled. None where no pocket has a place.

    `lit` is the pocket to reach into. The drawer is as wide as its front, and as deep as its pockets reach.
    """
    placed = {pocket.id: pocket.place for pocket in drawer.pockets if pocket.place is not None}
    if not placed:
        return None
    labels = {name: name.removeprefix(f"{drawer.id}-") for name in placed}
    wide = max(place.x_mm + place.width_mm for place in placed.values())
    deep = max(place.y_mm + place.height_mm for place in placed.values())
    size = (max(wide, drawer.place.width_mm if drawer.place else 0), deep)
    items = {pocket.id: pocket.item for pocket in drawer.pockets}
    boxes = tuple(
        replace(box, lit=box.id == lit, item=items[box.id]) for box in _boxes(placed, dict.fromkeys(placed, "locked"), labels)
    )
    unplaced = tuple(pocket.id for pocket in drawer.pockets if pocket.place is None)
    return _drawing("top", drawer.id, drawer.id, size, boxes, unplaced, (width_px, height_px))


def _guided(state: State, here: bool) -> State:
    return "here" if here and state in {"locked", "count-first", "doubt"} else state


def _boxes(placed: Mapping[str, Place], states: Mapping[str, State], labels: Mapping[str, str]) -> tuple[Box, ...]:
    """In reading order: columns from the left, each from its top."""
    columns: list[list[str]] = []
    for name in sorted(placed, key=lambda name: (placed[name].x_mm, placed[name].y_mm)):
        stands_in = next((column for column in columns if _same_column(placed[column[0]], placed[name])), None)
        if stands_in is None:
            columns.append([name])
        else:
            stands_in.append(name)
    return tuple(
        Box(
            id=name,
            label=labels[name],
            x_mm=placed[name].x_mm,
            y_mm=placed[name].y_mm,
            width_mm=placed[name].width_mm,
            height_mm=placed[name].height_mm,
            column=across,
            row=down,
            below=len(column) - down,
            letters_mm=min(placed[name].height_mm * 0.4, placed[name].width_mm * 0.8 / (LETTER * max(len(labels[name]), 2))),
            state=states[name],
        )
        for across, column in enumerate(columns, start=1)
        for down, name in enumerate(sorted(column, key=lambda name: placed[name].y_mm), start=1)
    )


def _same_column(one: Place, other: Place) -> bool:
    """Whether the middle of one stands over or under the other."""
    middle = other.x_mm + other.width_mm / 2
    return one.x_mm <= middle < one.x_mm + one.width_mm


def _drawing(
    kind: Literal["front", "top"],
    id_: str,
    name: str,
    size: tuple[int, int],
    boxes: tuple[Box, ...],
    unplaced: tuple[str, ...],
    room: tuple[int, int],
) -> Drawing:
    """As large as fits; if a finger does not, smaller by the room of the list."""
    scale = min(room[0] / size[0], room[1] / size[1])
    tappable = bool(boxes) and not unplaced and all(box.height_mm * scale >= TAP_PX - 0.5 for box in boxes)
    if not tappable:
        scale = min(room[0] * SHARE / size[0], room[1] / size[1])
    return Drawing(
        kind=kind,
        id=id_,
        name=name,
        width_mm=size[0],
        height_mm=size[1],
        width_px=round(size[0] * scale),
        height_px=round(size[1] * scale),
        boxes=boxes,
        tappable=tappable,
        unplaced=unplaced,
    )
