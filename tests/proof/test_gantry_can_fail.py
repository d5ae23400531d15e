"""The campaign of the gantry sees the mistakes it is there for: each of these would be a catastrophe, and each turns it red."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from controller.actors import gantry, gantry_entries
from controller.ledger.port import Row
from controller.ledger.views import gantries
from controller.ledger.views.gantries import GantriesView
from controller.ledger.views.gantry_records import Gantry
from controller.ledger.views.robots import key_of
from drivers.capabilities import Gantry as Device
from drivers.gantries.grbl import GrblGantryDriver
from drivers.gantries.grbl_head import Head
from drivers.link import Link
from tests.proof.fetching import guard_open, unknown_after_a_crash
from tests.proof.gantry import any_instant

CASES = 12
TRIPS = 8


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


def test_an_act_that_a_restart_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was under way is taken for never begun."""
    monkeypatch.setattr(gantry_entries, "doubted", lambda *_, **__: [])
    assert not unknown_after_a_crash(TRIPS).holds


def test_a_pack_that_is_taken_off_its_place_before_it_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The books follow the intent and not the sensor."""
    take = GantriesView._fetch_intended

    def hopeful(self: GantriesView, known: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        take(self, known, row, body)
        self.orders[key_of(known["gantry"], body["order"])]["fetches"][body["fetch"]]["state"] = "given"

    monkeypatch.setitem(gantries._STEPS, "fetch_intended", hopeful)
    assert not unknown_after_a_crash(TRIPS).holds


def test_a_homing_that_is_believed_though_the_guard_was_open(monkeypatch: pytest.MonkeyPatch) -> None:
    home = gantry.homed

    async def hopeful(device: Device, intent: str, deadline: float) -> str | None:
        await home(device, intent, deadline)
        return None

    monkeypatch.setattr(gantry, "homed", hopeful)
    assert not guard_open(3).holds
