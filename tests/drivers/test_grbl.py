"""The gantry's driver against the simulated gantry, in virtual time: what it says and what really happened."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.faults import DeviceFault, Effect, Fault, LinkFault, LinkLost, NoReply, Refused
from drivers.gantries.grbl_head import MARGIN_S, POLL_S
from drivers.gantries.travel import slowing_s, travel_s
from drivers.gantry_facts import Grip, Halt
from simulators.plant.motion import Point, line
from tests.kit.gantry import Bench, now, on, site

points = st.tuples(st.integers(0, 1200), st.integers(0, 900), st.integers(-150, 0))


@given(points, points, st.booleans())
def test_driver_and_plant_agree_on_how_long_a_motion_takes(start: Point, end: Point, slow: bool) -> None:
    """Two computations, written apart, of the law of lines D.1."""
    axes = site().gantries[0].axes
    took = travel_s(axes, [Decimal(at) for at in start], [Decimal(at) for at in end], slow=slow)
    if start == end:
        assert took == 0
        return
    speeds, accelerations = [axis.speed_mm_s for axis in axes], [axis.acceleration_mm_s2 for axis in axes]
    assert took == pytest.approx(line(0, start, end, speeds, accelerations, min(speeds) if slow else None).over)


# --- homing


def test_nothing_moves_before_homing_and_homing_finds_out_where_it_is() -> None:
    async def story(bench: Bench) -> None:
        where = bench.plant.position
        assert (await bench.unknown()) == "not homed since the station started"
        refused = await bench.fault_of(bench.gantry.hand_over("h", now() + 60))
        assert isinstance(refused, Refused)
        assert bench.plant.position == where
        assert bench.board.lines == []
        await bench.home()
        look = await bench.gantry.look()
        assert (look.state, look.position, look.gripped, look.why_unknown) == ("Idle", (0, 0, 0), False, None)
        assert look.epoch == bench.link.epoch
        assert bench.plant.position == (0.0, 0.0, 0.0)
        assert bench.board.lines == [b"$H\n"]
        assert bench.gantry.link_id == "arm"
        assert bench.gantry.longest_effect_s > 120

    on(story, homed=False)


@pytest.mark.parametrize(("axis", "shows", "number"), [("X", False, 9), ("Y", True, 8)])
def test_a_switch_that_does_not_do_its_part_fails_the_homing(axis: str, shows: bool, number: int) -> None:
    async def story(bench: Bench) -> None:
        bad = bench.fault("limit-switch", gantry="arm", axis=axis, shows=shows)
        fault = await bench.fault_of(bench.home())
        assert (fault.code, fault.effect, fault.facts["number"]) == ("gantry-alarm", Effect.UNKNOWN, number)
        await bench.unknown()
        bench.faults.lift(bad)
        await bench.home()
        assert await bench.pick() is Grip.PICKED

    on(story, homed=False)


def test_homing_needs_no_banner_and_gives_up_on_a_wire_that_is_out() -> None:
    async def story(bench: Bench) -> None:
        bench.fault("lose", link="arm")
        await bench.home()
        bench.house.wires["arm"].unplug()
        await asyncio.sleep(0.1)
        lost = await bench.fault_of(bench.gantry.home("h", now() + 1))
        assert (lost.code, lost.effect) == ("link-lost", Effect.NONE)

    on(story)


def test_a_board_that_hears_nothing_but_resets_is_homed_all_the_same() -> None:
    """After a limit it answers no `?`, so its link goes down; the reset is said as soon as there is a connection."""

    async def story(bench: Bench) -> None:
        bench.at(2, lambda: bench.fault("limit-switch", gantry="arm", axis="X", shows=True))
        fault = await bench.fault_of(bench.pick("S-2"))
        assert (fault.code, fault.effect, fault.facts["number"]) == ("gantry-alarm", Effect.UNKNOWN, 1)
        bench.faults.lift(1)
        await asyncio.sleep(20)
        assert not bench.link.up
        await bench.home()
        assert await bench.pick("S-2") is Grip.PICKED

    on(story)


def test_a_mute_board_is_no_homed_one() -> None:
    async def story(bench: Bench) -> None:
        bench.board.deaf = True
        fault = await bench.fault_of(bench.gantry.home("h", now() + 20))
        assert (fault.code, fault.effect) == ("no-reply", Effect.UNKNOWN)
        await asyncio.sleep(20)
        fault = await bench.fault_of(bench.gantry.home("h", now() + 20))
        assert (fault.code, fault.effect) == ("link-not-up", Effect.UNKNOWN)

    on(story)


# --- picks


def test_packs_are_fetched_into_the_tray_and_tipped() -> None:
    async def story(bench: Bench) -> None:
        for tray, place in enumerate(("S-1", "S-2", "S-1", "S-2"), 1):
            assert await bench.pick(place, tray, f"pick-{tray}") is Grip.PICKED
        assert bench.packs() == {
            "tray 1": ["S-1/1"], "tray 2": ["S-2/1"], "tray 3": ["S-1/2"], "tray 4": ["S-2/2"], "S-1": ["S-1/3"],
        }  # fmt: skip
        await bench.gantry.hand_over("over", now() + 60)
        assert sorted(bench.packs()["handed"]) == ["S-1/1", "S-1/2", "S-2/1", "S-2/2"]
        assert bench.packs().get("floor") is None
        assert bench.plant.position == (0.0, 100.0, 0.0)
        said = [frame.means for frame in bench.devices.wirelog.frames("arm") if frame.direction == "out"]
        assert "tip the tray for over" in said

    on(story)


def test_a_board_without_bf_is_waited_for_by_the_barrier() -> None:
    async def story(bench: Bench) -> None:
        bench.board.tells_buffers = False
        await bench.home()
        assert await bench.pick() is Grip.PICKED
        assert bench.packs()["tray 1"] == ["S-1/1"]
        assert b"G4 P0.000\n" in bench.board.lines

    on(story, homed=False)


def test_a_missed_pack_an_empty_place_and_a_dead_sensor_are_not_picked() -> None:
    async def story(bench: Bench) -> None:
        bench.fault("missed-grip", gantry="arm")
        assert await bench.pick() is Grip.NOT_PICKED
        assert await bench.pick("S-3") is Grip.NOT_PICKED
        assert "tray 1" not in bench.packs()
        assert len(bench.packs()["S-1"]) == 3
        assert not bench.plant.vacuum
        assert await bench.pick() is Grip.PICKED, "nothing is repeated by itself, and nothing stands in the way"

    on(story)


@pytest.mark.parametrize("after_s", [0.3, 0.7, 1.0, 1.4])
def test_a_pack_lost_on_the_way_is_dropped_wherever_it_fell(after_s: float) -> None:
    async def story(bench: Bench) -> None:
        bench.fault("dropped-pack", gantry="arm", seconds=after_s)
        assert await bench.pick() is Grip.DROPPED
        assert bench.packs()["floor"] == ["S-1/1"]
        assert not bench.plant.vacuum
        assert (await bench.gantry.look()).position is not None

    on(story)


def test_a_pack_lost_between_shelf_and_tray_is_dropped() -> None:
    async def story(bench: Bench) -> None:
        bench.fault("dropped-pack", gantry="arm", seconds=2.6)
        assert await bench.pick(tray=4) is Grip.DROPPED
        assert bench.packs()["floor"] == ["S-1/1"]
        assert bench.board.lines[-1] == b"M9\n"
        assert bench.board.lines[-2].endswith(b"Z-70.000 F6000.000\n")

    on(story)


def test_two_packs_at_once_are_one_to_the_gripper() -> None:
    """What no sensor of a gantry can tell is left to the reader behind it."""

    async def story(bench: Bench) -> None:
        bench.fault("double-grip", gantry="arm")
        assert await bench.pick() is Grip.PICKED
        assert bench.packs()["tray 1"] == ["S-1/1", "S-1/2"]

    on(story)


def test_a_gripper_that_is_full_before_or_after_is_a_fault() -> None:
    async def story(bench: Bench) -> None:
        stuck = bench.fault("vacuum-sensor", gantry="arm", shows=True)
        lines = len(bench.board.lines)
        for act in (bench.pick(), bench.gantry.hand_over("h", now() + 60)):
            full = await bench.fault_of(act)
            assert (full.code, full.effect) == ("gripper-not-empty", Effect.NONE)
        assert len(bench.board.lines) == lines
        bench.faults.lift(stuck)
        unwatch = bench.house.plant.truth.watch(
            lambda edge: edge.what == "laid" and bench.fault("vacuum-sensor", gantry="arm", shows=True)
        )
        holds = await bench.fault_of(bench.pick())
        unwatch()
        assert (holds.code, holds.effect) == ("gripper-holds", Effect.UNKNOWN)

    on(story)


def test_a_flickering_sensor_is_a_dropped_pack() -> None:
    async def story(bench: Bench) -> None:
        async def flicker() -> None:
            while True:
                number = bench.fault("vacuum-sensor", gantry="arm", shows=False)
                await asyncio.sleep(POLL_S)
                bench.faults.lift(number)
                await asyncio.sleep(POLL_S)

        flickering: list[asyncio.Task[None]] = []
        bench.house.plant.truth.watch(
            lambda edge: flickering.append(asyncio.ensure_future(flicker())) if edge.what == "gripped" else None
        )
        assert await bench.pick() is Grip.DROPPED
        flickering[0].cancel()

    on(story)


def test_places_that_are_not_there_are_a_mistake_of_the_caller() -> None:
    async def story(bench: Bench) -> None:
        for place, tray in (("S-9", 1), ("S-1", 0), ("S-1", 5)):
            with pytest.raises(ValueError, match="no place"):
                await bench.pick(place, tray)

    on(story)


def test_one_thing_at_a_time_and_nothing_past_its_deadline() -> None:
    async def story(bench: Bench) -> None:
        async with asyncio.TaskGroup() as tasks:
            picking = tasks.create_task(bench.pick())
            await asyncio.sleep(1)
            busy = await bench.fault_of(bench.home())
            assert (busy.code, busy.effect) == ("gantry-busy", Effect.NONE)
        assert picking.result() is Grip.PICKED
        lines = len(bench.board.lines)
        late = await bench.fault_of(bench.gantry.pick("S-1", 2, "p", now() - 1))
        assert (late.code, late.effect) == ("deadline-passed", Effect.NONE)
        assert len(bench.board.lines) == lines
        late = await bench.fault_of(bench.gantry.pick("S-2", 2, "p", now() + 1.5))
        assert (late.code, late.effect) == ("deadline-passed", Effect.UNKNOWN)
        assert bench.plant.position == (700.0, 50.0, 0.0)
        assert await bench.pick("S-2", 2) is Grip.PICKED

    on(story)


# --- refusals and alarms


def test_a_soft_limit_is_an_alarm_and_the_position_is_lost_with_it() -> None:
    async def story(bench: Bench) -> None:
        fault = await bench.fault_of(bench.pick("S-3"))
        assert (fault.code, fault.effect) == ("gantry-alarm", Effect.UNKNOWN)
        assert fault.facts == {"number": 2, "why": "soft-limit"}
        assert bench.plant.position == (0.0, 0.0, 0.0)
        await bench.home()
        assert await bench.pick() is Grip.PICKED

    steel = site(
        x={"high_mm": 1000, "speed_mm_s": 400, "acceleration_mm_s2": 800},
        shelf=[place for place in site().model_dump(mode="python")["gantries"][0]["shelf"] if place["id"] != "S-3"],
    )
    on(story, steel=steel)


def test_a_refused_line_did_nothing() -> None:
    async def story(bench: Bench) -> None:
        bench.house.wires["arm"].to_board.mishaps.clear()
        heard = bench.board.hear
        bench.house.wires["arm"].line = _Changed(lambda data: heard(data.replace(b"G0", b"G7")))
        fault = await bench.fault_of(bench.pick())
        assert (fault.code, fault.effect) == ("gantry-refused-line", Effect.NONE)
        assert (fault.facts["number"], fault.facts["why"]) == (20, "unsupported-command")
        assert (await bench.gantry.look()).position == (0, 0, 0)
        bench.house.wires["arm"].line = bench.board
        assert await bench.pick() is Grip.PICKED

    on(story)


class _Changed:
    """A line on whose way bytes become others."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self.hear = hear


