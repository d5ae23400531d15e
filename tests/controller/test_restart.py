"""After a crash nothing is guessed, nothing is sent again, and a crash while recovering changes nothing of that (PW cases)."""

from __future__ import annotations

import asyncio

import pytest

from controller.actors.requests import Recovery
from controller.machines.drawer import HOLDS, State
from tests.kit.station import World, simulated_station, small_site
from tests.kit.virtual_loop import run

BOTH = {"A-01-1", "A-01-2"}
ON_THE_WAY = (State.UNLOCKING, State.UNLOCKED, State.OPEN, State.AJAR, State.CLOSING)


async def bring(world: World, state: State) -> None:
    """Leads A-01 into a state, by what people and devices do."""
    drawer = world.station.drawers["A-01"]
    await world.settled("A-01")
    nurse, technician = await world.log_in("nurse"), await world.log_in("technician")
    if state is State.OFFLINE:
        world.fault("unplug", link="lockbus", seconds=5.0)
    elif state is State.UNKNOWN:
        world.fault("unplug", link="lockbus", seconds=1.0)
    elif state in {State.FORCED, State.RECOVERING, State.FAULT}:
        world.fault("force", drawer="A-01")
        await world.until("drawer.forced", drawer="A-01")
        await world.plant.shut("A-01")
        if state is not State.FORCED:
            await drawer.recover(Recovery.KEY, technician)
        if state is State.FAULT:
            await world.station.halt(technician, "breaks the recovery off")
    elif state is State.HALTED:
        await world.station.halt(technician, "stop")
    elif state is State.OUT_OF_SERVICE:
        await drawer.recover(Recovery.OUT_OF_SERVICE, technician)
    elif state in ON_THE_WAY:
        await world.unlock("A-01", nurse)
    if state in {State.OPEN, State.AJAR, State.CLOSING}:
        await world.plant.open("A-01", 5)
    if state is State.CLOSING:
        await world.until("drawer.opened")
        world.fault("stuck-latch", drawer="A-01", stuck="free")
        await world.plant.shut("A-01")
    await world.settled("A-01", state)
    await world.durable()


async def finish(world: World) -> None:
    """The people do what they would have done: the drawer is pulled if it gives, and shut."""
    plant = world.plant.drawers["A-01"]
    if plant.can_be_pulled:
        await world.plant.open("A-01")
    if not plant.shut:
        await asyncio.sleep(2)
        await world.plant.shut("A-01")


def guesses(world: World, *, crashed: bool) -> None:
    """What no restart may do."""
    pulses, intents = world.plant.truth.pulses(), world.rows("drawer.unlock_intended")
    assert len(pulses) <= len(intents), "a pulse without an intent, or a second one"
    closed = {body["intent"]: body for _, body in world.rows("drawer.intent_closed")}
    assert closed.keys() == {body["intent"] for _, body in intents}, "every intent is closed, once"
    for body in closed.values():
        if crashed:
            assert body["outcome"] in {"unknown", "opened"}
        if body["outcome"] == "opened":
            assert any(edge.what == "opened" for edge in world.plant.truth.edges)


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power cut"])
@pytest.mark.parametrize("state", list(State))
def test_pw03_a_crash_in_every_state(state: State, power: bool) -> None:
    async def play() -> None:
        async with simulated_station(small_site(lock={"relatch_s": 5.0}, limits={"ajar_s": 4.0})) as world:
            await bring(world, state)
            await world.restart(power=power)
            drawer = world.station.drawers["A-01"]
            if state in HOLDS:
                assert drawer.state is (State.FAULT if state is State.RECOVERING else state)
                await asyncio.sleep(10)
                assert drawer.state is (State.FAULT if state is State.RECOVERING else state)
                return
            await asyncio.sleep(1)
            await finish(world)
            await asyncio.sleep(20)
            guesses(world, crashed=state in ON_THE_WAY)
            if state in ON_THE_WAY:
                assert {body["pocket"] for _, body in world.rows("pocket.unverified")} >= BOTH
                assert world.rows("alarm.raised") == [] or state in {State.AJAR, State.CLOSING}
            assert drawer.state in {State.LOCKED, State.FAULT}

    run(play())


