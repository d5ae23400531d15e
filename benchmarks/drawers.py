"""Ten thousand idle drawers in one process: what each costs in bytes, and how late the loop is while all of them are watched.

Ours: the station that ships (tables, actors, watchers, ledger on a real file) over 625 boards. The boards are not on a wire: each
answers a look after 10 ms with the sixteen Looks of its locks, so that what is measured is the controller. The floor of the lag
is a bare loop with as many coroutines that sleep as often and make as many Looks; the floor of the bytes is a task and a queue
for each drawer, which is what an actor that never sleeps would hold.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import tempfile
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from benchmarks.row import Row
from controller.actors.board import IDLE_S
from controller.clock import Clock, Ids
from controller.ledger.books import Books
from controller.ledger.ledger import SqliteLedger
from controller.machines.drawer import State
from controller.policy.people import People
from controller.policy.pins import Pins
from controller.station import Station
from drivers.answers import Answers
from drivers.capabilities import Look
from drivers.registry import Devices
from drivers.wirelog import WireLog
from sites.models import Site
from tests.kit.station import FASTEST, small_site

BOARDS, LOCKS = 625, 16
DRAWERS = BOARDS * LOCKS
ANSWER_S, PROBE_S, MEASURED_S = 0.01, 0.002, 8.0
BOUND_MS = 10.0


class Line:
    """A link that is up and stays so."""

    id, up, epoch = "line", True, 1

    def watch(self, _watcher: Callable[[Any], None]) -> None:
        """Nothing ever changes."""

    async def run(self) -> None:
        """For ever."""
        await asyncio.get_running_loop().create_future()


class Board:
    """Answers every look after a moment: all locked."""

    link_id, longest_effect_s = "line", 1.5

    def __init__(self) -> None:
        self.answers = Answers()

    async def look(self) -> Mapping[int, Look]:
        """Sixteen of them."""
        await asyncio.sleep(ANSWER_S)
        return looks()

    async def release(self, channel: int, intent: str, deadline: float, leaves: Callable[[], None] | None = None) -> NoReturn:
        """Nobody asks for one here."""
        raise NotImplementedError


def looks() -> dict[int, Look]:
    """What sixteen locked drawers show."""
    at = asyncio.get_running_loop().time()
    return {channel: Look(True, True, 1, at) for channel in range(1, LOCKS + 1)}


def rows() -> list[Row]:
    """Bytes and lag."""
    (ours_bytes, ours_lag), (floor_bytes, floor_lag) = asyncio.run(_ours()), asyncio.run(_floor())
    return [
        Row(f"{DRAWERS} idle drawers: loop lag p99", ours_lag, floor_lag, "ms", bound=BOUND_MS),
        Row("An idle drawer, its actor, switches and record", ours_bytes, floor_bytes, "bytes", at_most=1.0),
    ]


def site() -> Site:
    """One cabinet that no ward has."""
    plain: dict[str, Any] = small_site(drawers=1, pockets=1).model_dump(mode="json")
    board, drawer = plain["boards"][0], plain["drawers"][0]
    plain["links"] = {f"line-{n}": plain["links"]["lockbus"] for n in range(BOARDS)}
    plain["boards"] = [{**board, "id": f"board-{n}", "link": f"line-{n}"} for n in range(BOARDS)]
    plain["drawers"] = [
        {
            **drawer,
            "id": f"D-{n}",
            "lock": {**drawer["lock"], "board": f"board-{n // LOCKS}", "channel": n % LOCKS + 1},
            "pockets": [{**drawer["pockets"][0], "id": f"D-{n}-1"}],
        }
        for n in range(DRAWERS)
    ]
    return Site.model_validate(plain)


async def _ours() -> tuple[float, float]:
    plan, line = site(), Line()
    devices = Devices({"line": line}, {board.id: Board() for board in plan.boards}, WireLog())  # type: ignore[dict-item]
    with tempfile.TemporaryDirectory() as folder:
        books, clock, ids = Books(), Clock(), Ids()
        async with SqliteLedger.open(Path(folder) / "ledger", views=books.all(), clock=clock, simulated=True) as ledger:
            people = People(ledger, books.people, ids, Pins(bytes(32), FASTEST, threaded=False), plan.policy)
            before = _traced()
            async with Station.open(plan, ledger, books, people, devices, clock, ids) as station:
                await ledger.wait_for(["drawer.locked"], lambda _: _all_locked(station), after=ledger.head[0])
                await asyncio.sleep(1.0)  # what only the start needed is let go
                each = (_traced() - before) / DRAWERS
                tracemalloc.stop()
                return each, await _lag()


def _all_locked(station: Station) -> bool:
    return all(drawer.state is State.LOCKED for drawer in station.drawers.values())


async def _floor() -> tuple[float, float]:
    before = _traced()
    queues: list[asyncio.Queue[None]] = [asyncio.Queue() for _ in range(DRAWERS)]
    waiting = [asyncio.create_task(queue.get()) for queue in queues]
    await asyncio.sleep(0)
    each = (_traced() - before) / DRAWERS
    tracemalloc.stop()
    await _end(waiting)
    del queues

    async def look() -> None:
        while True:
            await asyncio.sleep(ANSWER_S)
            looks()
            await asyncio.sleep(IDLE_S - ANSWER_S)

    asking = [asyncio.create_task(look()) for _ in range(BOARDS)]
    lag = await _lag()
    await _end(asking)
    return each, lag


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def _traced() -> int:
    if not tracemalloc.is_tracing():
        tracemalloc.start(1)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def _lag() -> float:
    """How late a coroutine that asks for it is woken, in the worst hundredth, in milliseconds."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(1.0)
    late: list[float] = []
    end = loop.time() + MEASURED_S
    while loop.time() < end:
        due = loop.time() + PROBE_S
        await asyncio.sleep(PROBE_S)
        late.append((loop.time() - due) * 1000)
    return statistics.quantiles(late, n=100)[98]
