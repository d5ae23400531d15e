"""B7: a person counts a pocket."""

from __future__ import annotations

from tests.acceptance.ward import Person, Ward, a_ward

COUNT = "/v1/counts/c-1"


async def opened(ward: Ward, who: Person, pocket: str = "A-01-1", path: str = COUNT) -> None:
    """The pocket's drawer is open for a count."""
    await who.done("PUT", path, {"pocket": pocket})
    await ward.hand_opens(pocket[:4])


async def test_at7_1_an_equal_count_moves_the_last_good_count_on() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        before = ward.world.station.books.stock.pockets["A-01-1"]["good"]
        await opened(ward, technician)
        await technician.say(COUNT, kind="count", number=8)
        await ward.hand_shuts("A-01")
        ended = await technician.get(COUNT)
        assert (ended["state"], ended["result"]["outcome"]) == ("committed", "equal")
        assert ward.world.station.books.stock.pockets["A-01-1"]["good"] > before
        assert ward.rows("discrepancy.opened") == []


async def test_at7_2_a_different_count_adjusts_the_books_and_opens_a_discrepancy() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        ward.world.plant.pockets["A-01-1"].take(3)
        await opened(ward, technician)
        again = await technician.say(COUNT, kind="count", number=5)
        assert again["ask"]["again"] is True
        await technician.say(COUNT, kind="count", number=5)
        await ward.hand_shuts("A-01")
        ended = await technician.get(COUNT)
        [found] = ward.rows("discrepancy.opened")
        assert (found["delta"], found["pocket"]) == (-3, "A-01-1")
        assert (ended["result"]["outcome"], ended["discrepancies"]) == ("different", [found["discrepancy"]])
        [count] = ward.rows("stock.counted", work={"kind": "count", "id": "c-1"})
        assert (count["code"], count["counted"], count["delta"]) == ("C", 5, -3)
        assert ward.believed("A-01-1") == ward.lies_in("A-01-1") == 5


async def test_at7_3_the_plan_lists_only_pockets_touched_since_their_last_good_count() -> None:
    async with a_ward() as ward:
        nurse, technician = await ward.person("nurse"), await ward.person("technician")
        assert (await technician.get("/v1/pockets?due=count"))["items"] == []
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 1)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        await ward.hand_shuts("A-01")
        due = await technician.get("/v1/pockets?due=count")
        assert [pocket["id"] for pocket in due["items"]] == ["A-01-1"]
        await opened(ward, technician)
        await technician.say(COUNT, kind="count", number=7)
        await ward.hand_shuts("A-01")
        assert (await technician.get("/v1/pockets?due=count"))["items"] == []


async def test_a_count_is_blind_and_a_slip_is_refused_by_name() -> None:
    async with a_ward(stock=[("A-01-1", "AMX1", "2032-03-31", 4711)]) as ward:
        technician = await ward.person("technician")
        await opened(ward, technician)
        for wrong in (-1, 3.5, "", "12", None, 10**9):
            answer = await technician.ask("POST", f"{COUNT}/entries", {"kind": "count", "number": wrong})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["pointer"] == "/number"
        await technician.refused("POST", f"{COUNT}/entries", {"kind": "count"}, "bad-request")
        await technician.say(COUNT, kind="count", number=12)
        assert "4711" not in "".join(technician.told)
        assert len(ward.rows("count.entered")) == 1


async def test_a_pocket_in_use_is_not_counted_and_an_unassigned_one_neither() -> None:
    async with a_ward() as ward:
        nurse, technician = await ward.person("nurse"), await ward.person("technician")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        await technician.refused("PUT", COUNT, {"pocket": "A-01-1"}, "drawer-in-use")
        await ward.hand_shuts("A-01")  # the question still open
        await technician.refused("PUT", COUNT, {"pocket": "A-01-1"}, "pocket-in-use")
        await technician.refused("PUT", COUNT, {"pocket": "A-04-1"}, "pocket-unassigned")
        await technician.refused("PUT", COUNT, {"pocket": "Z-09"}, "unknown-pocket")
        await technician.refused("GET", "/v1/counts/none", code="unknown-count")


async def test_a_cancelled_count_of_tablets_ends_and_one_of_morphine_is_owed() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        await opened(ward, technician)
        await technician.done("POST", f"{COUNT}/cancellation")
        await ward.hand_shuts("A-01")
        assert (await technician.get(COUNT))["state"] == "cancelled"
        await opened(ward, technician, "A-03-1", "/v1/counts/c-2")
        await technician.refused("POST", "/v1/counts/c-2/cancellation", code="too-late-to-cancel")
        await technician.say("/v1/counts/c-2", kind="count", number=12)
        await ward.hand_shuts("A-03")
        assert (await technician.get("/v1/counts/c-2"))["state"] == "committed"


async def test_a_count_that_nobody_opens_fails_and_one_left_open_is_in_doubt() -> None:
    async with a_ward(count_wait_s=30) as ward:
        technician = await ward.person("technician")
        await technician.done("PUT", COUNT, {"pocket": "A-01-1"})
        await ward.world.until("count.failed", count="c-1")
        await ward.world.settled("A-01")
        await opened(ward, technician, path="/v1/counts/c-2")
        await ward.world.until("count.in_doubt", count="c-2")
        assert ward.unverified("A-01-1") == "left-unanswered"
        await ward.world.plant.shut("A-01")
        await ward.world.settled("A-01")
        await technician.done("PUT", "/v1/counts/c-3", {"pocket": "A-01-2"})
        await technician.done("POST", "/v1/counts/c-3/cancellation")
        await ward.world.until("count.cancelled", count="c-3")


async def test_a_drawer_forced_open_leaves_its_pockets_to_be_counted() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        ward.world.plant.drawers["A-01"].force()
        await ward.world.until("drawer.forced", drawer="A-01")
        await ward.quiet()
        due = await technician.get("/v1/pockets?due=count")
        assert [pocket["id"] for pocket in due["items"]] == ["A-01-1", "A-01-2"]
        assert [pocket["id"] for pocket in (await technician.get("/v1/pockets?state=unverified"))["items"]] == [
            "A-01-1",
            "A-01-2",
        ]
