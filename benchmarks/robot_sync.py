"""Sixty thousand packs of a robot compared with the books after a Hello, and orders to it meanwhile.

Ours: driver, actor and ledger of a whole station in this process. The simulated robot is a process of its own, as in `galenic
simulate`, with its stock put into its rack from the start. Between them stands a third that only hands bytes on and says when
the last byte of an order has come through: the robot's own process is busy with its answers. All clocks are the machine's one.

The floor of the first row is the robot's share: a client that asks for the same slices and looks at nothing but their ends. That
of the second is the same run on another such robot, in which the orders are asked after the synchronisation.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import random
import re
import sys
import tempfile
import time
import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from api import serve
from api.app import create_app
from api.standing import Standing
from benchmarks.row import Row
from controller.ledger.port import Entry
from controller.policy.roles import Role, rights_of
from controller.station import Station
from drivers.loop import exact_loop
from drivers.robots.wwks2 import SLICE_WITH_PACKS
from firmware_protocols.wwks2 import host, parts
from firmware_protocols.wwks2 import messages as m
from simulators.boards.wwks2.station import Wwks2Station
from simulators.plant.robot.pack import Article
from simulators.robot_site import station_of
from simulators.serve import serve_tcp
from simulators.wire import Wire
from sites.check import check
from sites.data import check_digit
from sites.models import Site

ARTICLES, PACKS_EACH = 10_000, 6
SYNC_S, ABOVE_MS = 30.0, 50.0
APART_S = 0.05
"""Between two orders."""
LONGEST_S = 180.0
END = b"</WWKS>"
SITE = """
[station]
id = "bench"
name = "Bench"
simulated = true
[links.r]
url = "tcp://127.0.0.1:{port}"
protocol = "wwks2"
[[robots]]
id = "R"
driver = "wwks2"
link = "r"
outputs = [{{ id = "out", number = 1, name = "Output", holds = 10000 }}]
belts = [{{ id = "in" }}]
rack = {{ columns = 80, shelves = 100, place_width_mm = 600, place_height_mm = 110 }}
[[loading]]
id = "place"
name = "Under the output"
robot = "R"
output = 1
"""
LIST = "/v1/pick-lists/bench"


@dataclass
class Seen:
    """One run: how long the synchronisation took, and how long each order was on its way to the robot's wire, in seconds."""

    took: float = 0.0
    waits: list[float] = field(default_factory=list)


def rows() -> Iterator[Row]:
    """The time that it takes, and the latest of a hundred orders."""
    with asyncio.Runner(loop_factory=exact_loop) as runner:
        robot = runner.run(_bare())
        during = runner.run(_station(None))
        after = runner.run(_station(len(during.waits)))
    packs = f"{ARTICLES * PACKS_EACH:,} packs of {ARTICLES:,} articles"
    yield Row(f"{packs}, from the Hello to robot.synced, orders meanwhile", during.took, robot, "s", bound=SYNC_S)
    yield Row(f"{packs}, the same without orders", after.took, robot, "s", bound=SYNC_S)
    name = f"p99 of {len(during.waits)} lines pushed meanwhile, from the PUT to the OutputRequest's bytes"
    yield Row(name, _p99(during.waits) * 1000, _p99(after.waits) * 1000, "ms", above=ABOVE_MS)


def _p99(waits: list[float]) -> float:
    return sorted(waits)[math.ceil(len(waits) * 0.99) - 1]


# --- ours


async def _station(count: int | None) -> Seen:
    """A station on an empty ledger meets the robot. Orders go out while it synchronises, or so many of them after that."""
    async with _far_end() as (port, passed):
        with tempfile.TemporaryDirectory(dir=".") as where:
            (Path(where) / "site.toml").write_text(SITE.format(port=port))
            report = check(Path(where) / "site.toml")
            assert report.site is not None, report.errors
            async with serve.station(report, Path(where) / "state") as station, asyncio.timeout(LONGEST_S):
                serve.lay_by()
                async with _pharmacy(station) as pushed:
                    return await _met(station, pushed, passed, count)


