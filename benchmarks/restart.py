"""Restart to READY on a ledger of 1,000,000 entries, from its checkpoints, with the tail verified; and the rest after it.

The rows are those of real pulls, taken from a simulated ward and told again under other ids. The file is made once and
kept in the folder that `GALENIC_BENCH_STATE` names (a folder of its own under the system's temporary one without it).
Its last writer died: no checkpoint was left on the way out, and the tail is as long as it gets.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw

from benchmarks.row import Row
from controller.clock import Clock, Ids
from controller.ledger import bodies
from controller.ledger.books import Books
from controller.ledger.format import TABLES
from controller.ledger.ledger import ROWS_BETWEEN_CHECKPOINTS, SqliteLedger
from controller.ledger.port import Entry
from controller.ledger.port import Row as LedgerRow
from controller.policy.people import People
from controller.policy.pins import Pins
from controller.station import Station
from drivers.registry import build
from simulators.house import House
from sites.models import Site
from tests.acceptance.ward import a_ward
from tests.kit.station import FASTEST
from tests.kit.virtual_loop import run

ENTRIES = 1_000_000
BOUND_S = 3.0
POSTED_AT_ONCE = 400


def rows() -> Iterator[Row]:
    """The restart, and the check of everything before the checkpoint that follows it."""
    site, begin, pull = run(_one_pull())
    path = _made(begin, pull)
    floor, count = _bare_read(path)
    ready, verified, held = asyncio.run(_restart(path, site))
    name = f"restart to READY, {count:,} entries, {count - held:,} of them after the oldest checkpoint"
    yield Row(name, ready, floor, "s", bound=BOUND_S)
    yield Row(f"verification of {held:,} older entries after READY, with its pauses", verified, floor, "s")


async def _one_pull() -> tuple[Site, list[LedgerRow], list[LedgerRow]]:
    """The site, what its ledger begins with, and the rows of one pull that a nurse makes in it."""
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        begin = ward.world.ledger.read(0, 1_000_000)
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 1)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        await ward.hand_shuts("A-01")
        return ward.world.site, begin, ward.world.ledger.read(begin[-1].seq, 1_000_000)


def _made(begin: list[LedgerRow], pull: list[LedgerRow]) -> Path:
    """The file, made if it is not there yet."""
    forms = [(view.name, view.version) for view in Books().all()]
    mark = hashlib.sha256(repr((forms, TABLES, [row.kind for row in begin + pull], ENTRIES)).encode()).hexdigest()[:12]
    folder = Path(os.environ.get("GALENIC_BENCH_STATE", Path(tempfile.gettempdir()) / "galenic-bench")) / f"restart-{mark}"
    if not (folder / "made").exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in folder.iterdir():
            left.unlink()
        began = time.perf_counter()
        asyncio.run(_make(folder / "ledger", begin, pull))
        (folder / "made").touch()
        sys.stderr.write(f"({ENTRIES:,} entries made in {time.perf_counter() - began:.0f} s, kept in {folder})\n")
    return folder / "ledger"


async def _make(path: Path, begin: list[LedgerRow], pull: list[LedgerRow]) -> None:
    ledger = SqliteLedger.open(path, views=Books().all(), clock=Clock(), simulated=True, station="small")
    try:
        for row in begin:
            ledger.post(_entry(row, bodies.read(row.body)))
        templates = [(row, row.body.decode()) for row in pull]
        intent = next(bodies.read(row.body)["intent"] for row in pull if row.kind == "drawer.unlock_intended")
        n = 0
        # the last checkpoints are as far from the end as they ever are
        while ledger.head[0] < ENTRIES or ledger.head[0] % ROWS_BETWEEN_CHECKPOINTS < ROWS_BETWEEN_CHECKPOINTS - len(pull) - 1:
            n += 1
            names = {intent: f"{n:032x}", '"p-1"': f'"p-{n:07}"', "pull/p-1": f"pull/p-{n:07}"}
            ledger.post(*_again(templates, names))
            if n % POSTED_AT_ONCE == 0:
                await ledger.settled()
        await ledger.settled()
    finally:
        ledger.abandon()


def _again(templates: list[tuple[LedgerRow, str]], names: dict[str, str]) -> Iterator[Entry]:
    """One more pull, and one unit put back for it: the stock does not run out."""
    for row, text in templates:
        renamed = text
        for old, new in names.items():
            renamed = renamed.replace(old, new)
        body = json.loads(renamed)
        yield _entry(row, body)
        if row.kind == "stock.taken":
            yield Entry("stock.loaded", {**body, "code": "F"})


def _entry(row: LedgerRow, body: dict[str, Any]) -> Entry:
    body.pop("simulated", None)
    return Entry(row.kind, body, row.actor, row.version)


def _bare_read(path: Path) -> tuple[float, int]:
    """Every column of every row, read and dropped."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    began = time.perf_counter()
    count = sum(1 for _ in db.execute("SELECT * FROM entry ORDER BY seq"))
    took = time.perf_counter() - began
    db.close()
    return took, count


async def _restart(path: Path, site: Site) -> tuple[float, float, int]:
    """Seconds until the station is READY, seconds until the rest is verified, and how many rows the rest is."""
    house = House(site, ())
    clock, ids, books = Clock(), Ids(), Books()
    devices = build(site, random.Random(0).uniform, house.dial)
    began = time.perf_counter()
    ledger = SqliteLedger.open(path, views=books.all(), clock=clock, simulated=True, station="small")
    try:
        pins = Pins(bytes(32), FASTEST, threaded=False)
        people = People(ledger, books.people, ids, pins, site.policy)
        async with Station.open(site, ledger, books, people, devices, clock, ids):
            ready = time.perf_counter() - began
            held = await ledger.verify_rest()
            verified = time.perf_counter() - began - ready
        return ready, verified, held
    finally:
        ledger.abandon()
        house.clear()
