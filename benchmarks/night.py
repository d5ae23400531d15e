"""A night of a 40-drawer cabinet in simulated time, against a bare loop that has the same exchanges with the same boards.

Ours: the station that ships (drivers, actors, ledger in a memory disk) over the simulated house, with a nurse at a drawer every
three minutes. The floor: nothing but the house, and for each board one coroutine that writes the same question as often and
reads the answer. Both run in virtual time; the figure is how many simulated seconds pass in a second.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from typing import Any

from benchmarks.row import Row
from simulators.house import House
from sites.models import Site
from tests.kit.station import simulated_station, small_site
from tests.kit.virtual_loop import run

DRAWERS, BOARDS, LOCKS = 40, 3, 16
NIGHT_S = 3600.0
"""Measured; eight of these are a night."""
EVERY_S = 180.0
ANSWER = 9
"""Bytes of a board's status."""


def rows() -> list[Row]:
    """The ratio that is held, and the speed on its own."""
    logging.disable(logging.WARNING)  # a nurse who found a drawer busy is no figure
    took, exchanges = run(_ours())
    floor = run(_floor(exchanges))
    ours_speed, floor_speed = NIGHT_S / took, NIGHT_S / floor
    return [
        Row(f"40-drawer night, {exchanges} exchanges an hour (speed)", ours_speed, floor_speed, "sim s/s", at_least=0.3),
        Row("40-drawer night of 8 h: real seconds", 8 * 3600 / ours_speed, 8 * 3600 / floor_speed, "s"),
    ]


def site() -> Site:
    """Forty drawers on three boards of one line."""
    plain: dict[str, Any] = small_site(drawers=LOCKS, pockets=1).model_dump(mode="json")
    first = plain["boards"][0]
    plain["boards"] = [{**first, "id": f"board-{n}", "address": n} for n in range(BOARDS)]
    one = plain["drawers"][0]
    plain["drawers"] = [
        {
            **one,
            "id": f"D-{n:02}",
            "lock": {**one["lock"], "board": f"board-{n // LOCKS}", "channel": n % LOCKS + 1},
            "pockets": [{**one["pockets"][0], "id": f"D-{n:02}-1"}],
        }
        for n in range(DRAWERS)
    ]
    return Site.model_validate(plain)


async def _ours() -> tuple[float, int]:
    async with simulated_station(site()) as world:
        nurse = await world.log_in("nurse")
        await world.settled("D-39")
        loop, line = asyncio.get_running_loop(), world.station.devices.links["lockbus"]
        began, end, had = time.perf_counter(), loop.time() + NIGHT_S, line.figures.exchanges
        for n in itertools.count():
            due = loop.time() + EVERY_S
            if due > end:
                break
            if n % 10 == 0:
                nurse = await world.log_in("nurse")
            await world.use(f"D-{7 * n % DRAWERS:02}", nurse, f"p{n}")
            await asyncio.sleep(due - loop.time())
        await asyncio.sleep(end - loop.time())
        return time.perf_counter() - began, line.figures.exchanges - had


async def _floor(exchanges: int) -> float:
    house = House(site())
    wire = await house.dial("lockbus")
    apart = NIGHT_S / exchanges
    loop = asyncio.get_running_loop()
    began, start = time.perf_counter(), loop.time()
    for n in range(exchanges):
        body = bytes([0x02, (n % BOARDS) << 4, 0x30, 0x03])
        wire.write(body + bytes([sum(body) & 0xFF]))
        answer = b""
        while len(answer) < ANSWER:
            answer += await wire.read()
        await asyncio.sleep(start + (n + 1) * apart - loop.time())
    house.clear()
    return time.perf_counter() - began
