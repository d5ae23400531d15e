"""Twenty nurses at twenty consoles for ten minutes of ward work: how long each answer takes, and each log-in.

Each is an HTTP client with the cookies of her own enrolled console and one open stream. She logs in, chooses her patient, reads
what is due, gets some doses (hands are the simulators' control API), logs out and comes back. What a page loads beside itself is
asked after as a browser does, and not counted: only pages and posts are.

Beside each answer stands the floor: a bare route of the same server that answers with the bytes of a page, asked four times a
second all the while; beside the log-in, the bare sum of a PIN.

    python -m benchmarks.console_nurses --minutes 1      for trying out
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import quote

import httpx

from api.console.page import ROOT
from api.console.visitor import SCREEN
from benchmarks.console_paint import running
from benchmarks.console_site import CONSOLES, nurse, orders, patient
from benchmarks.console_ward import PIN, Answered, Client, Ward, events, percentile, seen, standing
from benchmarks.row import Row
from controller.policy.pins import HASHER

MINUTES = 10.0
ANSWER_MS, LOG_IN_MS = 150.0, 500.0
THINKS_S = (0.5, 3.0)
COMES_S = 20.0
"""A shift's nurses do not come in one second."""
DOSES = (1, 4)
FLOOR_EVERY_S = 0.25
LATER_S = 60.0
LOADED = re.compile(rf'"({ROOT}/static/[^"]+)"')
"""What a page has its browser load: once for all her pages, for it is kept."""
BEFORE_BUSY_S = 2.0


@dataclass
class Seen:
    """Milliseconds of every answer, by what was asked; what came of it, by its status."""

    took: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    floor: list[float] = field(default_factory=list)
    doses: int = 0
    late: int = 0
    """Doses given up: the drawer never came, or somebody else's hand was there."""

    def note(self, what: str, began: float, status: int) -> None:
        """One answer."""
        self.took.setdefault(what, []).append((time.perf_counter() - began) * 1000)
        self.statuses[status] += 1


def rows(minutes: float = MINUTES) -> Iterator[Row]:
    """The p99 of all pages and posts, of log-ins, and of each kind by itself."""
    with standing() as ward:
        found = asyncio.run(_worked(ward, minutes * 60))
    log_ins = found.took.pop("log-in")
    everything = [one for kind in found.took.values() for one in kind]
    floor = percentile(found.floor, 0.99)
    say = f"{len(everything)} answers to {CONSOLES} nurses in {minutes:g} min, {found.doses} doses"
    yield Row(f"{say}, p99", percentile(everything, 0.99), floor, "ms", bound=ANSWER_MS)
    yield Row(f"{len(log_ins)} log-ins, p99", percentile(log_ins, 0.99), _one_sum(), "ms", bound=LOG_IN_MS)
    for kind, took in sorted(found.took.items()):
        yield Row(f"  {kind}: {len(took)} answers, p99 (median {percentile(took, 0.5):.1f})", percentile(took, 0.99), floor, "ms")
    sys.stderr.write(f"(statuses {dict(found.statuses)}, {found.late} doses given up)\n")


def _one_sum() -> float:
    """Milliseconds of one Argon2id, as `Pins` has it made; the median of nine."""
    made, took = HASHER.hash(PIN), []
    for _ in range(9):
        began = time.perf_counter()
        HASHER.verify(made, PIN)
        took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 0.5)


async def _worked(ward: Ward, for_s: float) -> Seen:
    found, ends = Seen(), time.monotonic() + for_s
    with tempfile.TemporaryDirectory() as where:
        page = await Client(ward.port, {SCREEN: ward.screens[0]}).get("/console")
        for name in ("page", "before", "after"):
            (Path(where) / f"{name}.html").write_bytes(page.body)
        async with (
            running("benchmarks.console_floor", where) as process,
            httpx.AsyncClient(timeout=LATER_S, trust_env=False) as hands,
        ):
            assert process.stdout is not None
            port = int(await process.stdout.readline())
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_floor(port, found, ends))
                for n in range(CONSOLES):
                    tasks.create_task(_Nurse(ward, n, found, ends, hands).work())
    return found


async def _floor(port: int, found: Seen, ends: float) -> None:
    client = Client(port)
    while time.monotonic() < ends:
        began = time.perf_counter()
        await client.get("/page")
        found.floor.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(FLOOR_EVERY_S)
    client.close()


