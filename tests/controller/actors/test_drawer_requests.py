"""Asking a drawer: decided in its own step, one at a time for a cabinet, coils at rest, and refused where it must be."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import pytest

from controller.actors import drawer as drawer_module
from controller.ledger.port import Entry
from controller.machines.drawer import State
from drivers.faults import LedgerFault, Refused
from tests.controller.actors.test_drawer_openings import scenario
from tests.kit.station import World, small_site

PURPOSE = {"kind": "pull", "id": "p1"}


def test_reasons_and_intent_are_one_posting() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        drawer = world.station.drawers["A-01"]
        told: list[str] = []

        def decide(intent: str) -> list[Entry]:
            told.append(intent)
            return [Entry("test.reason", {"intent": intent})]

        unlocking = await drawer.unlock(decide, PURPOSE, nurse, ["A-01-2"])
        assert told == [unlocking.intent]
        assert unlocking.posting.last - unlocking.posting.first == 1
        await unlocking.posting.durable
        assert [kind for kind, _ in world.rows("test.reason", "drawer.unlock_intended")] == [
            "test.reason",
            "drawer.unlock_intended",
        ]

    scenario(play)


@pytest.mark.parametrize("why", [Refused("no-stock"), ZeroDivisionError("a defect of the workflow")])
def test_what_the_decision_raises_is_the_asker_s_and_nothing_is_recorded(why: Exception) -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        head = world.ledger.head

        def decide(_: str) -> NoReturn:
            raise why

        with pytest.raises(type(why)):
            await world.station.drawers["A-01"].unlock(decide, PURPOSE, nurse, [])
        assert world.ledger.head == head
        assert world.station.drawers["A-01"].state is State.LOCKED
        await world.use("A-02", nurse)  # the cabinet's turn was given back
        assert [edge.drawer for edge in world.plant.truth.pulses()] == ["A-02"]

    scenario(play)


def test_a_drawer_in_use_is_refused_and_says_so() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        both = await asyncio.gather(world.unlock("A-01", nurse), world.unlock("A-01", nurse), return_exceptions=True)
        assert [getattr(one, "code", "granted") for one in both] == ["granted", "drawer-in-use"]
        assert len(world.rows("drawer.unlock_intended")) == 1

    scenario(play)


def test_two_drawers_of_a_cabinet_are_unlocked_one_after_the_other() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        await asyncio.gather(world.unlock("A-01", nurse), world.unlock("A-02", nurse), world.unlock("A-03", nurse))
        await world.until("drawer.unlocked", drawer="A-03")
        pulses = world.plant.truth.pulses()
        assert len(pulses) == 3
        ends = [edge.at for edge in world.plant.truth.edges if edge.what == "pulse_end"]
        assert all(pulse.at >= end for pulse, end in zip(pulses[1:], ends, strict=False)), "never two coils of a board at once"
        rows = [kind for kind, _ in world.rows("drawer.unlock_intended", "drawer.unlocked")]
        assert rows == ["drawer.unlock_intended", "drawer.unlocked"] * 3

    scenario(play)


def test_a_coil_rests_after_its_pulse() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        await world.use("A-01", nurse, open_s=0.5)
        await world.unlock("A-01", nurse, "p2")
        await world.until("drawer.unlocked", after=world.ledger.head[0])
        first, second = world.plant.truth.pulses()
        assert second.at - first.at >= 0.55 + 5.0

    scenario(play, small_site(lock={"rest_ms": 5000}))


def test_a_coil_that_rests_for_long_is_refused() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        await world.use("A-01", nurse, open_s=0.5)
        with pytest.raises(Refused, match="coil-resting"):
            await world.unlock("A-01", nurse, "p2")

    scenario(play, small_site(lock={"rest_ms": 60_000}))


def test_a_cabinet_that_stays_busy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawer_module, "TURN_S", 0.5)

    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        world.fault("stuck-latch", drawer="A-01")
        await world.unlock("A-01", nurse)
        with pytest.raises(Refused, match="cabinet-busy") as refused:
            await world.unlock("A-02", nurse)
        assert refused.value.facts == {"drawer": "A-02", "other": "A-01"}

    scenario(play)


def test_nothing_opens_for_an_asker_who_has_gone() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        for turns in range(6):
            asking = asyncio.create_task(world.unlock("A-01", nurse))
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait([asking])
            if world.station.drawers["A-01"].intent is not None:
                break
        await asyncio.sleep(20)
        assert len(world.plant.truth.pulses()) == len(world.rows("drawer.unlock_intended"))
        await world.use("A-02", nurse)  # whoever gave up holds no turn

    scenario(play)


def test_a_program_or_a_person_without_the_right_recovers_nothing() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        with pytest.raises(Refused, match="not-allowed"):
            await world.station.drawers["A-01"].recover("out_of_service", nurse)

    scenario(play)


def test_without_room_for_what_follows_nothing_opens() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        world.disk.capacity = 1 << 20
        with pytest.raises(LedgerFault, match="ledger-full"):
            await world.unlock("A-01", nurse)
        assert world.station.degraded == "ledger-full"
        await world.ledger.settled()
        assert world.rows("station.degraded")[-1][1] == {"level": "L3", "reason": "ledger-full", "simulated": True}
        world.disk.capacity = 1 << 30
        await world.use("A-01", nurse)
        assert world.station.degraded is None
        assert [body["level"] for _, body in world.rows("station.degraded")] == ["L3", "L0"]

    scenario(play)


def test_an_intent_that_is_not_on_the_disk_sends_nothing_ever() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        world.disk.syncs.nth = world.disk.syncs.seen + 1
        world.disk.syncs.always = True
        await world.unlock("A-01", nurse)
        await asyncio.sleep(10)
        assert world.plant.truth.pulses() == []
        assert world.station.degraded == "ledger-failed"
        with pytest.raises(LedgerFault):
            await world.unlock("A-02", nurse)
        assert world.rows("station.started"), "reading goes on"

    scenario(play)
