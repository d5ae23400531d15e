"""The technician's pages where machines and open shelves give too: a tote is put under a robot, looked into and sealed, and what a
shelf gives is scanned first. The pages are asked as a browser asks them, the robot and the shelf are real ones."""

from __future__ import annotations

from typing import Any

from tests.acceptance.test_b10_sources import PLACE, a_store, line
from tests.acceptance.ward import Person, scan_of
from tests.kit.robot import ROBOT


def cookies(who: Person) -> dict[str, str]:
    """The same person at the same terminal, in its browser."""
    token, screen = who.headers["Authorization"].removeprefix("Bearer "), who.headers["Galenic-Terminal"]
    return {"Cookie": f"__Host-galenic-session={token}; __Host-galenic-screen={screen}"}


async def page(who: Person, path: str) -> str:
    """A page as it is written."""
    answer = await who.ward.client.get(f"/console/{path}", headers=cookies(who))
    assert answer.status_code == 200, answer.text
    return answer.text


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
        assert "Done. 5 tablet put in." in await page(technician, work)
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
