"""A drawer whose link goes and comes: holds survive, an open drawer stays its intent's, and nothing is guessed (WI-11)."""

from __future__ import annotations

import asyncio

import pytest

from controller.actors.requests import Recovery
from controller.machines.drawer import State
from drivers.faults import Refused
from tests.controller.actors.test_drawer_openings import closed, scenario, unverified
from tests.kit.station import World, small_site


async def back(world: World, number: int, dark_s: float = 3.0) -> None:
    """The cable is put back; the link has found it, however long its patience had grown, and the board has been looked at."""
    await asyncio.sleep(dark_s)
    world.faults.lift(number)
    await world.until("link.up", epoch=2)
    await asyncio.sleep(5)


def test_a_locked_drawer_is_looked_at_again() -> None:
    async def play(world: World) -> None:
        out = world.fault("unplug", link="lockbus")
        lost = await world.until("drawer.offline", drawer="A-01")
        assert (lost["was"], lost["reason"]) == ("locked", "link-lost")
        with pytest.raises(Refused, match="drawer-offline"):
            await world.unlock("A-01", await world.log_in("nurse"))
        await back(world, out)
        assert [kind for kind, _ in world.rows(drawer="A-01")][-3:] == ["drawer.offline", "drawer.unknown", "drawer.locked"]
        assert world.rows("link.up")[-1][1]["epoch"] == 2

    scenario(play)


def test_an_open_drawer_found_open_is_still_its_intent_s() -> None:
    async def play(world: World) -> None:
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.open("A-01", 5)
        await world.until("drawer.opened", intent=intent)
        await back(world, world.fault("unplug", link="lockbus"))
        assert world.station.drawers["A-01"].state is State.OPEN
        assert world.rows("drawer.opened")[-1][1]["event"] == "found_open"
        await world.plant.shut("A-01")
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "opened", "evidence": "seen-open"}
        assert world.rows("alarm.raised") == []

    scenario(play)


def test_an_open_drawer_that_was_shut_in_the_dark_is_opened() -> None:
    async def play(world: World) -> None:
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.open("A-01", 5)
        await world.until("drawer.opened", intent=intent)
        out = world.fault("unplug", link="lockbus")
        await world.plant.shut("A-01")
        await back(world, out)
        assert closed(world) == {"outcome": "opened", "evidence": "seen-open"}
        assert world.station.drawers["A-01"].state is State.LOCKED

    scenario(play)


@pytest.mark.parametrize("opened_in_the_dark", [False, True])
def test_a_link_lost_after_the_send_leaves_the_outcome_unknown(opened_in_the_dark: bool) -> None:
    async def play(world: World) -> None:
        await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.truth.until(lambda: bool(world.plant.truth.pulses()), 5)
        out = world.fault("unplug", link="lockbus")
        if opened_in_the_dark:
            await world.plant.open("A-01", 5)
            await world.plant.shut("A-01")
        await back(world, out, 20)
        assert closed(world) == {"outcome": "unknown", "evidence": "nobody-looking"}
        assert unverified(world) == {"A-01-1", "A-01-2"}
        assert world.station.drawers["A-01"].state is State.LOCKED
        assert len(world.plant.truth.pulses()) == 1

    scenario(play)


def test_nothing_is_believed_latched_before_the_longest_effect_has_passed() -> None:
    async def play(world: World) -> None:
        world.fault("opens-late", drawer="A-01", seconds=7.0)
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.truth.until(lambda: bool(world.plant.truth.pulses()), 5)
        world.fault("unplug", link="lockbus", seconds=0.5)
        found = await world.until("drawer.unlocked", intent=intent)
        assert found["event"] == "found_released"

    scenario(play, small_site(board={"delay_s": 10}))


def test_an_unlock_that_never_left_is_refused_and_nothing_moved() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        intent = await world.unlock("A-01", nurse)
        world.fault("unplug", link="lockbus")
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "refused", "evidence": "not-sent"}
        await asyncio.sleep(5)
        assert world.plant.truth.pulses() == []
        assert unverified(world) == set()

    scenario(play)


