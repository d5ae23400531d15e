"""One drawer through real bytes: what opens, what does not, what is late, stuck, jammed or bouncing (DV cases)."""

from __future__ import annotations

import asyncio
import datetime
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from controller.actors.requests import Recovery
from controller.machines.drawer import State
from drivers.faults import Refused
from sites.models import Site
from tests.kit.station import World, simulated_station, small_site
from tests.kit.virtual_loop import run

RELAY = {"driver": "waveshare-relay-d", "unit": 1}


def scenario(play: Callable[[World], Awaitable[None]], site: Site | None = None) -> None:
    async def lived() -> None:
        async with simulated_station(site) as world:
            await world.settled("A-01")
            await play(world)

    run(lived())


def closed(world: World, drawer: str = "A-01") -> dict[str, Any]:
    """The drawer's only closed intent, as (outcome, evidence)."""
    (row,) = world.rows("drawer.intent_closed", drawer=drawer)
    return {"outcome": row[1]["outcome"], "evidence": row[1]["evidence"]}


def unverified(world: World) -> set[str]:
    return {body["pocket"] for _, body in world.rows("pocket.unverified")}


@pytest.mark.parametrize("board", [{}, {"answers_unlock": True}, RELAY], ids=["cu16", "cu16 answering", "relay"])
def test_opened_and_shut_is_opened_and_leaves_no_pocket_unverified(board: dict[str, Any]) -> None:
    async def play(world: World) -> None:
        await world.use("A-01", await world.log_in("nurse"))
        assert closed(world) == {"outcome": "opened", "evidence": "seen-open"}
        assert unverified(world) == set()
        assert world.rows("alarm.raised") == []
        assert len(world.plant.truth.pulses()) == 1

    scenario(play, small_site(board=board))


def test_the_intent_is_durable_before_the_first_byte() -> None:
    async def play(world: World) -> None:
        durable_at_the_pulse = []
        world.plant.truth.watch(
            lambda edge: durable_at_the_pulse.append(len(world.rows("drawer.unlock_intended"))) if edge.what == "pulse" else None
        )
        await world.use("A-01", await world.log_in("nurse"))
        assert durable_at_the_pulse == [1]
        (intended,) = world.rows("drawer.unlock_intended")
        assert intended[1]["person"] == "a-nurse"
        assert intended[1]["purpose"] == {"kind": "pull", "id": "p1"}
        assert intended[1]["pockets"] == ["A-01-1", "A-01-2"]
        assert (intended[1]["board"], intended[1]["channel"], intended[1]["link_epoch"]) == ("board", 1, 1)

    scenario(play)


def test_dv05_a_stuck_latch_is_not_opened_with_proof_and_may_be_tried_again() -> None:
    async def play(world: World) -> None:
        nurse = await world.log_in("nurse")
        stuck = world.fault("stuck-latch", drawer="A-01")
        await world.until("drawer.intent_closed", intent=await world.unlock("A-01", nurse))
        assert closed(world) == {"outcome": "not_opened", "evidence": "two-looks-latched"}
        assert unverified(world) == set()
        world.faults.lift(stuck)
        await world.use("A-01", nurse, "p2")
        assert [body["outcome"] for _, body in world.rows("drawer.intent_closed")] == ["not_opened", "opened"]

    scenario(play)


def test_dv05_a_jammed_drawer_is_not_opened_when_its_latch_falls_back() -> None:
    async def play(world: World) -> None:
        world.fault("jam", drawer="A-01")
        await world.until("drawer.intent_closed", intent=await world.unlock("A-01", await world.log_in("nurse")))
        assert closed(world) == {"outcome": "not_opened", "evidence": "latch-fell-back"}
        assert unverified(world) == set()

    scenario(play)


