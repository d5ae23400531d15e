"""Every fault on demand, as the host's bytes and the truth log show it; CU16 frames and Modbus requests are written by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from simulators.faults.fault import Fault
from simulators.faults.faults import AnyFault, Faults
from simulators.plant.pocket import CannotDo, NotThere
from simulators.weather import STORMS
from tests.simulators.far import Far, on

ASK = "02 00 30 03 35"
AT_REST = "02 00 35 03 00 03 00 03 40"
A_01_FREE = "02 00 35 02 00 03 00 03 3F"
A_01_OPEN = "02 00 35 02 00 02 00 03 3E"
FREE_1 = "02 00 31 03 36"
ANY: TypeAdapter[Fault] = TypeAdapter(AnyFault)


class Stage(Far):
    """A host's raw end, with the faults of the house."""

    faults: Faults

    def fault(self, kind: str, **about: Any) -> int:
        return self.faults.plant(ANY.validate_python({"kind": kind, **about}))

    async def opened_or_not(self) -> list[str]:
        """What happens when lock 1 is pulsed and somebody pulls for a while and then shuts."""
        await self.hex(FREE_1, 0.7)
        try:
            await self.house.plant.open("A-01", 1)
        except CannotDo:
            return ["held"]
        await asyncio.sleep(1)
        seen = await self.hex(ASK)
        await self.house.plant.shut("A-01")
        await asyncio.sleep(1)
        return [seen, await self.hex(ASK)]


def staged(link: str, tell: Callable[[Stage], Awaitable[None]]) -> None:
    async def play(far: Far) -> None:
        stage = Stage(far.house, far.end)
        stage.faults = Faults(far.house)
        await tell(stage)

    on(link, play)


@pytest.mark.parametrize(
    ("kind", "about", "seen"),
    [
        ("stuck-latch", {}, ["held"]),
        ("stuck-latch", {"stuck": "free"}, [A_01_OPEN, A_01_FREE]),
        ("stuck-sensor", {"sensor": "latch", "shows": True}, ["02 00 35 03 00 02 00 03 3F", AT_REST]),
        ("stuck-sensor", {"sensor": "latch", "shows": False}, [A_01_OPEN, A_01_FREE]),
        ("stuck-sensor", {"sensor": "drawer", "shows": True}, [A_01_FREE, AT_REST]),
        ("stuck-sensor", {"sensor": "drawer", "shows": False}, [A_01_OPEN, "02 00 35 03 00 02 00 03 3F"]),
        ("jam", {}, ["held"]),
        ("wrong-drawer", {"opens": "A-02"}, ["held"]),
    ],
)
def test_what_ails_a_drawer_until_it_is_lifted(kind: str, about: dict[str, Any], seen: list[str]) -> None:
    async def tell(stage: Stage) -> None:
        assert await stage.opened_or_not() == [A_01_OPEN, AT_REST]
        number = stage.fault(kind, drawer="A-01", **about)
        assert await stage.opened_or_not() == seen
        if kind == "wrong-drawer":
            assert await stage.hex(ASK) == "02 00 35 01 00 03 00 03 3E", "lock 2 is free in its place"
        await asyncio.sleep(20)
        stage.faults.lift(number)
        await asyncio.sleep(20)
        assert await stage.opened_or_not() == [A_01_OPEN, AT_REST]
        assert stage.faults.told() == []

    staged("lockbus", tell)


def test_a_slow_drawer_is_seen_late_and_a_sticking_hook_lets_go_late() -> None:
    async def tell(stage: Stage) -> None:
        slow = stage.fault("slow-drawer", drawer="A-01", seconds=3)
        await stage.hex(FREE_1, 0.7)
        assert stage.house.plant.drawers["A-01"].pull()
        assert await stage.hex(ASK, 2.9) == A_01_FREE
        await asyncio.sleep(0.3)
        assert await stage.hex(ASK) == A_01_OPEN
        stage.faults.lift(slow)
        await stage.house.plant.shut("A-01")
        stage.fault("opens-late", drawer="A-01", seconds=7)
        await stage.hex(FREE_1, 6.9)
        assert await stage.hex(ASK, 0.2) == AT_REST
        assert await stage.hex(ASK) == A_01_FREE

    staged("lockbus", tell)


