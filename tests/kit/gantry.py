"""A site with one gantry over three shelf places, its house, and its driver at the other end of a wire in memory."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import TypeAdapter

from drivers.faults import Effect, Fault
from drivers.gantries.grbl import GrblGantryDriver
from drivers.gantry_facts import Grip
from drivers.registry import build
from simulators.faults.fault import Fault as PlantFault
from simulators.faults.faults import AnyFault, Faults
from simulators.house import House
from sites.data import StockLot
from sites.models import Site
from tests.kit import virtual_loop

SIZE = {"width_mm": 60, "height_mm": 80, "depth_mm": 40}
PLACES = {"S-1": (100, 200), "S-2": (700, 50), "S-3": (1100, 850)}
STOCK = [
    StockLot(pocket=place, lot=f"L{number}", expiry=datetime.date(2031, 1, 31), quantity=quantity)
    for number, (place, quantity) in enumerate({"S-1": 3, "S-2": 2}.items(), 1)
]


def gantry(**changed: Any) -> dict[str, Any]:
    """The table of the gantry."""
    return {
        "id": "arm",
        "driver": "grbl",
        "link": "arm",
        "x": {"high_mm": 1200, "speed_mm_s": 400, "acceleration_mm_s2": 800},
        "y": {"high_mm": 900, "speed_mm_s": 300, "acceleration_mm_s2": 800},
        "z": {"low_mm": -150, "high_mm": 0, "speed_mm_s": 100, "acceleration_mm_s2": 400, "homes": "high"},
        "tray": [{"z_mm": z} for z in (-10, -30, -50, -70)],
        "hand_over": {"x_mm": 0, "y_mm": 100},
        "shelf": [
            {"id": id, "capacity": 5, "x_mm": x, "y_mm": y, "z_mm": -120, **SIZE} for id, (x, y) in PLACES.items()
        ],
        **changed,
    }  # fmt: skip


def site(url: str = "tcp://127.0.0.1:1", **changed: Any) -> Site:
    """The site."""
    return Site.model_validate({
        "station": {"id": "gantry", "name": "Gantry", "simulated": True},
        "links": {"arm": {"url": url, "protocol": "grbl"}},
        "gantries": [gantry(**changed)],
    })  # fmt: skip


ANY: TypeAdapter[PlantFault] = TypeAdapter(AnyFault)


class Bench:
    """One gantry at both ends of its wire."""

    def __init__(self, steel: Site | None = None, seed: int = 0) -> None:
        self.house = House(steel or site(), STOCK, seed=seed)
        self.devices = build(site(), lambda low, high: high, self.house.dial)
        self.link = self.devices.links["arm"]
        gantry = self.devices.gantries["arm"]
        assert isinstance(gantry, GrblGantryDriver)
        self.gantry = gantry
        self.board, self.plant = self.house.gantries["arm"], self.house.plant.gantries["arm"]
        self.faults = Faults(self.house)

    def fault(self, kind: str, **members: object) -> int:
        """Makes something go wrong."""
        return self.faults.plant(ANY.validate_python({"kind": kind, **members}))

    def at(self, seconds: float, do: Callable[[], object]) -> None:
        """Does it so much later."""
        asyncio.get_running_loop().call_later(seconds, do)

    async def home(self) -> None:
        """Homes it."""
        await self.gantry.home("homing", now() + 200)

    async def pick(self, place: str = "S-1", tray: int = 1, intent: str = "pick") -> Grip:
        """Picks a pack."""
        return await self.gantry.pick(place, tray, intent, now() + 60)

    async def fault_of(self, acting: Coroutine[Any, Any, object]) -> Fault:
        """The fault that this ends with."""
        with pytest.raises(Fault) as raised:
            await acting
        return raised.value

    async def up(self) -> None:
        """Waits for the link."""
        async with asyncio.timeout(30):
            while not self.link.up:
                await asyncio.sleep(0.05)

    async def unknown(self) -> str:
        """Why nobody knows where it is, which must be so: nothing moves until it has been homed."""
        look = await self.gantry.look()
        assert look.position is None
        lines = len(self.board.lines)
        refused = await self.fault_of(self.pick())
        assert (refused.code, refused.effect) == ("gantry-not-homed", Effect.NONE)
        assert len(self.board.lines) == lines
        return look.why_unknown or ""

    def packs(self) -> dict[str, list[str]]:
        """Where every pack really is; places that are empty are left out."""
        told = self.plant.told()
        where = {"held": told["held"], "floor": told["floor"], "handed": told["handed_over"]}
        where |= {f"tray {n}": place for n, place in enumerate(told["tray"], 1)} | told["shelf"]
        return {name: [pack["id"] for pack in packs] for name, packs in where.items() if packs}


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()


@asynccontextmanager
async def running(steel: Site | None = None, seed: int = 0) -> AsyncIterator[Bench]:
    """A bench whose link is up."""
    bench = Bench(steel, seed)
    async with asyncio.TaskGroup() as tasks:
        living = tasks.create_task(bench.link.run())
        await bench.up()
        yield bench
        living.cancel()
    bench.house.clear()


def on(story: Callable[[Bench], Awaitable[None]], *, homed: bool = True, steel: Site | None = None, seed: int = 0) -> None:
    """Plays a story in virtual time. `steel` is what really stands there, where that is not what the driver's site says."""

    async def play() -> None:
        async with running(steel, seed) as bench:
            if homed:
                await bench.home()
            await story(bench)

    virtual_loop.run(play())