def test_a_latch_that_stays_free_is_an_alarm_and_then_a_fault() -> None:
    async def play(world: World) -> None:
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.until("alarm.raised", kind="left_unlocked")
        assert world.station.drawers["A-01"].state is State.UNLOCKED
        fault = await world.until("drawer.fault", intent=intent)
        assert fault["event"] == "not_latched"
        assert fault["frames"], "the last frames of the link travel with the fault"
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "unknown", "evidence": "not-settled"}
        assert unverified(world) == {"A-01-1", "A-01-2"}

    scenario(play, small_site(lock={"relatch_s": 600.0}))


def test_dv02_a_drawer_switch_stuck_at_shut_leaves_the_outcome_unknown() -> None:
    async def play(world: World) -> None:
        world.fault("stuck-sensor", drawer="A-01", sensor="drawer", shows=True)
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.open("A-01", 5)
        await asyncio.sleep(4)
        await world.plant.shut("A-01")
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "unknown", "evidence": "latch-came-back-unseen"}
        assert unverified(world) == {"A-01-1", "A-01-2"}

    scenario(play)


def test_a_latch_switch_stuck_at_engaged_hides_no_opening() -> None:
    async def play(world: World) -> None:
        world.fault("stuck-sensor", drawer="A-01", sensor="latch", shows=True)
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.open("A-01", 5)
        await world.until("drawer.opened", intent=intent)
        await world.plant.shut("A-01")
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "opened", "evidence": "seen-open"}

    scenario(play)


def test_dv03_a_drawer_left_open_is_ajar_until_it_is_shut() -> None:
    async def play(world: World) -> None:
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.open("A-01", 5)
        raised = await world.until("alarm.raised", kind="ajar", drawer="A-01")
        assert (await world.until("drawer.ajar"))["intent"] == intent
        await world.plant.shut("A-01")
        cleared = await world.until("alarm.cleared")
        assert (cleared["alarm"], cleared["by"]) == (raised["alarm"], "station")
        assert closed(world)["outcome"] == "opened"
        assert world.books.alarms.active == {}

    scenario(play)


@pytest.mark.parametrize("lock", [{}, {"senses": "one-switch"}], ids=["two switches", "one switch"])
def test_a_drawer_that_stays_ajar_is_said_again_at_growing_intervals_under_one_alarm(lock: dict[str, Any]) -> None:
    async def play(world: World) -> None:
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.open("A-01", 5)
        await asyncio.sleep(2 * 3600)
        rows = world.ledger.read(0, 1000, ["drawer.ajar"])
        said = [datetime.datetime.fromisoformat(row.at) for row in rows]
        apart = [round((later - earlier).total_seconds()) for earlier, later in itertools.pairwise(said)]
        assert apart[:6] == [60, 120, 240, 480, 900, 900]
        assert set(apart[6:]) == {900}
        assert [body["kind"] for _, body in world.rows("alarm.raised")] == ["ajar"]
        await world.plant.shut("A-01")
        await world.until("drawer.intent_closed", intent=intent)
        assert world.books.alarms.active == {}

    scenario(play, small_site(lock=lock))


def test_a_pulse_too_weak_to_free_the_latch_is_not_opened_with_proof() -> None:
    async def play(world: World) -> None:
        await world.until("drawer.intent_closed", intent=await world.unlock("A-01", await world.log_in("nurse")))
        assert closed(world) == {"outcome": "not_opened", "evidence": "two-looks-latched"}
        assert unverified(world) == set()
        assert len(world.plant.truth.pulses()) == 1
        assert world.station.drawers["A-01"].state is State.LOCKED

    scenario(play, small_site(board={"pulse_ms": 20}))


@pytest.mark.parametrize("stuck", [False, True], ids=["a weak pulse", "a stuck switch"])
def test_dv02_one_switch_that_does_not_move_proves_nothing(stuck: bool) -> None:
    async def play(world: World) -> None:
        if stuck:
            world.fault("stuck-sensor", drawer="A-01", sensor="latch", shows=True)
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        if stuck:
            await world.plant.open("A-01", 5)
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "unknown", "evidence": "no-drawer-switch"}
        assert unverified(world) == {"A-01-1", "A-01-2"}
        assert len(world.plant.truth.pulses()) == 1

    scenario(play, small_site(board={"pulse_ms": 550 if stuck else 20}, lock={"senses": "one-switch"}))


