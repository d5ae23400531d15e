"""What goes wrong on belts, over real bytes: nothing is decided by elimination, nothing is told late, nothing moves by itself."""

from __future__ import annotations

import asyncio

import pytest

from drivers.faults import Refused
from tests.kit.line import GANTRY, LAYOUT, PACKING, ROBOT, Works, at_the_line


async def refused(works: Works, code: str, tote: str = "T-1", frm: str = ROBOT, to: str = PACKING) -> None:
    before = len(works.said("send_intended"))
    with pytest.raises(Refused) as why:
        await works.send(tote, frm, to)
    assert why.value.code == code
    assert len(works.said("send_intended")) == before


def whole(works: Works, tote: str, zone: str) -> bool:
    """Whether it lies on that zone and no other."""
    body = works.belts.where(tote)
    return body.belt.id == zone and len(body.trail) == 1 and body.front >= 300


@pytest.mark.parametrize(("reader", "said"), [("read-1", "unread"), ("read-2", "unread"), ("read-packing", "unread")])
def test_a_tote_that_was_not_read_goes_the_safe_way_and_is_reported(reader: str, said: str) -> None:
    async def tale(works: Works) -> None:
        works.world.fault("no-read", reader=reader)
        await works.put("T-1")
        assert await works.send("T-1") == "released"
        await works.until(lambda: works.told(said, "T-1") == 1)
        (unread,) = works.said(said)
        assert unread[1]["where"] == reader
        there = "P" if reader == "read-packing" else "H"
        await works.until(lambda: works.where("T-1") == there and not works.belts.body("T-1").speed)
        await asyncio.sleep(60)
        assert not works.said("arrived")
        assert works.stands("T-1") in {"held", "rejected", "lost"}
        assert works.world.books.lines.troubles["T-1"]["do"] in {"take-off-and-readmit", "search"}

    at_the_line(tale)


def test_a_stranger_in_the_place_of_a_tote_is_no_tote_of_ours() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        assert await works.send("T-1") == "released"
        await works.until(lambda: works.where("T-1") == "A1")
        body = works.belts.where("T-1")
        front = body.front
        works.belts.take("T-1")
        works.belts.put("X-9", "A1", 300, front=max(300.0, front))
        await works.until(lambda: works.told("foreign", "X-9") >= 1)
        await works.until(lambda: works.where("X-9") == "H")
        await works.until(lambda: works.told("lost", "T-1") == 1)
        assert not works.said("arrived")

    at_the_line(tale)


def test_two_that_hands_have_swapped_come_where_their_own_codes_lead() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        await works.send("T-1", ROBOT, GANTRY)
        await works.arrived("T-1", GANTRY)
        await works.put("T-2")
        await works.send("T-1", GANTRY, PACKING, "L-1")
        await works.send("T-2", ROBOT, GANTRY, "L-2")
        await works.until(lambda: whole(works, "T-2", "A1") and whole(works, "T-1", "A2"))
        works.belts.swap("T-1", "T-2")
        await works.until(lambda: works.stands("T-1") == works.stands("T-2") == "held")
        await asyncio.sleep(30)
        assert {works.where("T-1"), works.where("T-2")} <= {"B2", "H"}
        assert [body["at"] for _, body in works.said("arrived")] == [GANTRY]

    at_the_line(tale)


def test_a_reader_that_does_not_answer_is_not_sent_past() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        number = works.world.fault("unplug", link="camera-2")
        await works.until(lambda: works.said("reader_changed")[-1][1]["state"] == "down")
        await refused(works, "line-reader-lost")
        works.world.faults.lift(number)
        await works.until(lambda: works.said("reader_changed")[-1][1]["state"] == "ok")
        assert await works.send("T-1") == "released"
        await works.arrived("T-1", PACKING)

    at_the_line(tale)


def test_a_reader_lost_on_the_way_lets_the_tote_take_the_safe_exit() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        await works.send("T-1")
        works.world.fault("unplug", link="camera-1")
        await works.until(lambda: works.where("T-1") == "H")
        await works.until(lambda: works.stands("T-1") in {"held", "rejected"})
        assert not works.said("arrived")

    at_the_line(tale)


def test_a_gate_is_never_told_late() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        await works.send("T-1")
        await works.until(lambda: works.where("T-1") == "A2" and works.belts.where("T-1").front > 50)
        works.world.fault("lose", link="gates", count=1000)
        await works.until(lambda: works.where("T-1") == "H")
        await works.until(lambda: any(body["act"] == "set" for _, body in works.said("act_ended")))
        (told,) = [body for _, body in works.said("act_ended") if body["act"] == "set"]
        assert (told["outcome"], told["reason"]) == ("not_sent", "deadline-passed")
        assert works.belts.log.count("gate_driven", "gate-2") == 0
        assert works.told("strayed", "T-1") == 1

    slow = {**LAYOUT["links"], "gates": {**LAYOUT["links"]["gates"], "late_ms": 3000}}
    at_the_line(tale, links=slow)


