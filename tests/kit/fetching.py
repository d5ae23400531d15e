"""A simulated station with a gantry over its shelf and a loading place at its hand-over: the site, the real packs, and short ways
to look at them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from controller.actors.gantry import GantryActor
from controller.actors.gantry_orders import Fetching
from controller.actors.gantry_told import Told
from controller.ledger.port import Entry
from controller.ledger.views.gantry_records import Order
from controller.machines.gantry import Event
from controller.planning.planner import Planner
from controller.policy.session import Session
from controller.workflows import fill
from simulators.boards.grbl import Grbl
from simulators.plant.gantry import Gantry
from sites.data import SiteData
from sites.models import Site
from tests.acceptance.ward import item
from tests.kit.gantry import PLACES, SIZE, gantry
from tests.kit.station import World, simulated_station, small_site

ARM, LINK, TABLE = "arm", "arm", "load-arm"
AMX, PRD = "amoxicillin-500", "prednisone-5"
PACK = 10
"""Units in a pack of either item."""
AT = {**PLACES, "S-4": (300, 600)}
HOLDS = {"S-1": AMX, "S-2": PRD, "S-3": AMX, "S-4": PRD}
FULL = [("S-1", "A1", "2032-03-31", 5), ("S-2", "P1", "2032-05-31", 5), ("S-3", "A3", "2032-04-15", 5)]
"""Place, lot, expiry, packs. S-4 is empty."""


def fetching_site(**more: Any) -> Site:
    """A small cabinet, and a gantry before four places."""
    told = small_site(drawers=1, pockets=1).model_dump(mode="json")
    told["links"][LINK] = {"url": "tcp://127.0.0.1:6060", "protocol": "grbl"}
    shelf = [
        {"id": id_, "item": HOLDS[id_], "capacity": 5, "x_mm": x, "y_mm": y, "z_mm": -120, **SIZE} for id_, (x, y) in AT.items()
    ]
    told["gantries"] = [gantry(shelf=shelf)]
    told["loading"] = [{"id": TABLE, "name": "Before the gantry", "gantry": ARM}]
    return Site.model_validate({**told, **more})


def fetching_data(stock: Sequence[tuple[str, str, str, int]] = FULL) -> SiteData:
    """Two items in packs of ten, and what lies on the shelf."""
    lots = [{"pocket": pocket, "lot": lot, "expiry": expiry, "quantity": packs} for pocket, lot, expiry, packs in stock]
    items = [{**item(AMX, "500"), "pack": PACK}, {**item(PRD, "5"), "pack": PACK}]
    return SiteData.model_validate_json(json.dumps({"items": items, "patients": [], "orders": [], "lots": lots}))


class Fetchers:
    """The world with its gantry."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.who: Session

    @property
    def actor(self) -> GantryActor:
        """The controller's gantry."""
        return self.world.station.gantries[ARM]

    @property
    def steel(self) -> Gantry:
        """The gantry as it really is."""
        return self.world.plant.gantries[ARM]

    @property
    def board(self) -> Grbl:
        """Its simulated board."""
        return self.world.house.gantries[ARM]

    async def log_in(self) -> None:
        """The technician stands at the desk."""
        self.who = await self.world.log_in("technician")

    async def until(self, settled: Callable[[], bool], within_s: float = 600.0) -> None:
        """Returns as soon as it holds; fails after that time."""
        try:
            async with asyncio.timeout(within_s):
                while not settled():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"the gantry is {self.actor.state}") from None

    async def state(self, *states: str, within_s: float = 600.0) -> None:
        """Returns when the gantry is in one of these states."""
        await self.until(lambda: self.actor.state in states, within_s)
        await self.world.ledger.settled()

    async def home(self) -> None:
        """The technician homes it."""
        await self.state("unhomed", "ready", "down")
        await self.actor.home(self.who)
        await self.state("ready")

    def tote(self, id_: str = "T-1", list_: str = "L-1") -> None:
        """The technician puts an empty tote before the gantry, for a list without lines: what is fetched is for the test to say."""
        station = self.world.station
        if list_ not in station.books.work.pick_lists:
            body = {"pick_list": list_, "revision": 1, "lines": [], "request_hash": ""}
            station.ledger.post(Entry("pick_list.put", body))
        fill.place(station, self.who, id_, {"list": list_, "at": TABLE})

    def fetch(self, item_: str = AMX, packs: int = 1, tote: str = "T-1", **more: Any) -> Fetching:
        """An order into a tote, for nobody's list."""
        return self.actor.fetch(item_, packs, {"kind": "test", "tote": tote}, self.who, **more)

    def order(self, order: str) -> Order:
        """What the ledger says of an order."""
        found = self.actor.view.order(ARM, order)
        assert found is not None
        return found

    def orders(self) -> list[Order]:
        """All of them."""
        return self.actor.view.after(ARM, "", 1000)

    def handed(self) -> list[str]:
        """The packs that have really come out, in that order."""
        return [pack.id for pack in self.steel.handed_over]

    def picks(self) -> list[Mapping[str, Any]]:
        """Every fetch that was begun."""
        return [body for _, body in self.world.rows("gantry.fetch_intended")]

    async def service(self, event: Event) -> None:
        """Out of service, or back."""
        await self.actor.order(Told(event, by=self.who.person))


@asynccontextmanager
async def fetchers(
    stock: Sequence[tuple[str, str, str, int]] = FULL, *, seed: int = 0, homed: bool = True, worker: bool = False, **site: Any
) -> AsyncIterator[Fetchers]:
    """A station at work whose gantry is homed and has a tote before it. Without `worker` it plans by the rule alone: a worker is
    another process, for which virtual time does not wait."""

    def setup(world: World) -> None:
        if not worker:
            world.station.planner = Planner(None)

    async with simulated_station(fetching_site(**site), seed, setup=setup, data=fetching_data(stock)) as world:
        found = Fetchers(world)
        await found.log_in()
        if homed:
            await found.home()
            found.tote()
        yield found
