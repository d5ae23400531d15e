"""A gantry that is stopped, cut off or without power at any instant: RB-07 of the catalogue, on real steel of the plant."""

from __future__ import annotations

import asyncio
import math
import random

from drivers.faults import Effect, Fault
from drivers.gantry_facts import Grip, Halt
from simulators.plant.gantry import Gantry
from tests.kit.gantry import Bench, running
from tests.proof.campaign import Score, campaign
from tests.proof.steel import played

LONGEST_ACT_S = 9.0
QUIET_S = 60.0
"""Longer than any motion of this gantry."""


@campaign("RB-07", "a gantry is stopped, unplugged or without power at any instant of its work", sample=30, full=3000)
def any_instant(cases: int) -> Score:
    """Nothing moves after its braking way, nothing goes on by itself, its position is unknown until it is homed, and the pack
    it was about is where the answer says, or the answer says that nobody knows."""
    return played("RB-07", cases, _any_instant)


async def _any_instant(chance: random.Random) -> Score:
    async with running(seed=chance.randrange(1000)) as bench:
        await bench.home()
        before = _everywhere(bench.plant)
        how = chance.choice(("stop", "stop", "unplug", "power"))
        async with asyncio.TaskGroup() as tasks:
            acting = tasks.create_task(_acted(bench, chance.choice(("S-1", "S-2")), chance.randint(1, 4)))
            await asyncio.sleep(chance.uniform(0, LONGEST_ACT_S))
            at, speed = bench.plant.position, bench.plant.speed
            halted = await _ended(bench, how)
            ended = await acting
        rest, lines = bench.plant.position, list(bench.board.lines)
        right = how != "stop" or (halted is not None and math.dist(at, rest) <= speed**2 / 800 + speed * 0.05 + 3)
        right &= how != "stop" or not bench.plant.moves
        await asyncio.sleep(QUIET_S)
        bench.house.wires["arm"].plug()
        await bench.up()
        right &= how != "stop" or bench.plant.position == rest
        right &= not bench.plant.moves and bench.board.lines == lines
        known = (await bench.gantry.look()).position is not None
        guessed = known or (ended is Grip.PICKED and not any(map(len, bench.plant.tray)))
        lost = _everywhere(bench.plant) != before
        doubled = sum(map(len, bench.plant.tray)) > 1
        if isinstance(ended, Fault):
            right &= ended.effect is Effect.UNKNOWN or bench.board.lines == [b"$H\n"]
        right &= not (guessed or lost or doubled)
        return Score(1, int(right), int(lost), int(doubled), guessed=int(guessed))


async def _acted(bench: Bench, place: str, tray: int) -> Grip | Fault:
    try:
        return await bench.pick(place, tray)
    except Fault as fault:
        return fault


async def _ended(bench: Bench, how: str) -> Halt | None:
    if how == "stop":
        return await bench.gantry.stop()
    if how == "unplug":
        bench.house.wires["arm"].unplug()
    else:
        bench.fault("reboot", board="arm", seconds=1)
    return None


def _everywhere(plant: Gantry) -> list[str]:
    """Every pack's id, wherever it is."""
    lying = (plant.held, plant.floor, plant.handed_over, *plant.tray, *plant.shelf.values())
    return sorted(pack.id for packs in lying for pack in packs)
