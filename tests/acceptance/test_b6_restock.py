"""B6: a technician restocks by scan."""

from __future__ import annotations

from typing import Any

from tests.acceptance.ward import Person, Ward, a_ward, order, scan_of

RESTOCK = "/v1/restocks/r-1"


async def opened(ward: Ward, technician: Person, drawer: str = "A-02", path: str = RESTOCK, **body: Any) -> None:
    """The technician has scanned a package, and the drawer is open."""
    await technician.done("PUT", path, {"scan": scan_of("prednisone-5", lot="PRD2", expiry="330630"), **body})
    await ward.hand_opens(drawer)


async def test_at6_1_a_scan_opens_the_matching_pocket_and_no_other() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        begun = await technician.done("PUT", RESTOCK, {"scan": scan_of("prednisone-5")})
        assert [leg["pocket"] for leg in begun["legs"]] == ["A-02-2"]
        await ward.hand_opens("A-02")
        assert ward.openings() == ["A-02"]


async def test_at6_2_for_a_wrong_item_nothing_opens() -> None:
    async with a_ward() as ward:
        technician, rx = await ward.person("technician"), await ward.service()
        unknown = "]d201006141410000121733063010X"
        await technician.refused("PUT", RESTOCK, {"scan": unknown}, "item-not-known")
        await technician.refused("PUT", RESTOCK, {"scan": unknown.replace("0012", "0013")}, "scan-unreadable")
        await technician.refused("PUT", RESTOCK, {"scan": "]d21733063010X"}, "scan-without-gtin")
        body = {"scan": scan_of("prednisone-5"), "pocket": "A-01-1"}
        await technician.refused("PUT", RESTOCK, body, "pocket-of-another-item")
        await rx.done("PUT", "/v1/items/zinc-1", {
            "id": "zinc-1", "name": "zinc", "strength": {"value": "1", "unit": "mg"}, "form": "tablet", "unit": "tablet",
            "gtins": ["00399001114015"],
        })  # fmt: skip
        await technician.refused("PUT", RESTOCK, {"scan": "]d201003990011140151733063010X"}, "not-stocked")
        await technician.refused("PUT", RESTOCK, {"scan": scan_of("prednisone-5"), "pocket": "Z-1"}, "unknown-pocket")
        assert ward.openings() == []
        assert ward.rows("restock.requested") == []


async def test_at6_3_lot_expiry_and_serial_from_the_code_are_kept() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        scan = scan_of("prednisone-5", lot="PRD2", expiry="330630", serial="S77")
        await technician.done("PUT", RESTOCK, {"scan": scan, "quantity": 10})
        await ward.hand_opens("A-02")
        await technician.say(RESTOCK, kind="count", number=30)
        ward.puts("A-02-2", "PRD2", "2033-06-30", 10)
        await technician.say(RESTOCK, kind="placed", quantity=10)
        await ward.hand_shuts("A-02")
        ended = await technician.get(RESTOCK)
        assert (ended["state"], ended["result"]["outcome"], ended["result"]["placed"]) == ("committed", "done", 10)
        [loaded] = ward.rows("stock.loaded")
        assert (loaded["code"], loaded["quantity"]) == ("F", 10)
        assert (loaded["lots"], loaded["serial"]) == (
            [{"lot": "PRD2", "expiry": "2033-06-30", "quantity": 10}],
            "S77",
        )
        assert ward.believed("A-02-2") == ward.lies_in("A-02-2") == 40
        lots = (await technician.get("/v1/pockets/A-02-2"))["lots"]
        assert [(lot["lot"], lot["quantity"]) for lot in lots] == [("PRD1", 30), ("PRD2", 10)]


async def test_at6_4_more_than_the_list_says_needs_a_reason_and_shows_over() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        await opened(ward, technician, quantity=5)
        await technician.say(RESTOCK, kind="count", number=30)
        ward.puts("A-02-2", "PRD2", "2033-06-30", 6)
        entry = {"kind": "placed", "quantity": 6}
        await technician.refused("POST", f"{RESTOCK}/entries", entry, "over-list")
        await technician.say(RESTOCK, **entry, reason="the box held six")
        await ward.hand_shuts("A-02")
        ended = await technician.get(RESTOCK)
        assert (ended["result"]["outcome"], ended["result"]["reason"]) == ("over", "the box held six")
        assert ward.believed("A-02-2") == 36


