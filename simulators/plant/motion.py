"""Motion along a straight line: speed up, cruise, slow down. Where things are at any instant, and where they stop when braked.

Source of the law: lines D.1 (a motion of d takes d/v + v/a if d ≥ v²/a, else 2√(d/a)). All axes end together: the line's speed
and acceleration are the greatest at which none of them exceeds its own. Lengths in mm, times in s; physics, so floats.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Phase:
    """So many seconds of one acceleration, begun at this speed."""

    seconds: float
    speed: float
    acceleration: float

    def after(self, seconds: float) -> float:
        """The way so long after its begin."""
        return self.speed * seconds + self.acceleration * seconds * seconds / 2


@dataclass(frozen=True, slots=True)
class Motion:
    """One line from `start` to `end`, begun at loop time `begin`."""

    begin: float
    start: Point
    end: Point
    phases: tuple[Phase, ...]

    @property
    def over(self) -> float:
        """Loop time at which it is at rest at its end."""
        return self.begin + sum(phase.seconds for phase in self.phases)

    @property
    def length(self) -> float:
        """From start to end."""
        return math.dist(self.start, self.end)

    def at(self, when: float) -> Point:
        """Where it is at this loop time."""
        if when >= self.over:
            return self.end
        return self._along(self._way(when)[0])

    def speed(self, when: float) -> float:
        """How fast it is at this loop time."""
        return self._way(when)[1] if when < self.over else 0.0

    def when(self, way: float) -> float:
        """The loop time at which it has gone so far along its line; its end for a way beyond."""
        gone, at = 0.0, self.begin
        for phase in self.phases:
            whole = phase.after(phase.seconds)
            if gone + whole >= way:
                return at + _seconds(phase, way - gone)
            gone, at = gone + whole, at + phase.seconds
        return at

    def braked(self, when: float, harder: float = 1.0) -> Motion:
        """The motion that this becomes when it is slowed down from now on, `harder` times its own deceleration."""
        way, speed = self._way(when)
        slowing = harder * max(abs(phase.acceleration) for phase in self.phases)
        return Motion(
            when, self._along(way), self._along(way + speed**2 / (2 * slowing)), (Phase(speed / slowing, speed, -slowing),)
        )

    def _way(self, when: float) -> tuple[float, float]:
        """The way gone and the speed."""
        gone, since = 0.0, max(when - self.begin, 0.0)
        for phase in self.phases:
            if since < phase.seconds:
                return gone + phase.after(since), phase.speed + phase.acceleration * since
            gone, since = gone + phase.after(phase.seconds), since - phase.seconds
        return gone, 0.0

    def _along(self, way: float) -> Point:
        part = way / self.length if self.length else 0.0
        x, y, z = (a + (b - a) * part for a, b in zip(self.start, self.end, strict=True))
        return x, y, z


def line(
    begin: float, start: Point, end: Point, speeds: Sequence[float], accelerations: Sequence[float], feed: float | None = None
) -> Motion:
    """The motion from rest to rest with the axes' limits, and no faster than `feed` (mm/s) along the line."""
    length = math.dist(start, end)
    ways = [abs(b - a) / length for a, b in zip(start, end, strict=True)]
    speed = min(limit / way for limit, way in zip(speeds, ways, strict=True) if way)
    acceleration = min(limit / way for limit, way in zip(accelerations, ways, strict=True) if way)
    speed = min(speed, feed or speed)
    if length >= speed**2 / acceleration:
        ramp = speed / acceleration
        phases = Phase(ramp, 0.0, acceleration), Phase(length / speed - ramp, speed, 0.0), Phase(ramp, speed, -acceleration)
        return Motion(begin, start, end, phases)
    half = math.sqrt(length / acceleration)
    return Motion(begin, start, end, (Phase(half, 0.0, acceleration), Phase(half, half * acceleration, -acceleration)))


def _seconds(phase: Phase, way: float) -> float:
    """How long this phase takes for so much of its way."""
    if not phase.acceleration:
        return way / phase.speed
    root = math.sqrt(max(phase.speed**2 + 2 * phase.acceleration * way, 0.0))
    return (root - phase.speed) / phase.acceleration
