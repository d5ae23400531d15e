"""The station with real parts: memory house, real drivers, the shipped ledger, in virtual time."""

from __future__ import annotations

import asyncio
import logging

import pytest

from controller.actors.requests import Recovery
from controller.machines.drawer import State
from controller.workflows import discrepancy
from drivers.faults import LedgerFault, Refused
from tests.controller.actors.test_drawer_openings import scenario
from tests.kit.station import World, simulated_station, small_site
from tests.kit.virtual_loop import run


def test_a_drawer_is_opened_and_shut_again() -> None:
    async def play() -> None:
        async with simulated_station() as world:
            nurse = await world.log_in("nurse")
            await world.settled("A-01")
            intent = await world.use("A-01", nurse)
            kinds = [kind for kind, body in world.rows(drawer="A-01") if kind.startswith("drawer.")]
            assert kinds == [
                "drawer.unknown", "drawer.locked", "drawer.unlock_intended", "drawer.released", "drawer.unlocked",
                "drawer.opened", "drawer.locked", "drawer.intent_closed",
            ]  # fmt: skip
            assert world.rows("drawer.intent_closed")[0][1]["outcome"] == "opened"
            assert world.rows("drawer.unlock_intended")[0][1]["intent"] == intent
            assert [edge.drawer for edge in world.plant.truth.pulses()] == ["A-01"]

    run(play())


def test_a_halt_stops_every_opening_and_only_a_named_person_ends_it() -> None:
    async def play(world: World) -> None:
        station, drawers = world.station, world.station.drawers
        nurse, technician = await world.log_in("nurse"), await world.log_in("technician")
        await drawers["A-03"].recover(Recovery.OUT_OF_SERVICE, technician)
        pulled = await world.unlock("A-01", nurse)
        await world.plant.open("A-01", 5)
        await world.until("drawer.opened", intent=pulled)
        coming = await world.unlock("A-02", nurse)  # its byte has not left
        await station.halt(nurse, "smoke")
        assert [drawer.state for drawer in drawers.values()] == [State.HALTED, State.HALTED, State.OUT_OF_SERVICE]
        halted = world.rows("drawer.halted")
        assert {(body["drawer"], body["reason"]) for _, body in halted} == {("A-01", "smoke"), ("A-02", "smoke")}
        assert {row.actor for row in world.ledger.read(0, 1000, ["drawer.halted"])} == {"a-nurse"}
        await asyncio.sleep(10)
        outcomes = {body["intent"]: body["outcome"] for _, body in world.rows("drawer.intent_closed")}
        assert outcomes == {pulled: "opened", coming: "refused"}
        assert [edge.drawer for edge in world.plant.truth.pulses()] == ["A-01"]
        with pytest.raises(Refused, match="drawer-held"):
            await world.unlock("A-02", nurse)
        with pytest.raises(Refused, match="not-allowed"):
            await station.resume(nurse)
        await world.plant.shut("A-01")
        await station.resume(technician)
        await world.settled("A-01")
        await world.settled("A-02")
        assert drawers["A-03"].state is State.OUT_OF_SERVICE
        await world.use("A-02", nurse, "p2")

    scenario(play)


@pytest.mark.parametrize("ms", [0, 20, 50, 100, 200, 400])
def test_a_halt_withdraws_what_still_waits_for_its_wire(ms: int) -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        world.fault("lose", link="lockbus", count=50)  # after each question the wire is kept silent, and an act waits for that
        await asyncio.sleep(0.5 + ms / 1000)
        intent = await world.unlock("A-01", nurse)
        await asyncio.sleep(0.02)
        assert not [frame for frame in world.station.devices.wirelog.frames("lockbus") if "unlock" in frame.means]
        await world.station.halt(nurse, "smoke")
        await asyncio.sleep(20)
        (closed,) = [body for _, body in world.rows("drawer.intent_closed") if body["intent"] == intent]
        assert (len(world.plant.truth.pulses()), closed["outcome"]) == (0, "refused")

    scenario(play)


