"""A tote is let go once: what is known of that when a wire, a module or the daemon fails; and a line without its ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from controller.actors import line_people
from controller.actors.line_acts import Acts
from controller.ledger.port import Entry
from drivers.faults import LedgerFault, Refused
from tests.kit.line import GANTRY, LAYOUT, PACKING, ROBOT, Works, at_the_line


def at_row(works: Works, kind: str, do: Callable[[], object]) -> None:
    """Does something when the next row of this kind is on the disk."""
    ends: list[Callable[[], None]] = []

    def seen(*_: Any) -> None:
        ends.pop()()
        do()

    ends.append(works.world.ledger.subscribe(seen, frozenset({kind})))


def releases(works: Works, zone: int = 0, module: str = "module-1") -> int:
    return works.world.house.conveyors[module].zones[zone].release_count


def test_a_cable_that_is_out_before_the_release_leaves_the_tote_where_it_stands() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        at_row(works, "line.send_intended", lambda: works.world.fault("unplug", link="belt-1", seconds=3))
        assert await works.send("T-1") == "not"
        assert (releases(works), works.where("T-1"), works.stands("T-1")) == (0, "L", "free")
        await works.until(lambda: "module-1" not in works.line.looks)
        await works.ready()
        assert await works.send("T-1") == "released"
        await works.arrived("T-1", PACKING)
        assert releases(works) == 1

    at_the_line(tale)


def test_a_stop_before_the_release_leaves_the_tote_where_it_stands_also_when_the_belts_run_again() -> None:
    async def tale(works: Works) -> None:
        who = await works.world.log_in("technician")
        await works.put("T-1")
        went, _ = await asyncio.gather(works.send("T-1"), line_people.stop(works.line, "somebody", "fire"))
        assert went == "not"
        await line_people.start(works.line, who)
        await asyncio.sleep(20)
        assert (releases(works), works.where("T-1"), works.stands("T-1")) == (0, "L", "free")
        await works.ready()
        assert await works.send("T-1") == "released"

    at_the_line(tale)


def test_a_module_that_never_takes_the_release_in_has_not_let_go() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        zone = works.world.house.conveyors["module-1"].zones[0]
        real, zone.write_release = zone.write_release, lambda count: None  # type: ignore[method-assign]
        assert await works.send("T-1") == "not"
        zone.write_release = real  # type: ignore[method-assign]
        assert works.stands("T-1") == "free"
        assert await works.send("T-1") == "released"

    at_the_line(tale)


def test_what_was_let_go_and_does_not_leave_may_still_go() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        number = works.world.fault("stuck-eye", zone="A1", blocked=True)
        sending = asyncio.ensure_future(works.send("T-1"))
        await works.until(lambda: bool(works.said("send_intended")))
        with pytest.raises(Refused) as why:
            await works.send("T-2")
        assert why.value.code == "line-place-busy"
        assert await sending == "unknown"
        assert works.stands("T-1") == "bound"
        works.world.faults.lift(number)
        await works.arrived("T-1", PACKING)
        assert releases(works) == 1

    at_the_line(tale)


def test_a_person_who_has_looked_ends_a_send_of_which_nobody_knows() -> None:
    async def tale(works: Works) -> None:
        who = await works.world.log_in("technician")
        await works.put("T-1")
        works.world.fault("stuck-eye", zone="A1", blocked=True)
        assert await works.send("T-1") == "unknown"
        await line_people.clear(works.line, "L", who)
        assert works.stands("T-1") == "free"
        assert not works.line.sends.leaving
        await line_people.clear(works.line, "L", who)

    at_the_line(tale)


def test_a_module_that_begins_anew_while_a_tote_leaves_leaves_it_unknown_and_holds_again() -> None:
    async def tale(works: Works) -> None:
        who = await works.world.log_in("technician")
        await works.put("T-1")
        works.world.fault("stuck-eye", zone="A1", blocked=True)
        module = works.world.house.conveyors["module-1"]
        sending = asyncio.ensure_future(works.send("T-1"))
        await works.until(lambda: releases(works) == 1)
        module.reboot(0.5)
        assert await sending == "unknown"
        await works.until(lambda: works.line.held["L"] == works.line.looks["module-1"].counting, within_s=30)
        assert works.line.looks["module-1"].stopped, "after power it stands"
        works.world.faults.lift(1)
        await asyncio.sleep(5)
        await line_people.start(works.line, who)
        await asyncio.sleep(20)
        assert works.where("T-1") == "L"
        assert len([one for one in works.said("act_intended") if one[1]["act"] == "hold" and one[1]["at"] == "L"]) == 2
        for zone in ("L", "A1"):  # the eye that was stuck has counted what was not there
            await line_people.clear(works.line, zone, who)
        assert await works.send("T-1") == "released"

    at_the_line(tale)


@pytest.mark.parametrize("power", [False, True])
def test_the_daemon_dies_before_it_lets_go(power: bool) -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        sending = asyncio.ensure_future(works.send("T-1"))
        died = asyncio.Event()
        at_row(works, "line.send_intended", died.set)
        await died.wait()
        await works.world.restart(power=power)
        sending.cancel()
        await works.ready()
        assert [body["outcome"] for _, body in works.said("send_ended")] == ["unknown"]
        await asyncio.sleep(30)
        if works.where("T-1") == "L":
            assert works.line.sends.leaving_from("L") == "T-1"
            who = await works.world.log_in("technician")
            await line_people.clear(works.line, "L", who)
            assert await works.send("T-1") == "released"
            await works.arrived("T-1", PACKING)
        else:
            assert works.stands("T-1") in {"released", "held", "rejected"}
            assert not works.line.sends.leaving
        assert releases(works) <= 2

    at_the_line(tale)


def test_after_a_restart_what_was_received_arrives_and_what_was_put_aside_stays_so() -> None:
    async def tale(works: Works) -> None:
        number = works.world.fault("no-read", reader="read-1")
        await works.put("T-1")
        await works.send("T-1")
        await works.until(lambda: works.stands("T-1") in {"held", "rejected"})
        stands = works.stands("T-1")
        works.world.faults.lift(number)
        await works.put("T-2")
        await works.send("T-2", ROBOT, GANTRY)
        await works.until(lambda: works.stands("T-2") == "in_lane")
        await works.world.restart()
        await works.ready()
        await works.arrived("T-2", GANTRY)
        assert works.stands("T-1") == stands
        assert works.line.state.lanes == {"gate-2..>H": 1}

    at_the_line(tale)


def test_a_jam_outlives_the_daemon_and_ends_by_a_person() -> None:
    async def tale(works: Works) -> None:
        works.world.fault("belt-jam", zone="B1", at_mm=100)
        await works.put("T-1")
        await works.send("T-1")
        await works.until(lambda: works.told("jam") == 1)
        await works.until(lambda: works.stands("T-1") == "lost")
        await works.put("T-2")
        await works.world.restart()
        await works.ready()
        with pytest.raises(Refused) as why:
            await works.send("T-2")
        assert (why.value.code, why.value.facts["why"]) == ("line-not-fed", "jam read-1..gate-1, unconfirmed read-1..gate-1")
        assert works.stands("T-1") == "lost"
        works.world.faults.lift(1)
        works.belts.take("T-1")
        await line_people.clear(works.line, "B1", await works.world.log_in("technician"))
        assert works.world.books.lines.belts["read-1..gate-1"]["state"] == "running"
        assert await works.send("T-2") == "released"

    at_the_line(tale)


def test_what_the_ledger_says_of_belts_is_true_again_after_a_restart() -> None:
    async def tale(works: Works) -> None:
        await line_people.stop(works.line, "somebody", "")
        await works.until(lambda: not any(belt["moves"] for belt in works.world.books.lines.belts.values()))
        await works.world.crash()
        works.world.house.conveyors["module-1"].release_stop()  # at the module itself, while nobody looks
        await works.world.start()
        await works.ready()
        await works.until(lambda: all(belt["moves"] for belt in works.world.books.lines.belts.values()))

    at_the_line(tale)


def test_a_tote_that_a_hand_takes_off_its_place_is_told_of() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        await works.send("T-1", ROBOT, GANTRY)
        await works.arrived("T-1", GANTRY)
        with pytest.raises(Refused) as why:
            await works.send("T-9", GANTRY, PACKING)
        assert why.value.code == "line-tote-elsewhere"
        await works.put("T-1b", ROBOT, code="T-1")
        with pytest.raises(Refused) as why:
            await works.send("T-1", ROBOT, PACKING)
        assert why.value.code == "line-tote-elsewhere"
        works.belts.take("T-1")
        await works.until(lambda: bool(works.said("taken_off")))
        assert works.said("taken_off")[-1][1]["at"] == GANTRY

    at_the_line(tale)


def test_a_gate_that_stands_drawn_though_nobody_told_it_is_in_doubt_until_somebody_has_looked() -> None:
    async def tale(works: Works) -> None:
        who = await works.world.log_in("technician")
        number = works.world.fault("stuck-end-switch", diverter="gate-2", drawn=True)
        await works.until(lambda: "gate-2" in works.line.gate_watch.doubted)
        await works.put("T-1")
        with pytest.raises(Refused) as why:
            await works.send("T-1")
        assert why.value.code == "line-gate-in-doubt"
        works.world.faults.lift(number)
        await works.until(lambda: works.line.gate_watch.exit("gate-2") == "default")
        await works.world.restart()
        await works.ready_but_gates()
        who = await works.world.log_in("technician")
        assert works.line.gate_watch.doubted == {"gate-2"}
        await line_people.clear(works.line, "B2", who)
        assert await works.send("T-1") == "released"
        await works.arrived("T-1", PACKING)

    at_the_line(tale)


def test_the_belts_are_not_started_before_what_they_must_hold_is_held() -> None:
    async def tale(works: Works) -> None:
        who = await works.world.log_in("technician")
        await line_people.stop(works.line, "somebody", "")
        works.world.fault("unplug", link="belt-3")
        await works.until(lambda: "module-3" not in works.line.looks)
        with pytest.raises(Refused) as why:
            await line_people.start(works.line, who)
        assert why.value.code == "line-not-held"

    at_the_line(tale)


def test_without_a_ledger_belts_are_stopped_all_the_same_and_nothing_else_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    async def tale(works: Works) -> None:
        line, post = works.line, works.world.ledger.post

        def fails(*entries: Entry, **more: Any) -> Any:
            if any(entry.kind.startswith("line.") for entry in entries):
                raise LedgerFault("ledger-failed")
            return post(*entries, **more)

        await works.put("T-1")
        await works.send("T-1")
        monkeypatch.setattr(works.world.ledger, "post", fails)
        assert await line_people.stop(line, "somebody", "fire") == ["accepted"]
        assert all(module.stops for module in works.world.house.conveyors.values())
        works.world.fault("unplug", link="belt-1", seconds=1)
        works.world.fault("unplug", link="camera-1", seconds=1)
        works.world.fault("stuck-end-switch", diverter="gate-2", drawn=True)
        await asyncio.sleep(3)
        assert works.world.station.failure is not None
        works.world.fault("unplug", link="belt-5")
        works.world.fault("unplug", link="belt-1")
        await works.until(lambda: not works.world.station.devices.links["belt-1"].up)
        assert await line_people.stop(line, "somebody", "fire") == ["not_sent"]
        with pytest.raises(LedgerFault):
            await works.send("T-1")
        monkeypatch.setattr(works.world.ledger, "post", post)

    at_the_line(tale)


def test_acts_that_fail_say_how() -> None:
    """A module that does not answer to being stopped was perhaps stopped; one without a cable was not."""

    async def tale(works: Works) -> None:
        works.world.fault("lose", link="belt-1")
        assert await line_people.stop(works.line, "somebody", "") in (["silent"], ["accepted"])
        works.world.fault("unplug", link="belt-1")
        await works.until(lambda: not works.world.station.devices.links["belt-1"].up)
        acts: Acts = works.line.acts
        act = works.line.stop_act("module-1", "asked")
        assert await acts.done(act, acts.post(act)) == "not_sent"
        await works.world.durable()
        assert works.said("act_ended")[-1][1]["reason"] == "link-lost"

    at_the_line(tale)


def test_a_tote_that_left_while_nobody_could_see_is_known_again_where_it_is_read() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        sending = asyncio.ensure_future(works.send("T-1"))
        await works.until(lambda: releases(works) == 1)
        works.world.fault("unplug", link="belt-1", seconds=0.2)
        assert await sending == "unknown"
        assert works.line.sends.leaving_from("L") == "T-1"
        with pytest.raises(Refused) as why:
            await works.send("T-1", ROBOT, GANTRY)
        assert why.value.code in {"line-place-busy", "line-stopped"}
        await works.until(lambda: works.line.sends.leaving_from("L") is None)
        await works.until(lambda: works.stands("T-1") in {"released", "held", "rejected"})
        assert not works.said("left")

    at_the_line(tale)


def test_what_nobody_has_seen_since_a_restart_is_readmitted_by_who_finds_it() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        await works.send("T-1")
        await works.until(lambda: works.where("T-1") == "S2")
        works.belts.take("T-1")
        await works.world.restart()
        await works.ready()
        who = await works.world.log_in("technician")
        await asyncio.sleep(120)
        assert works.stands("T-1") == "bound"
        line_people.readmit(works.line, "T-1", ROBOT, who)
        await works.put("T-1")
        with pytest.raises(Refused) as why:
            await works.send("T-1", ROBOT, ROBOT)
        assert why.value.code == "line-no-way"
        assert await works.send("T-1") == "released"
        await works.arrived("T-1", PACKING)

    at_the_line(tale)


def test_a_tote_of_ours_that_nobody_sent_is_a_stranger_until_it_is_readmitted() -> None:
    async def tale(works: Works) -> None:
        who = await works.world.log_in("technician")
        await works.put("T-1")
        await works.send("T-1")
        await works.until(lambda: works.where("T-1") == "A1")
        works.belts.take("T-1")
        await works.until(lambda: works.stands("T-1") == "lost")
        line_people.readmit(works.line, "T-1", ROBOT, who)
        works.belts.put("T-1", "A1", 300, front=510)
        await works.until(lambda: works.told("dead", "T-1") == 1)
        await works.until(lambda: works.where("T-1") == "H")
        assert works.stands("T-1") == "foreign"
        line_people.readmit(works.line, "T-1", ROBOT, who)
        assert works.stands("T-1") == "free"
        assert not works.said("arrived")

    at_the_line(tale)


def test_under_a_halt_no_gate_is_told() -> None:
    async def tale(works: Works) -> None:
        session = await works.world.log_in("technician")
        await works.put("T-1")
        await works.send("T-1", ROBOT, GANTRY)
        await works.until(lambda: works.where("T-1") == "A1")
        await works.world.station.halt(session, "")
        works.world.house.scanners["camera-1"].scan("T-1")  # a reader whose belt stands may still say something
        await asyncio.sleep(2)
        assert not [body for _, body in works.said("act_intended") if body["act"] == "set"]
        assert works.world.books.lines.halted == "asked"

    at_the_line(tale)


@pytest.mark.parametrize("groups", ["one group", "a group each"])
@pytest.mark.parametrize("ms", [0, 2, 5, 10, 15, 20, 25, 30, 40, 50, 100])
def test_a_stop_at_any_instant_of_a_start_is_the_last_word(ms: int, groups: str) -> None:
    async def tale(works: Works) -> None:
        who = await works.world.log_in("technician")
        await line_people.stop(works.line, "somebody", "asked")
        works.line.held.clear()  # as when modules count anew: places are told to hold first
        starting = asyncio.ensure_future(line_people.start(works.line, who))
        await asyncio.sleep(ms / 1000)
        await line_people.stop(works.line, "somebody", "asked")
        (began,) = await asyncio.gather(starting, return_exceptions=True)
        assert isinstance(began, list) or (isinstance(began, Refused) and began.code == "line-stopped")
        await asyncio.sleep(5)
        assert all(look.stopped for look in works.line.looks.values())
        await line_people.start(works.line, who)
        await works.ready()

    parts = LAYOUT["conveyors"]
    at_the_line(tale, conveyors=[{**part, "group": part["id"] if groups == "a group each" else "line"} for part in parts])
