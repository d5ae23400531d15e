"""The diverter's driver against the simulated gate: confirmed by its end switch, never late, always back at the safe exit."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drivers.faults import DeviceFault, Effect, LinkFault
from simulators.faults.faults import Faults
from simulators.faults.links import Lose
from simulators.modbus_device import Refusal
from tests.drivers.belt import TCP, Works, at_work


def acts(works: Works) -> list[str]:
    """The frames that went to the relays and were no question."""
    frames = [one.data for one in works.devices.wirelog.frames("gates") if one.direction == "out"]
    return [frame[7:].hex(" ") for frame in frames if frame[7] == 5]


def test_it_is_set_once_seen_drawn_and_falls_back_by_itself() -> None:
    async def story(works: Works) -> None:
        assert (await works.gate.look()).exit == "default"
        assert await works.gate.set("other", "i-1", works.soon(0.5)) is True
        look = await works.gate.look()
        assert (look.exit, look.epoch) == ("other", 1)
        assert acts(works) == ["05 02 00 00 14"], "relay 1 closes for 20 x 100 ms"
        await asyncio.sleep(2.5)
        assert (await works.gate.look()).exit == "default"
        assert works.belts.log.count("gate_driven", "gate") == 1
        assert works.gate.longest_effect_s == pytest.approx(1 + 2.15)
        assert works.gate.link_id == "gates"

    at_work(story)


def test_it_may_be_sent_back_before_its_time() -> None:
    async def story(works: Works) -> None:
        await works.gate.set("other", "i-1", works.soon(0.5))
        began = asyncio.get_running_loop().time()
        assert await works.gate.set("default", "i-2", works.soon(0.5)) is True
        assert asyncio.get_running_loop().time() - began < 0.3
        assert acts(works) == ["05 02 00 00 14", "05 00 00 00 00"]

    at_work(story)


def test_a_late_decision_is_not_sent_and_the_container_takes_the_safe_exit() -> None:
    async def story(works: Works) -> None:
        works.belts.put("T-1", "in", 300, code="to the lane")
        with pytest.raises(LinkFault) as late:
            await works.gate.set("other", "i-1", works.soon(-0.001))
        assert (late.value.code, late.value.effect) == ("deadline-passed", Effect.NONE)
        assert acts(works) == []
        await asyncio.sleep(10)
        assert works.belts.where("T-1").belt.id == "pack"

    at_work(story)


def test_a_container_read_and_decided_in_time_goes_where_it_should() -> None:
    """Reader's line in, decision, gate, lane; the arrival that its zone never saw is confirmed, so no jam is called."""

    async def story(works: Works) -> None:
        read: asyncio.Queue[str] = asyncio.Queue()
        works.devices.scanners["camera"].watch(lambda scan: read.put_nowait(scan.data))
        for number in range(4):
            works.belts.put(f"T-{number}", "in", 300, code="lane" if number % 2 else "pack")
            code = await asyncio.wait_for(read.get(), 5)
            way = "other" if code == "lane" else "default"
            assert await works.gate.set(way, f"i-{number}", works.soon(0.8)) is True
            end = works.belts.belts["lane" if way == "other" else "pack"]
            assert await works.belts.log.until(lambda end=end: end.eye, 10)  # type: ignore[misc]
            if way == "other":
                await works.a.confirm_arrival("fork", f"c-{number}", works.soon())
            works.belts.take(f"T-{number}")
        await asyncio.sleep(10)
        assert [one.body for one in works.belts.log.passages if one.what == "diverted"] == ["T-1", "T-3"]
        assert works.belts.bodies == {}
        assert not any(zone.arrival_jam for module in works.house.conveyors.values() for zone in module.zones.values())

    at_work(story)