def test_a_digit_that_was_damaged_on_its_way_is_seen_before_anything_is_gripped() -> None:
    async def story(bench: Bench) -> None:
        heard = bench.board.hear
        bench.house.wires["arm"].line = _Changed(lambda data: heard(data.replace(b"X100.", b"X500.")))
        fault = await bench.fault_of(bench.pick())
        assert (fault.code, fault.effect) == ("gantry-elsewhere", Effect.UNKNOWN)
        assert bench.plant.position == (500.0, 200.0, 0.0)
        assert not bench.plant.vacuum
        assert "elsewhere" in await bench.unknown()

    on(story)


def test_a_head_that_is_late_is_held() -> None:
    """The steel is much slower than the site file says."""

    async def story(bench: Bench) -> None:
        began = now()
        fault = await bench.fault_of(bench.pick("S-2"))
        assert (fault.code, fault.effect) == ("gantry-late", Effect.UNKNOWN)
        axes = site().gantries[0].axes
        assert now() - began < travel_s(axes, (0, 0, 0), (700, 50, 0)) + MARGIN_S + 3  # type: ignore[arg-type]
        await asyncio.sleep(1)
        assert not bench.plant.moves
        await bench.unknown()

    on(story, steel=site(x={"high_mm": 1200, "speed_mm_s": 40, "acceleration_mm_s2": 800}))


