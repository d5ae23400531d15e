"""An open shelf has no lock: what is taken there is scanned first, and everything else is as at a drawer."""

from __future__ import annotations

from typing import Any

from sites.models import Site
from tests.acceptance.test_pick_list import LIST, pushed
from tests.acceptance.ward import Ward, a_ward, scan_of, ward_site

SHELF = {"id": "S", "name": "Open shelf", "pockets": [{"id": "S-1", "item": "prednisone-5", "capacity": 500, "par": 100}]}


def site(**policy: Any) -> Site:
    """The cabinet with prednisone on a shelf beside it, and nowhere else."""
    told = ward_site(**policy).model_dump(mode="json")
    told["shelves"] = [SHELF]
    for drawer in told["drawers"]:
        for pocket in drawer["pockets"]:
            pocket["item"] = None if pocket["item"] == "prednisone-5" else pocket["item"]
    return Site.model_validate(told)


async def restocked(ward: Ward, quantity: int = 100) -> None:
    """A technician puts packages on the shelf: nothing is unlocked."""
    technician = await ward.person("technician", "loader")
    body = {"scan": scan_of("prednisone-5", "PRD1", "320630"), "pocket": "S-1"}
    begun = await technician.done("PUT", "/v1/restocks/R-1", body)
    assert begun["state"] == "accessing"
    await technician.say("/v1/restocks/R-1", kind="count", number=0)
    ward.puts("S-1", "PRD1", "2032-06-30", quantity)
    await technician.say("/v1/restocks/R-1", kind="placed", quantity=quantity)
    assert (await technician.get("/v1/restocks/R-1"))["state"] == "committed"


async def test_what_is_picked_from_an_open_shelf_is_scanned_first() -> None:
    async with a_ward(site=site()) as ward:
        await restocked(ward)
        rx, technician = await ward.service(), await ward.person("technician")
        lines: list[dict[str, Any]] = [{"n": 1, "item": "prednisone-5", "quantity": 30}]
        begun = await pushed(rx, lines=lines)
        assert begun["lines"][0]["parts"] == [{"pocket": "S-1", "drawer": "S", "quantity": 30}]
        answer = await technician.ask("POST", f"{LIST}/lines/1/picks", {"tote": "T-1"})
        pick = answer.headers["location"]
        await technician.refused("POST", f"{pick}/entries", {"kind": "taken", "quantity": 30}, "scan-first")
        await technician.refused("POST", f"{pick}/entries", {"kind": "scan", "data": scan_of("morphine-10")}, "scan-mismatch")
        await technician.refused("POST", f"{pick}/entries", {"kind": "taken", "quantity": 30}, "put-back-first")
        await technician.say(pick, kind="scan", data=scan_of("prednisone-5", "PRD1", "320630"))
        ward.takes("S-1", 30)
        await technician.say(pick, kind="taken", quantity=30)
        assert (await technician.get(pick))["state"] == "committed"
        assert ward.believed("S-1") == ward.lies_in("S-1") == 70
        assert ward.openings() == []


async def test_a_shelf_left_in_the_middle_of_a_pick_is_to_be_counted() -> None:
    async with a_ward(site=site(count_wait_s=20)) as ward:
        await restocked(ward)
        rx, technician = await ward.service(), await ward.person("technician")
        await pushed(rx, lines=[{"n": 1, "item": "prednisone-5", "quantity": 30}])
        answer = await technician.ask("POST", f"{LIST}/lines/1/picks", {"tote": "T-1"})
        pick = answer.headers["location"]
        await ward.world.until("pick.in_doubt")
        assert ward.world.books.stock.pockets["S-1"]["unverified"] is not None
        assert (await technician.get(pick))["state"] == "in_doubt"