def test_contacts_chatter_after_an_edge_and_then_rest() -> None:
    async def tell(stage: Stage) -> None:
        stage.fault("chatter", drawer="A-01", hz=37.0, seconds=1.0)
        stage.fault("force", drawer="A-01")
        seen = {await stage.hex(ASK, 0.02) for _ in range(45)}
        assert len(seen) > 1
        assert seen <= {A_01_OPEN, AT_REST, A_01_FREE, "02 00 35 03 00 02 00 03 3F"}
        await asyncio.sleep(0.2)
        assert {await stage.hex(ASK, 0.02) for _ in range(9)} == {A_01_OPEN}

    staged("lockbus", tell)


@pytest.mark.parametrize(
    ("kind", "cause", "seen"), [("force", "force", A_01_OPEN), ("key", "key", A_01_FREE), ("uncommanded", "fault", A_01_FREE)]
)
def test_a_hook_that_no_board_freed(kind: str, cause: str, seen: str) -> None:
    async def tell(stage: Stage) -> None:
        stage.fault(kind, drawer="A-01")
        assert await stage.hex(ASK) == seen
        assert {edge.cause for edge in stage.house.plant.truth.edges} == {cause}
        assert stage.faults.told() == []

    staged("lockbus", tell)


@pytest.mark.parametrize("what", ["replies", "commands"])
def test_lost_garbled_late_and_doubled_on_the_way(what: str) -> None:
    async def tell(stage: Stage) -> None:
        stage.fault("lose", link="lockbus", what=what, count=2)
        assert len(stage.faults.told()) == 1
        assert await stage.hex(ASK) == ""
        assert await stage.hex(ASK) == ""
        assert stage.faults.told() == [], "it has counted down"
        assert await stage.hex(ASK) == AT_REST
        stage.fault("garble", link="lockbus", what=what)
        garbled = bytes.fromhex(await stage.hex(ASK))
        if what == "replies":
            flips = [(a ^ b).bit_count() for a, b in zip(garbled, bytes.fromhex(AT_REST), strict=True)]
            assert sum(flips) == 1
        else:
            assert garbled == b"", "a wrong sum meets silence"
        late = stage.fault("late", link="lockbus", what=what, seconds=3)
        assert await stage.hex(ASK, 2.9) == ""
        assert await stage.hex("", 0.2) == AT_REST
        with pytest.raises(NotThere, match=f"no fault {late} in force"):
            stage.faults.lift(late)
        stage.fault("duplicate", link="lockbus", what=what, copies=3)
        assert await stage.hex(ASK) == " ".join([AT_REST] * 3)
        lifted = stage.fault("lose", link="lockbus", what=what)
        stage.faults.lift(lifted)
        assert await stage.hex(ASK) == AT_REST

    staged("lockbus", tell)


def test_two_of_what_counts_down_add_up() -> None:
    async def tell(stage: Stage) -> None:
        stage.fault("lose", link="lockbus")
        stage.fault("lose", link="lockbus")
        assert [await stage.hex(ASK) for _ in range(3)] == ["", "", AT_REST]

    staged("lockbus", tell)


def test_a_doubled_unlock_is_two_pulses_of_the_same_frame() -> None:
    async def tell(stage: Stage) -> None:
        stage.fault("duplicate", link="lockbus", what="commands")
        await stage.hex(FREE_1)
        assert [edge.frame for edge in stage.house.plant.truth.pulses("A-01")] == [FREE_1, FREE_1]

    staged("lockbus", tell)


def test_an_unplugged_cable_stays_out_so_long_or_until_it_is_lifted() -> None:
    async def tell(stage: Stage) -> None:
        house = stage.house
        for seconds in (None, 5.0):
            number = stage.fault("unplug", link="lockbus", seconds=seconds)
            assert await stage.end.read() == b""
            with pytest.raises(OSError, match="cable is out"):
                await house.dial("lockbus")
            if seconds is None:
                stage.faults.lift(number)
            else:
                await asyncio.sleep(5.1)
            assert stage.faults.told() == []
            stage.end = await house.dial("lockbus")
            assert await stage.hex(ASK) == AT_REST
        first = stage.fault("unplug", link="lockbus", seconds=5.0)
        stage.faults.lift(first)
        stage.fault("unplug", link="lockbus", seconds=60.0)
        await asyncio.sleep(10)
        assert not house.wires["lockbus"].plugged, "what the first had in mind is forgotten"

    staged("lockbus", tell)


