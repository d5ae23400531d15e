"""A little ward: one cabinet on a simulated lock board, a few items and orders, people at a terminal, all over REST.

The four drawers: A-01 and A-02 hold tablets, A-03 is for controlled substances, A-04 has a pocket that nothing is assigned
to. What the tests judge by is the ledger and the plant's truth; what people see is what the API answered, and it is kept.
"""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from api.app import create_app
from api.standing import Standing
from controller.ledger.books import Books
from controller.policy.roles import Role, rights_of
from simulators.plant.pocket import Lot
from sites.data import SiteData
from sites.models import Site
from tests.kit.station import BEGAN, World, simulated_station, small_site

GTIN = {
    "amoxicillin-500": "00399001000011",
    "amoxicillin-250": "00399001001018",
    "prednisone-5": "00399001002015",
    "morphine-10": "00399001111014",
    "oxycodone-5": "00399001113018",
}
PLANOGRAM = {
    "A-01-1": "amoxicillin-500",
    "A-01-2": "amoxicillin-250",
    "A-02-1": "amoxicillin-500",
    "A-02-2": "prednisone-5",
    "A-03-1": "morphine-10",
    "A-03-2": "oxycodone-5",
}
STOCK = [
    ("A-01-1", "AMX1", "2032-03-31", 8),
    ("A-01-2", "AML1", "2032-03-31", 10),
    ("A-02-1", "AMX2", "2033-03-31", 20),
    ("A-02-2", "PRD1", "2032-06-30", 30),
    ("A-03-1", "MOR1", "2032-06-30", 12),
    ("A-03-2", "OXY1", "2032-06-30", 15),
]
DUE = (BEGAN + datetime.timedelta(minutes=30)).isoformat()
"""Offered at once: within the hour."""


def ward_site(**policy: Any) -> Site:
    """The cabinet."""
    site = small_site(drawers=4).model_dump(mode="json")
    for drawer in site["drawers"]:
        for pocket in drawer["pockets"]:
            pocket["item"] = PLANOGRAM.get(pocket["id"])
            pocket["par"] = 10
    site["policy"].update(policy)
    return Site.model_validate(site)


def scan_of(item_: str, lot: str = "AMX1", expiry: str = "320331", serial: str | None = None) -> str:
    """What the scanner gives for a package: a GS1 DataMatrix with (01)(17)(10), and (21) if there is a serial number."""
    tail = f"\x1d21{serial}" if serial else ""
    return f"]d201{GTIN[item_]}17{expiry}10{lot}{tail}"


def item(id_: str, value: str, unit: str = "tablet", schedule: str = "none") -> dict[str, Any]:
    """A formulary entry."""
    return {
        "id": id_,
        "name": id_.rsplit("-", 1)[0],
        "strength": {"value": value, "unit": "mg"},
        "form": "tablet",
        "unit": unit,
        "gtins": [GTIN[id_]],
        "class": schedule,
    }


def order(id_: str, item_: str, value: str, patient: str = "P-1", **more: Any) -> dict[str, Any]:
    """An order, verified and due as needed unless said otherwise."""
    return {
        "id": id_,
        "patient": patient,
        "item": item_,
        "dose": {"value": value, "unit": "mg"},
        "state": "verified",
        "schedule": {"kind": "prn"},
        "filler": f"RX-{id_}",
        **more,
    }


def patient(id_: str, area: str = "ward") -> dict[str, Any]:
    """A patient."""
    return {"id": id_, "mrn": f"M-{id_}", "family": "Doe", "given": "Jo", "born": "1950-01-01", "area": area}


def ward_data(stock: list[tuple[str, str, str, int]] | None = None) -> SiteData:
    """What the ledger begins with."""
    return SiteData.model_validate_json(json.dumps({
        "items": [
            item("amoxicillin-500", "500"),
            item("amoxicillin-250", "250"),
            item("prednisone-5", "5"),
            item("morphine-10", "10", "vial", "CII"),
            item("oxycodone-5", "5", "tablet", "CII"),
        ],
        "patients": [patient("P-1"), patient("P-2"), patient("P-9", area="elsewhere")],
        "orders": [
            order("O-amox", "amoxicillin-500", "500", schedule={"kind": "scheduled", "due": DUE}),
            order("O-pred", "prednisone-5", "7.5"),
            order("O-mor", "morphine-10", "10"),
            order("O-oxy", "oxycodone-5", "10", patient="P-2"),
        ],
        "lots": [
            {"pocket": pocket, "lot": lot, "expiry": expiry, "quantity": quantity}
            for pocket, lot, expiry, quantity in (STOCK if stock is None else stock)
        ],
    }))  # fmt: skip


