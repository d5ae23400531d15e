"""B1: a nurse pulls a dose of a profiled order."""

from __future__ import annotations

import asyncio

from tests.acceptance.ward import a_ward, order, scan_of


async def test_at1_1_a_profiled_dose_in_stock_opens_one_drawer_and_is_one_v_event() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        begun = await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        assert begun["state"] == "accessing"
        assert begun["ask"]["do"] == "open"
        assert begun["legs"][0]["pocket"] == "A-01-1", "the first to expire"
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 1)
        said = await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        assert said["ask"]["do"] == "shut"
        assert ward.rows("stock.taken") == [], "nothing is booked before the drawer is shut"
        await ward.hand_shuts("A-01")
        ended = await nurse.get("/v1/pulls/p-1")
        assert ended["state"] == "committed"
        assert ended["result"]["outcome"] == "done"
        assert ward.openings() == ["A-01"]
        [taken] = ward.rows("stock.taken")
        assert (taken["code"], taken["quantity"], taken["pocket"]) == ("V", 1, "A-01-1")
        assert (taken["order"], taken["filler"], taken["patient"]) == ("O-amox", "RX-O-amox", "P-1")
        assert taken["lots"] == [{"lot": "AMX1", "expiry": "2032-03-31", "quantity": 1}]
        assert ward.believed("A-01-1") == ward.lies_in("A-01-1") == 7
        assert ward.world.station.books.stock.reserved == {}


async def test_at1_2_an_unverified_order_is_not_offered() -> None:
    async with a_ward() as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        await rx.done("PUT", "/v1/orders/O-new", order("O-new", "prednisone-5", "5", state="unverified"))
        offered = await nurse.get("/v1/orders?patient=P-1&offered=true")
        assert [each["order"]["id"] for each in offered["items"]] == ["O-amox", "O-mor", "O-pred"]
        await nurse.refused("PUT", "/v1/pulls/p-1", {"order": "O-new"}, "order-not-verified")
        assert ward.openings() == []
        await rx.done("PUT", "/v1/orders/O-new", order("O-new", "prednisone-5", "5"))
        begun = await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-new"})
        assert begun["state"] == "accessing"


async def test_orders_ahead_of_their_time_held_or_of_another_area_are_not_offered() -> None:
    async with a_ward() as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        late = {"kind": "scheduled", "due": "2031-03-01T09:00:00Z"}
        for change, code in (
            ({"schedule": late}, "too-early"),
            ({"state": "held"}, "order-held"),
            ({"state": "discontinued"}, "order-discontinued"),
            ({"patient": "P-9"}, "patient-elsewhere"),
            ({"item": "nothing-1"}, "unknown-item"),
        ):
            await rx.done("PUT", "/v1/orders/O-x", {**order("O-x", "prednisone-5", "5"), **change})
            found = await nurse.get("/v1/orders/O-x")
            assert (found["offer"]["offered"], found["offer"]["why_not"]) == (False, code)
            await nurse.refused("PUT", "/v1/pulls/p-1", {"order": "O-x"}, code)
        assert ward.openings() == []
        assert ward.rows("pull.requested") == []


