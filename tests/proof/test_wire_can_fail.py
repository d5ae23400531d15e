"""The campaigns on the wire are judged themselves: with a bug planted, each of these falls short."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.proof import wire, wire_station
from tests.proof.campaign import Score
from tests.simulated import plants

Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize(
    ("plant", "run", "cases", "figure"),
    [
        (plants.no_drain, wire.late_answers, 3, "guessed"),
        (plants.told_twice, wire_station.lost_answers, 4, "doubled"),
        (plants.next_channel, wire_station.cable_pulled, 6, "unauthorised"),
        (plants.forced_is_ignored, wire_station.flips, 6, "unrecorded"),
    ],
)
def test_a_planted_bug_falls_short(
    plant: Callable[[pytest.MonkeyPatch], None],
    run: Callable[[int], Score],
    cases: int,
    figure: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    score = run(cases)
    assert not score.holds
    assert getattr(score, figure) > 0, score
