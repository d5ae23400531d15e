"""B1: how a pull ends when it does not end well, who may not begin one, and waiting for it."""

from __future__ import annotations

import asyncio

from tests.acceptance.ward import a_ward, order


async def test_a_drawer_that_nobody_pulls_fails_the_pull_and_frees_what_was_reserved() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        assert ward.world.station.books.stock.reserved == {"pull/p-1": {"A-01-1": 1}}
        body = await ward.world.until("pull.failed", pull="p-1")
        assert body["code"] == "not-opened"
        ended = await nurse.get("/v1/pulls/p-1")
        assert (ended["state"], ended["problem"]["code"]) == ("failed", "not-opened")
        assert ward.world.station.books.stock.reserved == {}
        assert ward.unverified("A-01-1") is None
        await ward.world.settled("A-01")
        await nurse.done("PUT", "/v1/pulls/p-2", {"order": "O-amox"})


async def test_a_drawer_shut_without_a_word_leaves_the_question_and_then_the_pull_in_doubt() -> None:
    async with a_ward(count_wait_s=120) as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 1)
        await ward.hand_shuts("A-01")
        asked = await nurse.get("/v1/pulls/p-1")
        assert (asked["state"], asked["ask"]["entries"]) == ("counting", ["taken"])
        assert ward.rows("stock.taken") == []
        await ward.world.until("pull.in_doubt", within_s=130, pull="p-1")
        assert ward.unverified("A-01-1") == "left-unanswered"
        assert ward.believed("A-01-1") == 8, "nothing is ever guessed"


async def test_cancelled_before_it_was_opened_nothing_moved_and_after_it_nothing_was_taken() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await nurse.done("POST", "/v1/pulls/p-1/cancellation")
        await ward.world.until("pull.cancelled", pull="p-1")
        assert ward.rows("stock.cancelled") == []
        await ward.world.settled("A-01")
        await nurse.done("PUT", "/v1/pulls/p-2", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        cancelling = await nurse.done("POST", "/v1/pulls/p-2/cancellation")
        assert cancelling["ask"]["do"] == "shut"
        await ward.hand_shuts("A-01")
        assert (await nurse.get("/v1/pulls/p-2"))["state"] == "cancelled"
        assert [row["code"] for row in ward.rows("stock.cancelled")] == ["N"]
        assert ward.believed("A-01-1") == ward.lies_in("A-01-1") == 8


async def test_a_program_and_a_technician_pull_nothing() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        await rx.refused("PUT", "/v1/pulls/p-1", {"order": "O-amox"}, "not-allowed")
        await technician.refused("PUT", "/v1/pulls/p-1", {"order": "O-amox"}, "not-allowed")
        assert ward.openings() == []


async def test_prefer_wait_holds_the_answer_until_something_happens() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        held = asyncio.create_task(nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox"}, Prefer="wait=20"))
        await ward.hand_opens("A-01")
        answer = await held
        assert answer.headers["preference-applied"] == "wait=20"
        assert answer.headers["etag"].startswith('"')
        asked = await nurse.get("/v1/pulls/p-1")
        assert asked["ask"]["do"] == "answer"
        pulls = await nurse.get("/v1/pulls?limit=1")
        assert [work["id"] for work in pulls["items"]] == ["p-1"]
        assert pulls["next"] is None


async def test_two_who_wait_for_one_pocket_are_given_different_ones_where_it_cannot_serve_both() -> None:
    async with a_ward() as ward:
        rx, one, two = await ward.service(), await ward.person("nurse"), await ward.person("nurse", "b-nurse")
        for n in (1, 2):
            await rx.done("PUT", f"/v1/orders/O-{n}", order(f"O-{n}", "amoxicillin-500", "2500", patient=f"P-{n}"))
        await one.done("PUT", "/v1/pulls/p-0", {"order": "O-mor"})  # has the cabinet's turn
        asked = [asyncio.create_task(who.ask("PUT", f"/v1/pulls/p-{n}", {"order": f"O-{n}"})) for n, who in ((1, one), (2, two))]
        await ward.hand_opens("A-03")
        ward.takes("A-03-1", 1)
        await one.say("/v1/pulls/p-0", kind="count", number=11)
        await ward.hand_shuts("A-03")
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 5)
        await one.say("/v1/pulls/p-1", kind="taken", quantity=5)
        await ward.hand_shuts("A-01")
        legs = [[(leg["pocket"], leg["quantity"]) for leg in answer.json()["legs"]] for answer in await asyncio.gather(*asked)]
        assert legs == [[("A-01-1", 5)], [("A-01-1", 3), ("A-02-1", 2)]]


async def test_a_later_pocket_counted_empty_meanwhile_is_left_shut() -> None:
    stock = [("A-01-1", "AMX1", "2032-03-31", 2), ("A-02-1", "AMX2", "2033-03-31", 5)]
    async with a_ward(stock=stock) as ward:
        nurse, technician, rx = await ward.person("nurse"), await ward.person("technician"), await ward.service()
        await rx.done("PUT", "/v1/orders/O-big", order("O-big", "amoxicillin-500", "1500"))
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-big"})
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 2)
        await technician.done("PUT", "/v1/counts/c-1", {"pocket": "A-02-1"})
        await ward.hand_opens("A-02")
        ward.takes("A-02-1", 5)
        for _ in range(2):
            await technician.say("/v1/counts/c-1", kind="count", number=0)
        await ward.hand_shuts("A-02")
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=2)
        await ward.hand_shuts("A-01")
        await ward.world.until("pull.committed", pull="p-1")
        ended = await nurse.get("/v1/pulls/p-1")
        assert (ended["result"]["outcome"], ended["problem"]["code"], ended["result"]["elsewhere"]) == ("short", "no-stock", [])
        assert ward.openings() == ["A-01", "A-02"]
        await nurse.refused("GET", "/v1/pockets/none", code="unknown-pocket")