async def test_at1_3_a_discontinuation_after_selection_stops_the_unlock() -> None:
    async with a_ward() as ward:
        nurse, other, rx = await ward.person("nurse"), await ward.person("nurse", "b-nurse"), await ward.service()
        await other.done("PUT", "/v1/pulls/p-0", {"order": "O-mor"})  # has the cabinet's turn
        waiting = asyncio.create_task(nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox"}))
        await asyncio.sleep(0.1)
        assert not waiting.done(), "it was checked, and waits for its drawer"
        stopped = order("O-amox", "amoxicillin-500", "500", state="discontinued")
        await rx.done("PUT", "/v1/orders/O-amox", stopped)
        refusal = await waiting
        assert refusal.json()["code"] == "order-discontinued"
        assert ward.openings() == ["A-03"]
        assert ward.rows("pull.requested", pull="p-1") == []


async def test_at1_4_seven_and_a_half_of_five_proposes_two_and_records_two_and_a_half_to_waste() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        offer = (await nurse.get("/v1/orders/O-pred"))["offer"]
        assert (offer["quantity"], offer["dose"], offer["waste"]) == (2, "7.5\u00a0mg", "2.5\u00a0mg")
        begun = await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-pred"})
        assert begun["quantity"] == 2
        await ward.hand_opens("A-02")
        ward.takes("A-02-2", 2)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=2)
        await ward.hand_shuts("A-02")
        ended = await nurse.get("/v1/pulls/p-1")
        assert ended["result"]["waste"] == {
            "amount": {"value": "2.5", "unit": "mg", "text": "2.5\u00a0mg"},
            "state": "outstanding",
        }
        assert ward.believed("A-02-2") == ward.lies_in("A-02-2") == 28, "waste never changes a pocket"


async def test_at1_5_a_scan_of_another_strength_does_not_commit() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        pull = "/v1/pulls/p-1"
        await nurse.done("PUT", pull, {"order": "O-amox"})
        await ward.hand_opens("A-01")
        wrong, right = scan_of("amoxicillin-250"), scan_of("amoxicillin-500", lot="AMX1")
        problem = await nurse.refused("POST", f"{pull}/entries", {"kind": "scan", "data": wrong}, "scan-mismatch")
        assert problem["facts"]["scanned"] == "amoxicillin-250"
        assert (await nurse.get(pull))["ask"]["do"] == "put-back"
        await nurse.refused("POST", f"{pull}/entries", {"kind": "taken", "quantity": 1}, "put-back-first")
        await ward.hand_shuts("A-01")
        assert (await nurse.get(pull))["state"] == "counting", "shut, and still not committed"
        assert ward.rows("stock.taken", "pull.committed") == []
        await nurse.refused("POST", f"{pull}/entries", {"kind": "put-back", "data": right}, "not-what-was-scanned")
        await nurse.say(pull, kind="put-back", data=wrong)
        ended = await nurse.say(pull, kind="taken", quantity=0)
        await ward.quiet()
        ended = await nurse.get(pull)
        assert (ended["state"], ended["result"]["outcome"]) == ("committed", "short")
        verdicts = [row["verdict"] for row in ward.rows("pull.scanned")]
        assert verdicts == ["wrong", "put-back"]


async def test_the_right_package_scanned_after_a_wrong_one_lets_the_pull_go_on_with_its_lot() -> None:
    async with a_ward(stock=[("A-01-1", "OLD", "2032-01-31", 2), ("A-01-1", "NEW", "2033-01-31", 5)]) as ward:
        nurse = await ward.person("nurse")
        pull = "/v1/pulls/p-1"
        await nurse.done("PUT", pull, {"order": "O-amox"})
        await ward.hand_opens("A-01")
        data = scan_of("amoxicillin-250")
        await nurse.refused("POST", f"{pull}/entries", {"kind": "scan", "data": data}, "scan-mismatch")
        await nurse.refused("POST", f"{pull}/entries", {"kind": "scan", "data": "no code"}, "scan-unreadable")
        ward.world.plant.take("A-01-1", 1, lot="NEW")
        await nurse.say(pull, kind="scan", data=scan_of("amoxicillin-500", lot="NEW", expiry="330131"))
        await nurse.say(pull, kind="taken", quantity=1)
        await ward.hand_shuts("A-01")
        [taken] = ward.rows("stock.taken")
        assert taken["lots"] == [{"lot": "NEW", "expiry": "2033-01-31", "quantity": 1}], "the one that was scanned"


