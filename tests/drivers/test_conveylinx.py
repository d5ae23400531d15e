"""The belt modules' driver against the simulated modules over the plant's belts: counts, acts, stops, cuts and weather."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from pymodbus.client import AsyncModbusTcpClient

from drivers.capabilities import Answer, ConveyorLook
from drivers.conveyors.conveylinx import ConveyLinxModule
from drivers.faults import DeviceFault, Effect, LinkFault
from drivers.link import Link, Timing
from drivers.modbus import TcpFramer, Unit
from drivers.transports.tcp import open_tcp
from drivers.wirelog import WireLog
from firmware_protocols.modbus_maps import conveylinx as belt_map
from simulators.faults.faults import Faults
from simulators.faults.links import Garble, Late, Lose
from simulators.house import House
from simulators.serve import serve_tcp
from simulators.weather import Mishap, Storm
from tests.drivers.belt import TCP, Works, at_work, belt_site


def counted(look: ConveyorLook) -> dict[str, tuple[int, int]]:
    return {id: (zone.arrivals, zone.departures) for id, zone in look.zones.items()}


def test_cartons_are_counted_and_zones_seen_as_they_stand() -> None:
    async def story(works: Works) -> None:
        before = await works.a.look(), await works.b.look()
        assert [zone.state for look in before for zone in look.zones.values()] == ["clear"] * 4
        for number in range(3):
            works.belts.put(f"T-{number}", "in", 300)
            await asyncio.sleep(3)
        await asyncio.sleep(5)
        a, b = await works.a.look(), await works.b.look()
        assert counted(a) == {"in": (3, 2), "fork": (2, 1)}
        assert counted(b) == {"pack": (1, 0), "lane": (0, 0)}
        assert [(zone.state, zone.eye) for zone in a.zones.values()] == [("blocked", True)] * 2
        assert (b.zones["pack"].eye, b.zones["lane"].eye) == (True, False)
        assert (a.counting, a.epoch, a.stopped, a.faults) == (1, 1, frozenset(), frozenset())
        assert a.at < b.at

    at_work(story)


def test_the_motors_may_be_the_other_way_round() -> None:
    async def story(works: Works) -> None:
        works.belts.put("T-1", "in", 300)
        works.belts.belts["in"].ails.motor = True
        await asyncio.sleep(1)
        look = await works.a.look()
        assert look.zones["in"].faults == {"motor-error", "motor-not-connected"}
        assert look.zones["fork"].faults == frozenset()
        works.belts.belts["in"].ails.motor = False
        works.belts.touch()
        await asyncio.sleep(3)
        look = await works.a.look()
        assert [zone.eye for zone in look.zones.values()] == [False, False]
        works.belts.put("T-2", "in", 300)
        await asyncio.sleep(10)
        assert [zone.eye for zone in (await works.a.look()).zones.values()] == [False, True]

    at_work(story, ('link = "belt-a"', 'link = "belt-a"\nflow = "right-to-left"'))


def test_a_release_lets_one_carton_go_and_holds_the_next() -> None:
    async def story(works: Works) -> None:
        assert await works.a.hold("fork", True, "i-1", works.soon()) is Answer.ACCEPTED
        for number in range(2):
            works.belts.put(f"T-{number}", "in", 300)
            await asyncio.sleep(5)
        assert counted(await works.a.look()) == {"in": (2, 1), "fork": (1, 0)}
        release = await works.a.release("fork", "i-2", works.soon())
        assert (release.answer, release.count) == (Answer.ACCEPTED, 1)
        await asyncio.sleep(6)
        look = await works.a.look()
        assert look.zones["fork"].releases == release.count, "the module has taken it in"
        assert counted(look) == {"in": (2, 2), "fork": (2, 1)}
        assert counted(await works.b.look())["pack"] == (1, 0)
        works.belts.take("T-0")
        await asyncio.sleep(10)
        assert counted(await works.a.look())["fork"] == (2, 1), "the next one is held"
        assert await works.a.hold("fork", False, "i-3", works.soon()) is Answer.ACCEPTED
        await asyncio.sleep(5)
        assert counted(await works.a.look())["fork"] == (2, 2)
        assert [len(works.written("belt-a", register)) for register in (184, 185)] == [2, 1]

    at_work(story)


@pytest.mark.parametrize("mishap", ["late", "duplicate"])
def test_a_release_that_arrives_late_or_twice_lets_one_carton_go(mishap: str) -> None:
    """Parked in an adapter for 3 s, or doubled on its way: the same value is no change, and a look settles what was silent."""

    async def story(works: Works) -> None:
        await works.a.hold("fork", True, "i-1", works.soon())
        for number in range(2):
            works.belts.put(f"T-{number}", "in", 300)
            await asyncio.sleep(5)
        on_the_way = works.house.wires["belt-a"].to_board.mishaps
        module = works.house.conveyors["module-a"]
        real, asked = module.words, module.words

        def after_the_question(function: int, address: int, count: int) -> list[int]:
            on_the_way.append(Mishap(mishap, seconds=3.0))  # type: ignore[arg-type]
            module.words = real  # type: ignore[method-assign]
            return asked(function, address, count)

        module.words = after_the_question  # type: ignore[method-assign]
        release = await works.a.release("fork", "i-2", works.soon())
        assert release.answer is (Answer.SILENT if mishap == "late" else Answer.ACCEPTED)
        await asyncio.sleep(10)
        works.belts.take("T-0")
        await asyncio.sleep(10)
        look = await works.a.look()
        assert look.zones["fork"].releases == release.count
        assert works.belts.log.count("eye_clear", "fork") == 1
        assert len(works.written("belt-a", 185)) == 1

    at_work(story)


def test_a_lost_reply_leaves_a_release_silent_and_a_look_settles_it() -> None:
    async def story(works: Works) -> None:
        await works.a.hold("fork", True, "i-1", works.soon())
        works.belts.put("T-1", "in", 300)
        await asyncio.sleep(6)
        fork = works.house.conveyors["module-a"].zones[1]
        real = fork.write_release
        written: list[int] = []

        def write_release(count: int) -> None:
            written.append(count)
            Faults(works.house).plant(Lose(kind="lose", link="belt-a", count=1))
            real(count)

        fork.write_release = write_release  # type: ignore[method-assign]
        release = await works.a.release("fork", "i-2", works.soon())
        assert release.answer is Answer.SILENT
        assert (await works.a.look()).zones["fork"].releases == release.count
        assert written == [1], "one send, never a second"

    at_work(story)


def test_counters_over_their_end_and_looks_that_were_lost() -> None:
    """The module's counters stand just below 65,536; no look is answered for a while, and not one carton is missed."""

    async def story(works: Works) -> None:
        zone = works.house.conveyors["module-a"].zones[0]
        zone.arrivals = zone.departures = 65_534
        began = await works.a.look()
        for number in range(12):
            works.belts.put(f"T-{number}", "in", 300)
            await asyncio.sleep(2.5)
            if number % 4 == 1:
                Faults(works.house).plant(Lose(kind="lose", link="belt-a", count=2))
                await works.a.look()
            for id in ("pack", "lane"):
                for body in [body.id for body in works.belts.bodies.values() if body.belt.id == id and body.front > 640]:
                    works.belts.take(body)
        await asyncio.sleep(10)
        look = await works.a.look()
        assert look.counting == began.counting
        assert zone.arrivals == 10
        assert look.zones["in"].arrivals == 12 == works.belts.log.count("eye_blocked", "in")
        assert look.zones["in"].departures == works.belts.log.count("eye_clear", "in")

    at_work(story)


