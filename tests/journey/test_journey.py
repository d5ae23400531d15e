"""B10 whole: forty lines over robot, gantry, shelf and cabinet, by belts and tote, to the pockets of the ward, over REST."""

from __future__ import annotations

from pathlib import Path

from tests.journey.journey import Journey, journey
from tests.kit.virtual_loop import run


def told(folder: Path) -> Journey:
    """A day on which nothing goes wrong."""

    async def tale() -> Journey:
        async with journey(folder) as day:
            await day.lives()
            return day

    return run(tale())


def test_at10_1_forty_lines_arrive_and_truth_and_both_ledgers_are_equal_at_every_step(tmp_path: Path) -> None:
    day = told(tmp_path)
    assert len(day.lines) == 40
    sources = {row["source"] for kind, row in day.rows if kind == "tote.filled"}
    by_hand = {row["drawer"] for kind, row in day.rows if kind == "stock.picked"}
    assert (sources, {"shelf"} <= by_hand, {place[:2] for place in by_hand} >= {"V-"}) == ({"R1", "arm"}, True, True)
    assert len(day.steps) > 55
    assert {"the tote stands at load-gantry", "the tote stands at packing", "the ward has signed"} <= set(day.steps)
    assert day.wrong == []
    assert (day.state, day.all.doubtful()) == ("confirmed", set())
    assert day.all.truth() == day.all.books()
