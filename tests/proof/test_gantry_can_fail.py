"""The campaign of the gantry sees the mistakes it is there for: each of these would be a catastrophe, and each turns it red."""

from __future__ import annotations

import pytest

from drivers.gantries.grbl import GrblGantryDriver
from drivers.gantries.grbl_head import Head
from drivers.link import Link
from tests.proof.gantry import any_instant

CASES = 12


def test_a_stop_that_is_never_said(monkeypatch: pytest.MonkeyPatch) -> None:
    say = Link.cry
    monkeypatch.setattr(Link, "cry", lambda self, data, said="": None if said == "stop" else say(self, data, said))
    assert not any_instant(CASES).holds


def test_a_position_that_is_believed_whatever_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Head, "known", property(lambda self: True))
    score = any_instant(CASES)
    assert score.guessed > 0


def test_a_pack_that_is_believed_without_a_sensor(monkeypatch: pytest.MonkeyPatch) -> None:
    """An act that ends in a fault and is told as a pick all the same."""
    from drivers.capabilities import Grip
    from drivers.faults import Fault

    pick = GrblGantryDriver.pick

    async def hopeful(self: GrblGantryDriver, place: str, tray_place: int, intent: str, deadline: float) -> Grip:
        try:
            return await pick(self, place, tray_place, intent, deadline)
        except Fault:
            return Grip.PICKED

    monkeypatch.setattr(GrblGantryDriver, "pick", hopeful)
    assert any_instant(CASES).guessed > 0