@pytest.mark.parametrize("hold", [State.FORCED, State.HALTED, State.OUT_OF_SERVICE, State.FAULT, State.RECOVERING])
def test_link_loss_never_clears_a_hold(hold: State) -> None:
    async def play(world: World) -> None:
        technician = await world.log_in("technician")
        drawer = world.station.drawers["A-01"]
        if hold in {State.FORCED, State.FAULT, State.RECOVERING}:
            world.fault("force", drawer="A-01")
            await world.until("drawer.forced")
            await world.plant.shut("A-01")
        if hold in {State.FAULT, State.RECOVERING}:
            await drawer.recover(Recovery.PUSH_PULL, technician)
        if hold is State.FAULT:
            await world.station.halt(technician, "stop")  # a recovery that is broken off is a fault
        if hold is State.HALTED:
            await world.station.halt(technician, "stop")
        if hold is State.OUT_OF_SERVICE:
            await drawer.recover(Recovery.OUT_OF_SERVICE, technician)
        assert drawer.state is hold
        await back(world, world.fault("unplug", link="lockbus"))
        assert drawer.state is hold
        assert not world.rows("drawer.locked", drawer="A-01")[1:]

    scenario(play)


@pytest.mark.parametrize("hold", [State.HALTED, State.OUT_OF_SERVICE, State.RECOVERING])
def test_a_held_drawer_that_opens_is_recorded(hold: State) -> None:
    async def play(world: World) -> None:
        technician = await world.log_in("technician")
        drawer = world.station.drawers["A-01"]
        if hold is State.HALTED:
            await world.station.halt(technician, "stop")
        elif hold is State.OUT_OF_SERVICE:
            await drawer.recover(Recovery.OUT_OF_SERVICE, technician)
        else:
            world.fault("force", drawer="A-01")
            await world.until("drawer.forced")
            await world.plant.shut("A-01")
            await asyncio.sleep(2)
            await drawer.recover(Recovery.KEY, technician)
        alarms = len(world.rows("alarm.raised"))
        world.fault("key" if hold is State.RECOVERING else "force", drawer="A-01")
        row = await world.until(f"drawer.{hold}", event="seen_released" if hold is State.RECOVERING else "seen_open")
        assert row["was"] == hold
        raised = world.rows("alarm.raised")[alarms:]
        assert [body["kind"] for _, body in raised] == ([] if hold is State.RECOVERING else ["uncommanded"])

    scenario(play)


def test_a_drawer_found_open_at_the_start_is_nobody_s() -> None:
    async def play(world: World) -> None:
        await world.stop()
        world.fault("force", drawer="A-03")
        await world.start()
        forced = await world.until("drawer.forced", drawer="A-03")
        assert forced["was"] == "unknown"
        assert unverified(world) == {"A-03-1", "A-03-2"}

    scenario(play)


def test_a_loop_that_stood_still_is_not_taken_for_a_board_that_is_silent() -> None:
    async def play(world: World) -> None:
        await asyncio.sleep(10.3)
        loop = asyncio.get_running_loop()
        loop._jumping.now += 2.9  # type: ignore[attr-defined]  # everything of 2.9 s comes at once, and late
        await asyncio.sleep(5)
        assert world.rows("drawer.offline") == []
        mute = world.fault("silence", board="board")
        loop._jumping.now += 2.9  # type: ignore[attr-defined]
        assert (await world.until("drawer.offline", drawer="A-01", within_s=2.0))["reason"] == "no-reply"
        world.faults.lift(mute)
        await world.settled("A-01")

    scenario(play)


def test_wi05_a_drawer_that_answers_too_seldom_is_not_said_to_have_stayed_shut() -> None:
    """The answers are lost for less than makes a board offline, and for long enough to pull, take and push home."""

    async def play(world: World) -> None:
        session = await world.log_in("nurse")
        world.fault("lose", link="lockbus", what="replies", count=3)
        intent = await world.unlock("A-01", session)
        await world.plant.open("A-01", 2)
        await asyncio.sleep(0.6)
        await world.plant.shut("A-01")
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "unknown", "evidence": "nobody-looking"}
        assert "link.lost" not in [kind for kind, _ in world.rows()]

    scenario(play)
