"""How long a motion takes: distance, speed and acceleration (lines D.1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from sites.gantry import Axis


def travel_s(axes: Sequence[Axis], start: Sequence[Decimal], end: Sequence[Decimal], *, slow: bool = False) -> float:
    """Seconds from rest to rest along a straight line, on which no axis exceeds its own speed and acceleration.

    `slow`: no faster along the line than the slowest axis.
    """
    ways = [float(abs(b - a)) for a, b in zip(start, end, strict=True)]
    length = math.hypot(*ways)
    if not length:
        return 0.0
    speed = min(axis.speed_mm_s * length / way for axis, way in zip(axes, ways, strict=True) if way)
    acceleration = min(axis.acceleration_mm_s2 * length / way for axis, way in zip(axes, ways, strict=True) if way)
    if slow:
        speed = min(speed, *(float(axis.speed_mm_s) for axis in axes))
    if length >= speed**2 / acceleration:
        return length / speed + speed / acceleration
    return 2 * math.sqrt(length / acceleration)


def slowing_s(axes: Sequence[Axis]) -> float:
    """The longest that a feed hold takes to bring the head to rest."""
    return max(axis.speed_mm_s / axis.acceleration_mm_s2 for axis in axes) * len(axes)


def longest_s(axes: Sequence[Axis]) -> float:
    """The longest motion within the travel."""
    low, high = [Decimal(axis.low_mm) for axis in axes], [Decimal(axis.high_mm) for axis in axes]
    return travel_s(axes, low, high, slow=True)
