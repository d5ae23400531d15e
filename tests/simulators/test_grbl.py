"""The GRBL board over a real gantry: its dialogue, its states, and what becomes of packs, through raw bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from pydantic import TypeAdapter

from simulators.boards.grbl import Grbl
from simulators.control import control
from simulators.faults.fault import Fault
from simulators.faults.faults import AnyFault, Faults
from simulators.house import House
from simulators.plant.gantry import Gantry
from simulators.plant.pocket import CannotDo
from simulators.serve import MemoryEnd
from tests.kit import virtual_loop
from tests.kit.gantry import STOCK, site

ANY: TypeAdapter[Fault] = TypeAdapter(AnyFault)
LOCK = b"[MSG:'$H'|'$X' to unlock]\r\n"
BANNER = b"Grbl 1.1h ['$' for help]\r\n"


class Far:
    """A host's raw end, the board and the plant."""

    def __init__(self, house: House, end: MemoryEnd) -> None:
        self.house, self.end = house, end
        self.board: Grbl = house.gantries["arm"]
        self.plant: Gantry = house.plant.gantries["arm"]
        self.faults = Faults(house)

    async def say(self, data: bytes, within_s: float = 0.2) -> bytes:
        self.end.write(data)
        heard = b""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    heard += await self.end.read()
        except TimeoutError:
            return heard

    async def state(self) -> bytes:
        return (await self.say(b"?", 0.01)).partition(b"|")[0].removeprefix(b"<")

    async def home(self) -> None:
        assert await self.say(b"$H\n", 120) == b"ok\r\n"

    def fault(self, kind: str, **members: object) -> int:
        return self.faults.plant(ANY.validate_python({"kind": kind, "gantry": "arm", **members}))

    def happened(self, *what: str) -> list[tuple[str, str | None]]:
        return [(edge.what, edge.pack) for edge in self.house.plant.truth.edges if edge.what in what]


def on(tell: Callable[[Far], Awaitable[None]], homed: bool = True) -> None:
    async def play() -> None:
        house = House(site(), STOCK)
        end = await house.dial("arm")
        far = Far(house, end)
        if homed:
            await far.home()
        await tell(far)
        end.close()
        house.clear()

    virtual_loop.run(play())


def test_after_power_up_nothing_moves_before_homing() -> None:
    async def tell(far: Far) -> None:
        assert await far.state() == b"Alarm"
        where = far.plant.position
        assert await far.say(b"G0 X100\n") == b"error:9\r\n"
        assert await far.say(b"$J=G91 X10 F500\n") == b"error:9\r\n"
        assert far.plant.position == where
        await far.home()
        assert far.plant.position == (0.0, 0.0, 0.0)
        assert await far.say(b"?", 0.01) == b"<Idle|MPos:0.000,0.000,0.000|Bf:15,128|FS:0,0|Ov:100,100,100>\r\n"

    on(tell, homed=False)


def test_an_unlocked_machine_counts_from_where_it_stood() -> None:
    async def tell(far: Far) -> None:
        assert await far.say(b"$X\n") == b"[MSG:Caution: Unlocked]\r\nok\r\n"
        assert await far.say(b"?", 0.01) == b"<Idle|MPos:0.000,0.000,0.000|Bf:15,128|FS:0,0|WCO:0.000,0.000,0.000>\r\n"
        assert far.plant.position == (600.0, 450.0, -75.0)
        assert await far.say(b"$X\n") == b"ok\r\n"

    on(tell, homed=False)


def test_a_motion_is_answered_at_once_and_ends_when_it_ends() -> None:
    async def tell(far: Far) -> None:
        assert await far.say(b"G21 G90 G53 G0 X400\n", 0.01) == b"ok\r\n"
        assert (await far.say(b"?", 0.01)).startswith(b"<Run|MPos:0")
        await asyncio.sleep(1.45)
        assert far.plant.moves
        assert b"Bf:14,128" in await far.say(b"?", 0.01)
        await asyncio.sleep(0.05)
        assert far.plant.position == (400.0, 0.0, 0.0)
        assert (await far.say(b"?", 0.01)).startswith(b"<Idle|MPos:400.000,0.000,0.000|Bf:15,128|")
        assert await far.say(b"G91 X-0.125 Y7\n", 1) == b"ok\r\n"
        assert far.board.machine.counted == (pytest.approx(399.875), 7, 0)
        assert await far.say(b"G90\nG1 X0\n") == b"ok\r\nerror:22\r\n"
        assert await far.say(b"G1 X0 Y0 F6000\nG4 P0\n", 10) == b"ok\r\nok\r\n"
        assert far.plant.position == (0.0, 0.0, 0.0)

    on(tell)


