"""Failed drawer recovery (B0.1): every step is a named person's, and what comes back is counted first."""

from __future__ import annotations

import asyncio

import pytest

from controller.actors.requests import Recovery
from controller.machines.drawer import State
from controller.policy.session import Session
from drivers.faults import Refused
from tests.controller.actors.test_drawer_openings import scenario, unverified
from tests.kit.station import World, small_site

BOTH = {"A-01-1", "A-01-2"}


async def forced(world: World) -> Session:
    """A drawer that was forced and is shut again, and somebody who may recover it."""
    world.fault("force", drawer="A-01")
    await world.until("drawer.forced", drawer="A-01")
    await world.plant.shut("A-01")
    await world.until("drawer.forced", event="seen_locked")
    return await world.log_in("technician")


def test_inspected_is_looked_at_again_and_counted_first() -> None:
    async def play(world: World) -> None:
        technician = await forced(world)
        counted = len(world.rows("pocket.unverified"))
        await world.station.drawers["A-01"].recover(Recovery.INSPECTED, technician)
        await world.settled("A-01")
        (row,) = world.rows("drawer.unknown", drawer="A-01")[1:]
        assert (row[1]["event"], row[1]["step"], row[1]["was"]) == ("inspected", "inspected", "forced")
        assert {body["pocket"] for _, body in world.rows("pocket.unverified")[counted:]} == BOTH
        assert world.rows("alarm.cleared")[-1][1]["by"] == "a-technician"
        assert world.books.alarms.active == {}
        await world.use("A-01", await world.log_in("nurse"))

    scenario(play)


def test_inspected_and_still_open_is_forced_again() -> None:
    async def play(world: World) -> None:
        world.fault("force", drawer="A-01")
        await world.until("drawer.forced", drawer="A-01")
        await world.station.drawers["A-01"].recover(Recovery.INSPECTED, await world.log_in("technician"))
        await world.until("drawer.forced", after=world.ledger.head[0] - 3, was="unknown")
        assert [alarm["kind"] for alarm in world.books.alarms.active.values()] == ["forced"]

    scenario(play)


def test_each_step_at_the_drawer_is_on_record_with_its_person() -> None:
    async def play(world: World) -> None:
        technician = await forced(world)
        drawer = world.station.drawers["A-01"]
        for step in (Recovery.PUSH_PULL, Recovery.POWER_CYCLE, Recovery.KEY):
            posting = await drawer.recover(step, technician)
            await posting.durable
            assert drawer.state is State.RECOVERING
        rows = world.rows("drawer.recovering")
        assert [body["step"] for _, body in rows] == ["push_pull", "power_cycle", "key"]
        assert {row.actor for row in world.ledger.read(0, 1000, ["drawer.recovering"])} == {"a-technician"}
        world.fault("unplug", link="lockbus", seconds=2.0)  # the node is power-cycled
        await asyncio.sleep(8)
        assert drawer.state is State.RECOVERING
        await drawer.recover(Recovery.INSPECTED, technician)
        await world.settled("A-01")

    scenario(play)


def test_a_retry_is_a_test_opening_and_a_new_intent() -> None:
    async def play(world: World) -> None:
        technician = await forced(world)
        await world.station.drawers["A-01"].recover(Recovery.RETRY, technician)
        await world.plant.open("A-01", 5)
        await world.until("drawer.opened", drawer="A-01")
        await world.plant.shut("A-01")
        await world.settled("A-01")
        (intended,) = world.rows("drawer.unlock_intended")
        assert intended[1]["purpose"] == {"kind": "recovery", "id": "retry"}
        assert intended[1]["person"] == "a-technician"
        await world.until("drawer.intent_closed", outcome="opened")
        assert unverified(world) == BOTH
        assert world.books.alarms.active == {}

    scenario(play)


@pytest.mark.parametrize("why", ["stuck-latch", "jam"])
def test_a_retry_that_does_not_open_is_a_fault_again(why: str) -> None:
    async def play(world: World) -> None:
        technician = await forced(world)
        world.fault(why, drawer="A-01")
        await world.station.drawers["A-01"].recover(Recovery.RETRY, technician)
        fault = await world.until("drawer.fault", drawer="A-01")
        assert fault["event"] == "test_failed"
        await world.until("drawer.intent_closed", outcome="not_opened")
        assert {alarm["kind"] for alarm in world.books.alarms.active.values()} == {"forced", "test_failed"}

    scenario(play)


