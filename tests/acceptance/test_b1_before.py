"""B1 before anything opens: finding the patient, what is offered first and what to know of it, and where it would come from."""

from __future__ import annotations

from sites.models import Site
from tests.acceptance.ward import GTIN, a_ward, item, order, patient, scan_of, ward_site


async def test_a_patient_of_the_area_is_found_by_two_identifiers_and_not_by_one() -> None:
    async with a_ward() as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        await rx.done("PUT", "/v1/patients/P-3", {**patient("P-3"), "family": "Roe", "born": "1961-05-02"})
        assert [each["id"] for each in (await nurse.get("/v1/patients"))["items"]] == ["P-1", "P-2", "P-3"]
        for given in ("mrn=M-P-1&family=doe", "family=Doe&born=1950-01-01&mrn=M-P-1"):
            assert [each["id"] for each in (await nurse.get(f"/v1/patients?{given}"))["items"]] == ["P-1"]
        assert (await nurse.get("/v1/patients?family=Roe&born=1950-01-01"))["items"] == []
        assert (await nurse.get("/v1/patients?mrn=M-P-9&family=Doe"))["items"] == [], "of another area"
        problem = await nurse.refused("GET", "/v1/patients?family=Doe", code="two-identifiers-needed")
        assert problem["facts"] == {"given": "family"}
        await nurse.refused("GET", "/v1/patients/none", code="unknown-patient")
        await nurse.refused("GET", "/v1/orders/none", code="unknown-order")
        await nurse.refused("PUT", "/v1/pulls/p-1", {"order": "none"}, "unknown-order")


async def test_orders_come_with_what_is_due_first_whatever_offset_it_is_written_in() -> None:
    async with a_ward() as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        for id_, due in (("O-z", "2031-03-01T06:10:00Z"), ("O-y", "2031-03-01T08:05:00+02:00"), ("O-a", "2031-03-02T06:00:00Z")):
            schedule = {"kind": "scheduled", "due": due}
            await rx.done("PUT", f"/v1/orders/{id_}", order(id_, "prednisone-5", "5", schedule=schedule))
        page = await nurse.get("/v1/orders?patient=P-1&limit=2")
        rest = await nurse.get(f"/v1/orders?patient=P-1&after={page['next']}")
        found = [each["order"]["id"] for each in (*page["items"], *rest["items"])]
        assert found == ["O-y", "O-z", "O-amox", "O-a", "O-mor", "O-pred"]


async def test_what_to_know_is_said_with_the_offer_and_stops_nothing() -> None:
    async with a_ward(stock=[("A-01-1", "AMX1", "2032-03-31", 8)]) as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        await rx.done("PUT", "/v1/patients/P-1", {**patient("P-1"), "allergies": ["penicillins: rash"]})
        await rx.done("PUT", "/v1/orders/O-too", order("O-too", "amoxicillin-250", "250"))
        offer = (await nurse.get("/v1/orders/O-too"))["offer"]
        assert [(notice["code"], notice["facts"]) for notice in offer["notices"]] == [
            ("allergies", {"text": ["penicillins: rash"]}),
            ("none-here", {"item": "amoxicillin-250"}),
        ]
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        being = (await nurse.get("/v1/orders/O-too"))["offer"]["notices"][1]
        assert (being["code"], being["facts"]["order"], being["facts"]["by"]) == ("same-drug", "O-amox", nurse.id)
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 1)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        await ward.hand_shuts("A-01")
        found = await nurse.get("/v1/orders/O-too")
        assert [notice["code"] for notice in found["offer"]["notices"]] == ["allergies", "same-drug", "none-here"]
        last = (await nurse.get("/v1/orders/O-amox"))["given"]
        assert (last["pull"], last["person"]) == ("p-1", nurse.id)


async def test_of_equal_expiries_the_nearest_pocket_is_opened_and_of_equally_near_the_fullest() -> None:
    site = ward_site().model_dump(mode="json")
    for drawer in site["drawers"]:
        number = int(drawer["id"][-2:])
        drawer["place"] = {"x_mm": 0, "y_mm": 100 * (5 - number), "width_mm": 500, "height_mm": 90}
        for pocket in drawer["pockets"]:
            pocket["item"] = "prednisone-5"
    stock = [("A-01-1", "L", "2032-06-30", 30), ("A-03-1", "L", "2032-06-30", 2), ("A-03-2", "L", "2032-06-30", 9)]
    async with a_ward(stock=[*stock, ("A-04-1", "OLD", "2031-02-28", 9)], site=Site.model_validate(site)) as ward:
        nurse = await ward.person("nurse")
        begun = await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-pred"})
        assert begun["legs"][0]["pocket"] == "A-03-2", "A-04 is nearer, and has expired"


