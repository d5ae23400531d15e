"""Motion along a line: the law of the notes, places and speeds that fit together, and stops within their way."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.plant.motion import Motion, Point, line

SPEEDS, ACCELERATIONS = (400.0, 300.0, 100.0), (800.0, 800.0, 400.0)
points = st.tuples(st.floats(0, 1200), st.floats(0, 900), st.floats(-150, 0))


def lines(start: Point, end: Point) -> Motion | None:
    return line(10.0, start, end, SPEEDS, ACCELERATIONS) if math.dist(start, end) > 0.01 else None


@pytest.mark.parametrize(
    ("end", "seconds"),
    [
        ((400.0, 0.0, 0.0), 400 / 400 + 400 / 800),
        ((50.0, 0.0, 0.0), 2 * math.sqrt(50 / 800)),
        ((0.0, 0.0, -100.0), 100 / 100 + 100 / 400),
        ((800.0, 600.0, 0.0), 800 / 400 + 500 / 1000),  # both axes at their own speed: 500 mm/s along the line
    ],
)
def test_a_motion_takes_what_the_notes_say(end: Point, seconds: float) -> None:
    motion = line(10.0, (0.0, 0.0, 0.0), end, SPEEDS, ACCELERATIONS)
    assert motion.over - 10 == pytest.approx(seconds)


def test_a_feed_slows_it_down() -> None:
    motion = line(0.0, (0.0, 0.0, 0.0), (400.0, 0.0, 0.0), SPEEDS, ACCELERATIONS, 100.0)
    assert motion.over == pytest.approx(400 / 100 + 100 / 800)


@given(points, points, st.floats(0, 1))
def test_no_axis_is_faster_than_it_can_be_and_all_end_where_they_should(start: Point, end: Point, part: float) -> None:
    motion = lines(start, end)
    if motion is None:
        return
    when = motion.begin + part * (motion.over - motion.begin)
    before, after = motion.at(when), motion.at(when + 1e-4)
    for limit, a, b in zip(SPEEDS, before, after, strict=True):
        assert abs(b - a) <= limit * 1e-4 + 1e-6
    assert motion.at(motion.begin) == pytest.approx(start)
    assert motion.at(motion.over) == end
    assert motion.speed(motion.over) == 0
    gone = math.dist(start, before)
    assert math.dist(motion.at(motion.when(gone)), before) < 1e-3


@given(points, points, st.floats(0, 0.999))
def test_a_stop_at_any_instant_ends_on_the_line_within_its_braking_way(start: Point, end: Point, part: float) -> None:
    motion = lines(start, end)
    if motion is None:
        return
    when = motion.begin + part * (motion.over - motion.begin)
    braked = motion.braked(when)
    speed = motion.speed(when)
    slowing = max(abs(phase.acceleration) for phase in motion.phases)
    assert braked.length == pytest.approx(speed**2 / (2 * slowing), abs=1e-6)
    assert math.dist(start, braked.end) <= motion.length + 1e-6
    assert math.dist(start, braked.end) + math.dist(braked.end, end) == pytest.approx(motion.length, abs=1e-5)
    assert braked.over - when <= max(v / a for v, a in zip(SPEEDS, ACCELERATIONS, strict=True)) + 1e-6


def test_beyond_its_end_a_motion_is_at_rest() -> None:
    motion = line(10.0, (0.0, 0.0, 0.0), (400.0, 0.0, 0.0), SPEEDS, ACCELERATIONS)
    assert motion.when(500.0) == motion.over
    assert motion.braked(motion.over + 1).length == 0
    assert motion.braked(motion.over + 1).at(motion.over + 2) == pytest.approx((400.0, 0.0, 0.0))