def test_an_open_door_holds_it_and_what_hangs_there_falls() -> None:
    async def story(bench: Bench) -> None:
        bench.at(3, lambda: bench.fault("open-door", gantry="arm"))
        fault = await bench.fault_of(bench.pick("S-2"))
        assert (fault.code, fault.effect, fault.facts["state"]) == ("gantry-held", Effect.UNKNOWN, "Door")
        await asyncio.sleep(1)
        assert not bench.plant.moves
        await bench.unknown()

    on(story)


@pytest.mark.parametrize("homed", [True, False])
def test_rb_08_nothing_begins_while_the_guard_is_open_not_even_homing(homed: bool) -> None:
    async def story(bench: Bench) -> None:
        door = bench.fault("open-door", gantry="arm")
        before = bench.plant.position
        fault = await bench.fault_of(bench.home())
        assert (fault.code, fault.facts["state"]) == ("gantry-held", "Door")
        assert bench.board.lines == ([b"$H\n"] if homed else [])
        assert bench.plant.position == before
        bench.faults.lift(door)
        await asyncio.sleep(20)
        assert bench.plant.position == before, "shutting it starts nothing"
        await bench.home()
        bench.fault("open-door", gantry="arm")
        held = await bench.fault_of(bench.pick())
        assert (held.code, held.effect) == ("gantry-held", Effect.NONE)

    on(story, homed=homed)


