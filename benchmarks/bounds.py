"""What no plan can beat: lower bounds of the time of trips, in microseconds (lines reference D.4). No other file imports highspy.

The matrix is symmetric and row 0 is the hand-over, as in `controller/planning/exchange.py`, of which nothing is used here. Every
bound counts `trip_us` for each trip and no time at the places. Exact figures are whole; the others are rounded down.
"""

from __future__ import annotations

import itertools
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import highspy
import numpy as np
from numpy.typing import NDArray

Matrix = list[list[int]]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_SCALE = 1e6
"""HiGHS is given seconds: its tolerances are absolute."""


def crude(t: Matrix, k: int, trip_us: int) -> int:
    """As few trips as there can be, and each place's share of the way there and back. Always valid."""
    n = len(t) - 1
    return math.ceil(n / k) * trip_us + sum(2 * t[0][i] for i in range(1, n + 1)) // k


def brute(t: Matrix, k: int, trip_us: int) -> int:
    """The optimum by trying every order and every cut, for a handful of places: nothing to be wrong about."""
    n, best = len(t) - 1, 1 << 62
    for order in itertools.permutations(range(1, n + 1)):
        least = [0] + [1 << 62] * n
        for end in range(1, n + 1):
            for begin in range(max(0, end - k), end):
                part = (0, *order[begin:end], 0)
                way = sum(t[a][b] for a, b in itertools.pairwise(part))
                least[end] = min(least[end], least[begin] + trip_us + way)
        best = min(best, least[n])
    return best


def tours(t: Matrix, k: int, trip_us: int) -> tuple[list[Ints], list[Ints]]:
    """For every size up to k: all sets of so many places, and the time of the best tour of each, `trip_us` included."""
    m = np.array(t, np.int64)
    sets, times = [], []
    for size in range(1, min(k, len(t) - 1) + 1):
        members = np.array(list(itertools.combinations(range(1, len(t)), size)), np.int64)
        best = np.full(len(members), 1 << 62, np.int64)
        for order in itertools.permutations(range(size)):
            if order[0] <= order[-1]:  # the others are these from behind
                way = [np.zeros(len(members), np.int64), *(members[:, i] for i in order), np.zeros(len(members), np.int64)]
                best = np.minimum(best, sum(m[a, b] for a, b in itertools.pairwise(way)))
        sets.append(members)
        times.append(best + trip_us)
    return sets, times


def partition(t: Matrix, k: int, trip_us: int, *, whole: bool) -> int:
    """Every set of at most k places is a column; each place is in exactly one that is taken, and at least n/k are taken (HiGHS).

    `whole`: the optimum, proven. Otherwise columns may be taken in parts (the linear program): a bound. That the trips are no
    fewer than n/k rounded up is implied by whole columns only: it lifts the linear program by 2 % at 50 places.
    """
    sets, times = tours(t, k, trip_us)
    costs = np.concatenate(times)
    sizes = np.concatenate([np.full(len(members), members.shape[1]) for members in sets])
    n = len(t) - 1
    rows = np.concatenate([np.column_stack([members - 1, np.full(len(members), n)]).ravel() for members in sets])
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = len(costs), n + 1
    problem.col_cost_ = costs / _SCALE
    problem.col_lower_, problem.col_upper_ = np.zeros(len(costs)), np.ones(len(costs))
    problem.row_lower_ = np.array([*[1.0] * n, math.ceil(n / k)])
    problem.row_upper_ = np.array([*[1.0] * n, float(n)])
    problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    problem.a_matrix_.start_ = np.concatenate([[0], np.cumsum(sizes + 1)]).astype(np.int32)
    problem.a_matrix_.index_ = rows.astype(np.int32)
    problem.a_matrix_.value_ = np.ones(len(rows))
    if whole:
        problem.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    with _silent():
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_abs_gap", 0.0)
        solver.passModel(problem)
        solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ArithmeticError(f"HiGHS ended with {solver.getModelStatus()}")
    if not whole:
        return math.floor(solver.getInfo().objective_function_value * _SCALE)
    taken = np.array(solver.getSolution().col_value) > 0.5
    return int(costs[taken].sum())