def test_switches_that_contradict_each_other_are_a_forced_drawer_and_a_conflict_of_sensors() -> None:
    async def play(world: World) -> None:
        stuck = world.fault("stuck-sensor", drawer="A-02", sensor="drawer", shows=False)
        forced = await world.until("drawer.forced", drawer="A-02")
        assert (forced["seen"]["latched"], forced["seen"]["shut"]) == (True, False)
        await world.until("alarm.raised", kind="sensor_conflict")
        assert [body["kind"] for _, body in world.rows("alarm.raised")] == ["forced", "sensor_conflict"]
        assert unverified(world) == {"A-02-1", "A-02-2"}
        with pytest.raises(Refused, match="drawer-held"):
            await world.unlock("A-02", await world.log_in("nurse"))
        world.faults.lift(stuck)
        await asyncio.sleep(2)
        await world.station.drawers["A-02"].recover(Recovery.INSPECTED, await world.log_in("technician"))
        await world.settled("A-02")
        assert world.books.alarms.active == {}

    scenario(play)


def test_dv04_a_latch_that_does_not_catch_is_a_fault_with_its_pockets_unverified() -> None:
    async def play(world: World) -> None:
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.open("A-01", 5)
        await world.until("drawer.opened")
        world.fault("stuck-latch", drawer="A-01", stuck="free")
        await world.plant.shut("A-01")
        assert (await world.until("drawer.fault"))["event"] == "not_latched"
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world)["outcome"] == "opened"
        assert unverified(world) == {"A-01-1", "A-01-2"}
        with pytest.raises(Refused, match="drawer-held"):
            await world.unlock("A-01", await world.log_in("nurse"))

    scenario(play)


@pytest.mark.parametrize("how", ["force", "uncommanded", "key"])
def test_dv06_an_opening_without_us_is_recorded_within_a_second_and_held(how: str) -> None:
    async def play(world: World) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0.37)
        began = loop.time()
        world.fault(how, drawer="A-02")
        await world.until("drawer.forced", drawer="A-02")
        assert loop.time() - began <= 1.0
        assert (await world.until("alarm.raised"))["kind"] == "forced"
        assert unverified(world) == {"A-02-1", "A-02-2"}
        if not world.plant.drawers["A-02"].shut:
            await world.plant.shut("A-02")
        await asyncio.sleep(30)
        assert world.station.drawers["A-02"].state is State.FORCED, "only a named person ends it"
        assert [edge.what for edge in world.plant.truth.pulses()] == []

    scenario(play)


@pytest.mark.parametrize(("hz", "seconds"), [(1.0, 3.0), (7.0, 0.5), (50.0, 0.5), (200.0, 0.5)])
def test_dv07_bouncing_contacts_are_one_opening_and_one_closing(hz: float, seconds: float) -> None:
    async def play(world: World) -> None:
        world.fault("chatter", drawer="A-01", hz=hz, seconds=seconds)
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.until("drawer.unlocked", intent=intent)
        await world.plant.open("A-01", 5)
        await asyncio.sleep(5)
        await world.plant.shut("A-01")
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "opened", "evidence": "seen-open"}
        assert len(world.rows("drawer.opened")) == 1
        assert len(world.rows("drawer.locked", drawer="A-01")) == 2, "once at the start, once now"

    scenario(play)


@pytest.mark.parametrize(("late_s", "state"), [(0.9, "unlocked"), (6.0, "forced")])
def test_dv08_a_late_opening_is_its_intent_s_or_tamper(late_s: float, state: str) -> None:
    async def play(world: World) -> None:
        world.fault("opens-late", drawer="A-01", seconds=late_s)
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        body = await world.until(f"drawer.{state}", drawer="A-01")
        if state == "unlocked":
            assert body["intent"] == intent
        else:
            assert (body["intent"], body["after_intent"]) == (None, intent)
            assert unverified(world) == {"A-01-1", "A-01-2"}
        assert len(world.plant.truth.pulses()) == 1

    scenario(play)


