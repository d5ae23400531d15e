"""The rule on queues of every kind: what our own check, which shares no code with it, says of its plans."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.formulary.lots import LotError
from controller.planning.eligible import Stored, first_to_expire, free
from controller.planning.exchange import finished
from controller.planning.horizon import ahead
from controller.planning.problem import Fetch, Pack, Pick, Plan, Problem, Trip, cost
from controller.planning.rule import first_come, plan
from controller.planning.travel import Axis, Rack
from controller.planning.validate import wrong

TODAY = datetime.date(2027, 3, 1)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Items with packs at places; picks for them, at two outputs, some urgent, some for which too little is there."""
    point = st.tuples(st.integers(0, 12_000_000), st.integers(0, 2_600_000))
    places: dict[str, tuple[int, ...]] = {"counter": (0, 900_000), "cellar": (6_000_000, 0)}
    items: list[tuple[Pack, ...]] = []
    for item in range(draw(st.integers(1, 4))):
        packs = []
        for n in range(draw(st.integers(1, 6))):
            places[f"{item}-{n}"] = draw(point)
            packs.append(Pack(f"{item}-{n}", f"{item}-{n}", draw(st.sampled_from([740_000, 740_000, 740_010, 740_040, 740_100]))))
        items.append(tuple(packs))
    picks = tuple(
        Pick(f"p{n}", draw(st.sampled_from(["counter", "cellar"])), draw(st.sampled_from(items)), draw(st.integers(0, 4)) == 0)
        for n in range(draw(st.integers(1, 12)))
    )
    rack = Rack((Axis(3_000_000, 2_000_000), Axis(1_000_000)), places)
    outputs = {"counter": "counter", "cellar": "cellar"}
    tolerance, at = draw(st.sampled_from([0, 30])), draw(st.sampled_from([None, "cellar", "0-0"]))
    return Problem(picks, rack.time, outputs, draw(st.integers(1, 5)), 3_000_000, 4_000_000, tolerance, at)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_nothing_is_wrong_with_its_plans(problem: Problem) -> None:
    own = finished(plan(problem))
    assert wrong(problem, own) is None
    assert wrong(problem, first_come(problem)) is None
    assert own == finished(plan(problem))


def shelf(**places: tuple[int, int]) -> Rack:
    return Rack((Axis(1_000), Axis(1_000)), {"hand-over": (0, 0), **places})


def asked(rack: Rack, *picks: Pick, **changed: Any) -> Problem:
    return Problem(picks, rack.time, {"out": "hand-over"}, **{"carries": 4, "pick_us": 0, "trip_us": 0} | changed)


def test_takes_the_nearest_of_those_first_to_expire() -> None:
    rack = shelf(near=(1, 0), far=(9, 0), nearest=(0, 0))
    packs = (Pack("far", "far", 10), Pack("near", "near", 10), Pack("late", "nearest", 11))
    strict, lax = asked(rack, Pick("p", "out", packs)), asked(rack, Pick("p", "out", packs), tolerance_days=1)
    assert [fetch.pack.id for fetch in finished(plan(strict)).trips[0].fetches] == ["near"]
    assert [fetch.pack.id for fetch in finished(plan(lax)).trips[0].fetches] == ["late"]


def test_takes_another_pack_where_the_trip_passes_it() -> None:
    """Alone the pack at 4 is nearer than the one at 5; on the way to 9 the one at 5 is no detour."""
    rack = shelf(high=(0, 4_000), along=(5_000, 0), end=(9_000, 0))
    packs = (Pack("high", "high", 10), Pack("along", "along", 10))
    problem = asked(rack, Pick("a", "out", packs), Pick("b", "out", (Pack("end", "end", 10),)))
    assert {fetch.pack.id for trip in finished(plan(problem)).trips for fetch in trip.fetches} == {"along", "end"}