def test_a_halt_after_the_byte_waits_for_the_frame_and_knows_nothing() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        intent = await world.unlock("A-01", nurse)
        await world.plant.truth.until(lambda: bool(world.plant.truth.pulses()), 5)
        await world.station.halt(nurse, "wrong patient")
        ended = await world.until("drawer.intent_closed", intent=intent)
        assert (ended["outcome"], ended["evidence"]) == ("unknown", "not-settled")
        assert {body["pocket"] for _, body in world.rows("pocket.unverified")} == {"A-01-1", "A-01-2"}

    scenario(play)


def test_while_it_stops_nothing_is_unlocked_and_a_pulse_on_its_way_is_watched(caplog: pytest.LogCaptureFixture) -> None:
    async def play(world: World) -> None:
        loop, nurse = asyncio.get_running_loop(), await world.log_in("nurse")
        await world.unlock("A-01", nurse)
        began, stopping = loop.time(), asyncio.create_task(world.stop())
        await asyncio.sleep(0.01)
        with pytest.raises(Refused, match="station-stopping"):
            await world.unlock("A-02", nurse)
        await stopping
        assert loop.time() - began <= 5.0
        with pytest.raises(RuntimeError, match="does not run"):
            world.station.spawn(asyncio.sleep(1), "late")
        await world.start()
        assert world.rows("station.stopped")[0][1]["reason"] == "asked"
        assert world.rows("drawer.unlocked"), "what the pulse did was seen before the end"

    with caplog.at_level(logging.WARNING):
        scenario(play)
    assert caplog.records == [], "an orderly stop is nothing to warn of"


def test_before_it_is_ready_nothing_is_unlocked() -> None:
    async def play(world: World) -> None:
        world.station.ready = False
        with pytest.raises(Refused, match="station-not-ready"):
            world.station.permit()
        world.station.ready = True

    scenario(play)


def test_a_failed_disk_is_noticed_at_the_latest_when_something_is_to_open(caplog: pytest.LogCaptureFixture) -> None:
    """The one who asks is told; the station says it once, and what needs the ledger is not begun again and again."""

    async def play(world: World) -> None:
        world.disk.syncs.nth, world.disk.syncs.always = world.disk.syncs.seen + 1, True
        with pytest.raises(LedgerFault):
            await world.people.enrol_terminal("other", "setup")
        for _ in range(2):
            with pytest.raises(LedgerFault, match="ledger-failed"):
                world.station.permit()
        await asyncio.sleep(60)
        assert world.station.degraded == "ledger-failed"

    with caplog.at_level(logging.WARNING):
        scenario(play, small_site())
    assert [record.levelname for record in caplog.records].count("CRITICAL") == 1
    assert len(caplog.records) <= 4


def test_a_station_s_own_work_with_a_defect_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    real, broken = discrepancy.watch, iter([True, False])

    async def watch(station: object) -> None:
        if next(broken):
            raise ZeroDivisionError("a defect of the watch")
        await real(station)  # type: ignore[arg-type]

    monkeypatch.setattr(discrepancy, "watch", watch)

    async def play(world: World) -> None:
        await asyncio.sleep(2)
        (defect,) = world.rows("station.defect")
        assert (defect[1]["work"], defect[1]["error"]) == ("discrepancies", "ZeroDivisionError: a defect of the watch")
        assert next(broken, None) is None, "begun a second time"

    scenario(play)


def test_work_that_ends_by_a_refusal_is_said_and_is_no_defect(caplog: pytest.LogCaptureFixture) -> None:
    async def refused() -> None:
        raise Refused("no-stock")

    async def play(world: World) -> None:
        await asyncio.wait([world.station.spawn(refused(), "a piece of work")])
        assert world.rows("station.defect") == []

    with caplog.at_level(logging.WARNING):
        scenario(play)
    assert ["a piece of work" in record.message for record in caplog.records] == [True]
