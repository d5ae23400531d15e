"""LC-22: trips of four as the rule and as PyVRP plan them, against what no plan can beat; LC-23 and LC-24 as figures.

The rack is that of lines reference D.5: 12 by 2.6 m, 3 and 1 m/s, hand-over at (0, 0.9 m), 4 s a trip, 3 s a pick. Ratios are of
trips without the picks' own seconds, means over the instances named in the row. The bound is the proven optimum for 8 and 20
picks, the linear program for 50, the Lagrangian bound for 200 (`benchmarks/bounds.py`). The solver is given what the planner
gives it: the rule's trips to begin with, and its share of the deadline (0.18 s).
"""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.bounds import Matrix, lagrangian, partition
from benchmarks.row import Row
from controller.planning.exchange import finished
from controller.planning.planner import DEADLINE_S, SEARCH
from controller.planning.problem import Plan, Problem, Trip, cost
from controller.planning.rule import arranged, first_come, named, plan, times_of
from controller.planning.worker import trips
from tests.kit.shelf import PICK_US, TRIP_US, Shelf
from tests.proof.planning import LATE_S, queue, troubled, worked

HOUR_US = 3_600_000_000
CASES = ((8, 40, 1.0005), (20, 10, 1.02), (50, 5, 1.04), (200, 3, 1.02))
"""Picks, instances, and what the rule's mean ratio may be (LC-22)."""
WORLDS, EACH, FAULTS = 4, 500, 40


@dataclass(frozen=True)
class Measured:
    """One instance, in microseconds of trips without the picks' own time."""

    bound: int
    rule: int
    solver: int
    first_come: int


def rows() -> Iterator[Row]:
    """Four for each number of picks, then what tolerance gains and how late a plan is whose worker fails."""
    for picks, instances, most in CASES:
        yield from _lc_22(picks, instances, most)
    gains = [asyncio.run(_hourly(0)), asyncio.run(_hourly(30))]
    yield Row(f"LC-23 {WORLDS * EACH} picks: 30 days of tolerance against none", gains[1], gains[0], "picks/h", at_least=1.0)
    seen = asyncio.run(troubled(FAULTS, "bench"))
    yield Row(f"LC-24 {seen.injected} faults of the worker: fallbacks", seen.fallbacks, seen.injected, "", at_least=1, at_most=1)
    yield Row("LC-24 the latest plan beyond its deadline", max(seen.late) * 1e3, LATE_S * 1e3, "ms", at_most=1.0)


def _lc_22(picks: int, instances: int, most: float) -> Iterator[Row]:
    seen = [_measured(queue(random.Random(f"LC-22/{picks}/{n}"), picks)) for n in range(instances)]
    name = f"LC-22 {picks} picks, {instances} instances:"

    def mean(ratio: Callable[[Measured], float]) -> float:
        return statistics.fmean(ratio(one) for one in seen)

    def hourly(time: Callable[[Measured], int]) -> float:
        return picks * instances * HOUR_US / sum(time(one) + picks * PICK_US for one in seen)

    rule = mean(lambda one: one.rule / one.bound)
    yield Row(f"{name} rule over bound", rule, 1.0, "", at_most=most)
    yield Row(f"{name} solver over rule", mean(lambda one: one.solver / one.bound), rule, "", at_most=1.0)
    planned = hourly(lambda one: one.rule)
    yield Row(f"{name} planned over first come", planned, hourly(lambda one: one.first_come), "picks/h", at_least=1.0)
    yield Row(f"{name} planned over bound", planned, hourly(lambda one: one.bound), "picks/h")


def _measured(problem: Problem) -> Measured:
    own = finished(plan(problem))
    fetches = [fetch for trip in own.trips for fetch in trip.fetches]
    t, rows = times_of(problem, "counter", fetches), iter(range(1, len(fetches) + 1))
    begin = [[next(rows) for _ in trip.fetches] for trip in own.trips]
    found = named(fetches, trips(t, begin, problem.carries, problem.trip_us, DEADLINE_S * SEARCH))
    offered = arranged(problem, [Trip("counter", tuple(one)) for one in found], ())
    rule = _trips_only(problem, own)
    bound = _bound(t, problem.carries, rule)
    return Measured(bound, rule, _trips_only(problem, offered), _trips_only(problem, first_come(problem)))


def _trips_only(problem: Problem, planned: Plan) -> int:
    return cost(problem, planned) - len(problem.picks) * problem.pick_us


def _bound(t: Matrix, carries: int, upper: int) -> int:
    if len(t) <= 21:
        return partition(t, carries, TRIP_US, whole=True)
    if len(t) <= 51:
        return partition(t, carries, TRIP_US, whole=False)
    return lagrangian(t, carries, TRIP_US, upper)


async def _hourly(tolerance_days: int) -> float:
    """Picks an hour of the shelf that does not stand still, with one output."""
    shelves = [await worked(Shelf(f"bench/{n}", tolerance_days, outputs=1), EACH) for n in range(WORLDS)]
    return HOUR_US * sum(shelf.picked for shelf in shelves) / sum(shelf.took_us for shelf in shelves)
