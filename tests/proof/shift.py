"""A short shift over REST on a whole simulated station, ended at any moment; and what a judge of the restart looks at."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from api.app import create_app
from api.standing import Standing
from controller.ledger import bodies
from controller.ledger.port import Row
from drivers.faults import Fault
from tests.acceptance.ward import Ward, scan_of, ward_data, ward_site
from tests.kit.station import World
from tests.proof.campaign import Score

SEEN_OPEN = {"seen_open", "found_open"}
SETTLED_S = 40.0
"""Longer than any latch, look or deadline of the site."""


@dataclass(slots=True)
class Shift:
    """One world and what its people were told. `told` are the rows that anybody may have heard of, in order."""

    world: World
    told: list[Row] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """The moment at which the station is to be killed."""

    async def start(self) -> bool:
        """Starts the station and listens to its ledger; False when it does not start, or is killed while it does."""
        try:
            await self.world.start()
        except (Fault, ExceptionGroup):
            return False
        known = len(self.told)
        self.told += self.world.ledger.read(known, 1_000_000)
        self.world.ledger.subscribe(lambda row, _: self.told.append(row) if row.seq > len(self.told) else None)
        return not self.over.is_set()

    async def work(self, refused_at_last: str = "") -> None:
        """A pull, a restock and a controlled pull with its count. Returns when done, or when the shift is over, or when
        something that would open is refused with that code."""
        async with people(self.world) as ward:
            busy = asyncio.ensure_future(_shift(ward))
            ending = asyncio.ensure_future(self.over.wait())
            await asyncio.wait([busy, ending], return_when=asyncio.FIRST_COMPLETED)
            for each in (busy, ending):
                each.cancel()
            await asyncio.wait([busy, ending])
            if self.over.is_set():
                return
            try:
                busy.result()
            except AssertionError as refused:
                if not refused_at_last or refused_at_last not in str(refused):
                    raise

    async def finish(self) -> None:
        """The people leave: whatever gives or stands open is shut. Then everything has time to come to rest."""
        await asyncio.sleep(2)
        for drawer in self.world.plant.drawers.values():
            if not drawer.shut:
                await self.world.plant.shut(drawer.id)
        await asyncio.sleep(SETTLED_S)
        await self.world.ledger.settled()


def shift(seed: int = 0) -> Shift:
    """A ward's world, not started."""
    data = ward_data()
    return Shift(World(ward_site(), data.lots, seed, None, data))


@asynccontextmanager
async def people(world: World) -> AsyncIterator[Ward]:
    """The world's station over REST."""
    standing = Standing(station=world.station)
    transport = httpx.ASGITransport(app=create_app(standing), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Ward(world, client, standing)


async def _shift(ward: Ward) -> None:
    await ward.ready()
    nurse, technician = await ward.person("nurse"), await ward.person("technician")
    await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
    await ward.hand_opens("A-01")
    ward.takes("A-01-1", 1)
    await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
    await ward.hand_shuts("A-01")
    await technician.done("PUT", "/v1/restocks/r-1", {"scan": scan_of("prednisone-5", lot="PRD2", expiry="330630"), "quantity": 10})
    await ward.hand_opens("A-02")
    await technician.say("/v1/restocks/r-1", kind="count", number=30)
    ward.puts("A-02-2", "PRD2", "2033-06-30", 10)
    await technician.say("/v1/restocks/r-1", kind="placed", quantity=10)
    await ward.hand_shuts("A-02")
    await nurse.done("PUT", "/v1/pulls/p-2", {"order": "O-mor"})
    await ward.hand_opens("A-03")
    ward.takes("A-03-1", 1)
    await nurse.say("/v1/pulls/p-2", kind="count", number=11)
    await ward.hand_shuts("A-03")


def judge(one: Shift) -> Score:
    """What the ledger and the plant's truth say in the end, whatever happened on the way."""
    found = one.world.ledger.read(0, 1_000_000)
    score = Score(tried=1)
    score.lost = sum(1 for row in one.told if len(found) < row.seq or found[row.seq - 1].hash != row.hash)
    book = Book([(row.seq, row.kind, bodies.read(row.body)) for row in found])
    edges = [(edge.what, edge.drawer) for edge in one.world.plant.truth.edges]
    score.add(pulses(book, edges))
    score.add(intents(book, edges))
    score.survived = int(score.lost + score.doubled + score.unauthorised + score.unrecorded + score.guessed == 0)
    return score


@dataclass(frozen=True, slots=True)
class Book:
    """A ledger's rows: number, kind, body."""

    rows: list[tuple[int, str, Mapping[str, Any]]]

    def of(self, kind: str) -> list[tuple[int, Mapping[str, Any]]]:
        """Numbers and bodies of one kind."""
        return [(seq, body) for seq, is_kind, body in self.rows if is_kind == kind]


def pulses(book: Book, edges: Sequence[tuple[str, str]]) -> Score:
    """Every pulse has an intent of its own, and every opening of a drawer stands in the ledger or in a doubt."""
    score = Score()
    intended = Counter(body["drawer"] for _, body in book.of("drawer.unlock_intended"))
    for drawer, number in Counter(drawer for what, drawer in edges if what == "pulse").items():
        if intended[drawer]:
            score.doubled += max(0, number - intended[drawer])
        else:
            score.unauthorised += number
    told = {body["drawer"] for _, kind, body in book.rows if kind.startswith("drawer.") and body.get("event") in SEEN_OPEN}
    doubted = {body["drawer"] for _, body in book.of("drawer.intent_closed") if body["outcome"] == "unknown"}
    score.unrecorded = len({drawer for what, drawer in edges if what == "opened"} - told - doubted)
    return score


def intents(book: Book, edges: Sequence[tuple[str, str]]) -> Score:
    """Every intent is closed, once; one that a restart found open is never said to have come to nothing, is told opened
    only if it was, and its pockets are in doubt."""
    score = Score()
    opened = {drawer for what, drawer in edges if what == "opened"}
    starts = [seq for seq, _ in book.of("station.started")]
    ends: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for seq, body in book.of("drawer.intent_closed"):
        ends.setdefault(body["intent"], []).append((seq, body))
    doubted: dict[str, set[str]] = {}
    for _, body in book.of("pocket.unverified"):
        doubted.setdefault(body["intent"], set()).add(body["pocket"])
    for seq, body in book.of("drawer.unlock_intended"):
        its = ends.get(body["intent"], [])
        score.unrecorded += len(its) != 1
        for end_seq, end in its:
            wrong = end["outcome"] == "opened" and body["drawer"] not in opened
            if any(seq < start < end_seq for start in starts):
                unmarked = not doubted.get(body["intent"], set()) >= set(body["pockets"])
                wrong |= end["outcome"] not in {"unknown", "opened"} or unmarked
            score.guessed += wrong
    return score
