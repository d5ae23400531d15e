"""Savings and exchange: whole, within the tray, the same every time, and near enough to the optimum."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bounds import brute, one_tree, partition
from controller.planning.exchange import Matrix, finished, length, savings, search
from tests.controller.planning.test_bounds import TRIP, rack


def cost(t: Matrix, trips: list[list[int]]) -> int:
    return sum(length(t, trip) + TRIP for trip in trips)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 24), st.integers(0, 10**6), st.integers(1, 7))
def test_every_place_once_and_no_trip_too_long(picks: int, seed: int, k: int) -> None:
    t = rack(picks, seed)
    trips = finished(search(t, k, TRIP))
    assert sorted(place for trip in trips for place in trip) == list(range(1, picks + 1))
    assert all(1 <= len(trip) <= k for trip in trips)
    assert cost(t, trips) <= cost(t, savings(t, k))
    assert trips == finished(search(t, k, TRIP))


def test_no_place_at_all() -> None:
    assert finished(search([[0]], 4, TRIP)) == []


@pytest.mark.parametrize("seed", range(8))
def test_a_handful_against_trying_everything(seed: int) -> None:
    t = rack(7, seed)
    assert cost(t, finished(search(t, 3, TRIP))) <= 1.02 * brute(t, 3, TRIP)


def test_near_the_optimum() -> None:
    """LC-22 in small: the gates of the benchmark on other instances."""
    for picks, most in ((8, 1.0005), (12, 1.02)):
        found = [rack(picks, seed) for seed in range(6)]
        ratios = [cost(t, finished(search(t, 4, TRIP))) / partition(t, 4, TRIP, whole=True) for t in found]
        assert statistics.fmean(ratios) <= most, ratios


def test_the_whole_batch_as_one_tour() -> None:
    t = rack(50, 1)
    (tour,) = finished(search(t, 50, TRIP))
    assert length(t, tour) <= 1.06 * one_tree(t, length(t, tour))


def test_works_in_slices_and_stops_when_its_steps_are_done() -> None:
    t = rack(60, 1)
    slices = sum(1 for _ in search(t, 4, TRIP))
    assert slices > 15
    assert 1 <= sum(1 for _ in search(t, 4, TRIP, steps=3_000)) < slices / 3
    hurried = finished(search(t, 4, TRIP, steps=1))
    assert sorted(place for trip in hurried for place in trip) == list(range(1, 61))