# --- silence, resets, power and cables


def test_a_line_without_an_answer_is_never_said_again() -> None:
    async def story(bench: Bench) -> None:
        bench.house.plant.truth.watch(lambda edge: setattr(bench.board, "mute", True) if edge.what == "moving" else None)
        fault = await bench.fault_of(bench.pick())
        assert fault.effect is Effect.UNKNOWN
        bench.board.mute = False
        await bench.up()
        await bench.unknown()
        moves = [line for line in bench.board.lines if line.startswith(b"G21")]
        assert len(moves) == len(set(moves))

    on(story)


def test_a_lost_ok_leaves_the_act_unknown_and_the_head_held() -> None:
    async def story(bench: Bench) -> None:
        def lose(edge: Any) -> None:
            if edge.what == "moving" and not edge_seen:
                edge_seen.append(edge)
                bench.fault("lose", link="arm")

        edge_seen: list[Any] = []
        bench.house.plant.truth.watch(lose)
        fault = await bench.fault_of(bench.pick("S-2"))
        assert (fault.code, fault.effect) == ("gantry-silent", Effect.UNKNOWN)
        assert await bench.unknown() == "a motion was not seen to its end"
        await bench.home()
        assert await bench.pick("S-2") is Grip.PICKED

    on(story)


def test_a_reset_by_somebody_else_loses_the_position() -> None:
    async def story(bench: Bench) -> None:
        bench.at(2, lambda: bench.house.wires["arm"].heard(b"\x18"))
        fault = await bench.fault_of(bench.pick("S-2"))
        assert fault.effect is Effect.UNKNOWN
        assert "ALARM:3" in await bench.unknown()
        await bench.home()
        bench.house.wires["arm"].heard(b"\x18")
        await asyncio.sleep(0.2)
        assert await bench.unknown() == "the board has restarted"

    on(story)