@pytest.mark.parametrize("kind", ["stuck-gate", "half-gate"])
def test_a_gate_that_does_not_show_what_it_was_told_is_in_doubt(kind: str) -> None:
    async def tale(works: Works) -> None:
        number = works.world.fault(kind, diverter="gate-1")
        await works.put("T-1")
        await works.send("T-1", ROBOT, GANTRY)
        await works.until(lambda: bool(works.said("gate_changed")))
        assert works.said("gate_changed")[-1][1]["in_doubt"]
        assert [body["outcome"] for _, body in works.said("act_ended") if body["act"] == "set"] == ["unconfirmed"]
        if kind == "stuck-gate":
            await works.until(lambda: works.where("T-1") == "H")
            assert works.told("strayed", "T-1") == 1
        await works.put("T-2")
        await asyncio.sleep(20)
        with pytest.raises(Refused) as why:
            await works.send("T-2", ROBOT, PACKING)
        assert why.value.code in {"line-gate-in-doubt", "line-not-fed"}
        works.world.faults.lift(number)
        assert not works.said("arrived")

    at_the_line(tale)


def test_a_jam_stops_the_feeding() -> None:
    async def tale(works: Works) -> None:
        number = works.world.fault("belt-jam", zone="B1", at_mm=100)
        await works.put("T-1")
        assert await works.send("T-1") == "released"
        await works.until(lambda: works.told("jam") == 1)
        await works.put("T-2")
        await refused(works, "line-not-fed", "T-2")
        works.world.faults.lift(number)
        works.belts.take("T-1")
        await works.until(lambda: works.told("lost", "T-1") == 1)

    at_the_line(tale)


def test_a_module_that_does_not_answer_is_not_sent_over() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        number = works.world.fault("unplug", link="belt-4")
        await works.until(lambda: "module-4" in works.line.stands())
        await refused(works, "line-stopped")
        works.world.faults.lift(number)
        await works.until(lambda: not works.line.stands())
        assert await works.send("T-1") == "released"

    at_the_line(tale)


def test_after_a_restart_nothing_moves_by_itself_and_what_was_under_way_is_read_anew() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        await works.send("T-1", ROBOT, GANTRY)
        await works.arrived("T-1", GANTRY)
        await works.put("T-2")
        await works.send("T-1", GANTRY, PACKING)
        await works.world.restart()
        await works.ready()
        assert works.where("T-2") == "L", "it stood there, and stands"
        await asyncio.sleep(60)
        assert works.where("T-2") == "L"
        assert works.where("T-1") in {"P", "H"}
        assert works.stands("T-1") in {"released", "held", "rejected"}, works.said()[-30:]
        assert len(works.said("send_intended")) == 2

    at_the_line(tale)


def test_a_cable_that_is_cut_while_a_tote_passes_leaves_the_order_in_doubt_and_a_reader_settles_it() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        await works.send("T-1")
        await works.until(lambda: works.where("T-1") == "B1")
        works.world.fault("unplug", link="belt-2", seconds=1)
        await asyncio.sleep(60)
        assert any(body["where"] in {"gate-1..<A2", "<A2..read-2", "read-2..gate-2"} for _, body in works.said("uncertain"))
        at = {"packing": "P"}
        assert all(works.where(body["tote"]) == at[body["at"]] for _, body in works.said("arrived"))
        assert works.stands("T-1") in {"released", "held", "rejected"}
        assert len([one for one in works.said("act_intended") if one[1]["act"] == "set"]) <= 1

    at_the_line(tale)


def test_a_code_that_a_reader_says_twice_is_no_double() -> None:
    async def tale(works: Works) -> None:
        gun = works.world.house.scanners["camera-1"]
        real = gun.scan

        def twice(data: str, aim: str | None = None) -> None:
            real(data, aim)
            real(data, aim)

        gun.scan = twice  # type: ignore[method-assign]
        await works.put("T-1")
        await works.send("T-1")
        await works.arrived("T-1", PACKING)
        assert not works.said("clone")

    at_the_line(tale)


def test_two_with_one_code_are_stopped_and_neither_arrives() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        await works.send("T-1")
        await works.until(lambda: whole(works, "T-1", "B1"))
        works.belts.put("double", "A1", 300, code="T-1", front=510)
        await works.until(lambda: works.told("clone", "T-1") == 1)
        await works.until(lambda: all(module.stops for module in works.world.house.conveyors.values()))
        assert works.world.books.lines.troubles["T-1"]["do"] in {"take-off-both", "take-off-and-readmit"}
        await asyncio.sleep(60)
        assert not works.said("arrived")
        assert works.stands("T-1") == "held"

    at_the_line(tale)


def test_a_double_that_stands_before_a_place_and_its_original_behind_it_are_both_held() -> None:
    """Shifts 71, 72, 77 and 83 of LC-11-SITE: the belt took the two for one and stood until its module tried again; the double was
    late then, was received, and handed on with its first word, the original standing behind it where no reader is."""

    async def tale(works: Works) -> None:
        await works.put("T-1")
        works.belts.put("double", "S2", 300, code="T-1", front=497)
        assert await works.send("T-1") == "released"
        await works.until(lambda: works.told("surplus") == 1)
        await works.until(lambda: works.where("double") == "P" and works.told("refused", "T-1") == 1)
        await asyncio.sleep(60)
        assert not works.said("arrived")
        assert works.stands("T-1") == "held"
        assert works.world.books.lines.troubles["T-1"]["do"] == "take-off-and-readmit"
        works.belts.take("double")
        await asyncio.sleep(30)
        assert not works.said("arrived"), "not even alone: a person says what becomes of it"
        assert works.stands("T-1") == "held"

    at_the_line(tale)