def test_a_sensor_jam_is_seen_stands_after_three_tries_and_ends_by_a_persons_edge() -> None:
    async def story(works: Works) -> None:
        works.belts.belts["fork"].ails.motor = True
        works.belts.put("T-1", "in", 300)
        await asyncio.sleep(2)
        works.belts.hold("T-1", True)  # before the eye of `in`, held by a hand while its zone sends
        await asyncio.sleep(120)
        look = await works.a.look()
        assert look.zones["in"].faults == {"sensor-jam"}
        assert works.belts.log.count("motor_runs", "in") == 4, "once, and three tries"
        with pytest.raises(ValueError, match="who asked"):
            await works.a.clear_jam("in", "", "i-1", works.soon())
        works.belts.hold("T-1", False)
        works.belts.belts["fork"].ails.motor = False
        await asyncio.sleep(60)
        assert (await works.a.look()).zones["in"].faults == {"sensor-jam"}, "it does not end by itself"
        assert await works.a.clear_jam("in", "ann", "i-2", works.soon()) is Answer.ACCEPTED
        await asyncio.sleep(10)
        look = await works.a.look()
        assert look.zones["in"].faults == frozenset()
        assert look.zones["fork"].arrivals == 1
        assert await works.a.clear_jam("in", "ann", "i-3", works.soon()) is Answer.ACCEPTED
        assert [frame[-1] for frame in works.written("belt-a", 109)] == [1, 0, 1, 0], "an edge each time"

    at_work(story)


