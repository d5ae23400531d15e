"""A defect is the business of the thing it happens in: that drawer or board is in FAULT or away, the others go on (DV-14)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import pytest

from controller.actors import drawer_duties, drawer_entries
from controller.actors.actor import INBOX
from controller.actors.drawer import Drawer
from controller.actors.requests import Told
from controller.ledger.port import Entry
from controller.machines.drawer import Event, State
from drivers.capabilities import Look
from drivers.faults import LedgerFault
from tests.controller.actors.test_drawer_openings import closed, scenario, unverified
from tests.kit.station import World

BOTH = {"A-01-1", "A-01-2"}


async def opened(world: World) -> str:
    """A-01 is unlocked and pulled."""
    intent = await world.unlock("A-01", await world.log_in("nurse"))
    await world.until("drawer.unlocked", intent=intent)
    await world.plant.open("A-01")
    return intent


async def faulted(world: World, intent: str, reason: str) -> None:
    """A-01 is in FAULT with its last frames, everything of it to be counted, and A-02 is used as ever."""
    fault = await world.until("drawer.fault", drawer="A-01")
    assert (fault["event"], fault["reason"]) == ("defect", reason)
    assert any(frame.endswith("status of board 0") or "board 0" in frame for frame in fault["frames"]), "decoded, not only bytes"
    ended = await world.until("drawer.intent_closed", intent=intent)
    assert ended["outcome"] in {"opened", "unknown"}
    assert unverified(world) == BOTH
    assert [alarm["kind"] for alarm in world.books.alarms.active.values()] == ["defect"]
    await world.use("A-02", await world.log_in("nurse"), "p2")
    assert world.station.drawers["A-01"].state is State.FAULT


def breaks_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-01 cannot take in that it was seen open."""
    real = drawer_entries.of_step

    def broken(step: drawer_entries.Step, drawer: Any) -> list[Entry]:
        if drawer.id == "A-01" and step.event is Event.SEEN_OPEN:
            raise KeyError("a defect of the step")
        return real(step, drawer)

    monkeypatch.setattr(drawer_entries, "of_step", broken)


def test_a_defect_in_a_duty_is_that_drawer_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    real = drawer_duties.DUTIES[State.OPEN]

    async def broken(drawer: Any) -> Told | None:
        if drawer.id == "A-01":
            raise ZeroDivisionError("a defect of the duty")
        return await real(drawer)

    monkeypatch.setitem(drawer_duties.DUTIES, State.OPEN, broken)

    async def play(world: World) -> None:
        await faulted(world, await opened(world), "ZeroDivisionError: a defect of the duty")

    scenario(play)


def test_a_defect_in_a_step_is_that_drawer_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    breaks_the_step(monkeypatch)

    async def play(world: World) -> None:
        await faulted(world, await opened(world), "KeyError: 'a defect of the step'")

    scenario(play)


def test_a_defect_that_even_the_table_cannot_be_told_of_is_recorded_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    real = drawer_entries.of_step

    def broken(step: drawer_entries.Step, drawer: Any) -> list[Entry]:
        if drawer.id == "A-01" and (step.event is Event.SEEN_OPEN or step.event is Event.DEFECT):
            raise KeyError("a defect of every step")
        return real(step, drawer)

    monkeypatch.setattr(drawer_entries, "of_step", broken)

    async def play(world: World) -> None:
        await opened(world)
        told = await world.until("station.defect")
        assert (told["work"], told["error"]) == ("drawer A-01", "KeyError: 'a defect of every step'")
        assert world.plant.drawers["A-01"].push()
        await world.use("A-02", await world.log_in("nurse"), "p2")
        assert world.station.drawers["A-01"].state is not State.OPEN

    scenario(play)


@pytest.mark.parametrize("left", [False, True], ids=["before the byte", "after the byte"])
def test_a_defect_of_the_driver_in_the_one_send_is_never_made_good_by_a_second(left: bool) -> None:
    async def play(world: World) -> None:
        board = world.station.boards["board"].board
        real = board.release

        async def release(channel: int, intent: str, deadline: float, leaves: Callable[[], None] | None = None) -> NoReturn:
            if left:
                await real(channel, intent, deadline, leaves)
            raise RuntimeError("a defect of the driver")

        board.release = release  # type: ignore[method-assign]
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.until("drawer.fault", drawer="A-01")
        board.release = real  # type: ignore[method-assign]
        await faulted(world, intent, "RuntimeError: a defect of the driver")
        assert closed(world) == {"outcome": "unknown", "evidence": "not-settled"}
        assert [edge.drawer for edge in world.plant.truth.pulses()] == (["A-01", "A-02"] if left else ["A-02"])
        assert world.rows("station.defect")[0][1]["work"] == "pulse of A-01"

    scenario(play)


