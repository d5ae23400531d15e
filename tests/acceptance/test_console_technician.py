"""The technician's pages where machines and open shelves give too, and where nothing opens: asked as a browser asks them, in
virtual time. What fingers do at them stands in tests/console."""

from __future__ import annotations

import re
from typing import Any

from tests.acceptance.test_b10_sources import PLACE, a_store, line
from tests.acceptance.ward import Person, a_ward, item, scan_of
from tests.kit.robot import ROBOT


def cookies(who: Person) -> dict[str, str]:
    """The same person at the same terminal, in its browser."""
    token, screen = who.headers["Authorization"].removeprefix("Bearer "), who.headers["Galenic-Terminal"]
    return {"Cookie": f"__Host-galenic-session={token}; __Host-galenic-screen={screen}"}


async def page(who: Person, path: str) -> str:
    """A page as it is written; names of pockets without what keeps them on one line."""
    answer = await who.ward.client.get(f"/console/{path}", headers=cookies(who))
    assert answer.status_code == 200, answer.text
    return re.sub(r'<span class="whole">(.*?)</span>', r"\1", answer.text)


async def posts(who: Person, path: str, **said: Any) -> str | None:
    """Posts a form; where it leads."""
    answer = await who.ward.client.post(f"/console/{path}", json=said, headers=cookies(who))
    assert answer.status_code == 200, answer.text
    to: str | None = answer.json()["go"]
    return to


async def test_a_tote_is_put_under_a_robot_filled_looked_into_and_sealed() -> None:
    async with a_store() as (pharmacy, technician, rx):
        await rx.done("PUT", "/v1/pick-lists/L-1", {"revision": 1, "lines": [line(10)]})
        assert ROBOT in await page(technician, "pick-lists/L-1?tote=T-1"), "who gives it is said, and nothing of it can be tapped"
        assert "Under output 1" in await page(technician, "totes/T-1")
        assert await posts(technician, "totes/T-1/place", list="L-1", at=PLACE) is None
        await pharmacy.world.until("robot.pick_ended")
        await pharmacy.quiet()
        told = await page(technician, "totes/T-1")
        assert "A machine has put something in" in told
        assert "Number of the seal" not in told
        told = await page(technician, "totes/T-1/check")
        assert "AMX1" in told
        assert await posts(
            technician,
            "totes/T-1/check",
            item=["amoxicillin-500"],
            lot=["AMX1"],
            expiry=["2032-03-31"],
            found=["10"],
        ) == ("/console/totes/T-1")
        assert "Number of the seal" in await page(technician, "totes/T-1")
        assert await posts(technician, "totes/T-1/sealing", to="ward-a", seal="S-1") is None
        assert (await technician.get("/v1/totes/T-1"))["state"] == "packed"


async def test_what_an_open_shelf_gives_is_scanned_first_and_its_restock_asks_for_no_drawer() -> None:
    async with a_store(None) as (pharmacy, technician, rx):
        to = await posts(technician, "restock", seen="1", scan=scan_of("amoxicillin-500"), pocket="S-1")
        assert to is not None
        work = to.removeprefix("/console/")
        await pharmacy.quiet()
        assert "Count S-1" in await page(technician, work)
        await posts(technician, f"{work}/counted", number="20")
        pharmacy.puts("S-1", "AMX1", "2032-03-31", 5)
        await posts(technician, f"{work}/placed", quantity="5")
        assert "Done. 5 tablets put in." in await page(technician, work)
        await rx.done("PUT", "/v1/pick-lists/L-1", {"revision": 1, "lines": [line(10)]})
        to = await posts(technician, "pick-lists/L-1/picks", n="1", tote="T-1")
        assert to is not None
        pick = to.removeprefix("/console/")
        await pharmacy.quiet()
        assert "Check a package" in await page(technician, pick)
        refused = await technician.ward.client.post(f"/console/{pick}/taken", json={"quantity": "10"}, headers=cookies(technician))
        assert refused.status_code == 409
        assert "scan-first" in refused.text
        await posts(technician, f"{pick}/scans", data=scan_of("amoxicillin-500"))
        pharmacy.takes("S-1", 10)
        await posts(technician, f"{pick}/taken", quantity="10")
        assert "Done. Recorded." in await page(technician, pick)
        assert pharmacy.believed("S-1") == pharmacy.lies_in("S-1") == 15


