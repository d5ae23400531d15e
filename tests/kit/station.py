"""A whole simulated station in memory on the virtual loop: the shipped ledger on a disk that can lose power, real people,
real drivers, real bytes on memory wires, and the simulated house at their far end.

    async with simulated_station(small_site()) as world:
        nurse = await world.log_in("nurse")
        await world.station.drawers["A-01"].unlock(lambda intent: [], {"kind": "pull", "id": "p1"}, nurse, ["A-01-1"])

The world outlives its station: `stop`, `crash` and `start` again on what the disk holds, while the house goes on.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import random
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from pydantic import TypeAdapter

import sites
from controller.clock import Clock, Ids
from controller.ledger import bodies
from controller.ledger.books import Books
from controller.ledger.ledger import SqliteLedger
from controller.policy.kept import Keeping
from controller.policy.people import People
from controller.policy.pins import Pins
from controller.policy.roles import Role
from controller.policy.session import Session
from controller.station import Station
from drivers.registry import build
from simulators.faults.fault import Fault
from simulators.faults.faults import AnyFault, Faults
from simulators.house import House
from sites.data import SiteData, StockLot
from sites.models import Site
from sites.packs import RackPacks
from tests.kit.powercut import PowerCutDisk

BEGAN = datetime.datetime(2031, 3, 1, 6, 0, tzinfo=datetime.UTC)
TERMINAL = "desk"
FASTEST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Tests of the PINs themselves use the real one."""

ANY_FAULT: TypeAdapter[Fault] = TypeAdapter(AnyFault)


class VirtualClock(Clock):
    """The loop's time as a wall clock, so that a run repeats to the byte."""

    trust = "simulated"

    def now(self) -> datetime.datetime:
        return BEGAN + datetime.timedelta(seconds=asyncio.get_running_loop().time())


class CountedIds(Ids):
    """Ids that a seed repeats."""

    def __init__(self, seed: str) -> None:
        self._seed, self._count = seed, 0

    def new(self) -> str:
        self._count += 1
        return hashlib.sha256(f"{self._seed}/{self._count}".encode()).hexdigest()[:32]


def ward() -> Site:
    """The site file that ships."""
    return Site.model_validate(tomllib.loads((Path(sites.__file__).parent / "ward.toml").read_text()))


def small_site(
    drawers: int = 3, pockets: int = 2, *, board: Mapping[str, Any] | None = None, lock: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None, **tables: Any,
) -> Site:  # fmt: skip
    """A cabinet of a few drawers on one CU16 board (or on the `board` given), with changes to its locks and limits."""
    hand = {"id": "board", "driver": "kerong-cu16", "link": "lockbus", "address": 0, **(board or {})}
    protocol = "kerong-cu16" if hand["driver"] == "kerong-cu16" else "modbus-tcp"
    if protocol == "modbus-tcp":
        hand.pop("address")
    return Site.model_validate({
        "station": {"id": "small", "name": "Small cabinet", "simulated": True},
        "links": {"lockbus": {"url": "tcp://127.0.0.1:1", "protocol": protocol}},
        "boards": [hand],
        "cabinets": [{"id": "A", "name": "A", "width_mm": 600, "height_mm": 1200}],
        "drawers": [
            {
                "id": f"A-{n:02}",
                "cabinet": "A",
                "lock": {"board": "board", "channel": n, **(lock or {})},
                "limits": dict(limits or {}),
                "pockets": [{"id": f"A-{n:02}-{p}", "capacity": 50} for p in range(1, pockets + 1)],
            }
            for n in range(1, drawers + 1)
        ],
        "terminals": [{"id": TERMINAL, "name": "Desk"}],
        **tables,
    })  # fmt: skip


class MemoryKeeping(Keeping):
    """What a restart finds of sessions, in memory: one for each life of the daemon."""

    def __init__(self, boot: str, content: bytes = b"") -> None:
        self.boot, self.content = boot, content

    def load(self) -> bytes:
        return self.content

    def save(self, content: bytes) -> None:
        self.content = content