@contextlib.asynccontextmanager
async def _pharmacy(station: Station) -> AsyncIterator[Pushed]:
    """A pharmacy system that pushes one more line with each PUT, through the whole API, into a tote that stands at the robot."""
    token = await station.people.add_service("rx", "Pharmacy", rights_of([Role.SERVICE_ACCOUNT]), "setup")
    await station.people.add_person("kim", "Kim", [Role.TECHNICIAN], "739104", "setup")
    terminal = await station.people.enrol_terminal("desk", "setup")
    session, _ = await station.people.log_in("kim", "739104", terminal)
    kim = {"Authorization": f"Bearer {session}", "Galenic-Terminal": terminal}
    transport = httpx.ASGITransport(app=create_app(Standing(station=station)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Pushed(station, client, {"Authorization": f"Bearer {token}"}, kim)


def _record(item: str, n: int) -> dict[str, Any]:
    strength = {"value": "5", "unit": "mg"}
    gtins = [f"{n:013}{check_digit(f'{n:013}')}"]
    more = {"gtins": gtins, "class": "none", "high_alert": False, "pack": 1}
    return {"id": item, "name": "bench", "strength": strength, "form": "tablet", "unit": "tablet", **more}


@dataclass
class Pushed:
    """One list that grows by a line at each push, and when each of its lines was pushed."""

    station: Station
    client: httpx.AsyncClient
    rx: dict[str, str]
    kim: dict[str, str]
    lines: list[dict[str, Any]] = field(default_factory=list)
    at: dict[int, float] = field(default_factory=dict)

    async def one(self) -> None:
        """One pack more of the next article that the books have; nothing while there is none."""
        known = self.station.books.robots.robots["R"]["stock"]
        taken = {line["item"] for line in self.lines}
        item = next((item for item in reversed(known) if item not in taken), None)
        if item is None or str(self.station.robots["R"].state) not in {"syncing", "ready"}:
            return
        n = len(self.lines) + 1
        self.station.ledger.post(Entry("item.put", {"id": item, "record": _record(item, n)}))
        await self.station.ledger.settled()
        self.lines.append({"n": n, "item": item, "quantity": 1})
        self.at[n] = time.monotonic()
        answer = await self.client.put(LIST, json={"revision": n, "lines": self.lines}, headers=self.rx)
        answer.raise_for_status()
        if n == 1:
            place = {"list": "bench", "at": "place"}
            (await self.client.put("/v1/totes/T-1/place", json=place, headers=self.kim)).raise_for_status()
            self.at[n] = time.monotonic()

    async def orders(self) -> dict[str, float]:
        """For each order when its line was pushed; returns once every line has one."""
        asked: dict[str, float] = {}
        while len(asked) < len(self.lines):
            await asyncio.sleep(APART_S)
            asked = {
                body["pick"]: self.at[body["purpose"]["line"]]
                for body in (json.loads(row.body) for row in self.station.ledger.read(0, 1_000_000, ["robot.pick_intended"]))
            }
        return asked


async def _met(station: Station, pushed: Pushed, passed: asyncio.StreamReader, count: int | None) -> Seen:
    seen = Seen()
    synced = asyncio.ensure_future(station.ledger.wait_for(["robot.synced"], lambda body: body["packs"] > 0, 0))
    greeted, _ = await station.ledger.wait_for(["robot.changed"], lambda body: body["event"] == "greeted", 0)
    if count is None:
        while not synced.done():
            await pushed.one()
            await asyncio.wait([synced], timeout=APART_S)
    row, _ = await synced
    seen.took = (datetime.fromisoformat(row.at) - datetime.fromisoformat(greeted.at)).total_seconds()
    for _ in range(count or 0):
        await pushed.one()
        await asyncio.sleep(APART_S)
    asked = await pushed.orders()
    for _ in asked:
        order, at = json.loads(await passed.readline())
        seen.waits.append(at - asked[order])
    return seen


# --- the robot's share


async def _bare() -> float:
    """Seconds for all slices, asked one after the other."""
    async with _far_end() as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
        began = time.monotonic()
        us = parts.Subscriber(id=100, type="IMS")
        writer.write(host.encode(m.HelloRequest(id="1", subscriber=us)))
        await reader.readuntil(END)
        writer.write(host.encode(m.StockInfoRequest(id="2", source=100, destination=999, include_packs=False)))
        await reader.readuntil(END)
        for start in range(0, ARTICLES, SLICE_WITH_PACKS):
            wanted = tuple(parts.StockCriteria(article_id=_article(n)) for n in range(start, start + SLICE_WITH_PACKS))
            question = m.StockInfoRequest(id=str(start + 3), source=100, destination=999, include_packs=True, criteria=wanted)
            writer.write(host.encode(question))
            await reader.readuntil(END)
        took = time.monotonic() - began
        writer.close()
    return took


# --- the far end


@contextlib.asynccontextmanager
async def _far_end() -> AsyncIterator[tuple[int, asyncio.StreamReader]]:
    """The port on which the robot is met, and what says which orders have come through."""
    async with _process("robot", 0) as (port, _), _process("between", port) as (near, passed):
        yield near, passed


@contextlib.asynccontextmanager
async def _process(what: str, port: int) -> AsyncIterator[tuple[int, asyncio.StreamReader]]:
    command = [sys.executable, "-m", "benchmarks.robot_sync", what, str(port)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(LONGEST_S):
            yield int(await process.stdout.readline()), process.stdout
    finally:
        process.terminate()
        await process.wait()


async def _robot(_: int) -> None:
    """The simulated robot on a port of its own."""
    robot = station_of(Site.model_validate(tomllib.loads(SITE.format(port=1))).robots[0])
    _fill(robot)
    server = await serve_tcp(Wire(answers=robot.connect), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _fill(station: Wwks2Station) -> None:
    """Packs with all that a scan code says of them, in no order."""
    numbers = [n for n in range(ARTICLES) for _ in range(PACKS_EACH)]
    random.Random(0).shuffle(numbers)
    for serial, n in enumerate(numbers):
        gtin, lot, expiry = f"{n:014}", f"L{n % 977}", f"2032-{n % 12 + 1:02}-28"
        code = f"01{gtin}17{expiry[2:4]}{expiry[5:7]}2821{serial:012}\x1d10{lot}"
        about = Article(_article(n), f"Article number {n}", "tablet", "20 pcs", 20)
        station.robot.hold(about, code, batch=lot, serial=f"{serial:012}", expiry=expiry)


def _article(n: int) -> str:
    return f"{n + 1:08}"


async def _between(port: int) -> None:
    """Hands bytes on, both ways. Says of each order, by its id, when it had come in whole."""

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_handed_on(reader, far_writer, _Orders()), _handed_on(far_reader, writer, None))

    server = await asyncio.start_server(met, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _handed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, orders: _Orders | None) -> None:
    with contextlib.suppress(ConnectionError):  # a station that leaves resets its connection
        while data := await reader.read(1 << 16):
            at = time.monotonic()
            writer.write(data)
            if orders is not None:
                orders.take_in(data, at)
    writer.close()


class _Orders:
    """Finds them in a stream."""

    def __init__(self) -> None:
        self._kept = b""

    def take_in(self, data: bytes, at: float) -> None:
        *whole, self._kept = (self._kept + data).split(END)
        for message in whole:
            if found := re.search(rb'<OutputRequest Id="([0-9]+)"', message):
                print(json.dumps([found[1].decode(), at]), flush=True)


if __name__ == "__main__":
    parts_of: dict[str, Any] = {"robot": _robot, "between": _between}
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=exact_loop) as runner:
        runner.run(parts_of[sys.argv[1]](int(sys.argv[2])))
