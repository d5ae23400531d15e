"""The relay board: the maker's bytes, our driver against our board over both kinds of Modbus, and a third party's master."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

from drivers.capabilities import Answer
from drivers.faults import DeviceFault
from drivers.link import Link, Timing
from drivers.locks.waveshare_relay_d import WaveshareRelayBoard
from drivers.modbus import Mode, RtuFramer, TcpFramer, Unit, framer
from drivers.wirelog import WireLog
from simulators.boards.waveshare_relay_d import WaveshareRelay
from simulators.modbus_device import SerialLine, TcpStation, crc
from simulators.plant.drawer import Drawer
from simulators.plant.truth import TruthLog
from simulators.serve import Pty, memory, serve_tcp
from simulators.wire import Wire
from sites.models import Lock, WaveshareRelayPart
from tests.kit import virtual_loop

PART = WaveshareRelayPart(id="relays", driver="waveshare-relay-d", link="relays")
LOCKS = [Lock(board="relays", channel=n) for n in (1, 2, 3, 4)]


class Bench:
    def __init__(self, mode: Mode) -> None:
        self.truth = TruthLog()
        self.drawers = [Drawer(f"R-0{n}", self.truth) for n in (1, 2, 3, 4)]
        self.relay = WaveshareRelay(PART, {lock.channel: (lock, d) for lock, d in zip(LOCKS, self.drawers, strict=True)})
        self.wire = Wire()
        self.line = (SerialLine if mode == "modbus-rtu" else TcpStation)([self.relay], self.wire.say)
        self.wire.line = self.line
        self.link = Link(
            "relays",
            lambda: memory(self.wire),
            framer(mode),
            Timing(0.005, 0.2, 0.4),
            WireLog(),
            lambda low, high: high,
        )
        self.board = WaveshareRelayBoard(self.link, mode, PART, LOCKS)

    def clear(self) -> None:
        self.line.clear()
        self.relay.clear()
        for drawer in self.drawers:
            drawer.clear()


def test_the_makers_bytes() -> None:
    """Request bytes of the maker's page; CRCs as printed there."""
    unit = Unit("modbus-rtu", 1)
    assert unit.pulse(0x200, 7)[0]() == bytes.fromhex("01 05 02 00 00 07 8D B0")
    assert unit.read_inputs(0, 8)[0]() == bytes.fromhex("01 02 00 00 00 08 79 CC")


PAPER = {
    "01 05 00 00 FF 00 8C 3A": "01 05 00 00 FF 00 8C 3A",
    "01 05 00 00 00 00 CD CA": "01 05 00 00 00 00 CD CA",
    "01 05 00 00 55 00 F2 9A": "01 05 00 00 55 00 F2 9A",
    "01 05 00 FF FF 00 BC 0A": "01 05 00 FF FF 00 BC 0A",
    "01 05 02 00 00 07 8D B0": "01 05 02 00 00 07 8D B0",
    "01 0F 00 00 00 08 01 FF BE D5": "01 0F 00 00 00 08 54 0D",
    "01 03 80 00 00 01 AD CA": "01 03 02 00 C8 B9 D2",
    "01 02 00 00 00 08 79 CC": "01 02 01 FF E1 C8",
}


@pytest.mark.parametrize("asked", PAPER)
def test_the_board_answers_the_makers_bytes(asked: str) -> None:
    """Questions and echoes as printed; for 02 and 03 the answer's CRC is the specification's over the data said."""

    async def play() -> list[bytes]:
        bench = Bench("modbus-rtu")
        said: list[bytes] = []
        bench.wire.connect(said.append, lambda: None)
        for byte in bytes.fromhex(asked):
            bench.wire.heard(bytes([byte]))
        await asyncio.sleep(0.1)
        bench.clear()
        return said

    answer = bytes.fromhex(PAPER[asked])
    assert answer[-2:] == crc(answer[:-2])
    assert virtual_loop.run(play()) == [answer]


@pytest.mark.parametrize("hurt", ["01 05 00 00 FF 00 8C 3B", "02 05 00 00 FF 00 8C 09", "00 05 00 00 FF 00 8D EB"])
def test_silence_on_a_wrong_sum_another_unit_and_a_broadcast(hurt: str) -> None:
    async def play() -> list[bytes]:
        bench = Bench("modbus-rtu")
        said: list[bytes] = []
        bench.wire.connect(said.append, lambda: None)
        bench.wire.heard(bytes.fromhex(hurt))
        await asyncio.sleep(0.1)
        bench.clear()
        return said

    assert virtual_loop.run(play()) == []


