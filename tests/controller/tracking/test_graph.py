"""The graph, the arithmetic of a decision, and whose turn it is at a merge."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.tracking.line import Diverter, End, Line, Reader, Segment
from controller.tracking.merge import STARVED, Turns, Waiting, grant
from controller.tracking.routes import routes
from controller.tracking.ways import budget_us, decide, drain
from tests.lines.day import line


@pytest.mark.parametrize(
    ("to_diverter_mm", "length_mm", "speed", "actuate_ms", "confirm_ms", "budget_ms"),
    [(600, 300, 500, 150, 100, 650), (300, 60, 1000, 50, 50, 170), (150, 50, 300, 100, 0, 316)],
)
def test_the_budgets_of_the_reference(
    to_diverter_mm: int, length_mm: int, speed: int, actuate_ms: int, confirm_ms: int, budget_ms: int
) -> None:
    """Lines.md B.2: a tote 650 ms, a puck 170 ms, a vial 317 ms (416.6 less 100)."""
    assert budget_us(to_diverter_mm, length_mm // 2, speed, actuate_ms * 1000, confirm_ms * 1000) // 1000 == budget_ms


def test_exits_lead_where_they_lead() -> None:
    known = routes(line())
    assert decide(known, "div-1", "packing") == "on"
    assert decide(known, "div-1", "drain") == "on"
    assert decide(known, "div-1", "reader-1") == "back"
    assert decide(known, "div-2", "packing") == "pack"
    assert decide(known, "div-2", "drain") == "reject"
    assert decide(known, "div-2", "reader-1") == "reject", "where nothing leads there, the default"
    assert drain(known, "div-1") == "drain"


def test_a_loop_is_what_comes_round() -> None:
    assert routes(line()).loop == {"belt-1", "tip-1", "back"}


def test_the_soonest_is_the_shortest_way_with_fast_belts() -> None:
    known = routes(line())
    assert known.soonest_us["reader-1", "reader-2"] == (800 + 5000) * 2000 * 9 // 10 - 100_000
    assert known.soonest_us["reader-1", "reader-1"] == (800 + 6000 + 4000) * 2000 * 9 // 10 - 100_000
    assert ("reader-2", "reader-1") not in known.soonest_us


SMALL = Line(
    segments=(
        Segment("in", "out", "eye", 1000, 500, 3),
        Segment("tip", "eye", "div", 800, 500, 2),
        Segment("good", "div", "hand", 1000, 500, 3),
        Segment("bad", "div", "drain", 1000, 500, 3),
    ),
    readers=(Reader("eye", "div", 150), Reader("hand", None, 150)),
    diverters=(Diverter("div", ("bad", "good"), "bad", 150_000),),
    entries=("out",),
    ends=(End("packing", True, "hand"), End("drain", False)),
)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"diverters": (Diverter("div", ("bad", "good"), "good", 0),)}, "silence would not be safe"),
        ({"diverters": (Diverter("div", ("bad", "good"), "no", 0),)}, "div has no exit no"),
        ({"diverters": (Diverter("div", ("bad",), "bad", 0),)}, "the exits of div are not the segments"),
        ({"readers": (Reader("hand"), Reader("eye"))}, "nothing is read for div"),
        ({"readers": (Reader("hand"), Reader("eye", "drain"))}, "does not lead straight to drain"),
        ({"ends": (End("packing", True), End("drain", False))}, "packing receives what was not read"),
        ({"entries": ("out", "eye")}, "eye is there twice"),
        ({"segments": (*SMALL.segments, Segment("x", "out", "eye", 0, 1, 1))}, "no length"),
        ({"segments": (*SMALL.segments, Segment("x", "out", "eye", 1, 1, 1))}, "out leads to 2 segments"),
        ({"segments": (*SMALL.segments, Segment("x", "drain", "nowhere", 1, 1, 1))}, "no point nowhere"),
        ({"segments": (*SMALL.segments, Segment("x", "drain", "eye", 1, 1, 1))}, "drain is an end and leads on"),
    ],
)
def test_what_is_no_line_is_refused_and_named(change: dict[str, tuple[object, ...]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(SMALL, **change)  # type: ignore[arg-type]


def test_the_longest_waiting_goes_first_and_a_full_lane_weighs_more() -> None:
    waiting = [Waiting("a", 0, 0, 10), Waiting("b", 300, 0, 10)]
    assert grant(Turns(), waiting, 1, 1000)[0] == "a"
    assert grant(Turns(), [waiting[0], replace(waiting[1], load=10)], 1, 1000)[0] == "b"
    assert grant(Turns(), waiting, 0, 1000) == (None, Turns())
    assert grant(Turns(), [], 1, 1000) == (None, Turns())


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=20, max_size=60))
def test_no_lane_waits_for_more_than_eight_grants(loads: list[list[int]]) -> None:
    """The lanes always hold something and one of them always claims to be older and fuller."""
    turns, waits = Turns(), dict.fromkeys("abcd", 0)
    for now, each in enumerate(loads, start=100):
        waiting = [Waiting(lane, now - 10 * load, load, 9) for lane, load in zip("abcd", each, strict=True)]
        taken, turns = grant(turns, waiting, 1, now)
        waits = {lane: 0 if lane == taken else count + 1 for lane, count in waits.items()}
        assert max(waits.values()) <= STARVED
