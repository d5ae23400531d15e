"""The pharmacy and the ward as they ship, each a daemon with a ledger of its own, and the network between them.

A daemon may die with or without the power, and comes back on what its disk holds; the steel, the totes and the people go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

import sites
from api.app import create_app
from api.signatures import public_of
from api.standing import Standing
from api.telling import Telling
from api.webhook_keys import Keys
from controller.planning.planner import Planner
from controller.policy.roles import Role, rights_of
from sites.check import Report, check
from sites.data import SiteData
from sites.models import Site
from tests.kit.station import VirtualClock, World

HOME = Path(sites.__file__).parent
PHARMACY, WARD = "pharmacy", "ward-4-east"


class Network(httpx.ASGITransport):
    """The way to a station: nothing answers while it is cut, or the daemon at its far end is dead."""

    cut = False

    def __init__(self, standing: Standing) -> None:
        super().__init__(app=create_app(standing))
        self._standing = standing

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut or self._standing.station is None:
            raise httpx.ConnectError("no route", request=request)
        return await super().handle_async_request(request)


class Node:
    """One station. `desk` is where its people stand."""

    def __init__(self, report: Report, site: Site, data: SiteData, seed: int, desk: str, folder: Path) -> None:
        self.report, self.desk, self.folder = report, desk, folder
        self.world = World(site, data.lots, seed, _by_rule, data, report.packs)
        self.standing = Standing()
        self.to_partner: httpx.AsyncBaseTransport | None = None
        self.client = httpx.AsyncClient(transport=Network(self.standing), base_url="http://localhost")
        self._telling: asyncio.Task[None] | None = None

    async def up(self) -> None:
        """The daemon starts on what its disk holds."""
        self.standing.station = await self.world.start()
        self._telling = asyncio.create_task(self._tells(), name=f"telling of {self.report.site}"[:40])

    async def _tells(self) -> None:
        station = self.world.station
        async with Telling(station, self.folder, self.folder, dict, self.to_partner).running():
            await asyncio.Event().wait()

    async def dies(self, *, power: bool) -> None:
        """The daemon is killed, or the power of its computer goes."""
        self.standing.station = None
        await self._hush()
        await self.world.crash(power=power)

    async def down(self) -> None:
        """An orderly end."""
        await self._hush()
        await self.world.stop()

    async def _hush(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._telling
            self._telling = None

    async def token(self) -> str:
        """Of the other station's program, for this one's API."""
        return await self.world.people.add_service("rx", "Pharmacy", rights_of([Role.SERVICE_ACCOUNT]), "setup")


def _by_rule(world: World) -> None:
    """Another process knows no virtual time: here the rule alone plans."""
    world.station.planner = Planner(None)


def low(data: SiteData, site: Site) -> SiteData:
    """The same ward with less in its pockets, so that something is to be brought."""
    half = {pocket.id: pocket.capacity // 2 for holder in site.holders for pocket in holder.pockets}
    first = {lot.pocket: lot for lot in reversed(data.lots)}
    lots = [lot.model_copy(update={"quantity": min(lot.quantity, half[lot.pocket])}) for lot in first.values()]
    return data.model_copy(update={"lots": tuple(lots)})


@asynccontextmanager
async def two_stations(folder: Path, seed: int = 0) -> AsyncIterator[tuple[Node, Node, str]]:
    """Both up, each knowing the other; and the token of the pharmacy system."""
    reports = {name: check(HOME / f"{name}.toml") for name in ("robot", "ward")}
    robot, ward = reports["robot"].site, reports["ward"].site
    assert robot is not None
    assert ward is not None
    (key,) = Keys(folder / WARD / "webhooks" / "pharmacy.keys", ("v1a",), VirtualClock()).signing()
    partner = {"id": WARD, "url": "http://localhost", "plain": True, "keys": [public_of(key)]}
    hook = {
        "id": "pharmacy", "consumer": "out", "url": f"http://localhost/v1/partners/{WARD}/events", "plain": True,
        "events": ["tote.received"],
    }  # fmt: skip
    outward = {"hosts": ["localhost"], "consumers": [{"id": "out", "service": "rx"}], "webhooks": [hook]}
    robot = Site.model_validate({**robot.model_dump(), "partners": [partner]})
    ward = Site.model_validate({**ward.model_dump(), "outward": outward})
    nodes = (
        Node(reports["robot"], robot, reports["robot"].data, seed, "bench", folder / PHARMACY),
        Node(reports["ward"], ward, low(reports["ward"].data, ward), seed + 1, "med-room", folder / WARD),
    )
    nodes[0].to_partner, nodes[1].to_partner = Network(nodes[1].standing), Network(nodes[0].standing)
    try:
        for node in reversed(nodes):
            await node.up()
        secret = folder / PHARMACY / "partners" / f"{WARD}.token"
        secret.parent.mkdir(parents=True)
        secret.write_text(await nodes[1].token())
        secret.chmod(0o600)
        rx = await nodes[0].token()
        for node in nodes:
            await node.world.ledger.settled()
        yield *nodes, rx  # type: ignore[misc]
        for node in nodes:
            await node.down()
    finally:
        for node in nodes:
            life = node.world._life
            if life is not None and not life.done():
                await node.dies(power=False)
            await node.client.aclose()
            node.world.close()


async def until(true: Callable[[], Any], within_s: float = 600.0, every_s: float = 0.1) -> None:
    """Returns when it is true; fails after so many seconds."""
    end = asyncio.get_running_loop().time() + within_s
    while not true():
        assert asyncio.get_running_loop().time() < end, f"not within {within_s} s"
        await asyncio.sleep(every_s)