def test_the_barrier_and_switches_wait_for_motions_and_lines_behind_them_wait_too() -> None:
    async def tell(far: Far) -> None:
        assert await far.say(b"G0 X400\nG4 P0\nM8\n$I\n", 0.5) == b"ok\r\n"
        assert not far.plant.vacuum
        assert await far.say(b"", 2) == b"ok\r\nok\r\n[VER:1.1h.20190830:]\r\n[OPT:V,15,128]\r\nok\r\n"
        assert far.plant.vacuum
        assert await far.say(b"G4 P1\n", 0.9) == b""
        assert await far.say(b"M9\n", 0.2) == b"ok\r\nok\r\n"

    on(tell)


def test_the_planner_takes_fifteen_blocks_and_the_buffer_128_bytes() -> None:
    async def tell(far: Far) -> None:
        moves = b"".join(b"G0 X%d\n" % (1000 - n) for n in range(15))
        assert await far.say(moves, 0.1) == b"ok\r\n" * 15
        assert b"Bf:0,128" in await far.say(b"?", 0.01)
        assert await far.say(b"G0 Y100\n", 0.1) == b"", "the sixteenth waits for room"
        assert await far.say(b"G4 P0.0\n" * 16, 0.1) == b""
        assert far.board.lost == 0
        assert b"Bf:0,0|" in await far.say(b"?", 0.01), "a real-time byte is heard all the same"
        assert await far.say(b"G4 P0\n", 0.1) == b""
        assert far.board.lost == 6
        assert await far.say(b"", 20) == b"ok\r\n" * 17

    on(tell)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"1\n", b"error:1\r\n"),
        (b"G0 X\n", b"error:2\r\n"),
        (b"$Q\n", b"error:3\r\n"),
        (b"G17\n", b"error:20\r\n"),
        (b"G1 X5\n", b"error:22\r\n"),
        (b"G4\n", b"error:33\r\n"),
        (b"G4 P1 X1\n", b"error:33\r\n"),
        (b"G0 G1 X1 F1\n", b"error:33\r\n"),
        (b"G0 X1 X2\n", b"error:33\r\n"),
        (b"G0 \xe9X1\n", b"ok\r\n"),
        (b"\n", b"ok\r\n"),
        (b"$J=X10 F500\n", b"ok\r\n"),
        (b"$J=X10\n", b"error:22\r\n"),
        (b"$J=F10\n", b"error:33\r\n"),
        (b"$J=X2000 F500\n", b"error:15\r\n"),
        (b"G21 G90\n", b"ok\r\n"),
        (b"\x90\x91$H\x85\n", b"ok\r\n"),
    ],
)
def test_every_line_has_one_answer(line: bytes, answer: bytes) -> None:
    async def tell(far: Far) -> None:
        assert await far.say(line, 30) == answer

    on(tell)


def test_settings_are_told() -> None:
    async def tell(far: Far) -> None:
        told = (await far.say(b"$$\n")).split(b"\r\n")
        assert told[-2:] == [b"ok", b""]
        assert {b"$110=24000", b"$122=400", b"$132=150"} <= set(told)
        assert await far.say(b"G0 X10\n$$\n", 0.05) == b"ok\r\nerror:8\r\n"

    on(tell)


def test_outside_its_travel_it_does_not_move_and_says_nothing_more_until_a_reset() -> None:
    async def tell(far: Far) -> None:
        assert await far.say(b"G0 X1201\n") == b"ALARM:2\r\n"
        assert await far.say(b"?$H\nG0 X1\n", 5) == b""
        assert far.plant.position == (0.0, 0.0, 0.0)
        assert await far.say(b"\x18") == BANNER + LOCK
        assert await far.state() == b"Alarm"
        await far.home()

    on(tell)


