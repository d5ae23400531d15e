"""B6 and B7 at their edges: lines put off, filled in part, locked by another; and what the plan of counts says."""

from __future__ import annotations

from tests.acceptance.ward import a_ward, order, scan_of


async def test_a_line_whose_drawer_is_held_is_put_off_and_done_later() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        ward.world.plant.drawers["A-02"].force()
        await ward.world.until("drawer.forced", drawer="A-02")
        body = {"scan": scan_of("prednisone-5", lot="PRD2", expiry="330630"), "list": "L-1", "line": 1}
        await technician.refused("PUT", "/v1/restocks/r-1", body, "drawer-held")
        await technician.refused("PUT", "/v1/counts/c-1", {"pocket": "A-02-2"}, "drawer-held")
        assert ward.rows("restock.requested", "count.requested") == []
        await ward.world.plant.shut("A-02")
        for step in ("inspected",):
            await technician.done("POST", "/v1/drawers/A-02/recoveries", {"step": step})
        await ward.world.settled("A-02")
        await technician.done("PUT", "/v1/restocks/r-1", body)
        await ward.hand_opens("A-02")
        assert (await technician.get("/v1/restocks/r-1"))["ask"]["entries"] == ["count"]


async def test_a_tote_put_in_by_parts_is_taken_up_again_until_it_is_empty() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        body = {"scan": scan_of("prednisone-5", lot="PRD2", expiry="330630"), "tote": "T-1", "quantity": 5}
        for n, (lie, put, outcome) in enumerate(((30, 2, "partial"), (32, 3, "done"))):
            path = f"/v1/restocks/r-{n}"
            await technician.done("PUT", path, {**body, "quantity": 5 if n == 0 else 3})
            await ward.hand_opens("A-02")
            await technician.say(path, kind="count", number=lie)
            ward.puts("A-02-2", "PRD2", "2033-06-30", put)
            await technician.say(path, kind="placed", quantity=put)
            await ward.hand_shuts("A-02")
            assert (await technician.get(path))["result"]["outcome"] == outcome
        await technician.refused("PUT", "/v1/restocks/r-2", body, "already-restocked")
        assert ward.believed("A-02-2") == ward.lies_in("A-02-2") == 35


async def test_what_expires_before_what_lies_there_is_said_and_goes_first_from_then_on() -> None:
    async with a_ward() as ward:
        technician, nurse = await ward.person("technician"), await ward.person("nurse")
        await technician.done("PUT", "/v1/restocks/r-1", {"scan": scan_of("prednisone-5", lot="SOON", expiry="311231")})
        await ward.hand_opens("A-02")
        await technician.say("/v1/restocks/r-1", kind="count", number=30)
        ward.puts("A-02-2", "SOON", "2031-12-31", 5)
        await technician.say("/v1/restocks/r-1", kind="placed", quantity=5)
        await ward.hand_shuts("A-02")
        assert (await technician.get("/v1/restocks/r-1"))["result"]["earlier_expiry"] is True
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-pred"})
        await ward.hand_opens("A-02")
        ward.takes("A-02-2", 2)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=2)
        await ward.hand_shuts("A-02")
        assert [lot["lot"] for lot in ward.rows("stock.taken")[0]["lots"]] == ["SOON"]


async def test_a_line_that_another_technician_has_open_is_named_whichever_pocket_is_wanted() -> None:
    async with a_ward() as ward:
        one, two = await ward.person("technician"), await ward.person("technician", "b-technician")
        line = {"scan": scan_of("amoxicillin-500"), "list": "L-1", "line": 1}
        await one.done("PUT", "/v1/restocks/r-1", {**line, "pocket": "A-01-1"})
        await ward.hand_opens("A-01")
        problem = await two.refused("PUT", "/v1/restocks/r-2", {**line, "pocket": "A-02-1"}, "restock-line-taken")
        assert (problem["facts"]["by"], problem["facts"]["restock"]) == (one.id, "r-1")
        assert ward.openings() == ["A-01"]


async def test_the_plan_of_counts_by_class_and_by_how_long_ago_a_pocket_was_found_right() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        classed = await technician.get("/v1/pockets?class=CII")
        assert [pocket["id"] for pocket in classed["items"]] == ["A-03-1", "A-03-2"]
        await technician.done("PUT", "/v1/counts/c-1", {"pocket": "A-03-1"})
        await ward.hand_opens("A-03")
        await technician.say("/v1/counts/c-1", kind="count", number=12)
        await ward.hand_shuts("A-03")
        at = (await technician.get("/v1/pockets/A-03-1"))["verified_at"]
        later = at.replace("+00:00", "Z")
        late = await technician.get(f"/v1/pockets?class=CII&verified_before={later}")
        assert [pocket["id"] for pocket in late["items"]] == ["A-03-2"]
        unverified = await technician.get("/v1/pockets?verified_before=2031-01-01T00:00:00Z")
        assert [pocket["id"] for pocket in unverified["items"]] == ["A-04-1", "A-04-2"], "never counted"


async def test_a_revision_never_takes_a_line_from_who_is_picking_it() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        path, line = "/v1/pick-lists/L-1", {"n": 1, "item": "prednisone-5", "quantity": 10}
        await rx.done("PUT", path, {"revision": 1, "lines": [line]})
        await technician.done("POST", f"{path}/lines/1/picks", {"tote": "T-1", "id": "mine"})
        await technician.refused("POST", f"{path}/lines/1/picks", {"tote": "T-2", "id": "mine"}, "pick-id-taken")
        await ward.hand_opens("A-02")
        for lines in ([{**line, "n": 2}], [{**line, "item": "morphine-10"}], [{**line, "quantity": 9}]):
            problem = await rx.refused("PUT", path, {"revision": 2, "lines": lines}, "pick-line-taken")
            assert problem["facts"]["by"] == technician.id
        await rx.done("PUT", path, {"revision": 2, "lines": [{**line, "quantity": 12}]})
        ward.takes("A-02-2", 10)
        await technician.say(f"{path}/lines/1/picks/mine", kind="taken", quantity=10)
        await ward.hand_shuts("A-02")
        [ended] = (await rx.get(path))["lines"]
        assert (ended["state"], ended["picked"], ended["remainder"]) == ("short", 10, 2)


async def test_a_list_nobody_can_serve_says_so_line_by_line_and_is_done() -> None:
    async with a_ward() as ward:
        rx = await ward.service()
        await rx.done("PUT", "/v1/items/zinc-1", {
            "id": "zinc-1", "name": "zinc", "strength": {"value": "1", "unit": "mg"}, "form": "tablet", "unit": "tablet",
        })  # fmt: skip
        lines = [{"n": 1, "item": "zinc-1", "quantity": 1}, {"n": 2, "item": "no-such", "quantity": 1}]
        told = await rx.done("PUT", "/v1/pick-lists/L-1", {"revision": 1, "lines": lines})
        assert [line["refused"] for line in told["lines"]] == ["not-stocked", "unknown-item"]
        assert told["state"] == "done"
        await rx.refused("PUT", "/v1/orders/O-z", {**order("O-z", "zinc-1", "1"), "id": "O-y"}, "id-differs")