def test_an_edge_whose_bit_is_still_up_is_lowered_first() -> None:
    async def story(works: Works) -> None:
        module = works.house.conveyors["module-a"]
        module.write_word(108, 1)
        assert await works.a.clear_jam("in", "ann", "i-1", works.soon()) is Answer.ACCEPTED
        assert [frame[-1] for frame in works.written("belt-a", 109)] == [0, 1, 0]
        module.write_word(108, 1)
        real = module.write_word

        def lowered_unheard(address: int, value: int) -> None:
            real(address, value)
            Faults(works.house).plant(Lose(kind="lose", link="belt-a", count=1))

        module.write_word = lowered_unheard  # type: ignore[method-assign]
        assert await works.a.clear_jam("in", "ann", "i-2", works.soon()) is Answer.SILENT
        assert [frame[-1] for frame in works.written("belt-a", 109)] == [0, 1, 0, 0], "what was not heard is not gone on from"

    at_work(story)


def test_the_cable_falls_out_after_the_act_and_the_act_was_done() -> None:
    async def story(works: Works) -> None:
        module = works.house.conveyors["module-a"]
        real = module.write_word

        def then_cut(address: int, value: int) -> None:
            real(address, value)
            asyncio.get_running_loop().call_later(0.007, works.house.wires["belt-a"].unplug)

        module.write_word = then_cut  # type: ignore[method-assign]
        assert await works.a.clear_jam("in", "ann", "i-1", works.soon()) is Answer.ACCEPTED
        module.write_word = real  # type: ignore[method-assign]

    at_work(story)


def test_stop_goes_at_once_and_nothing_runs_again_without_a_person() -> None:
    async def story(works: Works) -> None:
        works.belts.put("T-1", "in", 300)
        await asyncio.sleep(1)
        assert await works.b.stop("somebody shouted") is Answer.ACCEPTED
        at = works.belts.where("T-1").front
        assert (await works.b.look()).stopped == {"commanded"}
        assert (await works.a.look()).stopped == {"other-module"}, "the group stands together"
        assert [zone.state for zone in (await works.a.look()).zones.values()] == ["busy", "busy"]
        await asyncio.sleep(300)
        assert works.belts.where("T-1").front == at
        with pytest.raises(ValueError, match="who asked"):
            await works.a.start("", "i-1", works.soon())
        assert works.written("belt-a", 20) == []
        assert await works.a.start("ann", "i-2", works.soon()) is Answer.ACCEPTED
        await asyncio.sleep(10)
        assert (await works.b.look()).zones["pack"].arrivals == 1

    at_work(story)


