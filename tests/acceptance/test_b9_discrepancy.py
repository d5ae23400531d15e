"""B9: the life of a discrepancy."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.acceptance.ward import Person, Ward, a_ward, order, scan_of

SAID = {"reason": "miscounted", "explanation": "Two vials stuck together; counted again with the charge nurse."}


async def wrong_twice(ward: Ward, nurse: Person, said: int = 10, pull: str = "p-1", order_: str = "O-mor") -> str:
    """The nurse pulls one of twelve vials of morphine and counts something else than eleven, twice. The discrepancy's id."""
    pocket = {"O-mor": "A-03-1", "O-oxy": "A-03-2"}[order_]
    asked = await nurse.done("PUT", f"/v1/pulls/{pull}", {"order": order_})
    await ward.hand_opens("A-03")
    ward.takes(pocket, asked["quantity"])
    await nurse.say(f"/v1/pulls/{pull}", kind="count", number=said)
    await nurse.say(f"/v1/pulls/{pull}", kind="count", number=said)
    await ward.hand_shuts("A-03")
    [found] = (await nurse.get(f"/v1/pulls/{pull}"))["discrepancies"]
    return str(found)


async def resolved(ward: Ward, charge: Person, id_: str, witness: str) -> dict[str, Any]:
    """The charge nurse resolves it with a witness at the same terminal."""
    path = f"/v1/discrepancies/{id_}"
    subject = (await charge.refused("POST", f"{path}/resolution", SAID, "witness-needed"))["facts"]["subject"]
    return await charge.done("POST", f"{path}/resolution", {**SAID, "witness": await signed(ward, charge, witness, subject)})


async def signed(ward: Ward, who: Person, witness: str, subject: str) -> str:
    """The witness's token for a subject."""
    body = {"who": witness, "pin": ward.world.pin(witness), "subject": subject}
    token: str = (await who.done("POST", "/v1/witnesses", body))["witness"]
    return token


async def test_at9_1_wrong_twice_is_one_open_record_and_one_alert() -> None:
    async with a_ward() as ward:
        nurse, charge = await ward.person("nurse"), await ward.person("charge_nurse")
        id_ = await wrong_twice(ward, nurse)
        listed = await charge.get("/v1/discrepancies?state=open")
        assert [found["id"] for found in listed["items"]] == [id_]
        assert len(ward.rows("discrepancy.opened")) == 1
        assert ward.rows("discrepancy.escalated") == []


async def test_at9_2_it_alerts_once_for_each_step_of_age_and_not_for_each_access() -> None:
    async with a_ward(escalate_charge_s=400, escalate_pharmacy_s=600, suspected_loss_s=800) as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        await wrong_twice(ward, nurse)
        for n in range(3):
            await rx.done("PUT", f"/v1/orders/O-m{n}", order(f"O-m{n}", "morphine-10", "10"))
            await nurse.done("PUT", f"/v1/pulls/q-{n}", {"order": f"O-m{n}"})
            await ward.hand_opens("A-03")
            ward.takes("A-03-1", 1)
            await nurse.say(f"/v1/pulls/q-{n}", kind="count", number=9 - n)
            await ward.hand_shuts("A-03")
        assert ward.rows("discrepancy.escalated") == []
        assert len(ward.rows("discrepancy.opened")) == 1
        await asyncio.sleep(900)
        assert [row["step"] for row in ward.rows("discrepancy.escalated")] == ["charge-nurse", "pharmacy", "suspected-loss"]
        await asyncio.sleep(3600)
        assert len(ward.rows("discrepancy.escalated")) == 3


async def test_escalation_goes_on_after_a_restart_and_ends_with_the_resolution() -> None:
    async with a_ward(escalate_charge_s=600, escalate_pharmacy_s=1200) as ward:
        await ward.person("pharmacist")
        nurse = await ward.person("nurse")
        id_ = await wrong_twice(ward, nurse)
        await asyncio.sleep(500)
        await ward.restart()
        await asyncio.sleep(120)
        assert [row["step"] for row in ward.rows("discrepancy.escalated")] == ["charge-nurse"]
        await resolved(ward, await ward.person("charge_nurse"), id_, "a-pharmacist")
        await asyncio.sleep(1200)
        assert len(ward.rows("discrepancy.escalated")) == 1


