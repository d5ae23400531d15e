"""How long a head takes from place to place: every axis moves at once, so the slowest axis is the time (Chebyshev).

An axis that moves by d takes d/v + v/a if it reaches its speed (d >= v²/a), else 2·√(d/a) (lines reference D.1). Lengths are whole
micrometres, times whole microseconds, rounded up: no time is too short by rounding, and a detour is never quicker than the straight
way, exactly. Planners are given times and never see this formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

Times = Callable[[str, str], int]
"""Microseconds from one place to another, the same both ways."""
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Axis:
    """`speed` in µm/s; `acceleration` in µm/s², None for an axis that needs no time to reach its speed."""

    speed: int
    acceleration: int | None = None

    def time(self, distance: int) -> int:
        """Microseconds for so many micrometres, in either direction."""
        d, v, a = abs(distance), self.speed, self.acceleration
        if d == 0:
            return 0
        if a is None:
            return -(-d * _SECOND // v)
        if d * a >= v * v:
            return -(-(d * a + v * v) * _SECOND // (v * a))
        return isqrt(-(-4 * _SECOND**2 * d // a) - 1) + 1  # the root, rounded up


@dataclass(frozen=True)
class Rack:
    """Places by name, each with as many coordinates (µm) as there are axes."""

    axes: tuple[Axis, ...]
    places: Mapping[str, tuple[int, ...]]

    def time(self, a: str, b: str) -> int:
        """Microseconds from `a` to `b`, or back; a KeyError for a place that is not here."""
        return max(axis.time(y - x) for axis, x, y in zip(self.axes, self.places[a], self.places[b], strict=True))


def matrix(times: Times, places: Sequence[str]) -> list[list[int]]:
    """The times between these places, row by row; each pair is asked for once."""
    rows = [[0] * len(places) for _ in places]
    for i, a in enumerate(places):
        for j in range(i):
            rows[i][j] = rows[j][i] = times(a, places[j])
    return rows
