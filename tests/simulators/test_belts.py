"""Belts as physics: where every body is at any instant, who moves it, who runs up against whom, what eyes and gates do."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from simulators.faults.belts import (
    BeltJam,
    DeadMotor,
    HalfGate,
    NoRead,
    SlowBelt,
    SlowGate,
    StuckEndSwitch,
    StuckEye,
    StuckGate,
)
from simulators.faults.faults import Faults
from simulators.house import House
from simulators.plant.pocket import CannotDo, NotThere
from sites.segments import per_hour, zones_of
from tests.simulators.belts import control, on_belts, overlaps


def places(house: House) -> dict[str, str]:
    return {id: body.belt.id for id, body in house.belts.bodies.items()}


def test_where_a_body_is_at_any_instant() -> None:
    async def story(house: House) -> None:
        house.belts.put("T-1", "in", 300)
        for _ in range(20):
            at = asyncio.get_running_loop().time()
            body = house.belts.where("T-1")
            assert body.front + (700 if body.belt.id == "fork" else 0) == pytest.approx(300 + 500 * at)
            await asyncio.sleep(0.0471)
        assert body.belt.id == "fork"
        assert body.rear[0].id == "in"

    on_belts(story)


def test_zones_let_one_carton_in_at_a_time_and_count_each() -> None:
    async def story(house: House) -> None:
        for number in range(3):
            house.belts.put(f"T-{number}", "in", 300)
            await asyncio.sleep(5)
        assert places(house) == {"T-0": "pack", "T-1": "fork", "T-2": "in"}
        assert [(control(house, id).arrivals, control(house, id).departures) for id in ("in", "fork", "pack")] == [
            (3, 2), (2, 1), (1, 0),
        ]  # fmt: skip
        with pytest.raises(CannotDo, match="another container lies there"):
            house.belts.put("T-3", "in", 400)
        house.belts.take("T-0")
        await asyncio.sleep(5)
        assert places(house) == {"T-1": "pack", "T-2": "fork"}
        assert not any(belt.runs for belt in house.belts.belts.values())

    on_belts(story)


def test_a_body_is_moved_by_the_zone_under_its_middle() -> None:
    async def story(house: House) -> None:
        Faults(house).plant(DeadMotor(kind="dead-motor", zone="fork"))
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(3)
        body = house.belts.where("T-1")
        assert (body.belt.id, body.front) == ("fork", pytest.approx(150))
        assert overlaps(list(house.belts.bodies.values())) == []

    on_belts(story)


def test_what_runs_up_against_another_stops_there_and_the_eye_sees_one_long_carton() -> None:
    async def story(house: House) -> None:
        house.belts.put("T-1", "in", 200, front=450)
        house.belts.hold("T-1", True)
        house.belts.put("T-2", "in", 200)
        await asyncio.sleep(1)
        one, two = house.belts.where("T-1"), house.belts.where("T-2")
        assert (one.front, two.front) == (450, pytest.approx(250))
        assert house.belts.log.count("touched", "in") == 1
        house.belts.hold("T-1", False)
        await asyncio.sleep(8)
        assert control(house, "in").arrivals == 1, "no gap between them: one carton, as far as the eye can tell"
        assert house.belts.log.count("entered", "in") == 2

    on_belts(story)


def test_a_body_waits_at_a_mouth_over_which_another_lies() -> None:
    """The lane is full to its mouth: what is led into it stays over the fork, and goes on when there is room."""

    async def story(house: House) -> None:
        house.belts.put("L-1", "lane", 300, front=690)
        house.belts.put("L-2", "lane", 380)
        house.gates["gate"].drive()
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(4)
        body = house.belts.where("T-1")
        assert (body.belt.id, body.front) == ("lane", pytest.approx(0.0)), "it stands against the other at the mouth"
        house.belts.take("L-2")
        await asyncio.sleep(12)
        assert overlaps(list(house.belts.bodies.values())) == []
        house.belts.take("L-1")
        await asyncio.sleep(12)
        assert places(house) == {"T-1": "lane"}

    on_belts(story)


@pytest.mark.parametrize("late_s", [0.02, 0.05, 0.1])
def test_a_gate_on_its_way_catches_what_comes(late_s: float) -> None:
    """The front meets the gate 1.2 s after the container was put on; the gate takes 150 ms."""

    async def story(house: House) -> None:
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(1.2 - late_s)
        house.gates["gate"].drive()
        await asyncio.sleep(10)
        assert (house.belts.where("T-1").caught, house.belts.where("T-1").front) == (True, pytest.approx(200))
        house.belts.take("T-1")
        await asyncio.sleep(10)
        house.gates["gate"].rest()
        await asyncio.sleep(1)
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(10)
        assert places(house) == {"T-1": "pack"}

    on_belts(story)


def test_a_gate_that_moves_under_a_container_catches_it() -> None:
    async def story(house: House) -> None:
        house.gates["gate"].drive()
        await asyncio.sleep(1)
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(1.4)
        house.gates["gate"].rest()
        await asyncio.sleep(5)
        assert house.belts.where("T-1").caught
        assert house.belts.log.passages[-1].what in {"caught", "gate_rests", "motor_stands"}

    on_belts(story)


@pytest.mark.parametrize("gap_mm", range(1, 80, 6))
def test_two_containers_closer_than_a_gate_needs_are_never_parted(gap_mm: int) -> None:
    """The gap rule of B.2: the first goes to the lane, the gate falls back (150 ms, so 75 mm) as soon as its rear is past."""

    async def story(house: House) -> None:
        house.gates["gate"].drive()
        await asyncio.sleep(1)
        house.belts.put("T-1", "fork", 60, front=199)
        house.belts.put("T-2", "fork", 60, front=199 - 60 - gap_mm)
        control(house, "fork").write_control(1 << 12)
        await house.belts.log.until(lambda: house.belts.bodies["T-1"].belt.id == "lane", 5)
        await asyncio.sleep(60 / 500 + 1e-4)
        house.gates["gate"].rest()
        await asyncio.sleep(8)
        assert not house.belts.where("T-1").caught
        assert house.belts.where("T-2").caught is (gap_mm < 75)

    on_belts(story)


def test_hands_put_take_swap_and_hold_only_what_there_is() -> None:
    async def story(house: House) -> None:
        belts = house.belts
        belts.put("T-1", "lane", 300, front=650)
        belts.put("T-2", "pack", 200, front=450)
        belts.swap("T-1", "T-2")
        assert {id: (belts.where(id).belt.id, belts.where(id).front) for id in belts.bodies} == {
            "T-2": ("lane", 650), "T-1": ("pack", 450),
        }  # fmt: skip
        assert belts.belts["lane"].before_eye == {"T-2"}
        for wrong, said in (
            (lambda: belts.put("T-1", "in", 300), "is on the belts already"),
            (lambda: belts.put("T-9", "in", 300, front=900), "a front goes from 300"),
            (lambda: belts.put("T-9", "no", 300), "no zone no"),
            (lambda: belts.take("T-9"), "no container T-9"),
            (lambda: belts.swap("T-1", "T-9"), "no container T-9"),
            (lambda: belts.hold("T-9", True), "no container T-9"),
        ):
            with pytest.raises(CannotDo, match=said):
                wrong()
        belts.put("T-3", "in", 500)
        await asyncio.sleep(0.6)
        with pytest.raises(CannotDo, match="lies over two zones"):
            belts.swap("T-3", "T-1")
        belts.take("T-1")
        belts.put("T-4", "pack", 100, front=150)
        with pytest.raises(CannotDo, match="too long for the other's place"):
            belts.swap("T-2", "T-4")

    on_belts(story)


def test_a_hand_that_takes_a_carton_off_before_the_eye_is_no_departure_to_the_next_zone() -> None:
    async def story(house: House) -> None:
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(0.9)
        house.belts.take("T-1")
        await asyncio.sleep(4)
        assert (control(house, "in").departures, control(house, "fork").arrival_jam) == (1, False)
        await asyncio.sleep(2)
        assert control(house, "fork").arrival_jam, "it left, as far as the eye can tell, and never came"
        await asyncio.sleep(5)
        assert not control(house, "fork").arrival_jam, "cleared by itself"

    on_belts(story)


def test_an_arrival_jam_holds_both_sides_for_the_auto_clear_time() -> None:
    async def story(house: House) -> None:
        faults = Faults(house)
        jam = faults.plant(BeltJam(kind="belt-jam", zone="fork", at_mm=400))
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(4)
        house.belts.put("T-2", "in", 300)
        await asyncio.sleep(2.5)
        fork = control(house, "fork")
        assert (fork.arrival_jam, fork.belt.runs, house.belts.where("T-1").front) == (True, False, pytest.approx(400, abs=1))
        stood = [one.at for one in house.belts.log.passages if one.what == "motor_stands" and one.place == "fork"]
        left = next(one.at for one in house.belts.log.passages if one.what == "eye_clear" and one.place == "in")
        assert stood == pytest.approx([left + 5])
        faults.lift(jam)
        await asyncio.sleep(20)
        assert [house.belts.where(id).belt.id for id in ("T-1", "T-2")] == ["pack", "fork"]

    on_belts(story)


def test_an_eye_stuck_blocked_is_a_sensor_jam_with_three_tries() -> None:
    async def story(house: House) -> None:
        faults = Faults(house)
        stuck = faults.plant(StuckEye(kind="stuck-eye", zone="in", blocked=True))
        await asyncio.sleep(200)
        zone = control(house, "in")
        assert (zone.sensor_jam, zone.arrivals) == (True, 1)
        assert house.belts.log.count("motor_runs", "in") == 4, "once, and three tries"
        faults.lift(stuck)
        assert not zone.sensor_jam, "removed"
        await asyncio.sleep(10)
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(10)
        assert places(house) == {"T-1": "pack"}

    on_belts(story)


def test_an_eye_stuck_clear_lets_a_carton_run_past() -> None:
    async def story(house: House) -> None:
        Faults(house).plant(StuckEye(kind="stuck-eye", zone="in", blocked=False))
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(6)
        assert control(house, "in").arrivals == 0
        assert control(house, "in").arrival_jam

    on_belts(story)


@pytest.mark.parametrize("times", [0.5, 0.05])
def test_a_slow_belt_is_slow_and_one_that_hardly_turns_is_stalled(times: float) -> None:
    async def story(house: House) -> None:
        faults = Faults(house)
        slow = faults.plant(SlowBelt(kind="slow-belt", zone="in", times=times))
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(1)
        assert house.belts.where("T-1").front == pytest.approx(300 + 500 * times)
        assert house.conveyors["module-a"].words(3, 1499, 21)[6] == (1 << 3 | 1 << 13 if times < 0.1 else 0)
        faults.lift(slow)
        await asyncio.sleep(0.1)
        assert house.belts.where("T-1").front == pytest.approx(300 + 500 * times + 50)

    on_belts(story)


def test_gates_that_are_stuck_half_slow_or_lie() -> None:
    async def story(house: House) -> None:
        gate, faults = house.gates["gate"], Faults(house)
        for fault, where in (
            (StuckGate(kind="stuck-gate", diverter="gate"), 0.0),
            (HalfGate(kind="half-gate", diverter="gate"), 0.5),
            (SlowGate(kind="slow-gate", diverter="gate", times=10), pytest.approx(2 / 3)),
        ):
            number = faults.plant(fault)
            gate.drive()
            await asyncio.sleep(1)
            assert gate.where == where, fault
            faults.lift(number)
            await asyncio.sleep(2)
            assert gate.drawn, "with its ail gone it goes where its current wants it"
            gate.rest()
            await asyncio.sleep(2)
        number = faults.plant(StuckEndSwitch(kind="stuck-end-switch", diverter="gate", drawn=True))
        assert (gate.switches(), gate.rests) == ((True, True), True)
        faults.lift(number)
        gate.drive()
        await asyncio.sleep(0.075)
        gate.rest()
        await asyncio.sleep(0.05)
        assert gate.where == pytest.approx(1 / 6), "half drawn, and back again at the same pace"
        for wrong in (StuckGate(kind="stuck-gate", diverter="no"), NoRead(kind="no-read", reader="no")):
            with pytest.raises(NotThere):
                faults.plant(wrong)

    on_belts(story)


def test_a_module_may_be_without_power_and_without_a_stop() -> None:
    """Without a watch over its host a module goes on by itself when power is back: it is a machine, and that is its setting."""

    async def story(house: House) -> None:
        house.belts.put("T-1", "in", 300)
        await asyncio.sleep(1)
        house.conveyors["module-a"].reboot(3)
        await asyncio.sleep(2)
        at = house.belts.where("T-1").front
        assert not house.wires["belt-a"].plugged
        await asyncio.sleep(0.9)
        assert house.belts.where("T-1").front == at
        await asyncio.sleep(10)
        assert places(house) == {"T-1": "pack"}

    on_belts(story, ('link = "belt-a"', 'link = "belt-a"\nlost_host_s = 0'))


def test_no_reads_are_seeded() -> None:
    def read(seed: int) -> list[str]:
        async def story(house: House) -> None:
            Faults(house).plant(NoRead(kind="no-read", reader="reader", share=0.5))
            for number in range(20):
                house.belts.put(f"T-{number}", "in", 300)
                await asyncio.sleep(4)
                for id in [id for id, zone in places(house).items() if zone == "pack"]:
                    house.belts.take(id)

        house = on_belts(story, seed=seed)
        return [one.what for one in house.belts.log.passages if one.place == "reader"]

    assert read(1) == read(1) != read(2)
    assert {"read", "unread"} == set(read(1))


def test_a_saturated_belt_carries_what_the_checker_says() -> None:
    """Put on as soon as there is room, taken off at once: cartons an hour within a tenth of `per_hour`."""

    async def story(house: House) -> None:
        put, taken = 0, 0

        def again(passage: object) -> None:
            nonlocal put, taken
            for id in [body.id for body in house.belts.bodies.values() if body.belt.id == "pack" and body.front >= 649]:
                house.belts.take(id)
                taken += 1
            belt = house.belts.belts["in"]
            if not any(body.lies(belt, 0, 310) for body in house.belts.bodies.values()):
                put += 1
                house.belts.put(f"T-{put}", "in", 300)

        house.belts.put("T-0", "in", 300)
        loop = asyncio.get_running_loop()
        until = loop.time() + 600
        while loop.time() < until:
            await asyncio.sleep(0.05)
            again(None)
        assert taken * 6 == pytest.approx(per_hour(zones_of(house.site.conveyors)["fork"], 300), rel=0.1)

    on_belts(story)


@pytest.mark.parametrize("seed", range(15))
def test_whatever_hands_and_faults_do_no_two_bodies_lie_in_each_other_and_none_is_lost(seed: int) -> None:
    async def story(house: House) -> None:
        chance, belts, faults = Random(seed), house.belts, Faults(house)
        put = taken = 0
        planted: list[int] = []
        for _ in range(250):
            await asyncio.sleep(chance.uniform(0.05, 2.0))
            belts.touch()
            assert overlaps(list(belts.bodies.values())) == []
            bodies, zones = list(belts.bodies), list(belts.belts)
            try:
                match chance.randrange(9):
                    case 0 | 1 | 2:
                        belts.put(
                            f"T-{put}", chance.choice(zones), chance.choice([60, 200, 300]), front=chance.choice([None, 320, 500])
                        )
                        put += 1
                    case 3 | 4:
                        belts.take(chance.choice(bodies or ["none"]))
                        taken += 1
                    case 5:
                        belts.hold(chance.choice(bodies or ["none"]), chance.random() < 0.3)
                    case 6:
                        (house.gates["gate"].drive if chance.random() < 0.5 else house.gates["gate"].rest)()
                    case 7:
                        zone = chance.choice(zones)
                        ail = chance.choice(
                            [DeadMotor(kind="dead-motor", zone=zone), StuckEye(kind="stuck-eye", zone=zone, blocked=True)]
                        )
                        planted.append(faults.plant(ail))
                    case _:
                        if planted:
                            faults.lift(planted.pop())
                        house.conveyors["module-a"].release_stop()
            except CannotDo:
                continue
        assert len(belts.bodies) == put - taken
        for id in belts.belts:
            zone, log = control(house, id), belts.log
            assert (zone.arrivals, zone.departures) == (log.count("eye_blocked", id), log.count("eye_clear", id))

    on_belts(story, ('link = "belt-a"', 'link = "belt-a"\nlost_host_s = 0'))