def test_without_a_confirmation_the_zone_before_calls_a_jam_and_goes_on_after_it() -> None:
    async def story(works: Works) -> None:
        works.belts.put("T-1", "in", 300)
        await works.gate.set("other", "i-1", works.soon(0.5))
        await asyncio.sleep(8)
        fork = works.house.conveyors["module-a"].zones[1]
        assert fork.arrival_jam
        assert (await works.a.look()).zones["fork"].arrivals == 0
        await asyncio.sleep(5)
        assert not fork.arrival_jam
        works.belts.put("T-2", "in", 300)
        await asyncio.sleep(10)
        assert works.belts.where("T-2").belt.id == "pack"

    at_work(story)


@pytest.mark.parametrize("ail", ["stuck", "half"])
def test_a_gate_that_does_not_get_there_is_never_confirmed(ail: str) -> None:
    async def story(works: Works) -> None:
        setattr(works.house.gates["gate"].ails, ail, True)
        assert await works.gate.set("other", "i-1", works.soon(0.5)) is False
        assert (await works.gate.look()).exit == ("default" if ail == "stuck" else None)
        assert len(acts(works)) == 1, "one send"

    at_work(story)


def test_a_slow_gate_is_confirmed_when_it_is_there_and_not_before() -> None:
    async def story(works: Works) -> None:
        works.house.gates["gate"].ails.slow = 1.5
        began = asyncio.get_running_loop().time()
        assert await works.gate.set("other", "i-1", works.soon(0.5)) is True
        assert asyncio.get_running_loop().time() - began > 0.225

    at_work(story)


def test_switches_that_contradict_each_other_show_nothing() -> None:
    async def story(works: Works) -> None:
        works.house.gates["gate"].ails.drawn_switch = True
        assert (await works.gate.look()).exit is None

    at_work(story)


def test_a_cable_cut_after_the_send_leaves_it_unseen_and_the_gate_falls_back() -> None:
    async def story(works: Works) -> None:
        board = works.house.boards["relays"]
        real = board.write_coil  # type: ignore[union-attr]

        def then_cut(address: int, value: int, frame: bytes) -> None:
            real(address, value, frame)
            Faults(works.house).plant(Lose(kind="lose", link="gates", count=1))
            asyncio.get_running_loop().call_later(0.25, works.house.wires["gates"].unplug)

        board.write_coil = then_cut  # type: ignore[union-attr, method-assign]
        assert await works.gate.set("other", "i-1", works.soon(0.5)) is False
        await asyncio.sleep(5)
        assert works.house.gates["gate"].rests

    at_work(story)


def test_what_the_board_refuses_moved_nothing() -> None:
    async def story(works: Works) -> None:
        board = works.house.boards["relays"]

        def refused(*_given: Any) -> None:
            raise Refusal(4)

        board.write_coil = refused  # type: ignore[union-attr, method-assign]
        with pytest.raises(DeviceFault) as fault:
            await works.gate.set("other", "i-1", works.soon(0.5))
        assert fault.value.effect is Effect.NONE

    at_work(story)


@pytest.mark.parametrize("seed", range(10))
def test_in_bad_weather_a_confirmed_gate_is_drawn_and_each_decision_moves_it_once(seed: int) -> None:
    async def story(works: Works) -> None:
        works.house.blow(TCP)
        gate, sent, seen = works.house.gates["gate"], 0, 0
        for number in range(25):
            before = works.belts.log.count("gate_driven", "gate")
            try:
                confirmed = await works.gate.set("other", f"i-{number}", works.soon(0.5))
            except LinkFault as fault:
                confirmed = False
                if fault.effect is Effect.NONE:
                    assert works.belts.log.count("gate_driven", "gate") == before
                    continue
            sent += 1
            if confirmed:
                seen += 1
                assert gate.drawn
            await asyncio.sleep(5)
            assert gate.rests, "it fell back by itself"
        assert seen > 5
        assert works.belts.log.count("gate_driven", "gate") <= 2 * sent, "doubled on the wire at most"

    at_work(story, seed=seed)
