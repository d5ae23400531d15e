"""What is overheard on the wires: both directions, after the weather, bounded, in words where there are some."""

from __future__ import annotations

import pytest

from simulators.house import House
from simulators.overheard import KEPT, Overheard, means
from simulators.weather import Storm, Weather
from simulators.wire import Towards
from tests.kit import virtual_loop
from tests.simulators.small import small_site


@pytest.mark.parametrize(
    ("protocol", "towards", "data", "words"),
    [
        ("kerong-cu16", "board", "02 02 31 03 38", "unlock, board 0, lock 3"),
        ("kerong-cu16", "board", "02 00 30 03 35", "status query, board 0"),
        ("kerong-cu16", "board", "02 F0 32 03 27", "all status query"),
        ("kerong-cu16", "board", "02 00 37 00 64 03 A0", "pulse set, board 0, pulse ms 1000"),
        ("kerong-cu16", "board", "02 02 31 03 39", ""),
        ("kerong-cu16", "host", "02 00 35 01 00 01 00 03 3C", "status"),
        ("kerong-cu16", "host", "02 00 99", ""),
        ("kerong-cu16", "host", "02", ""),
        ("modbus-tcp", "board", "00 01 00 00 00 06 01 02 00 00 00 08", "unit 1, read inputs"),
        ("modbus-tcp", "host", "00 01 00 00 00 03 01 82 02", "unit 1, read inputs declined"),
        ("modbus-tcp", "host", "00 01", ""),
        ("modbus-rtu", "board", "07 05 00 00 ff 00 8c 5c", "unit 7, write coil"),
        ("modbus-rtu", "board", "07 63 00 00", ""),
        ("mt-sics", "host", b"S S      12.50 g\r\n".hex(), "S S      12.50 g"),
        ("scanner-lines", "host", b"]d201\x1d10L1\r".hex(), "]d201<GS>10L1"),
        ("grbl", "board", b"$H\n".hex(), "$H"),
        ("wwks2", "board", b'<WWKS Version="2.0"><StatusRequest Id="1"/></WWKS>'.hex(), "StatusRequest"),
        ("wwks2", "host", b"</WWKS>\xff".hex(), ""),
    ],
)
def test_bytes_in_words(protocol: str, towards: Towards, data: str, words: str) -> None:
    assert means(protocol, towards, bytes.fromhex(data)) == words


def test_both_ends_are_overheard_what_repeats_is_marked_and_nothing_grows_for_ever() -> None:
    async def play() -> None:
        house = House(small_site())
        overheard = Overheard(house)
        told: list[str] = []
        overheard.watchers.append(told.append)
        end = await house.dial("lockbus")
        for _ in range(KEPT):
            end.write(bytes.fromhex("02 00 30 03 35"))
            await end.read()
        assert len(overheard.all["lockbus"]) == KEPT
        assert [one.again for one in overheard.all["lockbus"]] == [True] * KEPT
        assert [(one.towards, one.data.hex(" ")) for one in overheard.fresh["lockbus"]] == [
            ("board", "02 00 30 03 35"),
            ("host", "02 00 35 03 00 03 00 03 40"),
        ]
        assert told == ["lockbus"] * 2 * KEPT
        assert overheard.all["relays"] == overheard.fresh["relays"]
        house.clear()
        end.close()

    virtual_loop.run(play())


def test_transactions_are_no_news_and_what_the_weather_took_never_arrived() -> None:
    async def play() -> None:
        house = House(small_site())
        overheard = Overheard(house)
        end = await house.dial("relays")
        for number in ("01", "02", "03"):
            end.write(bytes.fromhex(f"00 {number} 00 00 00 06 01 02 00 00 00 08"))
            await end.read()
        assert len(overheard.all["relays"]) == 6
        assert len(overheard.fresh["relays"]) == 2
        house.blow(Storm(Weather(lose=1.0)))
        end.write(bytes.fromhex("00 04 00 00 00 06 01 01 00 00 00 08"))
        await house.plant.truth.until(lambda: False, 1.0)
        assert len(overheard.all["relays"]) == 6
        house.clear()
        end.close()

    virtual_loop.run(play())