class _Nurse:
    """One nurse and her patient. Her chance is her own."""

    def __init__(self, ward: Ward, n: int, found: Seen, ends: float, hands: httpx.AsyncClient) -> None:
        self._ward, self._n, self._found, self._ends, self._hands = ward, n, found, ends, hands
        self._chance = Random(n)
        self._client = Client(ward.port, {SCREEN: ward.screens[n]})

    async def work(self) -> None:
        """Rounds until the shift ends; what is begun is finished."""
        await asyncio.sleep(self._chance.uniform(0, min(COMES_S, (self._ends - time.monotonic()) / 3)))
        for path in LOADED.findall((await self._client.get("/console")).body.decode()):
            await self._client.get(path)
        while time.monotonic() < self._ends:
            await self._round()
        self._client.close()

    async def _round(self) -> None:
        await self._page("start", "/console")
        await self._page("pin", f"/console/pin?who={nurse(self._n)}")
        await self._think()
        answer = await self._post("log-in", "/console/log-in", who=nurse(self._n), pin=PIN)
        if answer.status != 200:
            return
        await self._page("start, logged in", "/console")
        page = await self._page("patients", "/console/patients")
        async with self._listening("/console/patients", page):
            await self._think()
        for _ in range(self._chance.randint(*DOSES)):
            await self._dose()
        await self._post("log-out", "/console/log-out")

    async def _dose(self) -> None:
        """One order of her patient, from the tap on its row to the drawer that is shut again."""
        path = f"/console/patients/{patient(self._n)}"
        page = await self._page("patient", path)
        async with self._listening(path, page):
            await self._think()
        order, at = [self._chance.choice(orders(self._n))], int(seen(page.body))
        begun = await self._post("pull", f"{path}/pulls", seen=at, order=order)
        if begun.to is not None and "/notices" in begun.to:
            await self._page("notices", begun.to)
            await self._think()
            begun = await self._post("pull", f"{path}/pulls", seen=at, order=order, noticed=True)
        if begun.to is None:
            self._found.late += 1  # the drawer is another's just now: she says what she sees, and looks again
            await asyncio.sleep(BEFORE_BUSY_S)
            return
        page = await self._page("pull's page", begun.to)
        pocket = re.findall(rb"D-\d\d-\d-\d", page.body)[0].decode()
        async with self._listening(begun.to, page) as stream:
            if not await self._opens(pocket[:6]) or not await _until(stream, "/taken"):
                self._found.late += 1
                await self._post("cancel", f"{begun.to}/cancellation")
                return
            await self._hand(do="take", pocket=pocket)
            await self._think()
            await self._post("taken", f"{begun.to}/taken", quantity=1)
            await self._hand(do="shut", drawer=pocket[:6])
            await _until(stream, "Recorded")
        self._found.doses += 1

    async def _opens(self, drawer: str) -> bool:
        return (await self._hand(do="open", drawer=drawer, wait_s=20)).is_success

    async def _hand(self, **act: object) -> httpx.Response:
        return await self._hands.post(f"http://{self._ward.control}/hands", json=act)

    async def _think(self) -> None:
        await asyncio.sleep(self._chance.uniform(*THINKS_S))

    # --- what her browser does

    async def _page(self, what: str, path: str) -> Answered:
        began = time.perf_counter()
        answer = await self._client.get(path)
        self._found.note(what, began, answer.status)
        return answer

    async def _post(self, what: str, path: str, **fields: object) -> Answered:
        began = time.perf_counter()
        answer = await self._client.post(path, **fields)
        self._found.note(what, began, answer.status)
        return answer

    @contextlib.asynccontextmanager
    async def _listening(self, path: str, page: Answered) -> AsyncIterator[asyncio.Queue[str]]:
        """The page's stream, read all the while; what its parts say is in the queue."""
        parts: asyncio.Queue[str] = asyncio.Queue()

        async def read() -> None:
            query = f"page={quote(path)}&seen={seen(page.body)}&query="
            async for name, data in events(self._ward.port, query, self._client.cookie):
                if name == "part":
                    parts.put_nowait(data)

        async with asyncio.TaskGroup() as streams:
            stream = streams.create_task(read())
            yield parts
            stream.cancel()


async def _until(parts: asyncio.Queue[str], words: str) -> bool:
    """Whether the page has said so before she loses patience."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LATER_S):
            while words not in await parts.get():
                pass
            return True
    return False


if __name__ == "__main__":
    asked = argparse.ArgumentParser("python -m benchmarks.console_nurses")
    asked.add_argument("--minutes", type=float, default=MINUTES)
    for row in rows(asked.parse_args().minutes):
        print(f"{row.name:72} {row.ours:10.4g} {row.floor:10.4g} {row.unit} {row.goal} {'yes' if row.holds else 'NO'}", flush=True)