def test_dv01_the_wrong_drawer_opens_and_both_must_be_counted() -> None:
    async def play(world: World) -> None:
        world.fault("wrong-drawer", drawer="A-01", opens="A-02")
        loop = asyncio.get_running_loop()
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        began = loop.time()
        await world.until("drawer.forced", drawer="A-02")
        assert loop.time() - began <= 1.5, "the pulse, and a second"
        assert (await world.until("drawer.fault", drawer="A-01"))["event"] == "wrong_drawer"
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "unknown", "evidence": "another-drawer-opened"}
        assert unverified(world) == {"A-01-1", "A-01-2", "A-02-1", "A-02-2"}

    scenario(play)


def test_dv13_a_board_that_restarts_in_the_pulse_is_settled_by_its_switches() -> None:
    async def play(world: World) -> None:
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.plant.truth.until(lambda: bool(world.plant.truth.pulses()), 5)
        world.fault("reboot", board="board", seconds=0.5)
        body = await world.until("drawer.intent_closed", intent=intent)
        assert body["outcome"] in {"not_opened", "unknown"}
        assert len(world.plant.truth.pulses()) == 1

    scenario(play)


@pytest.mark.parametrize("board", [{"answers_unlock": True}, RELAY], ids=["cu16", "relay"])
def test_wi05_a_lost_answer_to_the_unlock_is_looked_after_and_never_resent(board: dict[str, Any]) -> None:
    async def play(world: World) -> None:
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        world.fault("lose", link="lockbus", what="replies", count=3)
        await world.until("drawer.unlocked", intent=intent)
        await world.plant.open("A-01", 5)
        await world.until("drawer.opened", intent=intent)
        assert len(world.plant.truth.pulses()) == 1

    scenario(play, small_site(board=board))


def test_wi05_a_lost_unlock_is_not_opened_and_never_resent() -> None:
    async def play(world: World) -> None:
        await world.settled("A-01")
        unlocking = world.unlock("A-01", await world.log_in("nurse"))
        world.station.boards["board"].board.release = _losing(world)  # type: ignore[method-assign]
        await world.until("drawer.intent_closed", intent=await unlocking)
        assert closed(world) == {"outcome": "not_opened", "evidence": "two-looks-latched"}
        assert world.plant.truth.pulses() == []

    scenario(play)


def _losing(world: World) -> Any:
    real = world.station.boards["board"].board.release

    async def release(*what: Any) -> Any:
        world.fault("lose", link="lockbus", what="commands", count=1)
        return await real(*what)

    return release


def test_a_mute_board_is_offline_within_three_seconds_and_comes_back_unknown() -> None:
    async def play(world: World) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        mute = world.fault("silence", board="board")
        lost = await world.until("drawer.offline", drawer="A-01")
        assert loop.time() - began <= 3.0
        assert lost["reason"] == "no-reply"
        with pytest.raises(Refused, match="drawer-offline"):
            await world.unlock("A-01", await world.log_in("nurse"))
        world.faults.lift(mute)
        await world.settled("A-01")
        assert [kind for kind, _ in world.rows(drawer="A-01")][-3:] == ["drawer.offline", "drawer.unknown", "drawer.locked"]

    scenario(play)


def test_one_switch_nobody_knows_whether_it_was_opened() -> None:
    async def play(world: World) -> None:
        intent = await world.unlock("A-01", await world.log_in("nurse"))
        await world.until("drawer.unlocked", intent=intent)
        await world.plant.open("A-01", 5)
        await world.until("drawer.ajar", intent=intent)
        await world.plant.shut("A-01")
        await world.until("drawer.intent_closed", intent=intent)
        assert closed(world) == {"outcome": "unknown", "evidence": "no-drawer-switch"}
        assert unverified(world) == {"A-01-1", "A-01-2"}
        assert world.rows("drawer.opened") == []

    scenario(play, small_site(lock={"senses": "one-switch"}))
