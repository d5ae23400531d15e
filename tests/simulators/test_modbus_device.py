"""Our Modbus slave against the printed examples, and against third parties' masters over TCP and over a PTY."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

from simulators.house import House
from simulators.modbus_device import crc
from simulators.serve import Pty, serve_tcp
from tests.kit import virtual_loop
from tests.simulators.far import Far, on
from tests.simulators.small import small_site

ALL_SHUT = "FF"


async def rtu(far: Far, request: str, within_s: float = 0.1) -> str:
    """A request without its CRC; the answer without its CRC, which must hold."""
    asked = bytes.fromhex(request)
    said = await far.say(asked + crc(asked), within_s)
    assert said == b"" or said[-2:] == crc(said[:-2])
    return said[:-2].hex(" ").upper()


def test_the_crc_of_the_specification() -> None:
    assert crc(bytes.fromhex("02 07")) == bytes.fromhex("41 12"), "Serial Line 1.02, 6.2.2"
    assert crc(b"123456789") == bytes.fromhex("37 4B"), "the catalogue's check value of CRC-16/MODBUS"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("07 01 00 00 00 08", "07 01 01 00"),
        ("07 02 00 00 00 08", "07 02 01 03"),
        ("07 02 00 01 00 02", "07 02 01 01"),
        ("07 03 80 00 00 01", "07 03 02 00 C8"),
        ("07 03 40 00 00 01", "07 03 02 00 07"),
        ("07 03 10 00 00 08", "07 03 10" + " 00" * 16),
        ("07 06 10 02 00 01", "07 06 10 02 00 01"),
        ("07 0F 00 00 00 08 01 FF", "07 0F 00 00 00 08"),
    ],
)
def test_what_it_has_it_says(asked: str, said: str) -> None:
    async def tell(far: Far) -> None:
        assert await rtu(far, asked) == said

    on("relaybus", tell)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("07 01 00 00 00 09", 2),
        ("07 01 00 00 00 00", 3),
        ("07 01 00 00 07 D1", 3),
        ("07 02 00 08 00 01", 2),
        ("07 03 00 00 00 01", 2),
        ("07 03 40 00 00 7E", 3),
        ("07 04 40 00 00 01", 2),
        ("07 05 00 08 FF 00", 2),
        ("07 05 00 00 12 34", 3),
        ("07 05 03 00 FF 00", 2),
        ("07 05 02 FF 00 07", 2),
        ("07 06 00 00 00 01", 2),
        ("07 06 40 00 00 F8", 3),
        ("07 0F 00 04 00 08 01 FF", 2),
        ("07 0F 00 00 00 08 02 FF FF", 3),
        ("07 10 00 00 00 01 02 00 00", 1),
        ("07 2B 0E 01 00", 1),
        ("07 07", 1),
    ],
)
def test_each_exception_has_its_code(asked: str, code: int) -> None:
    async def tell(far: Far) -> None:
        unit, function = bytes.fromhex(asked)[:2]
        assert await rtu(far, asked) == f"{unit:02X} {function | 0x80:02X} {code:02X}"
        assert far.house.plant.truth.pulses() == []

    on("relaybus", tell)


def test_silence_on_a_wrong_crc_another_unit_and_a_broadcast_which_is_obeyed() -> None:
    async def tell(far: Far) -> None:
        assert await far.say("07 05 00 00 FF 00 00 00") == b""
        assert await rtu(far, "08 05 00 00 FF 00") == ""
        assert far.house.plant.truth.pulses() == []
        assert await rtu(far, "00 05 00 00 FF 00") == ""
        assert [edge.drawer for edge in far.house.plant.truth.pulses()] == ["S-01"]
        assert await rtu(far, "00 06 40 00 00 09") == ""
        assert await rtu(far, "07 03 40 00 00 01") == ""
        assert await rtu(far, "09 03 40 00 00 01") == "09 03 02 00 09"

    on("relaybus", tell)


def test_bytes_one_by_one_two_in_one_and_noise_before_silence() -> None:
    async def tell(far: Far) -> None:
        whole = bytes.fromhex("07 03 80 00 00 01")
        whole += crc(whole)
        for byte in whole:
            far.end.write(bytes([byte]))
            await asyncio.sleep(0.003)
        once = await far.say(b"")
        assert once.hex(" ") == "07 03 02 00 c8 31 d2"
        assert await far.say(whole * 2) == once * 2
        assert await far.say(b"\xff" * 300) == b""
        assert await far.say(whole[:4], 0.02) == b""
        assert await far.say(whole) == once, "silence has ended the half frame"

    on("relaybus", tell)


def test_relays_close_open_toggle_flash_and_all() -> None:
    async def tell(far: Far) -> None:
        drawer = far.house.plant.drawers["S-01"]
        for asked, driven in (
            ("07 05 00 00 FF 00", True),
            ("07 05 00 00 55 00", False),
            ("07 05 00 FF FF 00", True),
            ("07 05 00 FF 00 00", False),
            ("07 05 02 00 00 07", True),
        ):
            assert await rtu(far, asked) == asked
            assert drawer.driven is driven, asked
        began = far.house.plant.truth.pulses("S-01")[-1].at
        await asyncio.sleep(1)
        assert far.house.plant.truth.edges[-1].at == pytest.approx(began + 0.7)
        assert await rtu(far, "07 05 02 00 00 07") == "07 05 02 00 00 07"
        assert await rtu(far, "07 05 02 00 00 07") == "07 05 02 00 00 07"
        assert len(far.house.plant.truth.pulses("S-01")) == 5, "a flash while it is closed is one more pulse"
        assert await rtu(far, "07 05 04 00 00 05") == "07 05 04 00 00 05"
        assert not drawer.driven
        await asyncio.sleep(1)
        assert drawer.driven, "a flash off closes again"
        far.house.boards["relay-r"].reboot()
        assert not drawer.driven
        await asyncio.sleep(1)
        assert await rtu(far, "07 01 00 00 00 08") == "07 01 01 00"

    on("relaybus", tell)


def test_pipelined_requests_are_answered_in_order_with_their_transactions() -> None:
    async def tell(far: Far) -> None:
        asked = [f"{n:04X} 0000 0006 01 02 0000 0008" for n in range(1, 6)]
        said = await far.say("".join(asked))
        assert said.hex(" ", 2).upper() == " ".join(f"{n:04X} 0000 0004 0102 01{ALL_SHUT}" for n in range(1, 6))
        for unit in ("00", "FF"):
            assert await far.hex(f"0009 0000 0006 {unit} 01 0000 0008") == f"00 09 00 00 00 04 {unit} 01 01 00"
        assert await far.hex("0009 0000 0006 02 01 0000 0008") == "", "another unit"
        assert await far.hex("0009 0001 0006 01 01 0000 0008") == "", "another protocol"
        assert await far.hex("0009 0000 0003 01 08 00") == "00 09 00 00 00 03 01 88 01"
        assert await far.hex("0009 0000 0003 01 01 00") == "00 09 00 00 00 03 01 81 03", "too short for its function"
        assert await far.hex("0009 0000 00") == ""
        assert await far.hex("06 01 01 0000 0008") == "00 09 00 00 00 04 01 01 01 00"

    on("relays", tell)


def test_each_connection_has_its_own_answers() -> None:
    async def play() -> None:
        house = House(small_site())
        one, two = Far(house, await house.dial("relays")), Far(house, await house.dial("relays"))
        assert await one.say("0001 0000 0006 01 01 0000 0008") != b""
        assert await two.say(b"") == b""
        house.clear()

    virtual_loop.run(play())


def test_a_dead_relay_board_is_silent() -> None:
    async def tell(far: Far) -> None:
        far.house.boards["relay-t"].deaf = True
        assert await far.say("0001 0000 0006 01 01 0000 0008") == b""

    on("relays", tell)


# --- third parties


async def over_tcp(play: Callable[[House, int], Awaitable[None]]) -> None:
    house = House(small_site())
    server = await serve_tcp(house.wires["relays"], "127.0.0.1", 0)
    try:
        await play(house, server.sockets[0].getsockname()[1])
    finally:
        house.wires["relays"].unplug()
        house.clear()
        server.close()
        await server.wait_closed()


async def reads_and_pulses(client: Any, house: House, unit: int, drawer: str) -> None:
    assert await client.connect()
    try:
        assert (await client.read_coils(0, count=8, device_id=unit)).bits[:8] == [False] * 8
        assert (await client.read_discrete_inputs(0, count=2, device_id=unit)).bits[:2] == [True, True]
        assert (await client.read_holding_registers(0x8000, count=1, device_id=unit)).registers == [200]
        assert (await client.read_coils(8, count=1, device_id=unit)).exception_code == 2
        await client.write_coil(0, True, device_id=unit)
        assert (await client.read_coils(0, count=1, device_id=unit)).bits[0] is True
        async with asyncio.timeout(5):
            while (await client.read_discrete_inputs(0, count=1, device_id=unit)).bits[0]:
                continue
        await client.write_coils(0, [False] * 8, device_id=unit)
    finally:
        client.close()
    assert [edge.drawer for edge in house.plant.truth.pulses()] == [drawer]


async def test_pymodbus_over_tcp() -> None:
    async def play(house: House, port: int) -> None:
        await reads_and_pulses(AsyncModbusTcpClient("127.0.0.1", port=port, timeout=5), house, 1, "R-01")

    await over_tcp(play)


async def test_pymodbus_over_a_pty(tmp_path: Path) -> None:
    house = House(small_site())
    pty = Pty(house.wires["relaybus"], tmp_path / "relaybus")
    try:
        client = AsyncModbusSerialClient(str(tmp_path / "relaybus"), baudrate=9600, timeout=5)
        await reads_and_pulses(client, house, 7, "S-01")
    finally:
        house.clear()
        pty.close()


async def mbpoll(*given: str) -> str:
    """Runs libmodbus' master; gives what it printed."""
    running = await asyncio.create_subprocess_exec("mbpoll", "-1", "-q", *given, stdout=-1, stderr=-1)
    printed, wrong = await running.communicate()
    assert running.returncode == 0, wrong.decode()
    return printed.decode()


