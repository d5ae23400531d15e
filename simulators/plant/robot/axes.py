"""How long the gripper travels: both axes move together, each with its own speed and acceleration."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple


class Spot(NamedTuple):
    """A point on the rack's front, in mm: along the aisle and up."""

    x_mm: int
    z_mm: int


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: speeds in mm/s, accelerations in mm/s2."""

    speed: float
    acceleration: float

    def seconds(self, distance_mm: float) -> float:
        """From rest to rest over that distance: trapezoid, or triangle where full speed is never reached."""
        way = abs(distance_mm)
        if way >= self.speed**2 / self.acceleration:
            return way / self.speed + self.speed / self.acceleration
        return 2 * sqrt(way / self.acceleration)


@dataclass(frozen=True, slots=True)
class Axes:
    """The gripper's two axes. The figures are ours."""

    along: Axis = Axis(2000.0, 2000.0)
    up: Axis = Axis(1000.0, 1500.0)

    def seconds(self, here: Spot, there: Spot) -> float:
        """The slower axis decides (Chebyshev)."""
        return max(self.along.seconds(there.x_mm - here.x_mm), self.up.seconds(there.z_mm - here.z_mm))
