"""The daemon dies, the power goes, the wire is cut or a person stops it, at any instant of a trip, by seed.

The story and its oracle, which is the plant, are those of the campaigns (`tests/proof/fetching.py`).
"""

from __future__ import annotations

import random

import pytest

from tests.kit.virtual_loop import run
from tests.proof.fetching import CRASHES, MISHAPS, story


@pytest.mark.parametrize("seed", range(60))
def test_a_daemon_that_dies_at_any_instant_of_a_trip_loses_no_pack_and_fetches_none_twice(seed: int) -> None:
    run(story(random.Random(f"crash {seed}"), CRASHES))


@pytest.mark.parametrize("seed", range(24))
def test_whatever_befalls_a_trip_each_pack_is_somewhere_and_no_pack_comes_twice(seed: int) -> None:
    run(story(random.Random(f"mishap {seed}"), MISHAPS))