async def test_at9_3_a_resolution_changes_no_history_and_moves_no_stock() -> None:
    async with a_ward() as ward:
        await ward.person("pharmacist")
        nurse, charge = await ward.person("nurse"), await ward.person("charge_nurse")
        id_ = await wrong_twice(ward, nurse)
        before = [(row.seq, row.hash) for row in ward.world.ledger.read(0, 100_000)]
        balance = ward.believed("A-03-1")
        ended = await resolved(ward, charge, id_, "a-pharmacist")
        assert (ended["state"], ended["resolution"]["witness"]) == ("resolved", "a-pharmacist")
        after = [(row.seq, row.hash) for row in ward.world.ledger.read(0, 100_000)]
        assert after[: len(before)] == before
        assert ward.believed("A-03-1") == balance
        assert {"witness.used", "discrepancy.claimed", "discrepancy.explained", "discrepancy.resolved"} <= {
            row.kind for row in ward.world.ledger.read(before[-1][0], 1000)
        }


async def test_at9_4_opposite_differences_of_neighbours_are_suggested_as_a_pair() -> None:
    async with a_ward() as ward:
        nurse, charge = await ward.person("nurse"), await ward.person("charge_nurse")
        morphine = await wrong_twice(ward, nurse, 12)  # one more than the books say
        oxycodone = await wrong_twice(ward, nurse, 12, "p-2", "O-oxy")  # one less
        for one, other, pocket in ((morphine, oxycodone, "A-03-2"), (oxycodone, morphine, "A-03-1")):
            found = await charge.get(f"/v1/discrepancies/{one}")
            assert {"code": "opposite-neighbour", "discrepancy": other, "pocket": pocket} in found["suggestions"]


async def test_at9_5_who_may_have_caused_it_may_not_review_it() -> None:
    async with a_ward() as ward:
        finder, reviewer = await ward.person("pharmacist"), await ward.person("pharmacist", "b-pharmacist")
        charge = await ward.person("charge_nurse")
        await ward.person("nurse")
        id_ = await wrong_twice(ward, finder)
        path = f"/v1/discrepancies/{id_}"
        await resolved(ward, charge, id_, "a-nurse")
        verdict = {"accept": True, "note": "Agrees with the shelf."}
        await finder.refused("POST", f"{path}/review", verdict, "reviewer-involved")
        await charge.refused("POST", f"{path}/review", verdict, "not-allowed")
        closed = await reviewer.done("POST", f"{path}/review", verdict)
        assert (closed["state"], closed["review"]["by"]) == ("closed", "b-pharmacist")
        await reviewer.refused("POST", f"{path}/review", verdict, "discrepancy-not-now")


async def test_at9_6_the_list_of_people_with_access_is_complete_with_key_and_service_access() -> None:
    async with a_ward() as ward:
        nurse, other = await ward.person("nurse"), await ward.person("nurse", "b-nurse")
        engineer = await ward.person("biomedical_engineer")
        await other.done("PUT", "/v1/pulls/o-1", {"order": "O-oxy"})
        await ward.hand_opens("A-03")
        ward.takes("A-03-2", 2)
        await other.say("/v1/pulls/o-1", kind="count", number=13)
        await ward.hand_shuts("A-03")
        ward.world.plant.drawers["A-03"].force()
        await ward.world.until("drawer.forced", drawer="A-03")
        await ward.world.plant.shut("A-03")
        session = ward.world.people.session(engineer.headers["Authorization"][7:], engineer.headers["Galenic-Terminal"])
        await asyncio.sleep(2)
        await ward.world.station.drawers["A-03"].recover("retry", session)  # type: ignore[arg-type]
        await ward.hand_opens("A-03")
        await ward.hand_shuts("A-03")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-mor"})
        await ward.hand_opens("A-03")
        await nurse.say("/v1/pulls/p-1", kind="count", number=9)
        await nurse.say("/v1/pulls/p-1", kind="count", number=9)
        [found] = ward.rows("discrepancy.opened")
        seen = [(access["kind"], access["person"]) for access in found["accesses"]]
        assert seen == [("pull", other.id), ("key", None), ("recovery", engineer.id), ("pull", nurse.id)]


