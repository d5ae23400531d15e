"""The bounds of `benchmarks/bounds.py` against trying everything, against each other, and against what the rule finds."""

from __future__ import annotations

import random

import pytest

from benchmarks.bounds import Matrix, brute, crude, lagrangian, one_tree, partition
from controller.planning.exchange import finished, length, search

TRIP = 4_000_000


def rack(picks: int, seed: int) -> Matrix:
    """Times on the rack of lines reference D.5."""
    chance = random.Random(f"{picks}/{seed}")
    at = [(0, 900_000), *((chance.randrange(12_000_001), chance.randrange(2_600_001)) for _ in range(picks))]
    return [[max(abs(x - u) // 3, abs(y - v)) for u, v in at] for x, y in at]


def ruled(t: Matrix, k: int) -> int:
    return sum(length(t, trip) + TRIP for trip in finished(search(t, k, TRIP)))


@pytest.mark.parametrize("seed", range(12))
def test_a_handful_by_trying_everything(seed: int) -> None:
    picks, k = 2 + seed % 6, 1 + seed % 4
    t = rack(picks, seed)
    optimum = brute(t, k, TRIP)
    assert partition(t, k, TRIP, whole=True) == optimum
    assert crude(t, k, TRIP) <= optimum
    assert lagrangian(t, k, TRIP, optimum) <= optimum
    assert partition(t, k, TRIP, whole=False) <= optimum <= ruled(t, k)


@pytest.mark.parametrize("seed", range(3))
def test_each_bound_is_below_the_one_that_knows_more(seed: int) -> None:
    t = rack(12, seed)
    best = ruled(t, 4)
    loose, prices, linear, whole = (
        crude(t, 4, TRIP), lagrangian(t, 4, TRIP, best), partition(t, 4, TRIP, whole=False), partition(t, 4, TRIP, whole=True)
    )  # fmt: skip
    assert loose < prices <= linear + 1 <= whole + 1  # the first two are rounded down
    assert whole <= best
    assert prices > 0.95 * whole


@pytest.mark.parametrize("seed", range(6))
def test_one_tour(seed: int) -> None:
    t = rack(6, seed)
    optimum = brute(t, 6, 0)  # by the triangle, one tour is never longer than several without a price
    assert 0.9 * optimum <= one_tree(t, optimum) <= optimum


def test_the_only_file_that_imports_highspy_or_pyvrp() -> None:
    from tests.test_layout import ROOT

    for library, owner in (("highspy", "benchmarks/bounds.py"), ("pyvrp", "controller/planning/worker.py")):
        found = [
            str(path.relative_to(ROOT))
            for folder in ("api", "benchmarks", "controller", "drivers", "firmware_protocols", "simulators", "sites", "tests")
            for path in (ROOT / folder).rglob("*.py")
            if any(line.split()[:2] in (["import", library], ["from", library]) for line in path.read_text().splitlines())
        ]
        assert found == [owner]