def test_a_cable_cut_stops_the_group_and_its_return_starts_nothing() -> None:
    async def story(works: Works) -> None:
        works.belts.put("T-1", "in", 300)
        first = await works.a.look()
        works.belts.hold("T-1", True)
        works.house.wires["belt-a"].unplug()
        await asyncio.sleep(15)
        with pytest.raises(LinkFault) as lost:
            await works.a.look()
        assert lost.value.effect is Effect.NONE
        works.belts.hold("T-1", False)
        works.house.wires["belt-a"].plug()
        await works.up()
        await asyncio.sleep(60)
        look = await works.a.look()
        assert (look.stopped, (await works.b.look()).stopped) == ({"lost-host"}, {"other-module"})
        assert look.epoch > first.epoch
        assert look.counting > first.counting, "a reconnected device is a stranger"
        assert counted(look)["in"] == (0, 0)
        assert works.belts.where("T-1").front < 650
        await works.a.start("ann", "i-1", works.soon())
        await asyncio.sleep(10)
        assert (await works.b.look()).zones["pack"].arrivals == 1

    at_work(story)


def test_a_module_that_loses_power_begins_anew_and_stands() -> None:
    async def story(works: Works) -> None:
        works.belts.put("T-1", "in", 300)
        await asyncio.sleep(6)
        first = await works.b.look()
        assert first.zones["pack"].arrivals == 1
        works.house.conveyors["module-b"].reboot(2.0)
        await asyncio.sleep(1)
        assert not works.devices.links["belt-b"].up
        await works.up()
        await asyncio.sleep(6)
        look = await works.b.look()
        assert (look.stopped, look.counting, look.zones["pack"].arrivals) == ({"lost-host"}, first.counting + 1, 0)
        assert (await works.a.look()).stopped == {"other-module"}
        await works.b.start("ann", "i-1", works.soon())
        assert (await works.a.look()).stopped == frozenset()

    at_work(story)


def test_a_restart_that_no_link_noticed_is_still_one() -> None:
    """The flag says so, or a counter that has gone back does: what was counted before is not gone on from."""

    async def story(works: Works) -> None:
        module = works.house.conveyors["module-a"]
        works.belts.put("T-1", "in", 300)
        await asyncio.sleep(6)
        assert (await works.a.look()).counting == 1
        module._booted_at = asyncio.get_running_loop().time()
        look = await works.a.look()
        assert (look.counting, look.faults, counted(look)["in"]) == (2, {"reset"}, (0, 0))
        assert (await works.a.look()).counting == 2
        module.zones[0].arrivals = module.zones[0].departures = 0
        assert (await works.a.look()).counting == 3

    at_work(story)


def test_what_the_module_refuses_is_a_device_fault_and_unknown_zones_are_not_its_own() -> None:
    async def story(works: Works) -> None:
        assert isinstance(works.a, ConveyLinxModule)
        with pytest.raises(DeviceFault) as refused:
            await works.a._read(600)
        assert refused.value.facts["exception"] == 2
        with pytest.raises(KeyError):
            await works.a.release("pack", "i-1", works.soon())
        with pytest.raises(LinkFault) as late:
            await works.a.hold("in", True, "i-1", works.soon(-1))
        assert (late.value.code, late.value.effect) == ("deadline-passed", Effect.NONE)
        assert works.written("belt-a", 104) == []
        assert (works.a.link_id, works.a.longest_effect_s) == ("belt-a", 1.0)

    at_work(story)


def test_answers_are_matched_to_the_word() -> None:
    _, words = Unit("modbus-tcp", 1).read_registers(belt_map.RELEASES[0], 2)
    assert words(bytes.fromhex("00 00 00 00 00 07 01 03 04 00 01 00 02")) == (1, 2)
    assert words(bytes.fromhex("00 00 00 00 00 05 01 03 02 00 01")) is None, "shorter than was asked for"
    assert words(bytes.fromhex("00 00 00 00 00 07 01 04 04 00 01 00 02")) is None
    _, echo = Unit("modbus-tcp", 1).write_register(104, 4)
    assert echo(bytes.fromhex("00 00 00 00 00 06 01 06 00 68 00 04")) is True
    assert echo(bytes.fromhex("00 00 00 00 00 06 01 06 00 68 00 05")) is None