class World:
    """One site: the house with its truth, the disk, and the station that runs at the moment."""

    def __init__(
        self,
        site: Site,
        stock: Sequence[StockLot],
        seed: int,
        setup: Callable[[World], None] | None,
        data: SiteData,
        packs: Sequence[RackPacks] = (),
    ) -> None:
        self.site, self.seed, self.data = site, seed, data
        self.chance = random.Random(f"{seed}/world")
        self.house = House(site, stock, packs, data.items, seed=seed)
        self.faults = Faults(self.house)
        self.plant = self.house.plant
        self.disk = PowerCutDisk()
        self.keeping = MemoryKeeping("boot-1")
        self.starts = 0
        self.station: Station
        self.ledger: SqliteLedger
        self.books: Books
        self.people: People
        self._setup = setup
        self._pins: dict[str, str] = {}
        self._terminals: dict[str, str] = {}
        self._life: asyncio.Task[None] | None = None
        self._end = asyncio.Event()

    # --- life and death of the daemon

    async def start(self) -> Station:
        """Starts the station on what the disk holds; returns when it is READY."""
        self.starts += 1
        self._end = asyncio.Event()
        up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live(up), name="station")
        done, _ = await asyncio.wait([up, self._life], return_when=asyncio.FIRST_COMPLETED)
        if self._life in done:
            self._life.result()
        return self.station

    async def _live(self, up: asyncio.Future[None]) -> None:
        clock, ids = VirtualClock(), CountedIds(f"{self.seed}/{self.starts}")
        self.books = Books()
        self.ledger = SqliteLedger.open(
            self.disk.path, views=self.books.all(), clock=clock, simulated=True, thread=False, disk=self.disk
        )
        pins = Pins(bytes(32), FASTEST, threaded=False)
        self.people = People(self.ledger, self.books.people, ids, pins, self.site.policy, self.keeping)
        devices = build(self.site, random.Random(f"{self.seed}/{self.starts}").uniform, self.house.dial)
        try:
            async with Station.open(self.site, self.ledger, self.books, self.people, devices, clock, ids, self.data) as station:
                self.station = station
                if self._setup is not None:
                    self._setup(self)
                up.set_result(None)
                await self._end.wait()
        finally:
            if not self.disk.dead and not self.ledger._closed:
                await self.ledger.close()

    async def stop(self) -> None:
        """An orderly stop."""
        self._end.set()
        assert self._life is not None
        await self._life

    async def crash(self, *, power: bool = False) -> None:
        """The process dies (or the power goes): nothing is finished, nothing is told. The disk keeps what it kept."""
        assert self._life is not None
        boot = f"boot-{self.starts + 1}" if power else self.keeping.boot
        self.keeping = MemoryKeeping(boot, self.keeping.content)  # what the dying one still saves, nobody finds
        files = self.disk.cut(self.chance) if power else {name: bytes(data) for name, data in self.disk.contents.items()}

        async def gone() -> None:
            return

        if hasattr(self, "station"):
            self.station._stop = gone  # type: ignore[method-assign]  # a dead process stops nothing in order
            for task in self.station._running:
                task.cancel()  # before the ledger is let go: the dead notice nothing of it
        with suppress(Exception):
            self.ledger.abandon()
        self._life.cancel()
        await asyncio.wait([self._life])
        self.disk.discard()
        self.disk = PowerCutDisk(files)

    async def restart(self, *, power: bool = False) -> Station:
        """Dies and comes back."""
        await self.crash(power=power)
        return await self.start()

    def close(self) -> None:
        """The end of the world."""
        self.house.clear()
        self.disk.discard()

    # --- people

    async def log_in(self, role: str, person: str | None = None, terminal: str = TERMINAL) -> Session:
        """A session of a person with this role at an enrolled terminal; both are made when they are not there yet."""
        return (await self.token(role, person, terminal))[1]

    async def token(self, role: str, person: str | None = None, terminal: str = TERMINAL) -> tuple[str, Session]:
        """The same with the session's token, as the API wants it."""
        who = person or f"a-{role.replace('_', '-')}"
        if who not in self._pins:
            pin = f"{7301 + 10 * len(self._pins)}"
            await self.people.add_person(who, who.title(), [Role(role)], pin, "setup")
            self._pins[who] = pin
        return await self.people.log_in(who, self._pins[who], await self.terminal(terminal))

    def pin(self, person: str) -> str:
        """What this person keys."""
        return self._pins[person]

    async def terminal(self, id: str = TERMINAL) -> str:
        """The terminal's credential, `id:secret`."""
        if id not in self._terminals:
            self._terminals[id] = await self.people.enrol_terminal(id, "setup")
        return self._terminals[id]

    # --- the physical world

    def fault(self, kind: str, **about: Any) -> int:
        """Plants a fault of `simulators.faults`; its number, for `faults.lift`."""
        return self.faults.plant(ANY_FAULT.validate_python({"kind": kind, **about}))

    # --- what happened

    def rows(self, *kinds: str, drawer: str | None = None) -> list[tuple[str, Mapping[str, Any]]]:
        """Durable rows of these kinds (all without), in order, as (kind, body)."""
        found = self.ledger.read(0, 1_000_000, kinds or None)
        read = [(row.kind, bodies.read(row.body)) for row in found]
        return [(kind, body) for kind, body in read if drawer is None or body.get("drawer") == drawer]

    async def until(self, kind: str, /, after: int = 0, within_s: float = 120, **where: Any) -> Mapping[str, Any]:
        """The body of the first durable row of this kind above `after` with these members; fails after `within_s`."""
        async with asyncio.timeout(within_s):
            _, body = await self.ledger.wait_for(
                [kind], lambda body: all(body.get(name) == value for name, value in where.items()), after
            )
        return body

    async def settled(self, drawer: str, state: str = "locked", within_s: float = 120) -> None:
        """Returns when the drawer is in this state."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within_s
        while self.station.drawers[drawer].state != state:
            assert loop.time() < end, f"{drawer} is {self.station.drawers[drawer].state}, not {state}"
            await asyncio.sleep(0.05)

    async def durable(self) -> None:
        """Returns when all is on the disk; who acts on that has not acted yet."""
        while self.ledger.durable_seq < self.ledger.head[0]:
            await asyncio.sleep(0)

    async def unlock(self, drawer: str, session: Session, purpose: str = "p1") -> str:
        """Unlocks a drawer for nobody's stock in particular; the intent's id."""
        actor = self.station.drawers[drawer]
        unlocking = await actor.unlock(lambda _: [], {"kind": "pull", "id": purpose}, session, actor.pockets)
        return unlocking.intent

    async def use(self, drawer: str, session: Session, purpose: str = "p1", open_s: float = 3.0) -> str:
        """Unlocks a drawer, pulls it, leaves it open for a while, shuts it; returns when it is locked again."""
        intent = await self.unlock(drawer, session, purpose)
        await self.until("drawer.unlocked", intent=intent)
        await self.plant.open(drawer)
        await self.until("drawer.opened", intent=intent)
        await asyncio.sleep(open_s)
        assert self.plant.drawers[drawer].push()
        await self.until("drawer.intent_closed", intent=intent)
        return intent


@asynccontextmanager
async def simulated_station(
    site: Site | None = None,
    seed: int = 0,
    stock: Sequence[StockLot] = (),
    setup: Callable[[World], None] | None = None,
    data: SiteData | None = None,
) -> AsyncIterator[World]:
    """A world whose station runs. The plant holds what `stock` says, or the lots of the `data` its ledger begins
    with; `setup` is called at each start, as soon as the station is READY."""
    data = data or SiteData()
    world = World(site or small_site(), stock or data.lots, seed, setup, data)
    try:
        await world.start()
        yield world
        await world.stop()
    finally:
        if world._life is not None and not world._life.done():
            await world.crash()
        world.close()