def test_a_feed_hold_slows_down_keeps_the_position_and_goes_on_from_there() -> None:
    async def tell(far: Far) -> None:
        await far.say(b"G0 X1000\n", 1.0)
        assert await far.say(b"!", 0.01) == b""
        assert await far.state() == b"Hold:1"
        at = far.plant.position[0]
        await asyncio.sleep(0.6)
        assert await far.state() == b"Hold:0"
        assert far.plant.position[0] - at < 400**2 / (2 * 800)
        held = far.plant.position
        assert await far.say(b"G0 Y10\n!", 5) == b"ok\r\n"
        assert far.plant.position == held
        assert await far.say(b"~", 10) == b""
        assert far.plant.position == (1000.0, 10.0, 0.0)
        assert await far.state() == b"Idle"
        await far.say(b"!")
        assert await far.state() == b"Hold:0"
        await far.say(b"~")
        assert await far.state() == b"Idle"

    on(tell)


def test_a_reset_in_a_hold_at_rest_keeps_the_position_and_forgets_the_rest() -> None:
    async def tell(far: Far) -> None:
        await far.say(b"G0 X1000\nG0 Y500\n", 1.0)
        await far.say(b"!", 1)
        held = far.plant.position
        assert await far.say(b"\x18") == BANNER
        assert await far.state() == b"Idle"
        assert await far.say(b"~G4 P0\n", 5) == b"ok\r\n"
        assert far.plant.position == held
        assert float(far.board.machine.counted[0]) == pytest.approx(held[0], abs=0.001)

    on(tell)


def test_a_reset_while_moving_loses_the_position() -> None:
    async def tell(far: Far) -> None:
        await far.say(b"G0 X1000\n", 1.0)
        assert await far.say(b"\x18") == b"ALARM:3\r\n" + BANNER + LOCK
        await asyncio.sleep(1)
        assert far.plant.position[0] - float(far.board.machine.counted[0]) > 10
        assert await far.say(b"G0 X0\n") == b"error:9\r\n"
        await far.home()
        assert far.plant.position == (0.0, 0.0, 0.0)
        assert far.board.machine.counted == (0, 0, 0)

    on(tell)


def test_homing_can_be_reset_never_held_and_fails_by_its_switches() -> None:
    async def tell(far: Far) -> None:
        await far.say(b"$H\n", 1)
        assert await far.state() == b"Home"
        await far.say(b"!~\x85")
        assert await far.state() == b"Home"
        assert await far.say(b"\x18") == b"ALARM:6\r\n" + BANNER + LOCK
        open_ = far.fault("limit-switch", axis="X", shows=False)
        assert await far.say(b"$H\n", 120) == b"ALARM:9\r\n"
        far.faults.lift(open_)
        shut = far.fault("limit-switch", axis="Y", shows=True)
        assert await far.say(b"$H\n", 120) == b"ALARM:8\r\n"
        assert b"|Pn:Y" in await far.say(b"?", 0.01)
        far.faults.lift(shut)
        await far.say(b"$H\n", 0.3)
        door = far.fault("open-door")
        assert await far.say(b"", 1) == b"ALARM:7\r\n"
        far.faults.lift(door)
        await far.home()

    on(tell, homed=False)


def test_a_limit_switch_in_the_middle_of_a_motion_is_a_hard_limit() -> None:
    async def tell(far: Far) -> None:
        await far.say(b"G0 X1000\n", 1.0)
        far.fault("limit-switch", axis="X", shows=True)
        assert await far.say(b"?\n") == b"ALARM:1\r\n"
        await asyncio.sleep(1)
        assert not far.plant.moves
        assert await far.say(b"?") == b""

    on(tell)


def test_a_door_stops_and_it_goes_on_only_when_shut_and_told_to() -> None:
    async def tell(far: Far) -> None:
        await far.say(b"G0 X1000\n", 1.0)
        door = far.fault("open-door")
        assert await far.state() == b"Door:2"
        await asyncio.sleep(1)
        assert (await far.say(b"?", 0.01)).startswith(b"<Door:1|")
        await far.say(b"~", 1)
        assert not far.plant.moves
        far.faults.lift(door)
        assert await far.state() == b"Door:0"
        await far.say(b"~", 10)
        assert far.plant.position == (1000.0, 0.0, 0.0)
        await far.say(b"\x84")
        assert await far.state() == b"Door:0"
        far.fault("open-door")
        assert await far.say(b"\x18") == BANNER
        assert await far.state() == b"Door:1"
        assert await far.say(b"$H\n~", 1) == b"error:8\r\n"

    on(tell)