async def test_a_drawer_that_nobody_pulls_was_not_opened_and_the_same_pocket_is_the_next() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        to = await posts(technician, "counts", seen="1", pocket="A-01-1")
        assert to is not None
        work = to.removeprefix("/console/")
        await ward.quiet()
        assert "Drawer A-01 opens. Pull it." in await page(technician, work)
        await ward.world.until("count.failed")
        told = await page(technician, work)
        assert "It did not open. Nothing was counted." in told
        assert "Count A-01-1 again" in told
        to = await posts(technician, "counts", seen="2", pocket="A-01-1")
        assert to is not None
        await ward.hand_opens("A-01")
        again = to.removeprefix("/console/")
        await posts(technician, f"{again}/counted", number="8")
        await ward.hand_shuts("A-01")
        told = await page(technician, again)
        assert "Right. Your count is recorded." in told
        assert "Count A-01-1 again" not in told


async def test_a_restock_whose_drawer_nobody_pulls_put_nothing_in() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        to = await posts(technician, "restock", seen="1", scan=scan_of("amoxicillin-500"), pocket="A-01-1")
        assert to is not None
        await ward.world.until("restock.failed")
        assert "It did not open. Nothing was put in." in await page(technician, to.removeprefix("/console/"))


async def test_an_item_without_a_pocket_gets_the_one_that_is_chosen() -> None:
    async with a_ward() as ward:
        technician, rx = await ward.person("technician"), await ward.service()
        record = {**item("amoxicillin-500", "500"), "id": "new-item", "gtins": ["00399001100018"]}
        await rx.done("PUT", "/v1/items/new-item", record)
        scan = scan_of("amoxicillin-500", "N1").replace("00399001000011", "00399001100018")
        to = await posts(technician, "restock", seen="1", scan=scan)
        assert to is not None
        assert to.startswith("/console/restock/package?")
        told = await page(technician, to.removeprefix("/console/"))
        assert "It has no pocket yet" in told
        free = re.findall(r'name="pocket" value="([^"]+)"', told)
        assert free
        to = await posts(technician, "restock", seen="1", scan=scan, pocket=free[0])
        assert to is not None
        work = to.removeprefix("/console/")
        await ward.hand_opens(free[0][:4])
        await posts(technician, f"{work}/counted", number="0")
        ward.puts(free[0], "N1", "2032-03-31", 7)
        await posts(technician, f"{work}/placed", quantity="7")
        await ward.hand_shuts(free[0][:4])
        assert "Done. 7 tablets put in." in await page(technician, work)
        assert (await technician.get(f"/v1/pockets/{free[0]}"))["item"] == "new-item"


async def test_a_controlled_tote_is_signed_for_by_two_and_no_page_says_what_was_packed() -> None:
    async with a_ward() as ward:
        technician, rx = await ward.person("technician"), await ward.service()
        await ward.person("pharmacist", "second")
        lots = [{"lot": "P8", "expiry": "2032-06-30", "quantity": 67}]
        content = {"item": "morphine-10", "unit": "ampoule", "controlled": True, "quantity": 67, "lots": lots, "lines": [1]}
        manifest = {"source": "pharmacy", "destination": ward.world.station.site.station.id, "pick_list": "X-1", "revision": 1}
        signed = [{"did": "packed", "station": "pharmacy", "person": "kim"}]
        await rx.done("PUT", "/v1/totes/T-9", {**manifest, "seal": "S-9", "contents": [content], "signers": signed})
        await posts(technician, "totes/T-9/arrival", seal="S-0")
        told = [await page(technician, "totes/T-9"), await page(technician, "totes"), await page(technician, "restock")]
        assert "Another seal was on it" in told[0]
        to = await posts(technician, "totes/T-9/receipt", item=["morphine-10"], left=["3"])
        assert to == "/console/totes/T-9/receipt/morphine-10=3"
        signing = to.removeprefix("/console/")
        told.append(await page(technician, signing))
        assert not any("67" in re.sub(r"seen=\"\d+\"|value=\"\d+\"|[0-9a-f]{16,}", "", page_) for page_ in told)
        assert await posts(technician, signing, witness="second", pin=ward.world.pin("second")) == "/console/totes/T-9"
        told.append(await page(technician, "totes/T-9"))
        assert "64 of morphine-10 are missing" in told[-1]
        receipt = (await technician.get("/v1/totes/T-9"))["receipt"]
        assert [signer["person"] for signer in receipt["signers"]][-1] == "second"
        assert receipt["left"] == {"morphine-10": 3}


async def test_who_may_not_restock_is_told_so_and_may_count() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        for path in ("restock", "pick-lists", "totes"):
            answer = await ward.client.get(f"/console/{path}", headers=cookies(nurse))
            assert (answer.status_code, "not-allowed" in answer.text) == (403, True), path
        assert "to count" in await page(nurse, "counts")
        assert "expired" in await page(nurse, "expiries")
