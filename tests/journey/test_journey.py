"""B10 whole: forty lines over robot, gantry, shelf and cabinet, by belts and tote, to the pockets of the ward, over REST."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.journey.journey import Journey, journey
from tests.journey.judge import judge
from tests.journey.story import KINDS, cut, drawn
from tests.kit.virtual_loop import run

LONGEST_S = 5000.0
"""No day takes longer, whatever goes wrong on it."""


def lived(folder: Path, seed: int = 0, mishaps: Sequence[tuple[float, str]] = (), *, sent: bool = False) -> Journey:
    """One day; what it was like is asked of what is returned."""

    async def tale() -> Journey:
        async with journey(folder, seed) as day:
            async with asyncio.timeout(LONGEST_S):
                await day.lives(mishaps, sent=sent)
            assert list(judge(day)) == [], (seed, mishaps)
            return day

    return run(tale())


def test_at10_1_forty_lines_arrive_and_truth_and_both_ledgers_are_equal_at_every_step(tmp_path: Path) -> None:
    day = lived(tmp_path)
    assert len(day.lines) == 40
    sources = {row["source"] for kind, row in day.rows if kind == "tote.filled"}
    by_hand = {row["drawer"] for kind, row in day.rows if kind == "stock.picked"}
    assert (sources, {"shelf"} <= by_hand, {place[:2] for place in by_hand} >= {"V-"}) == ({"R1", "arm"}, True, True)
    assert len(day.steps) > 55
    assert {"the tote stands at load-gantry", "the tote stands at packing", "the ward has signed"} <= set(day.steps)
    assert day.wrong == []
    assert (day.state, day.all.doubtful()) == ("confirmed", set())
    assert day.all.truth() == day.all.books()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", [0, 5, 19])
def test_whatever_goes_wrong_nothing_is_lost_or_doubled_and_every_doubt_is_marked(tmp_path: Path, seed: int) -> None:
    day = lived(tmp_path, seed, drawn(seed))
    assert day.state in {"confirmed", "partial"}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_torn_power_cut_at_any_instant_loses_nothing(tmp_path: Path, seed: int) -> None:
    day = lived(tmp_path, seed, cut(seed), sent=True)
    assert len(day.all.sure_again_s) == 1


def test_every_kind_of_mishap_has_its_day() -> None:
    assert {kind for seed in range(20) for _, kind in drawn(seed)} == set(KINDS)


def test_a_pack_that_somebody_takes_is_seen_by_the_judge(tmp_path: Path) -> None:
    async def tale() -> list[tuple[str, str]]:
        async with journey(tmp_path) as day:
            rack = day.pharmacy.world.house.robots["R1"].robot.steel
            await day.lives(sent=True)
            del rack.packs[max(rack.packs)]
            return list(judge(day))

    assert [law for law, _ in run(tale())] == ["LOST"]