async def test_at6_5_what_has_expired_on_arrival_is_refused_and_what_soon_will_needs_a_reason() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        expired, soon = scan_of("prednisone-5", expiry="310301"), scan_of("prednisone-5", expiry="310320")
        await technician.refused("PUT", RESTOCK, {"scan": expired}, "expired-on-arrival")
        await technician.refused("PUT", RESTOCK, {"scan": soon}, "short-dated")
        assert ward.openings() == []
        await technician.done("PUT", RESTOCK, {"scan": soon, "reason": "used within the week"})


async def test_at6_6_an_interrupt_after_placing_is_in_doubt_and_counted_again() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        await opened(ward, technician, tote="T-1")
        await technician.say(RESTOCK, kind="count", number=30)
        ward.puts("A-02-2", "PRD2", "2033-06-30", 10)
        await technician.say(RESTOCK, kind="placed", quantity=10)
        await ward.restart()
        technician = await ward.person("technician")
        found = await technician.get(RESTOCK)
        assert (found["state"], found["legs"][0]["declared"]) == ("in_doubt", 10)
        assert ward.rows("stock.loaded") == []
        assert ward.unverified("A-02-2") is not None
        await ward.world.plant.shut("A-02")
        await ward.world.settled("A-02")
        await technician.done("PUT", "/v1/counts/c-1", {"pocket": "A-02-2"})
        await ward.hand_opens("A-02")
        await technician.say("/v1/counts/c-1", kind="count", number=40)
        await technician.say("/v1/counts/c-1", kind="count", number=40)
        await ward.hand_shuts("A-02")
        [opened_] = ward.rows("discrepancy.opened")
        assert opened_["delta"] == 10
        assert ward.believed("A-02-2") == ward.lies_in("A-02-2") == 40


async def test_at6_7_two_technicians_on_one_list_lock_line_by_line() -> None:
    async with a_ward() as ward:
        one, two = await ward.person("technician"), await ward.person("technician", "b-technician")
        await opened(ward, one, list="L-1", line=1, quantity=5)
        scan = scan_of("prednisone-5", lot="PRD2", expiry="330630")
        again = {"scan": scan, "list": "L-1", "line": 1, "pocket": "A-02-2"}
        answer = await two.ask("PUT", "/v1/restocks/r-2", again)
        assert answer.json()["code"] in {"restock-line-taken", "drawer-in-use"}
        other = {"scan": scan_of("amoxicillin-250"), "list": "L-1", "line": 2, "quantity": 5}
        await two.done("PUT", "/v1/restocks/r-3", other)
        await ward.hand_opens("A-01")
        await one.say(RESTOCK, kind="count", number=30)
        ward.puts("A-02-2", "PRD2", "2033-06-30", 5)
        await one.say(RESTOCK, kind="placed", quantity=5)
        await ward.hand_shuts("A-02")
        problem = await two.refused("PUT", "/v1/restocks/r-4", again, "already-restocked")
        assert problem["facts"]["restock"] == "r-1"


async def test_cc_04_a_tote_scanned_twice_is_refused_and_the_first_named_also_after_a_restart() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        await opened(ward, technician, tote="T-1")
        await technician.say(RESTOCK, kind="count", number=30)
        ward.puts("A-02-2", "PRD2", "2033-06-30", 5)
        await technician.say(RESTOCK, kind="placed", quantity=5)
        await ward.hand_shuts("A-02")
        await ward.restart()
        technician = await ward.person("technician")
        body = {"scan": scan_of("prednisone-5", lot="PRD2", expiry="330630"), "tote": "T-1"}
        problem = await technician.refused("PUT", "/v1/restocks/r-2", body, "already-restocked")
        assert problem["facts"]["restock"] == "r-1"
        assert len(ward.rows("stock.loaded")) == 1


async def test_more_than_fits_goes_in_part_and_the_rest_is_a_remainder() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        await opened(ward, technician, quantity=30, tote="T-1")
        await technician.say(RESTOCK, kind="count", number=30)
        problem = await technician.refused("POST", f"{RESTOCK}/entries", {"kind": "placed", "quantity": 30}, "over-capacity")
        assert problem["facts"]["room"] == 20
        ward.puts("A-02-2", "PRD2", "2033-06-30", 20)
        await technician.say(RESTOCK, kind="placed", quantity=20)
        await ward.hand_shuts("A-02")
        ended = await technician.get(RESTOCK)
        assert (ended["result"]["outcome"], ended["result"]["remainder"]) == ("partial", 10)