def test_a_retry_needs_a_latch_that_is_seen_engaged() -> None:
    async def play(world: World) -> None:
        world.fault("force", drawer="A-01")
        await world.until("drawer.forced", drawer="A-01")
        with pytest.raises(Refused, match="latch-not-seen-engaged"):
            await world.station.drawers["A-01"].recover(Recovery.RETRY, await world.log_in("technician"))
        assert world.plant.truth.pulses() == []

    scenario(play)


def test_nothing_opens_for_who_has_gone_while_her_test_waited_for_its_turn() -> None:
    async def play(world: World) -> None:
        await forced(world)
        token, technician = await world.token("technician")
        nurse = await world.log_in("nurse")
        await world.unlock("A-02", nurse)
        asked = asyncio.ensure_future(world.station.drawers["A-01"].recover(Recovery.RETRY, technician))
        await asyncio.sleep(0.2)
        assert not asked.done(), "the other drawer has the turn"
        await world.people.log_out(token)
        with pytest.raises(Refused, match="log-in-needed"):
            await asked
        await asyncio.sleep(10)
        assert [edge.drawer for edge in world.plant.truth.pulses()] == ["A-02"]

    scenario(play)


def test_out_of_service_and_back_only_through_a_test_opening() -> None:
    async def play(world: World) -> None:
        technician = await world.log_in("technician")
        drawer = world.station.drawers["A-01"]
        await drawer.recover(Recovery.OUT_OF_SERVICE, technician)
        assert world.books.drawers.state("A-01") is State.OUT_OF_SERVICE
        for step in (Recovery.INSPECTED, Recovery.RETRY, Recovery.KEY):
            with pytest.raises(Refused, match="recovery-step-not-now"):
                await drawer.recover(step, technician)
        with pytest.raises(Refused, match="drawer-out-of-service"):
            await world.unlock("A-01", await world.log_in("nurse"))
        await drawer.recover(Recovery.RETURN_TO_SERVICE, technician)
        await world.plant.open("A-01", 5)
        await world.until("drawer.opened", drawer="A-01")
        await world.plant.shut("A-01")
        await world.settled("A-01")
        assert unverified(world) == BOTH

    scenario(play)


def test_return_to_service_means_nothing_for_a_drawer_in_service() -> None:
    async def play(world: World) -> None:
        with pytest.raises(Refused, match="recovery-step-not-now"):
            await world.station.drawers["A-01"].recover(Recovery.RETURN_TO_SERVICE, await world.log_in("technician"))
        with pytest.raises(Refused, match="recovery-step-not-now"):
            await world.station.drawers["A-01"].recover(Recovery.INSPECTED, await world.log_in("technician"))

    scenario(play)


def test_a_link_lost_in_a_test_opening_is_a_fault_when_it_is_found_locked() -> None:
    async def play(world: World) -> None:
        technician = await forced(world)
        await world.station.drawers["A-01"].recover(Recovery.RETRY, technician)
        await world.plant.truth.until(lambda: bool(world.plant.truth.pulses()), 5)
        world.fault("unplug", link="lockbus", seconds=16.0)
        assert (await world.until("drawer.fault", drawer="A-01"))["event"] == "test_failed"

    scenario(play)


def test_an_open_drawer_can_be_taken_out_of_service() -> None:
    async def play(world: World) -> None:
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.open("A-01", 5)
        await world.until("drawer.opened", intent=intent)
        await world.station.drawers["A-01"].recover(Recovery.OUT_OF_SERVICE, await world.log_in("technician"))
        await world.until("drawer.intent_closed", intent=intent, outcome="opened")

    scenario(play)


def test_one_switch_a_test_opening_succeeds_when_the_latch_went_and_came() -> None:
    async def play(world: World) -> None:
        technician = await world.log_in("technician")
        drawer = world.station.drawers["A-01"]
        await drawer.recover(Recovery.OUT_OF_SERVICE, technician)
        await drawer.recover(Recovery.RETURN_TO_SERVICE, technician)
        await world.until("drawer.unlocked", drawer="A-01")
        await world.plant.open("A-01", 5)
        await world.plant.shut("A-01")
        await world.settled("A-01")
        assert unverified(world) == BOTH

    scenario(play, small_site(lock={"senses": "one-switch"}))