@pytest.mark.parametrize("after_s", [0.3, 1.0, 2.2, 3.4, 4.6, 6.0])
def test_power_gone_at_the_board_is_seen_and_nothing_goes_on_after_it(after_s: float) -> None:
    async def story(bench: Bench) -> None:
        bench.at(after_s, lambda: bench.fault("reboot", board="arm", seconds=1))
        fault = await bench.fault_of(bench.pick("S-2"))
        assert fault.effect is Effect.UNKNOWN
        await asyncio.sleep(2)
        await bench.up()
        lines = len(bench.board.lines)
        await bench.unknown()
        await asyncio.sleep(20)
        assert len(bench.board.lines) == lines
        assert not bench.plant.moves
        assert bench.board.machine.state == "Alarm"

    on(story)


@pytest.mark.parametrize("after_s", [0.3, 1.0, 2.2, 3.4, 4.6, 6.0])
def test_a_cable_cut_leaves_the_act_unknown(after_s: float) -> None:
    """What the board has been told it does; when the link is back nothing goes on, and it must be homed."""

    async def story(bench: Bench) -> None:
        bench.at(after_s, bench.house.wires["arm"].unplug)
        fault = await bench.fault_of(bench.pick("S-2"))
        assert (fault.code, fault.effect) == ("link-lost", Effect.UNKNOWN)
        await asyncio.sleep(5)
        bench.house.wires["arm"].plug()
        await bench.up()
        lines = len(bench.board.lines)
        assert await bench.unknown() in {"the wire was gone", "a motion was not seen to its end"}
        assert len(bench.board.lines) == lines
        await bench.home()

    on(story)


# --- stops


@pytest.mark.parametrize("after_s", [0.02, *(0.35 * n for n in range(1, 24))])
def test_rb_07_a_stop_at_any_instant_stops_within_its_braking_way_and_nothing_moves_after(after_s: float) -> None:
    async def story(bench: Bench) -> None:
        async with asyncio.TaskGroup() as tasks:
            picking = tasks.create_task(_swallowed(bench.pick("S-2")))
            await asyncio.sleep(after_s)
            at, speed, began = bench.plant.position, bench.plant.speed, now()
            halt = await bench.gantry.stop()
            took = now() - began
            ended = await picking
        if not isinstance(ended, Grip):
            assert ended.code in {"gantry-stopped", "gantry-held"}
        braking = max(axis.acceleration_mm_s2 for axis in bench.plant.part.axes)
        slowest = min(axis.acceleration_mm_s2 for axis in bench.plant.part.axes)
        rest = bench.plant.position
        assert halt is Halt.HELD
        assert not bench.plant.moves
        assert math.dist(at, rest) <= speed**2 / (2 * slowest) + speed * 0.05 + 3, (speed, braking)
        assert took < slowing_s(bench.plant.part.axes) + 1
        lines = len(bench.board.lines)
        await asyncio.sleep(30)
        assert bench.plant.position == rest, "nothing goes on by itself"
        assert len(bench.board.lines) == lines
        assert await bench.unknown() == "it was stopped"
        await bench.home()
        assert (await bench.gantry.look()).position == (0, 0, 0)

    on(story)


async def _swallowed(acting: Coroutine[Any, Any, Grip]) -> Grip | Fault:
    try:
        return await acting
    except Fault as fault:
        return fault


@pytest.mark.parametrize("after_s", [0.01, 0.3, 3.0, 12.0])
def test_a_stop_while_homing_cuts_it(after_s: float) -> None:
    async def story(bench: Bench) -> None:
        async with asyncio.TaskGroup() as tasks:
            homing = tasks.create_task(_fault(bench.home()))
            await asyncio.sleep(after_s)
            assert await bench.gantry.stop() is Halt.CUT
            assert (await homing).code == "gantry-stopped"
        await asyncio.sleep(1)
        rest = bench.plant.position
        await asyncio.sleep(30)
        assert bench.plant.position == rest
        await bench.unknown()
        await bench.home()

    on(story, homed=False)


async def _fault(acting: Coroutine[Any, Any, object]) -> Fault:
    with pytest.raises(Fault) as raised:
        await acting
    return raised.value


def test_a_stop_that_nothing_confirms_says_so() -> None:
    async def story(bench: Bench) -> None:
        async with asyncio.TaskGroup() as tasks:
            homing = tasks.create_task(_fault(bench.home()))
            await asyncio.sleep(3)
            bench.board.deaf = True
            silent = await bench.fault_of(bench.gantry.stop())
            assert (silent.code, silent.effect) == ("gantry-not-stopped", Effect.UNKNOWN)
            bench.house.wires["arm"].unplug()
            assert (await homing).code == "gantry-stopped"

    on(story, homed=False)