async def test_at6_8_on_hand_and_placed_are_the_new_balance_and_the_event_has_both_begin_counts() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        ward.world.plant.pockets["A-02-2"].take(2)  # gone before anybody looked
        await opened(ward, technician)
        await technician.say(RESTOCK, kind="count", number=28)
        counted = await technician.say(RESTOCK, kind="count", number=28)
        assert counted["ask"]["entries"] == ["placed"]
        ward.puts("A-02-2", "PRD2", "2033-06-30", 5)
        await technician.say(RESTOCK, kind="placed", quantity=5)
        await ward.hand_shuts("A-02")
        [found] = ward.rows("discrepancy.opened")
        assert found["delta"] == -2
        [loaded] = ward.rows("stock.loaded")
        assert (loaded["expected"], loaded["on_hand"]) == (30, 28)
        assert ward.believed("A-02-2") == ward.lies_in("A-02-2") == 33


async def test_an_item_gets_a_pocket_that_has_none_with_an_l_event() -> None:
    async with a_ward() as ward:
        technician, rx = await ward.person("technician"), await ward.service()
        await technician.done("PUT", RESTOCK, {"scan": scan_of("prednisone-5"), "pocket": "A-04-1"})
        await ward.hand_opens("A-04")
        await technician.say(RESTOCK, kind="count", number=0)
        ward.puts("A-04-1", "AMX1", "2032-03-31", 6)
        await technician.say(RESTOCK, kind="placed", quantity=6)
        await ward.hand_shuts("A-04")
        [loaded] = ward.rows("stock.loaded")
        assert (loaded["code"], loaded["pocket"], loaded["quantity"]) == ("L", "A-04-1", 6)
        assert (await technician.get("/v1/pockets/A-04-1"))["item"] == "prednisone-5"
        await rx.done("PUT", "/v1/orders/O-p", order("O-p", "prednisone-5", "5"))
        nurse = await ward.person("nurse")
        begun = await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-p", "pocket": "A-04-1"})
        assert begun["legs"][0]["pocket"] == "A-04-1"


async def test_lot_and_expiry_are_typed_where_the_code_does_not_say_them() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        await technician.done("PUT", RESTOCK, {"scan": "00399001002015"})
        await ward.hand_opens("A-02")
        await technician.say(RESTOCK, kind="count", number=30)
        entries = f"{RESTOCK}/entries"
        await technician.refused("POST", entries, {"kind": "placed", "quantity": 5}, "lot-and-expiry-needed")
        typed = {"kind": "placed", "quantity": 5, "lot": "TYPED", "expiry": "2033-02"}
        await technician.refused("POST", entries, {**typed, "expiry": "2033-13"}, "expiry-unreadable")
        await technician.refused("POST", entries, {**typed, "expiry": "2031-02"}, "expired-on-arrival")
        ward.puts("A-02-2", "TYPED", "2033-02-28", 5)
        await technician.say(RESTOCK, **typed)
        await ward.hand_shuts("A-02")
        [loaded] = ward.rows("stock.loaded")
        assert loaded["lots"] == [{"lot": "TYPED", "expiry": "2033-02", "quantity": 5}]


async def test_a_cancelled_restock_of_a_controlled_item_is_counted_and_loads_nothing() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        await technician.done("PUT", RESTOCK, {"scan": scan_of("morphine-10")})
        await ward.hand_opens("A-03")
        await technician.done("POST", f"{RESTOCK}/cancellation")
        await technician.say(RESTOCK, kind="count", number=12)
        await ward.hand_shuts("A-03")
        assert (await technician.get(RESTOCK))["state"] == "cancelled"
        assert len(ward.rows("stock.cancelled")) == 1
        assert ward.rows("stock.loaded") == []
        await ward.world.settled("A-03")
        again = await technician.done("PUT", "/v1/restocks/r-2", {"scan": scan_of("morphine-10")})
        assert again["state"] == "accessing"
        await technician.done("POST", "/v1/restocks/r-2/cancellation")
        await ward.world.until("restock.cancelled", restock="r-2")
        assert [each["id"] for each in (await technician.get("/v1/restocks"))["items"]] == ["r-1", "r-2"]


async def test_a_restock_that_nobody_opens_fails() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        await technician.done("PUT", RESTOCK, {"scan": scan_of("prednisone-5")})
        await ward.world.until("restock.failed", restock="r-1")
        assert (await technician.get(RESTOCK))["problem"]["code"] == "not-opened"
