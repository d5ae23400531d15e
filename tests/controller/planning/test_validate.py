"""Every way in which a plan can be wrong, planted in a right one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.planning.problem import Fetch, Pack, Pick, Plan, Problem, Trip
from controller.planning.validate import wrong

OLD, NEW, OTHER, LAST = (Pack(id, id, day) for id, day in (("old", 10), ("new", 20), ("other", 15), ("last", 15)))
FIRST = Pick("first", "out", (OLD, NEW))
SECOND = Pick("second", "out", (OLD, NEW))
THIRD = Pick("third", "out", (OTHER,))
NOW = Pick("now", "out", (LAST,), urgent=True)
NONE = Pick("none", "out", (OTHER,))
PROBLEM = Problem((FIRST, SECOND, THIRD, NOW, NONE), lambda a, b: 0, {"out": "out"}, 2, 1, 1)
RIGHT = Plan(
    (Trip("out", (Fetch(NOW, LAST),)), Trip("out", (Fetch(FIRST, OLD), Fetch(THIRD, OTHER))), Trip("out", (Fetch(SECOND, NEW),))),
    (NONE,),
)
URGENT, MIDDLE, END = RIGHT.trips


def test_a_right_plan() -> None:
    assert wrong(PROBLEM, RIGHT) is None


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan((URGENT, MIDDLE), (NONE,)), "second is planned 0 times"),
        (Plan((URGENT, MIDDLE, END, END), (NONE,)), "second is planned 2 times"),
        (Plan((URGENT, MIDDLE, END), (NONE, SECOND)), "second is planned 2 times"),
        (Plan((URGENT, MIDDLE, END, Trip("out", (Fetch(Pick("x", "out", (NEW,)), NEW),))), (NONE,)), "x is planned 1 times"),
        (Plan((URGENT, replace(MIDDLE, fetches=(Fetch(FIRST, OLD), Fetch(THIRD, LAST))), END), (NONE,)), "last may not be had"),
        (Plan((URGENT, MIDDLE, Trip("out", (Fetch(SECOND, OLD),))), (NONE,)), "old is taken twice"),
        (Plan((URGENT, Trip("out", (*MIDDLE.fetches, *END.fetches))), (NONE,)), "has 3 packs"),
        (Plan((URGENT, MIDDLE, END, Trip("out", ())), (NONE,)), "has 0 packs"),
        (Plan((URGENT, MIDDLE, replace(END, output="cellar")), (NONE,)), "goes to cellar"),
        (Plan((MIDDLE, URGENT, END), (NONE,)), "does not go first"),
        (Plan((Trip("out", (*URGENT.fetches, *END.fetches)), MIDDLE), (NONE,)), "urgent in part"),
        (Plan((URGENT, END, MIDDLE), (NONE,)), "new goes before pack old"),
        (Plan((Trip("out", (Fetch(NOW, LAST),)), MIDDLE), (SECOND, NONE)), "second could be had"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(plan: Plan, said: str) -> None:
    assert said in str(wrong(PROBLEM, plan))


def test_an_urgent_pick_is_not_short_of_what_another_took() -> None:
    pick = replace(NOW, packs=(OTHER,))
    problem = replace(PROBLEM, picks=(THIRD, pick))
    assert "now could be had" in str(wrong(problem, Plan((Trip("out", (Fetch(THIRD, OTHER),)),), (pick,))))


@pytest.mark.parametrize("days", [9, 10])
def test_the_tolerance_is_to_the_day(days: int) -> None:
    late: Callable[[int], Problem] = lambda days: replace(PROBLEM, tolerance_days=days)  # noqa: E731
    assert (wrong(late(days), Plan((URGENT, END, MIDDLE), (NONE,))) is None) == (days == 10)