@pytest.mark.parametrize("mode", ["modbus-rtu", "modbus-tcp"])
def test_a_release_pulses_once_and_the_inputs_tell(mode: Mode) -> None:
    async def play() -> None:
        bench = Bench(mode)
        up = asyncio.Event()
        bench.link.watch(lambda change: up.set())
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(bench.link.run())
            await up.wait()
            before = await bench.board.look()
            assert await bench.board.release(3, "intent-1", 10) is Answer.ACCEPTED
            await asyncio.sleep(0.1)
            after = await bench.board.look()
            bench.drawers[2].pull()
            await asyncio.sleep(1)
            opened = await bench.board.look()
            with pytest.raises(ValueError, match="1 to 4"):
                await bench.board.release(5, "intent-2", 10)
            running.cancel()
        assert [look.latched for look in before.values()] == [True] * 4
        assert [look.latched for look in after.values()] == [True, True, False, True]
        assert (opened[3].shut, opened[4].shut) == (False, True)
        assert [(e.drawer, e.channel) for e in bench.truth.pulses()] == [("R-03", 3)]
        ends = [e.at for e in bench.truth.edges if e.what == "pulse_end"]
        assert ends == pytest.approx([bench.truth.pulses()[0].at + 0.7])
        bench.clear()

    virtual_loop.run(play())


def test_an_exception_reply_is_a_device_fault_and_a_foreign_answer_is_none() -> None:
    _, match = Unit("modbus-rtu", 1).read_inputs(0, 8)
    with pytest.raises(DeviceFault, match="device-refused"):
        match(bytes.fromhex("01 82 02 C1 61"))
    assert match(bytes.fromhex("02 02 01 FF 11 C8")) is None
    assert match(bytes.fromhex("01 02 02 FF FF B8 38")) is None
    _, echo = Unit("modbus-rtu", 1).pulse(0x200, 7)
    assert echo(bytes.fromhex("01 05 02 00 00 07 8D B0")) is True
    assert echo(bytes.fromhex("01 05 02 00 FF 00 8C 42")) is None, "True in a coil is not the value that was sent"
    _, other = Unit("modbus-tcp", 1).read_inputs(0, 8)
    assert other(bytes.fromhex("00 09 00 00 00 04 01 02 01 FF")) is None


@pytest.mark.parametrize("kind", [RtuFramer, TcpFramer])
def test_framers_resynchronise_and_hold_little(kind: Any) -> None:
    rtu = bytes.fromhex("01 02 01 FF E1 C8")
    tcp = bytes.fromhex("00 01 00 00 00 04 01 02 01 FF")
    frame = rtu if kind is RtuFramer else tcp
    one = kind()
    assert [f for b in b"\xff\xff\xff" + frame + frame for f in one.feed(bytes([b]))][-1] == frame
    for filler in (b"\x00", b"\xff", b"\x01\x03", b"\x01\x83"):
        one.feed(filler * 5000)
        assert len(one._held) <= 300
    one.reset()
    assert one.feed(frame) == [frame]


async def master_reads_and_pulses(client: Any, bench: Bench) -> None:
    assert await client.connect()
    coils = await client.read_coils(0, count=8, device_id=1)
    inputs = await client.read_discrete_inputs(0, count=8, device_id=1)
    version = await client.read_holding_registers(0x8000, count=1, device_id=1)
    await client.write_coil(1, True, device_id=1)
    closed = await client.read_coils(0, count=8, device_id=1)
    client.close()
    assert coils.bits[:8] == [False] * 8
    assert inputs.bits[:8] == [True] * 8
    assert version.registers == [200]
    assert closed.bits[:8] == [False, True, *[False] * 6]
    assert [e.drawer for e in bench.truth.pulses()] == ["R-02"]


async def test_a_third_partys_master_over_tcp() -> None:
    bench = Bench("modbus-tcp")
    server = await serve_tcp(bench.wire, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        await master_reads_and_pulses(AsyncModbusTcpClient("127.0.0.1", port=port, timeout=5), bench)
    finally:
        bench.clear()
        server.close()
        await server.wait_closed()


async def test_a_third_partys_master_over_a_pty(tmp_path: Path) -> None:
    bench = Bench("modbus-rtu")
    pty = Pty(bench.wire, tmp_path / "relays")
    try:
        await master_reads_and_pulses(AsyncModbusSerialClient(str(tmp_path / "relays"), baudrate=9600, timeout=5), bench)
    finally:
        bench.clear()
        pty.close()