async def test_what_has_expired_is_not_given_out_and_said_to_be_expired() -> None:
    async with a_ward(stock=[("A-02-2", "OLD", "2031-03-01", 9)]) as ward:
        nurse = await ward.person("nurse")
        await nurse.refused("PUT", "/v1/pulls/p-1", {"order": "O-pred"}, "stock-expired")
        await nurse.refused("PUT", "/v1/pulls/p-1", {"order": "O-pred", "pocket": "A-01-1"}, "pocket-of-another-item")
        assert ward.openings() == []


async def test_a_dose_that_no_package_makes_is_refused_when_pushed_and_when_the_formulary_changes_under_it() -> None:
    async with a_ward() as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        volume = {**order("O-x", "prednisone-5", "5"), "dose": {"value": "5", "unit": "mL"}}
        await rx.refused("PUT", "/v1/orders/O-x", volume, "dose-not-from-item")
        await rx.refused("PUT", "/v1/orders/O-y", order("O-x", "prednisone-5", "5"), "id-differs")
        await rx.refused("PUT", "/v1/patients/P-y", patient("P-x"), "id-differs")
        changed = {**item("prednisone-5", "5"), "strength": {"value": "5", "unit": "mL"}}
        await rx.refused("PUT", "/v1/items/other", changed, "id-differs")
        taken = {**item("prednisone-5", "5"), "id": "other", "gtins": [GTIN["morphine-10"]]}
        await rx.refused("PUT", "/v1/items/other", taken, "gtin-taken")
        await rx.refused("GET", "/v1/items/none", code="unknown-item")
        await rx.done("PUT", "/v1/items/prednisone-5", changed)
        await nurse.refused("PUT", "/v1/pulls/p-1", {"order": "O-pred"}, "dose-not-from-item")
        found = await nurse.get("/v1/orders/O-pred")
        assert found["offer"]["why_not"] == "dose-not-from-item"
        listed = await nurse.get("/v1/items?limit=2")
        assert [each["id"] for each in listed["items"]] == ["amoxicillin-250", "amoxicillin-500"]


async def test_an_order_stopped_between_two_pockets_leaves_the_second_one_shut() -> None:
    stock = [("A-01-1", "AMX1", "2032-03-31", 2), ("A-02-1", "AMX2", "2033-03-31", 5)]
    async with a_ward(stock=stock) as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        await rx.done("PUT", "/v1/orders/O-big", order("O-big", "amoxicillin-500", "1500"))
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-big"})
        await ward.hand_opens("A-01")
        await rx.done("PUT", "/v1/orders/O-big", order("O-big", "amoxicillin-500", "1500", state="discontinued"))
        ward.takes("A-01-1", 2)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=2)
        await ward.hand_shuts("A-01")
        await ward.world.until("pull.committed", pull="p-1")
        ended = await nurse.get("/v1/pulls/p-1")
        assert (ended["result"]["outcome"], ended["result"]["taken"]) == ("short", 2)
        assert ended["result"]["elsewhere"] == ["A-02-1"], "where the rest would be"
        assert ward.openings() == ["A-01"]


async def test_a_session_with_an_open_drawer_is_held_and_locked_when_it_is_shut() -> None:
    async with a_ward(idle_s=60, count_wait_s=3600) as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 1)
        await ward.world.until("session.held_open")
        assert ward.rows("session.locked") == []
        assert ward.rows("alarm.raised")[0]["kind"] == "ajar"
        await ward.hand_shuts("A-01")
        locked = await ward.world.until("session.locked")
        await nurse.refused("GET", "/v1/pulls/p-1", code="log-in-needed")
        back = await ward.person("nurse")
        assert [row["session"] for row in ward.rows("session.resumed")] == [locked["session"]]
        await back.say("/v1/pulls/p-1", kind="taken", quantity=1)
        await ward.quiet()
        assert (await back.get("/v1/pulls/p-1"))["state"] == "committed"
        assert ward.believed("A-01-1") == ward.lies_in("A-01-1") == 7


async def test_an_equivalent_package_with_another_number_opens_the_same_pocket() -> None:
    async with a_ward() as ward:
        technician, rx = await ward.person("technician"), await ward.service()
        other = "00399001114015"
        await rx.done("PUT", "/v1/items/prednisone-5", {**item("prednisone-5", "5"), "gtins": [GTIN["prednisone-5"], other]})
        begun = await technician.done("PUT", "/v1/restocks/r-1", {"scan": f"]d201{other}1733063010X"})
        assert begun["legs"][0]["pocket"] == "A-02-2"
        await technician.refused("PUT", "/v1/restocks/r-1", {"scan": scan_of("prednisone-5")}, "restock-id-taken")
        await technician.refused("GET", "/v1/restocks/none", code="unknown-restock")