def test_a_defect_of_the_driver_in_a_look_costs_that_board_two_seconds() -> None:
    async def play(world: World) -> None:
        board, loop = world.station.boards["board"].board, asyncio.get_running_loop()
        real = board.look

        async def look() -> Mapping[int, Look]:
            board.look = real  # type: ignore[method-assign]
            raise ValueError("a defect of the driver")

        board.look = look  # type: ignore[method-assign]
        lost = await world.until("drawer.offline", drawer="A-01")
        began = loop.time()
        assert lost["reason"] == "defect"
        assert world.rows("station.defect")[0][1] == {
            "work": "board board", "error": "ValueError: a defect of the driver", "simulated": True,
        }  # fmt: skip
        await world.settled("A-01")
        assert loop.time() - began <= 2.0
        await world.use("A-01", await world.log_in("nurse"))

    scenario(play)


def test_a_defect_on_leaving_a_state_is_that_drawer_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Drawer._left

    def broken(self: Drawer) -> None:
        if self.id == "A-01" and self.state is State.OPEN:
            raise KeyError("a defect on the way")
        real(self)

    monkeypatch.setattr(Drawer, "_left", broken)

    async def play(world: World) -> None:
        await faulted(world, await opened(world), "KeyError: 'a defect on the way'")

    scenario(play)


def test_a_full_inbox_is_said_and_drops_what_comes(caplog: pytest.LogCaptureFixture) -> None:
    async def play(world: World) -> None:
        await opened(world)
        await world.settled("A-01", "open")
        drawer = world.station.drawers["A-01"]
        with caplog.at_level(logging.ERROR):
            drawer.tell(Told(Event.LEFT_OPEN))  # the duty of being open must end before anything else is taken
            for _ in range(INBOX + 1):
                drawer.tell(Told(Event.SEEN_NOTHING))
        assert "inbox of A-01 is full" in caplog.text
        assert world.plant.drawers["A-01"].push()
        await world.settled("A-01")
        assert closed(world) == {"outcome": "opened", "evidence": "seen-open"}

    scenario(play)


@pytest.mark.parametrize("where", ["step", "defect's step", "duty's end"])
def test_a_drawer_whose_step_cannot_be_recorded_is_halted(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At any row the disk may be gone: the drawer then opens for nobody, and nothing is claimed of it."""

    async def play(world: World) -> None:
        drawer = world.station.drawers["A-01"]
        intent = await opened(world)
        if where != "duty's end":
            world.disk.syncs.nth, world.disk.syncs.always = world.disk.syncs.seen + 1, True
            world.ledger.post(Entry("test.fact", {}))
            if where == "defect's step":
                breaks_the_step(monkeypatch)
        else:
            await world.until("drawer.opened", intent=intent)
            monkeypatch.setattr(type(drawer), "_left", _unrecordable)
            await world.plant.shut("A-01")
        await world.settled("A-01", "halted")
        assert world.station.degraded == "ledger-failed"
        if where == "step":
            assert closed_nothing(world)
            await asyncio.sleep(60)  # neither the drawer nor a link nor a piece of work makes more of it
            world.fault("unplug", link="lockbus", seconds=1.0)
            world.station.spawn(_broken_work(), "work")
            await asyncio.sleep(30)
            assert world.station.boards["board"].link.epoch > 1
            assert world.rows("drawer.halted") == []

    scenario(play)


def closed_nothing(world: World) -> bool:
    """The intent stands open in the ledger: the next start settles it."""
    return not world.rows("drawer.intent_closed")


def _unrecordable(_: object) -> NoReturn:
    raise LedgerFault("ledger-failed", why="the disk")


async def _broken_work() -> None:
    raise ZeroDivisionError("a defect of some work")


def test_a_latch_that_two_looks_do_not_settle_in_time_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawer_duties, "SETTLE_S", 0.05)

    async def play(world: World) -> None:
        world.fault("stuck-latch", drawer="A-01")
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        assert (await world.until("drawer.fault", drawer="A-01"))["event"] == "in_doubt"
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "unknown", "evidence": "not-settled"}
        assert unverified(world) == BOTH
        assert [alarm["kind"] for alarm in world.books.alarms.active.values()] == ["in_doubt"]

    scenario(play)
