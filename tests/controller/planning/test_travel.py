"""Times of the axes: by hand, by the formula in fractions, and the mean of many against Bozer and White (lines reference D.1)."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.planning.travel import Axis, Rack, matrix

AXES = st.builds(Axis, st.integers(1, 5_000_000), st.none() | st.integers(1, 20_000_000))
FAR = st.integers(0, 20_000_000)


@pytest.mark.parametrize(
    ("axis", "um", "us"),
    [
        (Axis(3_000_000), 12_000_000, 4_000_000),
        (Axis(3_000_000), -12_000_000, 4_000_000),
        (Axis(3_000_000), 1, 1),
        (Axis(1_000_000, 1_000_000), 4_000_000, 5_000_000),  # 4 m at 1 m/s, and a second to reach it and to stop
        (Axis(1_000_000, 1_000_000), 1_000_000, 2_000_000),  # just reaches its speed
        (Axis(1_000_000, 1_000_000), 250_000, 1_000_000),  # never reaches it: 2 sqrt(0.25)
        (Axis(1_000_000, 1_000_000), 0, 0),
    ],
)
def test_an_axis(axis: Axis, um: int, us: int) -> None:
    assert axis.time(um) == us


@given(AXES, FAR)
def test_is_the_formula_rounded_up(axis: Axis, um: int) -> None:
    d, v, a, us = Fraction(um), Fraction(axis.speed), axis.acceleration, axis.time(um)
    if a is None:
        assert us == math.ceil(d / v * 10**6)
    elif d >= v * v / a:
        assert us == (math.ceil((d / v + v / a) * 10**6) if d else 0)
    else:
        exact = 4 * d / a * 10**12  # the square of the time
        assert (us - 1) ** 2 < exact <= us**2 or us == exact == 0


@given(AXES, FAR, FAR)
def test_no_detour_is_quicker(axis: Axis, first: int, then: int) -> None:
    assert axis.time(first + then) <= axis.time(first) + axis.time(then)


def test_the_slowest_axis_is_the_time() -> None:
    rack = Rack((Axis(3_000_000), Axis(1_000_000)), {"A": (0, 0), "B": (3_000_000, 500_000), "C": (3_000_000, 2_000_000)})
    assert matrix(rack.time, ["A", "B", "C"]) == [[0, 1_000_000, 2_000_000], [1_000_000, 0, 1_500_000], [2_000_000, 1_500_000, 0]]
    with pytest.raises(KeyError):
        rack.time("A", "D")


def test_mean_of_single_commands() -> None:
    """E[SC] = (1 + b²/3) T with b = .65, from the corner."""
    chance, b, many = random.Random(1), 0.65, 20_000
    places: dict[str, tuple[int, ...]] = {str(n): (chance.randrange(10**6), chance.randrange(650_000)) for n in range(many)}
    rack = Rack((Axis(1_000_000), Axis(1_000_000)), {"corner": (0, 0), **places})
    mean = sum(2 * rack.time("corner", str(n)) for n in range(many)) / many / 10**6
    assert mean == pytest.approx(1 + b * b / 3, abs=0.01)