@contextmanager
def _silent() -> Iterator[None]:
    """HiGHS prints who it is whatever it is told, past Python; ours is a table."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def lagrangian(t: Matrix, k: int, trip_us: int, upper: int, rounds: int = 300) -> int:
    """The bound of q-routes without 2-cycles (Christofides, Mingozzi and Toth 1981): routes of k visits that may come back to a
    place, though not at once. Each place carries a price; each pays for its share of the cheapest route through it, and prices
    follow how often it is visited. So does a price on there being n/k trips, rounded up, which is kept in row 0. `upper` is the
    time of any plan: it only scales the steps.
    """
    m, n = np.array(t, float), len(t) - 1
    price, best, step, since, least = np.zeros(n + 1), 0.0, 2.0, 0, math.ceil(n / k)
    for _ in range(rounds):
        places = np.concatenate([[0.0], price[1:]])
        value, visits = _through(m, k, trip_us - float(price[0]), places)
        value += least * float(price[0])
        since += 1
        if value > best:
            best, since = value, 0
        elif since >= 10:
            step, since = step * 0.7, 0
        slope = np.concatenate([[least - visits[0]], 1.0 - visits[1:]])
        norm = float(slope @ slope)
        if norm < 1e-12:
            break
        price += step * max(upper - value, 1.0) * slope / norm
        price[0] = max(price[0], 0.0)
    return math.floor(best)


def _through(m: Floats, k: int, trip: float, price: Floats) -> tuple[float, Floats]:
    """Σ price + Σ over places of the least (cost of a route through it / its visits); the visits of each, in row 0 the routes."""
    n = len(m) - 1
    reduced = m - (price[:, None] + price[None, :]) / 2
    np.fill_diagonal(reduced, np.inf)
    ends = _ends(reduced, k)
    least, ways = np.full(n + 1, np.inf), np.zeros((n + 1, 4), np.int64)
    for q in range(1, k + 1):
        for front in range(1, q // 2 + q % 2 + 1):
            back = q + 1 - front
            for r, s in itertools.product((0, 1), (0, 1)):
                # Both halves end at the place. Halves from the same neighbour would be a 2-cycle, except from the hand-over.
                f, g = ends[front], ends[back]
                cost = (f.cost[r] + g.cost[s] + trip) / q
                same = (f.before[r] == g.before[s]) & (f.before[r] != 0)
                cost = np.where(same, np.inf, cost)
                better = cost < least
                least[better] = cost[better]
                ways[better] = (front, r, back, s)
    return float(price.sum() + least[1:].sum()), _visits(ends, ways, n)


class _Ends:
    """The cheapest and the next cheapest ways of some number of visits from the hand-over that end at each place."""

    def __init__(self, n: int) -> None:
        self.cost = np.full((2, n + 1), np.inf)
        self.before = np.full((2, n + 1), -1)
        self.rank = np.zeros((2, n + 1), np.int64)
        """Which of the two ways to the place before it is."""


def _ends(reduced: Floats, k: int) -> list[_Ends]:
    n = len(reduced) - 1
    found = [_Ends(n), _Ends(n)]
    found[1].cost[0], found[1].before[0] = reduced[0], 0
    found[1].cost[:, 0] = np.inf
    columns = np.arange(n + 1)
    for _ in range(2, k + 1):
        last, new = found[-1], _Ends(n)
        back = last.before[0][:, None] == columns[None, :]
        cost = np.where(back, last.cost[1][:, None], last.cost[0][:, None]) + reduced
        cost[0, :], cost[:, 0] = np.inf, np.inf
        for which in (0, 1):
            before = np.argmin(cost, axis=0)
            new.cost[which], new.before[which] = cost[before, columns], before
            new.rank[which] = back[before, columns]
            cost[before, columns] = np.inf
        found.append(new)
    return found


def _visits(ends: list[_Ends], ways: Ints, n: int) -> Floats:
    visits = np.zeros(n + 1)
    places = np.arange(1, n + 1)
    front, r, back, s = (ways[1:, column] for column in range(4))
    share = 1.0 / (front + back - 1)
    visits[0] = share.sum()
    np.add.at(visits, places, share)
    for length, rank in ((front, r), (back, s)):
        at, left, which = places.copy(), length.copy(), rank.copy()
        while (going := left > 1).any():
            for size in np.unique(left[going]):
                here = left == size
                before, ranks = ends[size].before[which[here], at[here]], ends[size].rank[which[here], at[here]]
                at[here], which[here] = before, ranks
                np.add.at(visits, before, share[here])
            left[going] -= 1
    return visits


def one_tree(t: Matrix, upper: int, rounds: int = 300) -> int:
    """All places in one tour: the Held-Karp bound by 1-trees (1971), a tree of the places and two ways to the hand-over."""
    m = np.array(t, float)
    price, best, step, since = np.zeros(len(m)), 0.0, 2.0, 0
    for _ in range(rounds):
        value, degree = _tree(m + price[:, None] + price[None, :])
        value -= 2 * float(price.sum())
        since += 1
        if value > best:
            best, since = value, 0
        elif since >= 10:
            step, since = step * 0.7, 0
        slope = degree - 2.0
        norm = float(slope @ slope)
        if norm == 0:
            break
        price += step * max(upper - value, 1.0) * slope / norm
    return math.floor(best)


def _tree(m: Floats) -> tuple[float, Floats]:
    """Prim's tree over all but row 0, and the two cheapest ways from row 0."""
    size = len(m)
    degree, total = np.zeros(size), 0.0
    near, cost = np.full(size, 1), m[1].copy()
    cost[0] = cost[1] = np.inf
    for _ in range(size - 2):
        new = int(np.argmin(cost))
        total += float(cost[new])
        degree[new] += 1
        degree[near[new]] += 1
        cost[new] = np.inf
        closer = m[new] < cost
        closer &= np.isfinite(cost)
        cost[closer], near[closer] = m[new][closer], new
    ways = np.argsort(m[0, 1:], kind="stable")[:2] + 1
    degree[0] += 2
    degree[ways] += 1
    return total + float(m[0, ways].sum()), degree
