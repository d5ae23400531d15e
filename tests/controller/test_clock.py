"""Wall time, ids and chance: what comes out of the one file that may ask for them."""

from __future__ import annotations

import datetime

from controller.clock import Chance, Clock, Ids


def test_the_time_is_utc_and_written_so_that_it_sorts() -> None:
    clock = Clock()
    before = clock.stamp()
    assert clock.now().tzinfo is datetime.UTC
    read = datetime.datetime.fromisoformat(before)
    assert abs((clock.now() - read).total_seconds()) < 5
    assert before <= clock.stamp()


def test_ids_never_meet() -> None:
    ids = Ids()
    assert len({ids.new() for _ in range(1000)}) == 1000


def test_chance_stays_between() -> None:
    chance = Chance()
    drawn = [chance.between(0.1, 0.2) for _ in range(100)]
    assert all(0.1 <= one <= 0.2 for one in drawn)
    assert len(set(drawn)) > 1