@pytest.mark.parametrize("pulsed", [False, True], ids=["before the byte", "after the pulse"])
@pytest.mark.parametrize("depth", [1, 5])
def test_pw04_a_crash_while_recovering_is_the_same_crash(depth: int, pulsed: bool) -> None:
    async def play() -> None:
        async with simulated_station(small_site(lock={"relatch_s": 5.0})) as world:
            noise = None if pulsed else asyncio.ensure_future(_noise(world))  # holds the byte back
            await bring(world, State.UNLOCKING)
            if noise is not None:
                noise.cancel()
            else:
                await world.plant.truth.until(lambda: bool(world.plant.truth.pulses()), 5)
            for n in range(depth):
                await world.restart(power=n % 2 == 1)
                await asyncio.sleep(0.4 * n)
            await asyncio.sleep(30)
            guesses(world, crashed=True)
            (closed,) = world.rows("drawer.intent_closed")
            assert (closed[1]["outcome"], closed[1]["evidence"]) == ("unknown", "nobody-looking")
            assert len(world.plant.truth.pulses()) == pulsed

    run(play())


async def _noise(world: World) -> None:
    while True:
        world.house.wires["lockbus"].say(b"\xff")
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("parked_s", [0.2, 3.0, 12.0, 29.0])
def test_pw05_an_unlock_in_flight_at_the_crash_is_its_intent_s(parked_s: float) -> None:
    async def play() -> None:
        async with simulated_station(small_site(board={"delay_s": 30})) as world:
            await world.settled("A-01")
            nurse = await world.log_in("nurse")
            real = world.station.boards["board"].board.release

            async def release(*what: object) -> object:
                world.fault("late", link="lockbus", what="commands", seconds=parked_s)
                return await real(*what)  # type: ignore[arg-type]

            world.house.boards["board"].delay_s = 0  # type: ignore[union-attr]
            world.station.boards["board"].board.release = release  # type: ignore[method-assign, assignment]
            intent = await world.unlock("A-01", nurse)
            await world.ledger.settled()
            await asyncio.sleep(0.1)
            await world.restart()
            found = await world.until("drawer.unlocked", intent=intent, within_s=60)
            assert found["event"] == "found_released"
            await world.plant.open("A-01", 5)
            await world.until("drawer.opened", intent=intent)
            await world.plant.shut("A-01")
            closed = await world.until("drawer.intent_closed", intent=intent)
            assert closed["outcome"] == "opened"
            assert len(world.plant.truth.pulses()) == 1
            assert world.rows("alarm.raised") == []
            assert {body["pocket"] for _, body in world.rows("pocket.unverified")} == BOTH

    run(play())


def test_a_drawer_shut_and_emptied_in_the_dark_is_counted() -> None:
    async def play() -> None:
        async with simulated_station() as world:
            await bring(world, State.OPEN)
            await world.crash()
            await world.plant.shut("A-01")
            await asyncio.sleep(600)
            await world.start()
            await world.settled("A-01")
            await world.ledger.settled()
            guesses(world, crashed=True)
            assert {body["pocket"] for _, body in world.rows("pocket.unverified")} == BOTH

    run(play())


def test_a_crash_in_a_test_opening_is_a_fault() -> None:
    async def play() -> None:
        async with simulated_station() as world:
            await bring(world, State.FORCED)
            await world.until("drawer.forced", event="seen_locked")
            await world.station.drawers["A-01"].recover(Recovery.RETRY, await world.log_in("technician"))
            await world.ledger.settled()
            await world.restart()
            assert world.station.drawers["A-01"].state is State.FAULT
            assert world.rows("drawer.fault")[-1][1]["reason"] == "restart"
            assert world.rows("drawer.intent_closed")[-1][1]["outcome"] == "unknown"
            assert world.books.intents.open == {}

    run(play())


def test_alarms_and_their_ids_survive() -> None:
    async def play() -> None:
        async with simulated_station() as world:
            await bring(world, State.FORCED)
            before = dict(world.books.alarms.active)
            await world.restart()
            assert world.station.drawers["A-01"].status().alarms == ("forced",)
            await world.station.drawers["A-01"].recover(Recovery.INSPECTED, await world.log_in("technician"))
            await world.settled("A-01")
            assert {body["alarm"] for _, body in world.rows("alarm.cleared")} == before.keys()

    run(play())
