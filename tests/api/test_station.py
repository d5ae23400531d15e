"""What stands here and how it is: cabinets, drawers and their recovery, wires and their frames, the rows for an auditor."""

from __future__ import annotations

from itertools import pairwise

from tests.acceptance.ward import a_ward


async def test_what_stands_here() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        station = await nurse.get("/v1/station")
        assert (station["id"], station["ready"], station["simulated"], station["degraded"]) == ("small", True, True, None)
        assert station["version_of_site"] == ward.rows("station.configured")[-1]["hash"]
        cabinets = (await nurse.get("/v1/cabinets"))["items"]
        assert cabinets[0]["drawers"] == ["A-01", "A-02", "A-03", "A-04"]
        drawer = await nurse.get("/v1/drawers/A-01")
        assert (drawer["state"], drawer["latched"], drawer["shut"], drawer["alarms"]) == ("locked", True, True, [])
        assert drawer["age_s"] < 1


async def test_a_drawer_is_recovered_step_by_step_by_somebody_who_may() -> None:
    async with a_ward() as ward:
        tech, nurse = await ward.person("technician"), await ward.person("nurse")
        path = "/v1/drawers/A-01/recoveries"
        told = await tech.refused("POST", path, {"step": "kick"}, "recovery-step-unknown")
        assert "inspected" in told["facts"]["steps"]
        await nurse.refused("POST", path, {"step": "out_of_service"}, "not-allowed")
        await tech.refused("POST", "/v1/drawers/nobody/recoveries", {"step": "key"}, "unknown-drawer")
        out = await tech.done("POST", path, {"step": "out_of_service"})
        assert out["state"] == "out_of_service"
        await nurse.refused("PUT", "/v1/pulls/p-1", {"order": "O-amox", "pocket": "A-01-1"}, "stock-shut-off")
        assert ward.openings() == []


async def test_wires_are_for_who_mends_them() -> None:
    async with a_ward() as ward:
        nurse, bea = await ward.person("nurse"), await ward.person("biomedical_engineer")
        await nurse.refused("GET", "/v1/links", code="not-allowed")
        await nurse.refused("GET", "/v1/links/lockbus/frames", code="not-allowed")
        await bea.refused("GET", "/v1/links/nobody/frames", code="unknown-link")
        link = (await bea.get("/v1/links"))["items"][0]
        assert (link["id"], link["up"], link["timeouts"]) == ("lockbus", True, 0)
        assert link["exchanges"] > 2
        (board,) = link["boards"]
        assert (board["id"], board["up"], board["epoch"]) == ("board", True, link["epoch"])
        for answers in (link["answers"], board["answers"]):
            assert len(answers["counts"]) == len(answers["steps_ms"]) + 1
            assert sum(answers["counts"]) > 0
            assert answers["longest_ms"] is not None
        assert sum(board["answers"]["counts"]) + board["answers"]["missing"] < link["exchanges"], "who is there was asked too"
        frames = (await bea.get("/v1/links/lockbus/frames"))["items"]
        assert {frame["direction"] for frame in frames} == {"in", "out"}
        assert all(bytes.fromhex(frame["bytes"]) and frame["means"] for frame in frames)


async def test_rows_in_pages_that_are_stable_for_ever() -> None:
    async with a_ward() as ward:
        auditor, nurse = await ward.person("auditor"), await ward.person("nurse")
        await nurse.refused("GET", "/v1/ledger", code="not-allowed")
        seen, after = [], 0
        while True:
            page = await auditor.get(f"/v1/ledger?after={after}&limit=7")
            seen += page["items"]
            if page["next"] is None:
                break
            after = page["next"]
        assert [row["seq"] for row in seen] == list(range(1, len(seen) + 1))
        assert all(row["prev_hash"] == before["hash"] for before, row in pairwise(seen))
        for wrong in ("after=-1", "limit=0", "limit=501", "after=x"):
            await auditor.refused("GET", f"/v1/ledger?{wrong}", code="bad-request")


async def test_a_wrong_method_is_told_the_right_ones() -> None:
    async with a_ward() as ward:
        ada = await ward.person("administrator")
        answer = await ada.ask("PATCH", "/v1/people/nina")
        assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, PUT")
        assert (await ada.ask("OPTIONS", "/v1/pulls/p-1")).headers["allow"] == "GET, PUT"
