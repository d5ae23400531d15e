"""The storage: two shelf fronts that face each other, cut into bays, in which packs stand side by side wherever one fits.

Bays are numbered by how soon the gripper is there from the input, so that the first that fits is the nearest. A pack's place is
kept free from the moment it is chosen until the pack stands there.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

from simulators.plant.robot.axes import Axes, Spot

STEP_MM = 10
"""Bays are sorted by their widest gap in steps of this."""
CLEARANCE_MM = 5
"""Kept free beside a pack, for the gripper's jaws."""


class Place(NamedTuple):
    """Where a pack stands: a bay, and the stretch of it that is the pack's."""

    bay: int
    left_mm: int
    width_mm: int


@dataclass(frozen=True, slots=True)
class Geometry:
    """The rack's measures."""

    sides: int = 2
    columns: int = 8
    shelves: int = 20
    bay_width_mm: int = 600
    bay_height_mm: int = 110
    bay_depth_mm: int = 250
    cold_columns: int = 0
    """The last so many columns are the fridge."""

    @property
    def bays(self) -> int:
        """How many there are."""
        return self.sides * self.columns * self.shelves


class Bay(NamedTuple):
    """Which bay this is. All count from 0."""

    side: int
    column: int
    shelf: int


class Rack:
    """What stands where. Occupants are the numbers of real packs."""

    def __init__(self, geometry: Geometry, axes: Axes, entrance: Spot) -> None:
        self.geometry = geometry
        g = geometry
        every = [Bay(side, column, shelf) for side in range(g.sides) for column in range(g.columns) for shelf in range(g.shelves)]
        self._bays = sorted(every, key=lambda bay: (axes.seconds(entrance, self._corner(bay)), bay))
        self._taken: list[list[Place]] = [[] for _ in every]
        self._packs: dict[Place, int] = {}
        self._gap: list[int] = [-1] * len(every)
        self._nearest: dict[bool, dict[int, list[int]]] = {False: {}, True: {}}
        """By cold and by widest gap in steps: heaps of bays, some of which have another gap by now."""
        for number in range(len(every)):
            self._sort(number)

    def __len__(self) -> int:
        """How many packs stand in it."""
        return len(self._packs)

    def keep(self, width_mm: int, height_mm: int, depth_mm: int, *, cold: bool) -> Place | None:
        """Chooses the nearest place that fits and keeps it free; None where there is no room."""
        g, width = self.geometry, width_mm + CLEARANCE_MM
        if height_mm > g.bay_height_mm or depth_mm > g.bay_depth_mm:
            return None
        bay = self._nearest_with(cold, -(-width // STEP_MM))
        if bay is None:
            return None
        place = Place(bay, self._left(bay, width), width)
        insort(self._taken[place.bay], place)
        self._sort(place.bay)
        return place

    def free(self, place: Place) -> None:
        """The place is nobody's any more."""
        self._packs.pop(place, None)
        self._taken[place.bay].remove(place)
        self._sort(place.bay)

    def put(self, place: Place, pack: int) -> None:
        """A pack stands there now."""
        self._packs[place] = pack

    def take(self, place: Place) -> int | None:
        """The pack that stands there, which does so no longer; None where none does. The place stays kept."""
        return self._packs.pop(place, None)

    def at(self, place: Place) -> int | None:
        """The pack that stands there."""
        return self._packs.get(place)

    def spot(self, place: Place) -> Spot:
        """Where the gripper must be for it."""
        corner = self._corner(self._bays[place.bay])
        return Spot(corner.x_mm + place.left_mm + place.width_mm // 2, corner.z_mm)

    def side(self, place: Place) -> int:
        """Which of the facing fronts it is in."""
        return self._bays[place.bay].side

    def cold(self, place: Place) -> bool:
        """Whether it is in the fridge."""
        return self._cold(place.bay)

    def column(self, bay: int) -> str:
        """The column that a bay belongs to, as people say it: `2-05`."""
        return f"{self._bays[bay].side + 1}-{self._bays[bay].column + 1:02}"

    def name(self, place: Place) -> str:
        """The place as people say it: `rack:2-05-13+120`, side, column and shelf from 1, and millimetres from the left."""
        return f"rack:{self.column(place.bay)}-{self._bays[place.bay].shelf + 1:02}+{place.left_mm}"

    def _corner(self, bay: Bay) -> Spot:
        return Spot(bay.column * self.geometry.bay_width_mm, bay.shelf * self.geometry.bay_height_mm)

    def _cold(self, bay: int) -> bool:
        return self._bays[bay].column >= self.geometry.columns - self.geometry.cold_columns

    def _left(self, bay: int, width: int) -> int:
        left = 0
        for place in self._taken[bay]:
            if place.left_mm - left >= width:
                break
            left = place.left_mm + place.width_mm
        return left

    def _sort(self, bay: int) -> None:
        left = widest = 0
        for place in self._taken[bay]:
            widest = max(widest, place.left_mm - left)
            left = place.left_mm + place.width_mm
        gap = max(widest, self.geometry.bay_width_mm - left) // STEP_MM
        if gap != self._gap[bay]:
            self._gap[bay] = gap
            heappush(self._nearest[self._cold(bay)].setdefault(gap, []), bay)

    def _nearest_with(self, cold: bool, gap: int) -> int | None:
        """The nearest bay with a gap of at least so many steps. One that has another gap by now is dropped when it is met."""
        nearest: int | None = None
        by_gap = self._nearest[cold]
        for has in [has for has in by_gap if has >= gap]:
            bays = by_gap[has]
            while bays and self._gap[bays[0]] != has:
                heappop(bays)
            if not bays:
                del by_gap[has]
            elif nearest is None or bays[0] < nearest:
                nearest = bays[0]
        return nearest