def test_a_jog_can_be_cancelled() -> None:
    for stop in (b"\x85", b"!"):

        async def tell(far: Far, stop: bytes = stop) -> None:
            await far.say(b"$J=G91 X500 F6000\n", 1.0)
            assert await far.state() == b"Jog"
            assert await far.say(b"$J=G91 X500 F6000\nG0 X1\n", 0.1) == b"error:8\r\nerror:9\r\n"
            await far.say(stop, 1)
            assert await far.state() == b"Idle"
            assert 100 < far.plant.position[0] < 200

        on(tell)


def test_a_door_ends_a_jog() -> None:
    async def tell(far: Far) -> None:
        await far.say(b"$J=G91 X500 F6000\n", 1.0)
        await far.say(b"\x84", 1)
        assert await far.state() == b"Door:0"
        await far.say(b"~", 10)
        assert await far.state() == b"Idle"
        assert far.plant.position[0] < 200

    on(tell)


def test_a_switch_that_stays_closed_at_its_end_fails_the_homing() -> None:
    async def tell(far: Far) -> None:
        far.fault("limit-switch", axis="Z", shows=True)
        await far.say(b"\x18")
        assert await far.say(b"$H\n", 30) == b"ALARM:8\r\n"

    on(tell)


def test_power_gone_in_the_middle_of_a_motion() -> None:
    async def tell(far: Far) -> None:
        await far.say(b"G0 X1000\n", 1.0)
        far.board.reboot(2)
        assert await far.say(b"?G0 X5\n", 1) == b""
        assert not far.plant.moves
        assert await far.say(b"", 2) == BANNER + LOCK
        assert await far.state() == b"Alarm"

    on(tell)


def test_an_alarm_drops_lines_that_waited() -> None:
    async def tell(far: Far) -> None:
        assert await far.say(b"G0 X400\nG4 P5\n", 0.5) == b"ok\r\n"
        assert await far.say(b"\x18", 10) == b"ALARM:3\r\n" + BANNER + LOCK
        await far.home()
        assert await far.say(b"G4 P1\n", 0.5) == b""
        assert await far.say(b"\x18", 3) == BANNER

    on(tell)


# --- packs


PICK = b"G0 X100 Y200\nG1 Z-120 F6000\nM8\nG4 P0.3\n"
LAY = b"G0 Z0\nG0 Z-30\nM9\n"


def test_a_pack_is_gripped_laid_into_the_tray_and_tipped_at_the_hand_over() -> None:
    async def tell(far: Far) -> None:
        assert await far.say(PICK, 10) == b"ok\r\n" * 4
        assert b"|Pn:P" in await far.say(b"?", 0.01)
        assert await far.say(LAY, 10) == b"ok\r\n" * 3
        assert b"Pn" not in await far.say(b"?", 0.01)
        assert [[pack.id for pack in place] for place in far.plant.tray] == [[], ["S-1/1"], [], []]
        assert [pack.id for pack in far.plant.shelf["S-1"]] == ["S-1/2", "S-1/3"]
        assert await far.say(b"G0 Z0\nG0 X0 Y100\nM3 S1000\nG4 P1.5\nM5\n", 10) == b"ok\r\n" * 5
        assert [pack.id for pack in far.plant.handed_over] == ["S-1/1"]
        assert far.happened("gripped", "laid", "handed-over", "dropped") == [
            ("gripped", "S-1/1"), ("laid", "S-1/1"), ("handed-over", "S-1/1"),
        ]  # fmt: skip
        told = far.plant.told()
        assert told["handed_over"] == [{"id": "S-1/1", "item": None, "lot": "L1", "expiry": "2031-01-31"}]

    on(tell)


def test_what_hangs_falls_when_the_vacuum_goes_wherever_it_is() -> None:
    async def tell(far: Far) -> None:
        await far.say(PICK + b"M9\nM8\nG4 P0.3\n", 10)
        assert far.happened("put") == [("put", "S-1/1")]
        await far.say(b"G0 Z0\n", 10)
        assert [pack.id for pack in far.plant.held] == ["S-1/1"]
        await far.say(b"\x18")
        assert [pack.id for pack in far.plant.floor] == ["S-1/1"]
        await far.say(b"M8\nG4 P0.3\n", 2)
        assert far.plant.held == [], "nothing to hold in the air"
        assert far.plant.remove("S-1/1").lot == "L1"
        with pytest.raises(CannotDo, match="no pack"):
            far.plant.remove("S-1/1")
        assert [pack.id for pack in far.plant.lay("S-1", "L7", "2032-01-31", 3)] == ["S-1/4", "S-1/5", "S-1/6"]
        assert [pack.id for pack in far.plant.shelf["S-1"]] == ["S-1/2", "S-1/3", "S-1/4", "S-1/5", "S-1/6"]
        with pytest.raises(CannotDo, match="holds 5"):
            far.plant.lay("S-1", "L7", "2032-01-31", 1)

    on(tell)


