"""The simulated belt module's dialogue by its raw frames: assemblies, limits, words, and what stays silent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from simulators.house import House
from tests.kit import virtual_loop
from tests.simulators.belts import belt_house, control
from tests.simulators.far import Far
from tests.simulators.small import small_site


def at(tell: Callable[[Far], Awaitable[None]], *edits: tuple[str, str]) -> None:
    async def play() -> None:
        house = belt_house(*edits)
        end = await house.dial("belt-a")
        await tell(Far(house, end))
        end.close()
        house.clear()

    virtual_loop.run(play())


async def pdu(far: Far, request: str) -> str:
    """One request's PDU; the answer's."""
    asked = bytes.fromhex(request)
    said = await far.say(b"\0\1\0\0" + (len(asked) + 1).to_bytes(2, "big") + b"\1" + asked)
    assert said[:4] == b"\0\1\0\0"
    return said[7:].hex(" ").upper()


def words(said: str) -> list[int]:
    data = bytes.fromhex(said)[2:]
    return [int.from_bytes(data[place : place + 2], "big") for place in range(0, len(data), 2)]


def test_the_input_assembly_is_told_from_its_first_register() -> None:
    async def tell(far: Far) -> None:
        said = words(await pdu(far, "03 05 DB 00 15"))
        assert len(said) == 21
        assert said[:2] == [1, 1]
        assert said[18] >> 15 == 1, "heartbeat: 2 s on"
        assert words(await pdu(far, "03 05 DB 00 02")) == [1, 1]
        await asyncio.sleep(2)
        assert words(await pdu(far, "03 05 DB 00 15"))[18] >> 15 == 0, "2 s off"
        far.house.belts.put("T-1", "in", 300)
        await asyncio.sleep(0.1)
        said = words(await pdu(far, "03 05 DB 00 15"))
        assert (said[0], said[18] & 0x7FFF) == (2, 0), "accepting, and its mouth is clear again"
        await asyncio.sleep(3)
        said = words(await pdu(far, "03 05 DB 00 15"))
        assert said[:6] == [1, 1, 1, 1, 1, 1]
        assert words(await pdu(far, "03 0B 53 00 0C"))[:10] == [1, 1, 1, 1, 1, 1, 0, 0, 0, 0], "the reduced one"

    at(tell)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("03 05 DC 00 01", "83 02"),
        ("03 05 DB 00 16", "83 02"),
        ("03 00 00 00 2E", "83 03"),
        ("03 01 FF 00 02", "83 02"),
        ("04 05 DB 00 01", "84 01"),
        ("01 00 00 00 01", "81 01"),
        ("05 00 00 FF 00", "85 01"),
        ("0F 00 00 00 01 01 01", "8F 01"),
        ("06 00 69 00 01", "86 02"),
        ("06 02 58 00 01", "86 02"),
        ("06 06 47 00 01", "86 02"),
        ("10 05 DB 00 01 02 00 00", "90 02"),
        ("10 06 3F 00 02 02 00 00", "90 03"),
        ("10 06 3F 00", "90 03"),
        ("17 05 DB 00 02 06 3F 00 01 02 00 07", "17 04 00 01 00 01"),
        ("10 06 3F 00 05 0A 00 07 00 00 00 00 00 00 00 01", "10 06 3F 00 05"),
        ("06 06 43 00 01", "06 06 43 00 01"),
    ],
)
def test_each_request_has_its_answer(asked: str, said: str) -> None:
    async def tell(far: Far) -> None:
        assert await pdu(far, asked) == (said)

    at(tell)


def test_outputs_are_copies_of_internal_registers() -> None:
    async def tell(far: Far) -> None:
        await pdu(far, "10 06 3F 00 06 0C 00 07 00 08 00 09 00 0A 00 01 00 00")
        assert words(await pdu(far, "03 06 3F 00 06")) == [7, 8, 9, 10, 1, 0]
        assert words(await pdu(far, "03 00 67 00 01")) == [1], "hold upstream"
        assert words(await pdu(far, "03 05 DB 00 15"))[8:12] == [7, 8, 9, 10], "tracking words"
        assert control(far.house, "in").control == 1
        await pdu(far, "06 06 45 02 EE")
        assert far.house.belts.belts["in"].speed == 750
        assert words(await pdu(far, "03 00 27 00 01")) == [750]

    at(tell)


def test_a_hold_of_the_zone_before_and_a_wake() -> None:
    async def tell(far: Far) -> None:
        await pdu(far, "06 00 B7 01 00")
        far.house.belts.put("T-1", "in", 300)
        await asyncio.sleep(6)
        assert far.house.belts.where("T-1").belt.id == "in", "the zone after it holds it"
        await pdu(far, "06 00 B7 00 00")
        await asyncio.sleep(6)
        assert far.house.belts.where("T-1").belt.id == "pack"
        far.house.belts.put("T-2", "fork", 300, front=500)
        await asyncio.sleep(6)
        assert far.house.belts.where("T-2").front == 500, "nobody knows of it"
        await pdu(far, "06 00 B7 10 00")
        await asyncio.sleep(1)
        assert far.house.belts.where("T-2").front == pytest.approx(650)
        await pdu(far, "06 00 67 10 00")
        await asyncio.sleep(6)
        assert not control(far.house, "in").arrival_jam, "a wake that nothing comes of is no jam"

    at(tell, ('link = "belt-a"', 'link = "belt-a"\nlost_host_s = 0'))


def test_the_host_is_watched_once_it_has_spoken() -> None:
    async def tell(far: Far) -> None:
        await asyncio.sleep(60)
        assert not far.house.conveyors["module-a"].stands
        await pdu(far, "03 05 DB 00 01")
        await asyncio.sleep(9)
        await pdu(far, "03 05 DB 00 01")
        await asyncio.sleep(9)
        assert not far.house.conveyors["module-a"].stands
        await asyncio.sleep(2)
        said = words(await pdu(far, "03 05 DB 00 15"))
        assert (said[20], said[:2]) == (1 << 7, [6, 6])
        assert await pdu(far, "06 00 13 00 02") == "06 00 13 00 02"
        assert words(await pdu(far, "03 05 DB 00 15"))[20] == 0

    at(tell)


def test_a_module_with_one_zone_and_one_that_is_deaf() -> None:
    lane = '    { id = "lane", side = "downstream", length_mm = 700, exit_per_hour = 300 },\n'

    async def tell(far: Far) -> None:
        module = far.house.conveyors["module-b"]
        assert module.words(3, 1499, 21)[7] == 1 << 15, "the second motor is not used"
        far.house.conveyors["module-a"].deaf = True
        assert await far.say(bytes.fromhex("00 01 00 00 00 06 01 03 05 DB 00 15")) == b""

    at(tell, (lane, ""), ('other = "lane"', 'other = "in"'))


def test_the_house_of_a_site_without_belts_has_none() -> None:

    async def play() -> None:
        house = House(small_site())
        assert (house.belts.belts, house.gates, house.conveyors, house.readers) == ({}, {}, {}, {})
        house.clear()

    virtual_loop.run(play())
