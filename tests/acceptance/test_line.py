"""The line over REST: people see it, stop it, start it, say what they found, and send totes; a program may only look and stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.acceptance.ward import Ward, a_ward
from tests.kit.line import GANTRY, PACKING, ROBOT, Works, line_site
from tests.kit.virtual_loop import run

Tale = Callable[[Ward, Works], Awaitable[None]]


@asynccontextmanager
async def the_line() -> AsyncIterator[tuple[Ward, Works]]:
    async with a_ward(site=line_site(), stock=[]) as ward:
        works = Works(ward.world)
        await works.ready()
        yield ward, works


def told(tale: Tale) -> None:
    async def play() -> None:
        async with the_line() as (ward, works):
            await tale(ward, works)

    run(play())


def test_a_person_sends_a_tote_and_everybody_sees_where_it_is() -> None:
    async def tale(ward: Ward, works: Works) -> None:
        tech, nurse, program = await ward.person("technician"), await ward.person("nurse"), await ward.service()
        body = {"list": "L-1", "at": ROBOT, "to": PACKING}
        await tech.refused("POST", "/v1/line/totes/T-1/departure", body, "line-nothing-there")
        await works.put("T-1")
        await nurse.refused("POST", "/v1/line/totes/T-1/departure", body, "not-allowed")
        await program.refused("POST", "/v1/line/totes/T-1/departure", body, "not-allowed")
        await tech.refused("POST", "/v1/line/totes/T-1/departure", {**body, "at": "nowhere"}, "line-unknown-place")
        await tech.refused("POST", "/v1/line/totes/T-1/departure", {**body, "to": ROBOT}, "line-no-way")
        sent = await tech.done("POST", "/v1/line/totes/T-1/departure", body)
        assert sent["outcome"] == "released"
        await works.put("T-2")
        await tech.refused("POST", "/v1/line/totes/T-2/departure", body, "line-place-taken")
        await tech.refused("POST", "/v1/line/totes/T-1/departure", {**body, "to": GANTRY}, "line-tote-elsewhere")
        shown = await nurse.get("/v1/line")
        (tote,) = shown["totes"]
        assert (tote["id"], tote["pick_list"], tote["to"], tote["state"], tote["trouble"]) == (
            "T-1",
            "L-1",
            PACKING,
            "moving",
            None,
        )
        await works.arrived("T-1", PACKING)
        shown = await program.get("/v1/line")
        assert [(one["id"], one["occupied"], one["leaving"]) for one in shown["places"]] == [
            (ROBOT, True, None), (GANTRY, False, None), (PACKING, True, None),
        ]  # fmt: skip
        assert [(one["id"], one["exit"], one["in_doubt"]) for one in shown["gates"]] == [
            ("gate-1", "default", False), ("gate-2", "default", False),
        ]  # fmt: skip
        assert {one["state"] for one in shown["readers"]} == {"ok"}
        assert {one["state"] for one in shown["belts"]} == {"running"}
        assert shown["lanes"] == [{"zone": "H", "totes": 0, "places": 5}]
        assert [one["stopped"] for one in shown["modules"]] == [[]] * 5

    told(tale)


def test_anybody_stops_the_belts_and_a_person_who_may_starts_them() -> None:
    async def tale(ward: Ward, works: Works) -> None:
        nurse, tech = await ward.person("nurse"), await ward.person("technician")
        body = {"list": "L-1", "at": ROBOT, "to": GANTRY}
        await works.put("T-1")
        await tech.done("POST", "/v1/line/totes/T-1/departure", body)
        await works.until(lambda: works.where("T-1") == "S1" and len(works.belts.where("T-1").trail) == 1)
        await nurse.done("POST", "/v1/line/stop", {"reason": "a hand is in it"})
        await works.until(lambda: all(not one["moves"] for one in works.world.books.lines.belts.values()))
        assert not works.belts.where("T-1").speed
        where = works.belts.where("T-1").way
        await works.put_still("T-2")
        await tech.refused("POST", "/v1/line/totes/T-2/departure", body, "line-stopped")
        await nurse.refused("POST", "/v1/line/start", code="not-allowed")
        await asyncio.sleep(120)
        assert works.belts.where("T-1").way == where, "nothing starts by itself"
        shown = await tech.done("POST", "/v1/line/start")
        assert len(shown["modules"]) == 5
        await works.arrived("T-1", GANTRY)
        assert not works.said("late", "lost"), "a window stands with its belt"

    told(tale)


def test_what_was_rejected_is_taken_off_readmitted_and_sent_anew() -> None:
    async def tale(ward: Ward, works: Works) -> None:
        nurse, tech = await ward.person("nurse"), await ward.person("technician")
        number = works.world.fault("no-read", reader="read-1")
        await works.put("T-1")
        await works.send("T-1")
        await works.until(lambda: works.where("T-1") == "H" and works.stands("T-1") in {"held", "rejected"})
        works.world.faults.lift(number)
        (tote,) = (await nurse.get("/v1/line"))["totes"]
        assert tote["trouble"]["do"] == "take-off-and-readmit"
        await works.until(lambda: not works.belts.where("T-1").speed)
        works.belts.take("T-1")
        path = "/v1/line/totes/T-1/readmission"
        await nurse.refused("POST", path, {"at": ROBOT}, "not-allowed")
        await tech.refused("POST", path, {"at": PACKING}, "line-no-way")
        await tech.refused("POST", "/v1/line/totes/T-1/writing-off", code="line-tote-not-held")
        await tech.done("POST", path, {"at": ROBOT})
        await tech.refused("POST", path, {"at": ROBOT}, "line-tote-not-held")
        await tech.refused("POST", "/v1/line/zones/A1/emptying", code="line-unknown-zone")
        assert (await tech.done("POST", "/v1/line/zones/H/emptying"))["lanes"][0]["totes"] == 0
        assert (await nurse.get("/v1/line"))["totes"] == []
        await works.put("T-1")
        assert await works.send("T-1") == "released"
        await works.arrived("T-1", PACKING)

    told(tale)


def test_what_is_lost_is_written_off_or_found_and_readmitted() -> None:
    async def tale(ward: Ward, works: Works) -> None:
        tech = await ward.person("technician")
        for tote in ("T-1", "T-2"):
            await works.put(tote)
            await works.send(tote)
            await works.until(lambda tote=tote: works.where(tote) == "A1")  # type: ignore[misc]
            works.belts.take(tote)
            await works.until(lambda tote=tote: works.stands(tote) == "lost")  # type: ignore[misc]
        (one, _) = (await tech.get("/v1/line"))["totes"]
        assert (one["state"], one["trouble"]["do"]) == ("lost", "search")
        await tech.done("POST", "/v1/line/totes/T-1/writing-off")
        await tech.done("POST", "/v1/line/totes/T-2/readmission", {"at": ROBOT})
        assert (await tech.get("/v1/line"))["totes"] == []

    told(tale)


def test_a_jam_ends_by_a_person_who_was_there() -> None:
    async def tale(ward: Ward, works: Works) -> None:
        nurse, tech = await ward.person("nurse"), await ward.person("technician")
        number = works.world.fault("belt-jam", zone="B1", at_mm=100)
        await works.put("T-1")
        await works.send("T-1")
        await works.until(lambda: works.told("jam") == 1)
        assert any(why.startswith("jam") for why in (await nurse.get("/v1/line"))["feeding"])
        works.world.faults.lift(number)
        works.belts.take("T-1")
        await nurse.refused("POST", "/v1/line/zones/B1/clearance", code="not-allowed")
        await tech.refused("POST", "/v1/line/zones/Q/clearance", code="line-unknown-zone")
        await tech.done("POST", "/v1/line/zones/B1/clearance")
        await works.until(lambda: works.stands("T-1") == "lost" and not works.line.state.against_feeding)
        await works.put("T-2")
        assert await works.send("T-2") == "released"
        await works.arrived("T-2", PACKING)

    told(tale)


def test_a_sensor_jam_is_cleared_at_its_module() -> None:
    async def tale(ward: Ward, works: Works) -> None:
        tech = await ward.person("technician")
        await works.put("T-1")
        number = works.world.fault("dead-motor", zone="A1")
        await works.send("T-1")
        await works.until(lambda: "sensor-jam" in works.line.stands() or "motor-error" in works.line.stands())
        works.world.faults.lift(number)
        stuck = works.world.fault("stuck-eye", zone="A2", blocked=True)
        await works.until(lambda: "A2: sensor-jam" in works.line.stands(), within_s=120)
        works.world.faults.lift(stuck)
        await tech.done("POST", "/v1/line/zones/A2/clearance")
        cleared = [body for _, body in works.said("act_ended") if body["act"] == "clear_jam"]
        assert [body["outcome"] for body in cleared] in ([], ["accepted"])
        await works.until(lambda: not works.line.stands())

    told(tale)


def test_a_halt_stops_the_belts_and_its_end_starts_none() -> None:
    async def tale(ward: Ward, works: Works) -> None:
        tech = await ward.person("technician")
        session = await works.world.log_in("technician")
        await works.put("T-1")
        await works.world.station.halt(session, "fire drill")
        body = {"list": "L-1", "at": ROBOT, "to": PACKING}
        await tech.refused("POST", "/v1/line/totes/T-1/departure", body, "line-stopped")
        await tech.refused("POST", "/v1/line/start", code="line-stopped")
        ward.standing.station = await works.world.restart()
        await works.until(lambda: all(module.stops for module in works.world.house.conveyors.values()))
        tech, session = await ward.person("technician"), await works.world.log_in("technician")
        assert (await tech.get("/v1/line"))["halted"] == "fire drill"
        await works.world.station.resume(session)
        await tech.refused("POST", "/v1/line/totes/T-1/departure", body, "line-stopped")
        await works.until(lambda: len(works.line.looks) == 5)
        await tech.done("POST", "/v1/line/start")
        await works.ready()
        await tech.done("POST", "/v1/line/totes/T-1/departure", body)
        await works.arrived("T-1", PACKING)

    told(tale)


def test_a_station_without_belts_has_no_line() -> None:
    async def play() -> None:
        async with a_ward() as ward:
            await (await ward.person("technician")).refused("GET", "/v1/line", code="no-line")

    run(play())