def test_a_tray_tipped_elsewhere_and_a_tray_place_taken_lose_packs() -> None:
    async def tell(far: Far) -> None:
        for _ in range(2):
            await far.say(PICK + LAY, 10)
        assert [pack.id for pack in far.plant.floor] == ["S-1/2"]
        await far.say(b"M3 S1000\nG4 P1.5\nM5\n", 10)
        assert [pack.id for pack in far.plant.floor] == ["S-1/2", "S-1/1"]

    on(tell)


def test_faults_of_the_gripper() -> None:
    async def tell(far: Far) -> None:
        far.fault("missed-grip")
        await far.say(PICK, 10)
        assert far.plant.held == []
        assert far.faults.told() == [], "it counts down by itself"
        far.fault("double-grip")
        await far.say(b"M9\nM8\nG4 P0.3\n", 5)
        assert [pack.id for pack in far.plant.held] == ["S-1/1", "S-1/2"]
        await far.say(LAY, 10)
        assert [len(place) for place in far.plant.tray] == [0, 2, 0, 0]
        far.fault("dropped-pack", seconds=1)
        await far.say(PICK, 5)
        await asyncio.sleep(1)
        assert [pack.id for pack in far.plant.floor] == ["S-1/3"]
        await far.say(b"M9\nM8\nG4 P0.3\n", 5)
        assert far.plant.held == [], "an empty place gives nothing"
        for shows, pin in ((True, b"|Pn:P"), (False, b"")):
            stuck = far.fault("vacuum-sensor", shows=shows)
            assert pin in await far.say(b"?", 0.01)
            far.faults.lift(stuck)
        with pytest.raises(CannotDo, match="no gantry"):
            far.faults.plant(ANY.validate_python({"kind": "missed-grip", "gantry": "leg"}))

    on(tell)


async def test_hands_and_faults_over_the_control_api() -> None:
    house = House(site(), STOCK)
    transport = httpx.ASGITransport(control(house))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as client:
        truth = (await client.get("/truth")).json()["gantries"]["arm"]
        assert [pack["id"] for pack in truth["shelf"]["S-2"]] == ["S-2/1", "S-2/2"]
        laid = await client.post(
            "/gantries/arm/hands", json={"do": "lay", "place": "S-3", "lot": "L9", "expiry": "2031-05-31", "quantity": 2}
        )
        assert [pack["id"] for pack in laid.json()["packs"]] == ["S-3/1", "S-3/2"]
        gone = await client.post("/gantries/arm/hands", json={"do": "remove", "pack": "S-3/1"})
        assert gone.json() == {
            "did": "remove", "packs": [{"id": "S-3/1", "item": None, "lot": "L9", "expiry": "2031-05-31"}],
        }  # fmt: skip
        edges = (await client.get("/edges", params={"what": "put"})).json()["edges"]
        assert [(edge["gantry"], edge["pack"], edge["place"]) for edge in edges] == [("arm", f"S-3/{n}", "S-3") for n in (1, 2)]
        for url, body in (
            ("/gantries/leg/hands", {"do": "remove", "pack": "S-3/2"}),
            ("/gantries/arm/hands", {"do": "remove", "pack": "S-3/1"}),
            ("/gantries/arm/hands", {"do": "lay", "place": "S-9", "lot": "L9", "expiry": "2031-05-31"}),
        ):
            assert (await client.post(url, json=body)).status_code == 404
        assert (await client.post("/faults", json={"kind": "missed-grip", "gantry": "arm"})).status_code == 201
        assert house.plant.gantries["arm"].ails.misses == 1
    house.clear()


def test_a_deaf_board_and_a_mute_one() -> None:
    async def tell(far: Far) -> None:
        far.board.mute = True
        assert await far.say(b"G0 X100\n", 5) == b""
        assert far.plant.position == (100.0, 0.0, 0.0)
        far.board.mute, far.board.deaf = False, True
        assert await far.say(b"G0 X0\n?!", 5) == b""
        assert far.plant.position == (100.0, 0.0, 0.0)

    on(tell)