def test_noise_comes_unasked_and_weather_blows_until_it_is_lifted() -> None:
    async def tell(stage: Stage) -> None:
        stage.fault("noise", link="lockbus", size=100)
        assert len(await stage.say(b"")) == 100
        number = stage.fault("weather", link="lockbus", storm="lossy")
        answers = [await stage.hex(ASK, 0.1) for _ in range(200)]
        assert 150 < answers.count(AT_REST) < 199
        stage.faults.lift(number)
        assert {await stage.hex(ASK, 0.1) for _ in range(50)} == {AT_REST}

    staged("lockbus", tell)


def test_the_named_storms_are_those_that_a_fault_may_ask_for() -> None:
    weathered = next(one for one in get_args(get_args(AnyFault)[0]) if one.__name__ == "Weathered")
    assert set(get_args(weathered.model_fields["storm"].annotation)) == set(STORMS)


def test_a_board_reboots_or_falls_silent_with_and_without_obeying() -> None:
    async def tell(stage: Stage) -> None:
        stage.fault("reboot", board="cu16-0", seconds=2)
        assert await stage.hex(ASK, 1.9) == ""
        await asyncio.sleep(0.2)
        assert await stage.hex(ASK) == AT_REST
        assert stage.faults.told() == []
        for acts, pulses in ((True, 1), (False, 1)):
            number = stage.fault("silence", board="cu16-0", acts=acts)
            assert await stage.hex(FREE_1) == ""
            assert await stage.hex(ASK) == ""
            assert len(stage.house.plant.truth.pulses()) == pulses
            stage.faults.lift(number)
            await asyncio.sleep(20)
            assert await stage.hex(ASK) == AT_REST

    staged("lockbus", tell)


def test_faults_of_a_relay_board_over_modbus_tcp() -> None:
    inputs = "0001 0000 0006 01 02 0000 0008"

    async def tell(stage: Stage) -> None:
        at_rest = await stage.hex(inputs)
        assert at_rest == "00 01 00 00 00 04 01 02 01 FF"
        stage.fault("stuck-sensor", drawer="R-02", sensor="drawer", shows=False)
        assert await stage.hex(inputs) == "00 01 00 00 00 04 01 02 01 F7"
        stage.fault("lose", link="relays")
        assert await stage.hex(inputs) == ""
        await stage.hex("0002 0000 0006 01 05 0200 0007", 0.1)
        stage.fault("reboot", board="relay-t")
        await asyncio.sleep(1)
        edges = [(edge.what, edge.drawer) for edge in stage.house.plant.truth.edges]
        assert edges == [("pulse", "R-01"), ("unlatched", "R-01"), ("pulse_end", "R-01")]

    staged("relays", tell)


def test_faults_of_a_balance() -> None:
    async def tell(stage: Stage) -> None:
        for kind, about, said in (
            ("restless", {}, b"S I\r\n"),
            ("broken-cell", {}, b"S S Error 14b\r\n"),
            ("other-unit", {"unit": "kg"}, b"S S    0.00000 kg\r\n"),
            ("creep", {"grams": "0.5"}, b"S S       0.50 g\r\n"),
        ):
            number = stage.fault(kind, scale="scale", **about)
            assert await stage.say(b"S\r\n", 5) == said
            stage.faults.lift(number)
            assert await stage.say(b"S\r\n", 5) == b"S S       0.00 g\r\n"

    staged("balance", tell)


def test_what_is_not_there_is_named_and_nothing_is_held_twice() -> None:
    async def tell(stage: Stage) -> None:
        for kind, field, about in (
            ("jam", "drawer", {"drawer": "X"}),
            ("wrong-drawer", "drawer", {"drawer": "A-01", "opens": "X"}),
            ("lose", "link", {"link": "X"}),
            ("reboot", "board", {"board": "X"}),
            ("restless", "scale", {"scale": "X"}),
        ):
            with pytest.raises(NotThere, match="X; this site has ") as wrong:
                stage.fault(kind, **about)
            assert wrong.value.field == field
        for kind, about in (
            ("stuck-latch", {"drawer": "A-01"}),
            ("stuck-sensor", {"drawer": "A-01", "sensor": "latch", "shows": True}),
            ("unplug", {"link": "lockbus"}),
            ("silence", {"board": "cu16-0"}),
            ("restless", {"scale": "scale"}),
        ):
            stage.fault(kind, **about)
            with pytest.raises(CannotDo, match=f"is {kind} there already; lift it first"):
                stage.fault(kind, **about)
        stage.fault("stuck-sensor", drawer="A-01", sensor="drawer", shows=True)
        stage.fault("stuck-latch", drawer="A-02")
        assert len(stage.faults.told()) == 7

    staged("lockbus", tell)