def test_no_pack_is_changed_for_one_that_leaves_an_earlier_one_behind() -> None:
    rack = shelf(high=(0, 4_000), along=(5_000, 0), end=(9_000, 0))
    packs = (Pack("high", "high", 9), Pack("along", "along", 10))
    problem = asked(rack, Pick("a", "out", packs), Pick("b", "out", (Pack("end", "end", 10),)))
    assert {fetch.pack.id for trip in finished(plan(problem)).trips for fetch in trip.fetches} == {"high", "end"}


def test_a_plan_broken_off_after_any_trip_left_no_earlier_pack_behind() -> None:
    rack = shelf(a=(9_000, 0), b=(1, 0), c=(2, 0))
    packs = (Pack("old", "a", 10), Pack("new", "b", 20), Pack("newer", "c", 30))
    problem = asked(rack, *(Pick(f"p{n}", "out", packs) for n in range(3)), carries=1)
    assert [trip.fetches[0].pack.id for trip in finished(plan(problem)).trips] == ["old", "new", "newer"]


def test_urgent_picks_go_first_and_alone_and_the_longest_waiting_after_them() -> None:
    rack = shelf(**{f"s{n}": (n, 0) for n in range(1, 7)})
    picks = [Pick(f"p{n}", "out", (Pack(f"s{n}", f"s{n}", 10),), urgent=n == 6) for n in range(1, 7)]
    own = finished(plan(asked(rack, *picks, carries=3)))
    assert [fetch.pick.id for fetch in own.trips[0].fetches] == ["p6"]
    assert "p1" in {fetch.pick.id for fetch in own.trips[1].fetches}


def test_cost_follows_the_head() -> None:
    rack = Rack((Axis(1_000_000),), {"A": (0,), "B": (10,), "s": (4,), "t": (9,)})
    fetch = [Fetch(Pick(place, "any", ()), Pack(place, place, 1)) for place in "st"]
    two = Plan((Trip("a", (fetch[0],)), Trip("b", (fetch[1],))))
    problem = Problem((), rack.time, {"a": "A", "b": "B"}, 1, pick_us=100, trip_us=1_000, at="B")
    assert cost(problem, two) == (6 + 100 + 4 + 1_000) + (9 + 100 + 1 + 1_000)
    assert cost(Problem((), rack.time, {"a": "A", "b": "B"}, 1, 100, 1_000), two) == (4 + 100 + 4 + 1_000) + (9 + 100 + 1 + 1_000)


def test_which_packs_are_free() -> None:
    stored = [
        Stored("month", "1", "2027-05"), Stored("day", "2", "2027-05-02"), Stored("last", "3", "2027-03-01"),
        Stored("jam", "4", "2027-04-01", uncertain=True), Stored("promised", "5", "2027-04-01"), Stored("undated", "6", None),
    ]  # fmt: skip
    packs = free(stored, {"promised"}, TODAY)
    assert [pack.id for pack in packs] == ["day", "month", "undated"]
    assert packs[1].expiry == datetime.date(2027, 5, 31).toordinal()
    assert [pack.id for pack in first_to_expire(packs, 0)] == ["day"]
    assert [pack.id for pack in first_to_expire(packs, 29)] == ["day", "month"]
    assert first_to_expire([], 30) == []
    with pytest.raises(LotError):
        free([Stored("spoilt", "1", "31.5.2027")], set(), TODAY)


def test_the_horizon() -> None:
    packs = (Pack("a", "a", 1), Pack("b", "b", 1))
    queue = [Pick(f"p{n}", "out", packs, urgent=n > 55) for n in range(60)]
    now = ahead(queue)
    assert [pick.id for pick in now] == [*(f"p{n}" for n in range(56, 60)), *(f"p{n}" for n in range(46))]
    running = Trip("out", (Fetch(queue[0], packs[0]),))
    later = ahead(queue, running, most=5)
    assert [pick.id for pick in later] == ["p56", "p57", "p58", "p59", "p1"]
    assert all(pick.packs == packs[1:] for pick in later)