async def test_at1_6_a_kill_while_open_is_in_doubt_and_the_next_access_counts_first() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 1)
        await ward.restart()
        found = await nurse.get("/v1/pulls/p-1")  # still logged in
        assert (found["state"], found["problem"]["code"]) == ("in_doubt", "restarted")
        assert ward.unverified("A-01-1") is not None
        assert (await nurse.get("/v1/pockets/A-01-1"))["on_hand"] is None, "a pocket in doubt is counted blind"
        await ward.world.plant.shut("A-01")
        await ward.world.settled("A-01")
        await nurse.done("PUT", "/v1/pulls/p-2", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        asked = await nurse.get("/v1/pulls/p-2")
        assert asked["ask"]["entries"] == ["count"]
        await nurse.refused("POST", "/v1/pulls/p-2/entries", {"kind": "taken", "quantity": 1}, "entry-not-expected")
        again = await nurse.say("/v1/pulls/p-2", kind="count", number=7)
        assert again["ask"]["again"] is True
        counted = await nurse.say("/v1/pulls/p-2", kind="count", number=7)
        assert counted["ask"]["entries"] == ["taken"]
        assert ward.unverified("A-01-1") is None
        [found_one] = ward.rows("discrepancy.opened")
        assert found_one["delta"] == -1, "exactly what was taken and never said"
        ward.takes("A-01-1", 1)
        await nurse.say("/v1/pulls/p-2", kind="taken", quantity=1)
        await ward.hand_shuts("A-01")
        assert (await nurse.get("/v1/pulls/p-2"))["state"] == "committed"
        assert ward.believed("A-01-1") == ward.lies_in("A-01-1") == 6


async def test_a_boot_of_the_machine_in_the_middle_of_a_pull_ends_the_log_in() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        ward.standing.station = await ward.world.restart(power=True)
        await nurse.refused("GET", "/v1/pulls/p-1", code="log-in-needed")
        assert ward.rows("session.closed")[-1]["reason"] == "restart"
        await ward.world.plant.shut("A-01")
        await ward.world.settled("A-01")


async def test_a_drawer_that_moves_is_a_touch_of_whoever_had_it_opened_and_of_nobody_else() -> None:
    async with a_ward(idle_s=60, count_wait_s=3600) as ward:
        nurse, other = await ward.person("nurse"), await ward.person("technician")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        await asyncio.sleep(50)
        await ward.hand_shuts("A-01")
        await asyncio.sleep(50)
        assert (await nurse.get("/v1/pulls/p-1"))["state"] == "counting", "a hundred seconds without a touch of the screen"
        await other.refused("GET", "/v1/station", code="log-in-needed")


async def test_at1_7_of_twenty_who_pull_the_last_unit_at_once_one_succeeds() -> None:
    async with a_ward(stock=[("A-02-2", "PRD1", "2032-06-30", 1)]) as ward:
        rx = await ward.service()
        nurses = []
        for n in range(20):
            await rx.done("PUT", f"/v1/orders/O-{n}", order(f"O-{n}", "prednisone-5", "5"))
            nurses.append(await ward.person("nurse", f"n-{n:02}"))
        asked = [nurse.ask("PUT", f"/v1/pulls/p-{n}", {"order": f"O-{n}"}) for n, nurse in enumerate(nurses)]
        answers = await asyncio.gather(*asked)
        got = [n for n, answer in enumerate(answers) if answer.status_code == 202]
        assert len(got) == 1
        codes = {answer.json()["code"] for answer in answers if answer.status_code != 202}
        assert codes <= {"stock-reserved", "drawer-in-use"}
        [winner] = got
        await ward.hand_opens("A-02")
        ward.takes("A-02-2", 1)
        await nurses[winner].say(f"/v1/pulls/p-{winner}", kind="taken", quantity=1)
        await ward.hand_shuts("A-02")
        assert ward.openings() == ["A-02"]
        assert [row["quantity"] for row in ward.rows("stock.taken")] == [1]
        assert ward.believed("A-02-2") == ward.lies_in("A-02-2") == 0
        problem = await nurses[winner - 1].refused("PUT", "/v1/pulls/q", {"order": f"O-{(winner - 1) % 20}"}, "no-stock")
        assert problem["effect"] == "none"


async def test_a_dose_is_refused_to_the_second_who_asks_with_who_and_when() -> None:
    async with a_ward() as ward:
        nurse, other = await ward.person("nurse"), await ward.person("nurse", "b-nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        problem = await other.refused("PUT", "/v1/pulls/p-2", {"order": "O-amox"}, "dose-being-pulled")
        assert problem["facts"]["by"] == nurse.id
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 1)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        await ward.hand_shuts("A-01")
        problem = await other.refused("PUT", "/v1/pulls/p-3", {"order": "O-amox"}, "dose-already-pulled")
        assert problem["facts"]["pull"] == "p-1"


async def test_the_same_put_again_is_the_same_pull_and_another_one_a_conflict() -> None:
    async with a_ward() as ward:
        nurse, other = await ward.person("nurse"), await ward.person("nurse", "b-nurse")
        answers = await asyncio.gather(*(nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox"}) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {202}
        assert {answer.headers["location"] for answer in answers} == {"/v1/pulls/p-1"}
        await nurse.refused("PUT", "/v1/pulls/p-1", {"order": "O-pred"}, "pull-id-taken")
        await other.refused("PUT", "/v1/pulls/p-1", {"order": "O-amox"}, "pull-id-taken")
        await other.refused("POST", "/v1/pulls/p-1/entries", {"kind": "taken", "quantity": 1}, "not-your-work")
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 1)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        await ward.hand_shuts("A-01")
        after = await nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        assert (after.status_code, after.json()["state"]) == (200, "committed")
        await nurse.refused("POST", "/v1/pulls/p-1/entries", {"kind": "taken", "quantity": 1}, "work-ended")
        assert ward.openings() == ["A-01"]
        assert len(ward.rows("pull.requested")) == 1


async def test_a_quantity_over_several_pockets_is_drawn_from_each_in_turn() -> None:
    stock = [("A-01-1", "AMX1", "2032-03-31", 2), ("A-02-1", "AMX2", "2033-03-31", 5)]
    async with a_ward(stock=stock) as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        await rx.done("PUT", "/v1/orders/O-big", order("O-big", "amoxicillin-500", "1500"))
        begun = await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-big"})
        assert [(leg["pocket"], leg["quantity"]) for leg in begun["legs"]] == [("A-01-1", 2), ("A-02-1", 1)]
        for pocket, quantity in (("A-01-1", 2), ("A-02-1", 1)):
            await ward.hand_opens(pocket[:4])
            ward.takes(pocket, quantity)
            await nurse.say("/v1/pulls/p-1", kind="taken", quantity=quantity)
            await ward.hand_shuts(pocket[:4])
        ended = await nurse.get("/v1/pulls/p-1")
        assert (ended["state"], ended["result"]["outcome"], ended["result"]["taken"]) == ("committed", "done", 3)
        assert ward.openings() == ["A-01", "A-02"]


async def test_less_than_was_asked_is_short_and_the_rest_can_be_pulled_later() -> None:
    async with a_ward() as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        due = {"kind": "scheduled", "due": "2031-03-01T06:30:00Z"}
        await rx.done("PUT", "/v1/orders/O-two", order("O-two", "prednisone-5", "10", schedule=due))
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-two"})
        await ward.hand_opens("A-02")
        await nurse.refused("POST", "/v1/pulls/p-1/entries", {"kind": "taken", "quantity": 3}, "taken-more-than-asked")
        ward.takes("A-02-2", 1)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=2)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)  # corrected while the drawer is open
        await ward.hand_shuts("A-02")
        ended = await nurse.get("/v1/pulls/p-1")
        assert (ended["result"]["outcome"], ended["result"]["remainder"]) == ("short", 1)
        assert ward.believed("A-02-2") == ward.lies_in("A-02-2") == 29
        await nurse.refused("PUT", "/v1/pulls/p-2", {"order": "O-two", "quantity": 2}, "more-than-the-dose")
        rest = await nurse.done("PUT", "/v1/pulls/p-2", {"order": "O-two"})
        assert rest["quantity"] == 1
