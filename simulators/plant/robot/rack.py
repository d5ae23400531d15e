"""The storage: shelf fronts cut into bays, in which packs stand side by side wherever one fits, and behind each other where the
rack is deep enough: then only the foremost of a row can be reached.

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
    """Where a pack stands: a bay, a stretch of it, and how many packs may stand behind this one."""

    bay: int
    left_mm: int
    width_mm: int
    row: int = 0


@dataclass(frozen=True, slots=True)
class Geometry:
    """The rack's measures."""

    sides: int = 2
    columns: int = 8
    shelves: int = 20
    bay_width_mm: int = 600
    bay_height_mm: int = 110
    bay_depth_mm: int = 250
    packs_deep: int = 1
    """How many packs may stand behind each other, if they are short enough."""
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
        """The stretches of each bay that are somebody's, by their rearmost places."""
        self._rows: dict[Place, list[int]] = {}
        """Of each stretch: the depth of each pack in it, from the rear; 0 where one is gone from behind another."""
        self._spare: dict[bool, list[Place]] = {False: [], True: []}
        """Stretches before whose foremost pack another may fit; some are full or gone by now."""
        self._packs: dict[Place, int] = {}
        self._gap: list[int] = [-1] * len(every)
        self._nearest: dict[bool, dict[int, list[int]]] = {False: {}, True: {}}
        """By cold and by widest gap in steps: heaps of bays, some of which have another gap by now."""
        for number in range(len(every)):
            self._sort(number)

    def __len__(self) -> int:
        """How many packs stand in it."""
        return len(self._packs)

    def keep(self, width_mm: int, height_mm: int, depth_mm: int, *, cold: bool, not_before: Place | None = None) -> Place | None:
        """Chooses the nearest place that fits and keeps it free; None where there is no room. Not one before `not_before`."""
        g, width = self.geometry, width_mm + CLEARANCE_MM
        if height_mm > g.bay_height_mm or depth_mm > g.bay_depth_mm:
            return None
        bay = self._nearest_with(cold, -(-width // STEP_MM))
        if bay is None:
            return self._before_another(cold, width, depth_mm, not_before)
        place = Place(bay, self._left(bay, width), width)
        insort(self._taken[place.bay], place)
        self._sort(place.bay)
        self._rows[place] = [depth_mm]
        self._spare_again(place)
        return place

    def free(self, place: Place) -> None:
        """The place is nobody's any more."""
        self._packs.pop(place, None)
        stretch = place._replace(row=0)
        rows = self._rows[stretch]
        rows[place.row] = 0
        while rows and not rows[-1]:
            rows.pop()
        if rows:
            self._spare_again(stretch)
        else:
            del self._rows[stretch]
            self._taken[place.bay].remove(stretch)
            self._sort(place.bay)

    def kept(self) -> list[Place]:
        """Every place that is somebody's."""
        return [stretch._replace(row=row) for stretch, rows in self._rows.items() for row, depth in enumerate(rows) if depth]

    def keeps(self, place: Place) -> bool:
        """Whether it is somebody's."""
        rows = self._rows.get(place._replace(row=0), [])
        return place.row < len(rows) and bool(rows[place.row])

    def before(self, place: Place) -> Place | None:
        """The foremost place of the same stretch, if it is before this one: what stands there is in the way."""
        foremost = len(self._rows[place._replace(row=0)]) - 1
        return place._replace(row=foremost) if foremost > place.row else None

    def reached(self, place: Place) -> Place | None:
        """Where the gripper that reaches for this place finds a pack: the foremost that stands in the stretch."""
        rows = range(len(self._rows.get(place._replace(row=0), ())))
        return next((at for row in reversed(rows) if (at := place._replace(row=row)) in self._packs), None)

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
        """The place as people say it: `rack:2-05-13+120`, side, column and shelf from 1, and millimetres from the left;
        `/1` behind it where one pack may stand behind this one."""
        behind = f"/{place.row}" if place.row else ""
        return f"rack:{self.column(place.bay)}-{self._bays[place.bay].shelf + 1:02}+{place.left_mm}{behind}"

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

    def _spare_again(self, stretch: Place) -> None:
        if self.geometry.packs_deep > 1:
            self._spare[self.cold(stretch)].append(stretch)

    def _before_another(self, cold: bool, width: int, depth: int, not_before: Place | None) -> Place | None:
        """A place before a pack that stands in a stretch wide enough; the one that had room last is tried first."""
        g, spare = self.geometry, self._spare[cold]
        spare[:] = [one for one in dict.fromkeys(spare) if 0 < len(self._rows.get(one, ())) < g.packs_deep]
        for stretch in reversed(spare):
            rows = self._rows[stretch]
            if not_before is not None and stretch == not_before._replace(row=0):
                continue
            if stretch.width_mm >= width and sum(rows) + depth <= g.bay_depth_mm:
                rows.append(depth)
                return stretch._replace(row=len(rows) - 1)
        return None

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