async def test_it_is_claimed_explained_resolved_with_a_witness_and_may_be_sent_back() -> None:
    async with a_ward() as ward:
        await ward.person("nurse", "b-nurse")
        nurse, charge = await ward.person("nurse"), await ward.person("charge_nurse")
        pharmacist = await ward.person("pharmacist")
        id_ = await wrong_twice(ward, nurse)
        path = f"/v1/discrepancies/{id_}"
        await charge.refused("GET", f"{path}/resolution", code="not-resolved")
        assert (await charge.done("POST", f"{path}/claim"))["claimed_by"] == charge.id
        assert (await charge.done("POST", f"{path}/explanation", SAID))["state"] == "explained"
        to_sign = await charge.done("POST", f"{path}/resolution/subject", SAID)
        other = await signed(ward, charge, "b-nurse", "0" * 64)
        body = {**SAID, "witness": other}
        await charge.refused("POST", f"{path}/resolution", body, "witness-other-subject")
        await charge.refused("POST", f"{path}/resolution", body, "witness-token-used")
        good = await signed(ward, charge, "b-nurse", to_sign["subject"])
        changed = {**SAID, "explanation": "Something else, after the signature.", "witness": good}
        await charge.refused("POST", f"{path}/resolution", changed, "witness-other-subject")
        good = await signed(ward, charge, "b-nurse", to_sign["subject"])
        await charge.done("POST", f"{path}/resolution", {**SAID, "witness": good})
        await charge.refused("POST", f"{path}/claim", code="discrepancy-not-now")
        await charge.refused("POST", f"{path}/resolution", SAID, "discrepancy-not-now")
        sent_back = await pharmacist.done("POST", f"{path}/review", {"accept": False, "note": "Which charge nurse?"})
        assert (sent_back["state"], sent_back["resolution"]) == ("open", None)
        assert sent_back["explanation"] == SAID["explanation"]
        await charge.refused("POST", "/v1/discrepancies/none/claim", code="unknown-discrepancy")
        await charge.refused("GET", "/v1/discrepancies/none", code="unknown-discrepancy")
        await nurse.refused("POST", f"{path}/claim", code="not-allowed")


async def test_who_counts_sees_how_much_it_differs_and_an_auditor_sees_the_figures() -> None:
    async with a_ward() as ward:
        nurse, charge, auditor = (
            await ward.person("nurse"),
            await ward.person("charge_nurse"),
            await ward.person("auditor"),
        )
        id_ = await wrong_twice(ward, nurse)
        to_charge = await charge.get(f"/v1/discrepancies/{id_}")
        assert (to_charge["delta"], to_charge["expected"], to_charge["counted"]) == (-1, None, None)
        to_auditor = await auditor.get(f"/v1/discrepancies/{id_}")
        assert (to_auditor["expected"], to_auditor["counted"]) == (11, 10)


async def test_a_new_difference_at_the_same_pocket_is_linked_and_both_are_kept() -> None:
    async with a_ward() as ward:
        nurse, charge, rx = await ward.person("nurse"), await ward.person("charge_nurse"), await ward.service()
        first = await wrong_twice(ward, nurse)
        await rx.done("PUT", "/v1/orders/O-m2", order("O-m2", "morphine-10", "10"))
        await nurse.done("PUT", "/v1/pulls/p-2", {"order": "O-m2"})
        await ward.hand_opens("A-03")
        ward.takes("A-03-1", 1)
        for _ in range(2):
            await nurse.say("/v1/pulls/p-2", kind="count", number=10)  # the eleventh had been there all the time
        await ward.hand_shuts("A-03")
        second = (await nurse.get("/v1/pulls/p-2"))["discrepancies"][0]
        assert (await charge.get(f"/v1/discrepancies/{first}"))["linked"] == [second]
        assert (await charge.get(f"/v1/discrepancies/{second}"))["linked"] == [first]
        page = await charge.get("/v1/discrepancies?limit=1")
        rest = await charge.get(f"/v1/discrepancies?limit=1&after={page['next']}")
        assert [found["id"] for found in (*page["items"], *rest["items"])] == [first, second]


async def test_a_refill_keyed_twice_is_suggested() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        for n in (1, 2):
            await technician.done("PUT", f"/v1/restocks/r-{n}", {"scan": scan_of("morphine-10")})
            await ward.hand_opens("A-03")
            await technician.say(f"/v1/restocks/r-{n}", kind="count", number=12 if n == 1 else 17)
            if n == 1:
                ward.puts("A-03-1", "MOR2", "2032-03-31", 5)
            await technician.say(f"/v1/restocks/r-{n}", kind="placed", quantity=5)
            await ward.hand_shuts("A-03")
        nurse = await ward.person("nurse")
        await wrong_twice(ward, nurse, 16)
        [found] = ward.rows("discrepancy.opened")
        assert found["delta"] == -5
        assert {"code": "refill-keyed-twice", "quantity": 5} in found["suggestions"]