class Person:
    """Somebody at the terminal, or a program: what they ask over REST, and everything they were told."""

    def __init__(self, ward: Ward, id_: str, headers: Mapping[str, str]) -> None:
        self.ward, self.id, self.headers = ward, id_, dict(headers)
        self.told: list[str] = []

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request."""
        content = None if body is None else {"json": body}
        answer = await self.ward.client.request(method, path, headers={**self.headers, **headers}, **(content or {}))
        self.told.append(answer.text)
        return answer

    async def get(self, path: str, **headers: str) -> dict[str, Any]:
        """What is there; fails unless it is."""
        answer = await self.ask("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        got: dict[str, Any] = answer.json()
        return got

    async def done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """An act that is taken."""
        answer = await self.ask(method, path, body)
        assert answer.status_code in {200, 201, 202}, answer.text
        got: dict[str, Any] = answer.json()
        return got

    async def refused(self, method: str, path: str, body: Any = None, code: str = "") -> dict[str, Any]:
        """An act that is refused with this code, by a problem that the catalogue knows; nothing moved."""
        answer = await self.ask(method, path, body)
        problem: dict[str, Any] = answer.json()
        assert answer.status_code >= 400, answer.text
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert problem["code"] == code, answer.text
        assert problem["title"] != "A defect of ours", f"{code} has no words"
        assert problem["effect"] == "none"
        return problem

    async def say(self, work: str, **entry: Any) -> dict[str, Any]:
        """An entry that is taken."""
        return await self.done("POST", f"{work}/entries", entry)


class Ward:
    """The world, its client, and hands."""

    def __init__(self, world: World, client: httpx.AsyncClient, standing: Standing) -> None:
        self.world, self.client, self.standing = world, client, standing

    async def person(self, role: str, id_: str | None = None) -> Person:
        """Somebody with this role, logged in at the desk."""
        token, session = await self.world.token(role, id_)
        terminal = await self.world.terminal()
        return Person(self, session.person, {"Authorization": f"Bearer {token}", "Galenic-Terminal": terminal})

    async def service(self) -> Person:
        """The pharmacy system."""
        token = await self.world.people.add_service("rx", "Pharmacy", rights_of([Role.SERVICE_ACCOUNT]), "setup")
        return Person(self, "rx", {"Authorization": f"Bearer {token}"})

    async def hand_opens(self, drawer: str) -> None:
        """A hand pulls the drawer once it gives, and waits until the station has seen it."""
        after = self.world.ledger.head[0]
        await self.world.plant.open(drawer, wait_s=10)
        await self.world.until("drawer.opened", max(0, after - 5), drawer=drawer)

    async def hand_shuts(self, drawer: str) -> None:
        """A hand shuts the drawer, and waits until the station has seen it latched."""
        after = self.world.ledger.head[0]
        await self.world.plant.shut(drawer)
        await self.world.until("drawer.locked", after, drawer=drawer)
        await self.quiet()

    def takes(self, pocket: str, quantity: int) -> None:
        """A hand takes out of an open drawer."""
        self.world.plant.take(pocket, quantity)

    def puts(self, pocket: str, lot: str, expiry: str, quantity: int) -> None:
        """A hand puts into an open drawer."""
        self.world.plant.put(pocket, Lot(lot, expiry, quantity))

    def lies_in(self, pocket: str) -> int:
        """The truth."""
        return self.world.plant.pockets[pocket].quantity

    def believed(self, pocket: str) -> int:
        """The books."""
        return self.world.station.books.stock.pockets[pocket]["balance"]

    def unverified(self, pocket: str) -> str | None:
        """Why the books are not to be believed."""
        return self.world.station.books.stock.pockets[pocket]["unverified"]

    def rows(self, *kinds: str, **where: Any) -> list[dict[str, Any]]:
        """The bodies of durable rows of these kinds with these members."""
        found = [dict(body) for _, body in self.world.rows(*kinds)]
        return [body for body in found if all(body.get(name) == value for name, value in where.items())]

    def openings(self) -> list[str]:
        """The drawers whose lock was pulsed, in order."""
        return [edge.drawer for edge in self.world.plant.truth.pulses()]

    def folds_again(self) -> None:
        """The whole ledger folded anew, and every view laid down and taken up again, is what the books say (I8, I-29)."""
        anew = Books()
        for row in self.world.ledger.read(0, 1_000_000):
            body = json.loads(row.body)
            for view in anew.all():
                view.apply(row, body)
        again = Books()
        for now, folded, loaded in zip(self.world.books.all(), anew.all(), again.all(), strict=True):
            loaded.load(json.loads(json.dumps(now.dump())))
            assert folded.dump() == now.dump() == loaded.dump(), now.name
        live = {f"{work['kind']}/{work['id']}" for work in self.world.books.work.live()}
        assert set(self.world.station.desk.talks) == live, "live work is talked to, and no other"

    async def quiet(self) -> None:
        """A moment for what has been heard to be written down."""
        await asyncio.sleep(0.01)
        await self.world.ledger.settled()

    async def restart(self) -> None:
        """The process is killed and comes back; whoever was logged in still is."""
        self.standing.station = await self.world.restart()
        await self.ready()

    async def ready(self) -> None:
        """Every drawer has been looked at."""
        for drawer, steel in self.world.plant.drawers.items():
            await self.world.settled(drawer, "locked" if steel.shut else "open")


@asynccontextmanager
async def a_ward(
    *, stock: list[tuple[str, str, str, int]] | None = None, site: Site | None = None, seed: int = 0, **policy: Any
) -> AsyncIterator[Ward]:
    """A ward at work."""
    async with simulated_station(site or ward_site(**policy), seed, data=ward_data(stock)) as world:
        standing = Standing(station=world.station)
        transport = httpx.ASGITransport(app=create_app(standing), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            ward = Ward(world, client, standing)
            await ward.ready()
            yield ward
            await ward.quiet()
            ward.folds_again()