@pytest.mark.parametrize("storm", [TCP, "hostile"], ids=["tcp", "hostile"])
@pytest.mark.parametrize("seed", range(6))
def test_in_bad_weather_counts_are_the_truth_and_each_release_lets_one_go(seed: int, storm: Storm | str) -> None:
    """Lost, late, doubled, split frames, and garbled ones: 30 releases under intents of their own, each sent once."""

    async def story(works: Works) -> None:
        await works.a.hold("fork", True, "i-0", works.soon())
        works.house.blow(storm)
        sent = set()
        for number in range(30):
            if not any(body.belt.id == "in" for body in works.belts.bodies.values()):
                works.belts.put(f"T-{number}", "in", 300)
            await asyncio.sleep(4)
            if works.belts.belts["fork"].eye:
                sent.add(number)
                with suppress(LinkFault, DeviceFault):
                    await works.a.release("fork", f"i-{number}", works.soon())
            await asyncio.sleep(3)
            for body in [body.id for body in works.belts.bodies.values() if body.belt.id == "pack" and body.front > 640]:
                works.belts.take(body)
        works.house.blow("calm")
        for wire in works.house.wires.values():
            wire.plug()
        await works.up()
        look = await works.a.look()
        left = works.belts.log.count("eye_clear", "fork")
        assert 0 < left <= len(sent), "never more than one for each intent"
        if look.counting == 1:
            assert look.zones["fork"].arrivals == works.belts.log.count("eye_blocked", "fork")
            assert look.zones["fork"].departures == left

    at_work(story, ('link = "belt-a"', 'link = "belt-a"\nlost_host_s = 0'), seed=seed)


@pytest.mark.parametrize("mishap", [Lose, Garble, Late])
def test_a_look_is_asked_again_when_one_reply_is_lost_late_or_garbled(mishap: Any) -> None:
    async def story(works: Works) -> None:
        Faults(works.house).plant(mishap(kind=mishap.__name__.lower(), link="belt-a", count=1))
        assert (await works.a.look()).stopped == frozenset()
        assert works.devices.links["belt-a"].figures.timeouts >= (mishap is not Garble)

    at_work(story)


# --- TCP


async def test_over_tcp_and_a_third_partys_master() -> None:
    """pymodbus' client and our driver on one module: the maker's words are read by both, a write by one is seen by the other."""
    house = House(belt_site())
    server = await serve_tcp(house.wires["belt-a"], "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=5)

    async def dial() -> Any:
        return await open_tcp("127.0.0.1", port, 3.0)

    link = Link("belt-a", dial, TcpFramer, Timing(0.0, 1.0, 1.5), WireLog(), lambda low, high: high)
    module = ConveyLinxModule(link, house.site.conveyors[0])
    up = asyncio.Event()
    link.watch(lambda change: up.set())
    try:
        assert await client.connect()
        whole = (await client.read_holding_registers(1499, count=21, device_id=1)).registers
        assert (whole[:6], whole[12:14], whole[20]) == ([1, 1, 0, 0, 0, 0], [0, 0], 0)
        assert (await client.read_holding_registers(1500, count=1, device_id=1)).exception_code == 2
        assert (await client.read_holding_registers(0, count=46, device_id=1)).exception_code == 3
        assert (await client.read_coils(0, count=1, device_id=1)).exception_code == 1
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(link.run())
            await up.wait()
            await client.write_registers(1599, [7, 0, 0, 0, 1, 0], device_id=1)
            assert (await client.read_holding_registers(103, count=1, device_id=1)).registers == [1]
            assert (await client.read_holding_registers(1499, count=21, device_id=1)).registers[8] == 7
            both = await client.readwrite_registers(read_address=1499, read_count=2, write_address=1599, values=[8], device_id=1)
            assert both.registers == [1, 1]
            house.belts.put("T-1", "in", 300)
            await house.belts.log.until(lambda: house.belts.belts["in"].eye, 5)
            assert (await module.look()).zones["in"].arrivals == 1
            release = await module.release("in", "i-1", asyncio.get_running_loop().time() + 5)
            assert release.answer is Answer.ACCEPTED
            await house.belts.log.until(lambda: house.belts.log.count("eye_clear", "in") == 1, 5)
            assert (await client.read_holding_registers(1499, count=21, device_id=1)).registers[3] == 1
            running.cancel()
    finally:
        client.close()
        house.clear()
        server.close()
        await server.wait_closed()
