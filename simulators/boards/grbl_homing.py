"""Homing of a GRBL board: Z out of the shelf first, then X and Y, each against its limit switch and back off it.

The notes have `$H` and the alarms 6 to 9; the order of the axes, the speeds and which alarm is which are ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from simulators.plant.gantry import AXES, FRAME_MM, SWITCH_MM, Gantry
from simulators.plant.motion import Point

ORDER = "ZXY"
STILL_CLOSED, NEVER_CLOSED = 8, 9
PULL_OFF_MM_S = 10.0


class Homing:
    """One run. `done` when all axes stand at their ends, `failed` with an alarm's number when a switch does not do its part."""

    def __init__(self, plant: Gantry, done: Callable[[], None], failed: Callable[[int], None]) -> None:
        self._plant, self._done, self._failed = plant, done, failed
        self._left = list(ORDER)
        self._seeking: str | None = None
        self._next()

    def tripped(self, axis: str) -> None:
        """A limit switch has closed."""
        if axis == self._seeking:
            self._seeking = None
            self._plant.brake(lambda: self._pull_off(axis))

    def _next(self) -> None:
        if not self._left:
            return self._done()
        axis = self._left.pop(0)
        if self._plant.pressed(axis):
            return self._pull_off(axis)
        self._seeking = axis
        part = self._plant.part.axes[AXES.index(axis)]
        # No faster than it can brake between the switch and the steel.
        speed = min(float(part.speed_mm_s), math.sqrt((FRAME_MM - SWITCH_MM) * part.acceleration_mm_s2))
        beyond = part.low_mm - 2 * FRAME_MM if part.homes == "low" else part.high_mm + 2 * FRAME_MM
        return self._plant.drive(self._with(axis, beyond), speed, lambda: self._failed(NEVER_CLOSED))

    def _pull_off(self, axis: str) -> None:
        part = self._plant.part.axes[AXES.index(axis)]
        end = part.low_mm if part.homes == "low" else part.high_mm
        self._plant.drive(self._with(axis, end), PULL_OFF_MM_S, lambda: self._off(axis))

    def _off(self, axis: str) -> None:
        if self._plant.pressed(axis):
            self._failed(STILL_CLOSED)
        else:
            self._next()

    def _with(self, axis: str, at: float) -> Point:
        x, y, z = (at if axis == one else was for one, was in zip(AXES, self._plant.position, strict=True))
        return x, y, z
