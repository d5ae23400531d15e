"""What there is to see: a ward and a pharmacy at work, so that no page of the console stands empty, and where each is looked at.

Everything is done over REST and by a hand at the simulated steel. What a robot and a gantry leave in doubt is left so.
"""

from __future__ import annotations

import secrets
from typing import Any

import httpx

from api.state import opened
from controller.policy.roles import Role
from tests.console.asking import Caller, calling
from tests.console.pharmacy import Pharmacy
from tests.console.shelves import package
from tests.console.stand import Stand

COUNTED, STOCKED, DRAWN = "D-05-1", "D-01-3", "O-5003"
"""A pocket that is counted wrong, one that is restocked with ibuprofen, and an order that is pulled."""
PACKS = 2
"""So many of warfarin are ordered of the robot."""
OUTWARD = """
[outward]
hosts = ["127.0.0.1"]

[[outward.consumers]]
id = "warehouse"
service = "pharmacy"

[[outward.webhooks]]
id = "warehouse"
consumer = "warehouse"
url = "http://127.0.0.1:9/told"
plain = true
signatures = ["v1a"]
events = ["drawer.*"]

[[partners]]
id = "pharmacy"
"""
"""Somebody outside who never answers, and a station that totes come from."""

WARD = {
    "/counts/{id}": "/counts/seen",
    "/drawers/{id}": "/drawers/D-05",
    "/patients/{id}": "/patients/P-1001",
    "/patients/{id}/notices": "/patients/P-1005/notices?orders=O-5013",
    "/pulls/{id}": "/pulls/seen",
    "/restocks/{id}": "/restocks/seen",
    "/restock/package": f"/restock/package?scan={package('ibuprofen-400', 'N1', '330228')}",
    "/lists/{id}": "/lists/seen",
    "/pick-lists/{id}": "/pick-lists/seen?tote=T-1",
    "/picks/{id}": "/picks/seen",
    "/totes/{id}": "/totes/T-1",
    "/totes/{id}/check": "/totes/T-1/check",
    "/totes/{id}/sealing/{to}/{seal}": "/totes/T-1/sealing/pharmacy/S-1",
    "/totes/{id}/receipt/{left}": "/totes/T-9/receipt/nothing",
    "/links/{id}": "/links/lockbus",
    "/boards/{id}": "/boards/locks-a",
    "/boards/{id}/replacement": "/boards/locks-a/replacement",
    "/outward/{id}": "/outward/warehouse",
    "/people/{id}": "/people/nina",
    "/once/{ticket}": "/once/nothing",
    "/pin": "/pin?who=nina",
}
"""Pages with names in their addresses; what a discrepancy is called is not known before."""
DISCREPANCY = "/discrepancies/{id}"
PHARMACY = {
    "/line": "/line",
    "/throughput": "/throughput",
    "/robots": "/robots",
    "/robots/{id}": "/robots/R1",
    "/robots/{id}/orders/{order}": "/robots/R1/orders/{robot}",
    "/gantries/{id}": "/gantries/arm",
    "/gantries/{id}/orders/{order}": "/gantries/arm/orders/{gantry}",
}
"""What a ward has none of."""


def change(text: str) -> str:
    """The ward's site file, with somebody to tell and somebody to get totes from."""
    return text + OUTWARD


async def work_in_the_ward(ward: Stand) -> dict[str, str]:
    """One piece of each work, done; a discrepancy that is explained and not signed. Where its pages are looked at."""
    async with calling(ward, "nina") as nina, calling(ward, "theo") as theo, calling(ward, "petra") as petra:
        await _done(ward, nina, "pulls/seen", {"order": DRAWN}, {"kind": "taken", "quantity": 1})
        stocked = {"scan": package("ibuprofen-400", "N1", "330228"), "pocket": STOCKED}
        count = {"kind": "count", "number": ward.pocket(STOCKED)}
        await _done(ward, theo, "restocks/seen", stocked, count, {"kind": "placed", "quantity": 2})
        _pushes(ward, "pick-lists/seen", {"revision": 1, "lines": [{"n": 1, "item": "aspirin-81", "quantity": 2}]})
        await theo.send("POST", "pick-lists/seen/lines/1/picks", {"id": "seen", "tote": "T-1"})
        await _done(ward, theo, "pick-lists/seen/lines/1/picks/seen", None, {"kind": "taken", "quantity": 2})
        lots = [{"lot": "P7", "expiry": "2032-06-30", "quantity": 6}]
        content = {"item": "ibuprofen-400", "unit": "tablet", "controlled": False, "quantity": 6, "lots": lots, "lines": [1]}
        manifest = {"source": "pharmacy", "destination": "ward-4-east", "pick_list": "X-1", "revision": 1, "seal": "S-9"}
        signed = {"did": "packed", "station": "pharmacy", "person": "kim"}
        _pushes(ward, "totes/T-9", {**manifest, "contents": [content], "signers": [signed]})
        await theo.send("POST", "totes/T-9/arrival", {"seal": "S-9"})
        wrong = ward.pocket(COUNTED) + 1
        (found,) = (await theo.counts("seen", COUNTED, wrong, wrong))["discrepancies"]
        said = {"reason": "miscounted", "explanation": "One was counted twice"}
        await petra.send("POST", f"discrepancies/{found}/claim", {})
        await petra.send("POST", f"discrepancies/{found}/explanation", said)
    ways = {DISCREPANCY + end: f"/discrepancies/{found}{end}" for end in ("", "/explanation", "/witness")}
    return {**WARD, **ways}