def values(printed: str) -> list[str]:
    """The values in mbpoll's table."""
    return [line.split()[1] for line in printed.splitlines() if line.startswith("[")]


needs_mbpoll = pytest.mark.skipif(shutil.which("mbpoll") is None, reason="mbpoll (libmodbus) is not installed")


@needs_mbpoll
async def test_libmodbus_over_tcp() -> None:
    async def play(house: House, port: int) -> None:
        wire = ("-m", "tcp", "-p", str(port), "-a", "1")
        assert values(await mbpoll(*wire, "-t", "0", "-c", "8", "127.0.0.1")) == ["0"] * 8
        assert values(await mbpoll(*wire, "-t", "1", "-c", "8", "127.0.0.1")) == ["1"] * 8
        await mbpoll(*wire, "-t", "0", "-r", "3", "127.0.0.1", "1")
        assert values(await mbpoll(*wire, "-t", "0", "-c", "8", "127.0.0.1")) == ["0", "0", "1", *"00000"]
        assert [edge.drawer for edge in house.plant.truth.pulses()] == ["R-03"]

    await over_tcp(play)


@needs_mbpoll
async def test_libmodbus_over_a_pty(tmp_path: Path) -> None:
    house = House(small_site())
    pty = Pty(house.wires["relaybus"], tmp_path / "relaybus")
    wire = ("-m", "rtu", "-b", "9600", "-P", "none", "-a", "7")
    try:
        port = str(tmp_path / "relaybus")
        assert values(await mbpoll(*wire, "-t", "1", "-c", "8", port)) == ["1", "1", *"000000"]
        await mbpoll(*wire, "-t", "0", "-r", "1", port, "1")
        assert [edge.drawer for edge in house.plant.truth.pulses()] == ["S-01"]
    finally:
        house.clear()
        pty.close()
