"""Wires and their weather: order, pace, loss, what is parked, what a pulled cable does; and that one seed is one storm."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from simulators.house import House
from simulators.serve import MemoryEnd, memory
from simulators.timers import Timers, now
from simulators.weather import CALM, STORMS, Mishap, Sky, Storm, Weather, blow, flipped
from simulators.wire import BUFFER, Wire
from tests.kit import virtual_loop
from tests.simulators.small import small_site


class Heard:
    """A line that keeps what it hears, with its times, and says it back when told to."""

    def __init__(self, wire: Wire, echo: bool = False) -> None:
        self.wire, self.echo = wire, echo
        self.pieces: list[tuple[float, bytes]] = []

    def hear(self, data: bytes) -> None:
        self.pieces.append((round(now(), 4), data))
        if self.echo:
            self.wire.say(data)

    @property
    def data(self) -> bytes:
        return b"".join(data for _, data in self.pieces)


def over(tell: Callable[[Wire, Heard, MemoryEnd], Awaitable[None]], echo: bool = False) -> None:
    async def play() -> None:
        wire = Wire(seed=1)
        line = Heard(wire, echo)
        wire.line = line
        end = await memory(wire)
        await tell(wire, line, end)
        end.close()
        end.close()
        wire.clear()

    virtual_loop.run(play())


def test_what_is_due_together_happens_in_the_order_it_was_asked_for() -> None:
    async def play() -> None:
        timers, order = Timers(), []
        for n in range(50):
            timers.after(1, lambda n=n: order.append((n, now())))  # type: ignore[misc]
        timers.drop(timers.after(0.5, lambda: order.append((99, 0))))
        timers.drop(None)
        await asyncio.sleep(2)
        assert order == [(n, 1.0) for n in range(50)]
        timers.after(1, lambda: order.clear())
        timers.clear()
        await asyncio.sleep(2)
        assert len(order) == 50

    virtual_loop.run(play())


async def test_a_chain_of_timers_does_not_add_up_lateness() -> None:
    """In real time the loop wakes late; what a timer does still happens at its moment, so lateness is one wake's, not fifty's."""
    timers, moments, done = Timers(), [], asyncio.Event()

    def step() -> None:
        moments.append(now())
        if len(moments) < 50:
            timers.after(0.001, step)
        else:
            done.set()

    timers.after(0.001, step)
    async with asyncio.timeout(5):
        await done.wait()
    assert moments[-1] - moments[0] == pytest.approx(0.049)


def test_a_paced_line_carries_bytes_at_its_speed_in_order() -> None:
    async def tell(wire: Wire, line: Heard, end: MemoryEnd) -> None:
        wire.pace(19200)
        end.write(b"12345")
        end.write(b"6")
        assert await end.read() == b"12345"
        assert asyncio.get_running_loop().time() == pytest.approx(10 * 10 / 19200)
        assert await end.read() == b"6"
        assert [data for _, data in line.pieces] == [b"12345", b"6"]
        assert [at for at, _ in line.pieces] == pytest.approx([0.0026, 0.0031], abs=1e-4)

    over(tell, echo=True)


def test_nothing_overtakes_in_any_weather() -> None:
    async def tell(wire: Wire, line: Heard, end: MemoryEnd) -> None:
        wire.blow(Storm(Weather(delay=0.5, split=0.5, gap_s=0.01)))
        sent = b"".join(bytes([n]) * 3 for n in range(200))
        for n in range(200):
            end.write(bytes([n]) * 3)
            await asyncio.sleep(0.001)
        await asyncio.sleep(200)
        assert line.data == sent
        assert len(line.pieces) > 300

    over(tell)


def test_weather_is_what_its_chances_say_and_one_seed_is_one_storm() -> None:
    frames = [bytes(range(n % 200, n % 200 + 9)) for n in range(4000)]

    def counted(weather: Weather, seed: int) -> list[list[bytes]]:
        chance = Random(seed)
        return [[piece.data for piece in blow(weather, frame, chance)] for frame in frames]

    for weather, hurt in (
        (Weather(lose=0.1), lambda frame, got: got == []),
        (Weather(cut=0.1), lambda frame, got: b"".join(got) != frame and frame.startswith(b"".join(got))),
        (Weather(split=0.1), lambda frame, got: len(got) == 9),
        (Weather(duplicate=0.1), lambda frame, got: got == [frame, frame]),
        (Weather(noise=0.1), lambda frame, got: len(b"".join(got)) > 9 and b"".join(got).endswith(frame)),
        (Weather(corrupt=0.1 / 9), lambda frame, got: got != [frame]),
    ):
        got = counted(weather, 7)
        assert 250 < sum(hurt(frame, one) for frame, one in zip(frames, got, strict=True)) < 550, weather
        assert got == counted(weather, 7)
        assert got != counted(weather, 8)


def test_a_flip_is_exactly_so_many_bits() -> None:
    chance = Random(1)
    for bits in (1, 2, 5):
        changed = flipped(bytes(9), bits, chance)
        assert sum(byte.bit_count() for byte in changed) == bits


@pytest.mark.parametrize("kind", ["lose", "garble", "late", "duplicate"])
def test_a_mishap_happens_so_often_and_then_no_more(kind: str) -> None:
    sky = Sky(Random(1))
    sky.mishaps.append(Mishap(kind, 2, seconds=3.0, copies=3))  # type: ignore[arg-type]
    results = [sky.through(b"abc") for _ in range(3)]
    assert results[2] == [(0.0, b"abc")]
    assert results[0] != results[2]
    assert sky.mishaps == []
    assert [len(pieces) for pieces in results[:2]] == {"lose": [0, 0], "duplicate": [3, 3]}.get(kind, [1, 1])
    if kind == "late":
        assert results[0] == [(3.0, b"abc")]


def test_a_parked_frame_is_delivered_after_its_host_has_died() -> None:
    """PW-05: the frame stands in an adapter while the daemon crashes, and another one connects."""

    async def tell(wire: Wire, line: Heard, end: MemoryEnd) -> None:
        wire.to_board.mishaps.append(Mishap("late", seconds=20))
        end.write(b"unlock")
        await asyncio.sleep(1)
        end.close()
        assert line.pieces == []
        other = await memory(wire)
        other.write(b"status")
        assert await other.read() == b"unlockstatus"
        assert line.pieces == [(20.0, b"unlock"), (20.0, b"status")]
        other.close()

    over(tell, echo=True)


def test_a_pulled_cable_ends_connections_and_loses_what_is_on_its_way() -> None:
    async def tell(wire: Wire, line: Heard, end: MemoryEnd) -> None:
        wire.to_board.mishaps.append(Mishap("late", seconds=20))
        end.write(b"late")
        await asyncio.sleep(1)
        wire.unplug()
        assert await end.read() == b""
        assert await end.read() == b""
        with pytest.raises(OSError, match="the cable is out"):
            end.write(b"x")
        with pytest.raises(OSError, match="the cable is out"):
            await memory(wire)
        wire.say(b"nobody hears")
        wire.heard(b"nobody hears")
        wire.plug()
        wire.plug()
        again = await memory(wire)
        await asyncio.sleep(60)
        assert line.pieces == []
        again.write(b"here")
        await asyncio.sleep(1)
        assert line.data == b"here"
        again.close()

    over(tell)


def test_a_flapping_cable_falls_out_and_comes_back() -> None:
    async def tell(wire: Wire, line: Heard, end: MemoryEnd) -> None:
        wire.blow(Storm(flap_every_s=60, flap_s=10))
        out = back = 0
        for _ in range(40):
            end = await memory(wire)
            assert await end.read() == b""
            out += 1
            while not wire.plugged:
                await asyncio.sleep(1)
            back += 1
        assert out == back == 40
        assert 40 * 30 < asyncio.get_running_loop().time() < 40 * 130

    over(tell)


def test_an_echo_comes_before_the_answer() -> None:
    async def tell(wire: Wire, line: Heard, end: MemoryEnd) -> None:
        wire.blow(STORMS["echoing"])
        end.write(b"abc")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert await end.read() == b"abcabc"

    over(tell, echo=True)


def test_what_comes_together_is_read_together_and_babble_reaches_the_host() -> None:
    async def tell(wire: Wire, line: Heard, end: MemoryEnd) -> None:
        wire.say(b"one")
        wire.say(b"two")
        wire.babble(b"\xff")
        assert await end.read() == b"onetwo\xff"

    over(tell)


def test_an_adapter_holds_so_much_and_no_more() -> None:
    async def tell(wire: Wire, line: Heard, end: MemoryEnd) -> None:
        wire.to_board.mishaps.append(Mishap("late", seconds=5))
        for _ in range(BUFFER + 10):
            wire.heard(b"x")
        await asyncio.sleep(10)
        assert len(line.data) == BUFFER

    over(tell)


def test_every_named_storm_blows_over_a_whole_house_and_goes() -> None:
    async def play() -> None:
        for name in STORMS:
            house = House(small_site(), seed=3)
            house.blow(name)
            assert house.wires["lockbus"].to_board.weather is STORMS[name].to_board
            house.clear()
            assert house.wires["lockbus"].to_board.weather is CALM

    virtual_loop.run(play())