def test_a_stop_leaves_at_once_while_a_line_waits_for_its_answer() -> None:
    """The act's line holds the turn; the stop does not ask for it, and after its bound it cuts."""

    async def story(bench: Bench) -> None:
        bench.board.tells_buffers = False
        await bench.home()
        async with asyncio.TaskGroup() as tasks:
            picking = tasks.create_task(_fault(bench.pick("S-2")))
            await asyncio.sleep(1.5)
            assert bench.plant.moves
            stopping = tasks.create_task(bench.gantry.stop())
            await asyncio.sleep(0.01)
            assert bench.board.machine.state == "Hold"
            assert await stopping is Halt.CUT
            assert (await picking).code == "gantry-stopped"
        assert not bench.plant.moves

    on(story, homed=False)


def test_a_hold_that_is_lost_is_said_again_and_a_dead_wire_is_told() -> None:
    async def story(bench: Bench) -> None:
        async with asyncio.TaskGroup() as tasks:
            picking = tasks.create_task(_fault(bench.pick("S-2")))
            await asyncio.sleep(1)
            bench.fault("lose", link="arm", what="commands")
            assert await bench.gantry.stop() is Halt.HELD
            assert (await picking).effect is Effect.UNKNOWN
        bench.board.deaf = True
        silent = await bench.fault_of(bench.gantry.stop())
        assert isinstance(silent, NoReply | LinkLost)
        assert silent.effect is Effect.UNKNOWN
        bench.house.wires["arm"].unplug()
        await asyncio.sleep(1)
        lost = await bench.fault_of(bench.gantry.stop())
        assert (lost.code, lost.effect) == ("link-lost", Effect.UNKNOWN)

    on(story)


def test_a_stop_in_alarm_cuts() -> None:
    async def story(bench: Bench) -> None:
        assert await bench.gantry.stop() is Halt.CUT

    on(story, homed=False)


@pytest.mark.parametrize("after_s", [0.5, 1.5, 3.0, 5.0])
def test_an_act_that_is_given_up_leaves_nothing_moving(after_s: float) -> None:
    async def story(bench: Bench) -> None:
        picking = asyncio.ensure_future(bench.pick("S-2"))
        await asyncio.sleep(after_s)
        picking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await picking
        await asyncio.sleep(1)
        rest = bench.plant.position
        await asyncio.sleep(10)
        assert bench.plant.position == rest

    on(story)


def test_homing_that_is_given_up_leaves_nothing_moving() -> None:
    async def story(bench: Bench) -> None:
        homing = asyncio.ensure_future(bench.home())
        await asyncio.sleep(3)
        homing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await homing
        await asyncio.sleep(1)
        assert not bench.plant.moves
        assert bench.board.machine.state == "Alarm"

    on(story, homed=False)


# --- weather


@pytest.mark.parametrize("storm", ["splitting", "lossy", "slow", "noisy", "hostile"])
@pytest.mark.parametrize("seed", range(6))
def test_in_any_weather_no_line_is_said_twice_and_no_pick_is_believed_that_was_none(storm: str, seed: int) -> None:
    async def story(bench: Bench) -> None:
        bench.house.blow(storm)
        for tray in range(1, 5):
            before = bench.packs()
            written = len(bench.devices.wirelog.frames("arm"))
            try:
                grip: Grip | None = await bench.pick("S-1" if tray % 2 else "S-2", tray, f"pick-{tray}")
            except (LinkFault, DeviceFault, Refused):
                grip = None
            said = [frame.data for frame in bench.devices.wirelog.frames("arm")[written:] if frame.direction == "out"]
            lines = [line for line in said if line.endswith(b"\n") and b"Z0" not in line and b"Z-0" not in line]
            assert len(lines) == len(set(lines))
            if grip is Grip.PICKED:
                assert len(bench.packs()[f"tray {tray}"]) == 1
            elif grip is Grip.NOT_PICKED:
                assert f"tray {tray}" not in bench.packs()
            if grip is None:
                bench.house.blow("calm")
                bench.house.wires["arm"].plug()
                await asyncio.sleep(3)
                await bench.home()
                bench.house.blow(storm)
            assert sum(map(len, bench.packs().values())) == sum(map(len, before.values()))
        bench.house.blow("calm")

    on(story, seed=seed)