async def work_in_the_pharmacy(pharmacy: Pharmacy) -> dict[str, str]:
    """An order of the robot and one of the gantry of which nobody knows the end. Where their pages are looked at."""
    async with calling(pharmacy, "petra") as petra:
        await petra.send("POST", "gantries/arm/home", {})
        await petra.until("gantries/arm", lambda told: told["state"] == "ready")
        await _filled(pharmacy, petra, "forgotten", "warfarin-5", 20, "T-2", "load-robot")
        await petra.until("robots/R1", lambda told: told["orders"] > 0)
        out = pharmacy.control("/faults", {"kind": "unplug", "link": "robot"})["id"]
        await petra.until("robots/R1", lambda told: told["state"] == "down")
        while len(pharmacy.control("/totes/T-2")["packs"]) < PACKS:
            await petra.get("robots/R1")
        pharmacy.control("/faults", {"kind": "robot-forgets", "robot": "R1"})
        assert httpx.delete(f"http://{pharmacy.run.control}/faults/{out}").is_success
        await petra.until("robots/R1", lambda told: told["in_doubt"] == 1 and told["state"] == "ready")
        await _filled(pharmacy, petra, "shelf", "senna-8", 10, "T-3", "load-gantry")
        await petra.until("gantries/arm", lambda told: told["state"] == "handing_over")
        pharmacy.control("/faults", {"kind": "unplug", "link": "arm", "seconds": 2})
        await petra.until("gantries/arm", lambda told: told["state"] == "in_doubt")
        robot, gantry = [await _in_doubt(petra, at) for at in ("robots/R1/picks", "gantries/arm/orders")]
    return {page: at.format(robot=robot, gantry=gantry) for page, at in PHARMACY.items()}


async def _filled(pharmacy: Pharmacy, person: Caller, list_: str, item: str, quantity: int, tote: str, at: str) -> None:
    """A list of one line, and a tote that stands where a machine fills it."""
    pharmacy.rx("PUT", f"pick-lists/{list_}", {"revision": 1, "lines": [{"n": 1, "item": item, "quantity": quantity}]})
    pharmacy.control("/totes/hands", {"do": "place", "tote": tote, "at": at})
    await person.send("PUT", f"totes/{tote}/place", {"list": list_, "at": at})


async def hired(station: Stand, id_: str, name: str, role: str) -> None:
    """Makes one more person, before the daemon starts."""
    async with opened(station.run.report, station.run.state) as disk:
        pin = "".join(secrets.SystemRandom().sample("0123456789", 6))
        await disk.people.add_person(id_, name, [Role(role)], pin, "demo")
    station.run.pins[id_] = pin


async def _done(ward: Stand, person: Caller, path: str, asked: dict[str, Any] | None, *entries: dict[str, Any]) -> None:
    """A piece of work from the drawer that opens to its end, in these words."""
    if asked is not None:
        await person.send("PUT", path, asked)
    told = await person.until(path, lambda told: told["ask"] is not None)
    drawer = told["ask"]["drawer"]
    await ward.hand(do="open", drawer=drawer, wait_s=20)
    for entry in entries:
        await person.until(path, lambda told, kind=entry["kind"]: told["ask"] is not None and kind in told["ask"]["entries"])
        await person.send("POST", f"{path}/entries", entry)
    await ward.hand(do="shut", drawer=drawer)
    await person.until(path, lambda told: told["state"] == "committed")


def _pushes(ward: Stand, path: str, body: dict[str, Any]) -> None:
    """The pharmacy system puts something."""
    name, _, token = (ward.run.folder / "pharmacy").read_text().strip().partition(": ")
    answer = httpx.put(f"{ward.url}/v1/{path}", json=body, headers={name: token})
    assert answer.is_success, answer.text


async def _in_doubt(person: Caller, path: str) -> str:
    (order,) = [one for one in (await person.get(path))["items"] if one["state"] == "in_doubt"]
    return str(order["id"])
