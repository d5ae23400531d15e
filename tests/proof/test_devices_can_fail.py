"""The device campaigns see what they are there for: each falls short of a station with one planted mistake."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from controller import strays
from controller.actors import board, drawer, drawer_duties, drawer_entries, looks
from controller.actors.intent import Intent, Outcome
from controller.machines.drawer import REFUSED as REASONS
from controller.machines.drawer import TABLE, Event, State
from controller.machines.table import Rules
from drivers.locks.kerong_cu16 import Cu16Board
from tests.kit.interleaving import run_seeded
from tests.proof.campaign import CAMPAIGNS, Score
from tests.proof.devices import unseen
from tests.proof.steel import TWO

Plant = Callable[[pytest.MonkeyPatch], None]


def blames_nobody(planted: pytest.MonkeyPatch) -> None:
    """A drawer that opens by another's pulse is not brought together with it."""
    planted.setattr(strays, "strayed", lambda *_: None)


def takes_one_switch_for_proof(planted: pytest.MonkeyPatch) -> None:
    """What was not seen to open is said not to have opened."""
    planted.setattr(Intent, "_shut_again", lambda *_: (Outcome.NOT_OPENED, "planted"))


def waits_for_nobody(planted: pytest.MonkeyPatch) -> None:
    """A drawer that stays open is nobody's business."""
    planted.setattr(drawer_entries, "ALARMS", {Event.DEFECT: "defect"})


def lets_go_of_a_fault(planted: pytest.MonkeyPatch) -> None:
    """A latch that catches at last makes all well again."""
    rows = [row for row in TABLE if row[:2] != (Event.SEEN_LOCKED, State.FAULT)]
    planted.setattr(drawer, "RULES", Rules([*rows, (Event.SEEN_LOCKED, State.FAULT, State.LOCKED)], REASONS))


def looks_seldom(planted: pytest.MonkeyPatch) -> None:
    """Two seconds between two looks at an idle board."""
    planted.setattr(board, "IDLE_S", 2.0)


def believes_every_look(planted: pytest.MonkeyPatch) -> None:
    """A contact that bounces is believed each time."""
    planted.setattr(looks, "STEADY_S", 0.0)


def sends_again(planted: pytest.MonkeyPatch) -> None:
    """Silence is met by a second pulse."""
    real = drawer_duties._send

    async def twice(*about: Any) -> None:
        await real(*about)
        await real(*about)

    planted.setattr(drawer_duties, "_send", twice)


def ignores_an_opening(planted: pytest.MonkeyPatch) -> None:
    """One row of the table is missing."""
    rows = [row for row in TABLE if row[:2] != (Event.SEEN_OPEN, State.LOCKED)]
    planted.setattr(drawer, "RULES", Rules(rows, {**REASONS, Event.SEEN_OPEN: "planted"}))


def pulses_unasked(planted: pytest.MonkeyPatch) -> None:
    """The driver pulses the neighbour as well."""
    real = Cu16Board.release

    async def both(self: Cu16Board, channel: int, *of: Any) -> Any:
        await real(self, channel % 4 + 1, *of)
        return await real(self, channel, *of)

    planted.setattr(Cu16Board, "release", both)


@pytest.mark.parametrize(
    ("identity", "plant", "figure"),
    [
        ("DV-01", blames_nobody, "unrecorded"),
        ("DV-02", takes_one_switch_for_proof, "guessed"),
        ("DV-03", waits_for_nobody, "unrecorded"),
        ("DV-04", lets_go_of_a_fault, ""),
        ("DV-05", takes_one_switch_for_proof, "guessed"),
        ("DV-08", pulses_unasked, "unauthorised"),
        ("DV-06", looks_seldom, "unrecorded"),
        ("DV-07", believes_every_look, ""),
        ("DV-08", sends_again, "doubled"),
        ("DV-09", ignores_an_opening, "unrecorded"),
    ],
)
def test_a_planted_mistake_is_found(identity: str, plant: Plant, figure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    one = CAMPAIGNS[identity]
    score = one.run(one.sample)
    if score.holds:  # some mistakes show in one case of fifteen
        score = one.run(10 * one.sample)
    assert not score.holds
    assert score.survived < score.tried
    assert not figure or getattr(score, figure) > 0, f"{figure} counts nothing: {score}"


def test_the_one_coincidence_that_dv02_does_not_draw() -> None:
    """A drawer switch stuck at shut, and the drawer pushed home just when a latch that nobody used falls back by itself: the
    station takes it for a drawer that nobody pulled. Nothing that it can see tells the two apart; a third sense would."""

    async def play() -> Score:
        return await unseen(random.Random("coincidence"), TWO, 12.5)

    score = run_seeded("coincidence", play())
    assert score.guessed > 0
    assert score.unrecorded + score.doubled + score.unauthorised == 0
