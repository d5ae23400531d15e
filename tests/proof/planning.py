"""LC-23 and LC-24: packs fetched by plan in a world that does not stand still; plans while their worker is killed, held or lies."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from controller.planning.exchange import finished
from controller.planning.planner import WORKER, Planner
from controller.planning.problem import Pack, Pick, Plan, Problem
from controller.planning.rule import plan
from controller.planning.travel import Axis, Rack
from tests.kit import lying_worker
from tests.kit.shelf import Shelf
from tests.proof.campaign import Score, campaign

EACH = 500
"""Picks in one world of LC-23."""
DEADLINE_S, LATE_S = 0.5, 0.05
LIAR = (sys.executable, "-P", str(Path(lying_worker.__file__)))


@campaign("LC-23", "first expired first out and reservations while everything is planned again", sample=400, full=100_000)
def first_out(cases: int) -> Score:
    score = Score()
    for number in range(-(-cases // EACH)):
        shelf = asyncio.run(worked(Shelf(f"LC-23/{number}", tolerance_days=30 * (number % 2)), min(EACH, cases - score.tried)))
        score.tried += shelf.picked
        score.survived += shelf.picked - min(shelf.picked, len(shelf.wrong))
    return score


async def worked(shelf: Shelf, picks: int) -> Shelf:
    """The shelf after so many picks by the rule, whose plans our own check must never have refused."""
    async with Planner(None) as planner:
        await shelf.work(planner, picks)
    shelf.wrong += [f"{cause} {count} times" for cause, count in planner.fallbacks.items()]
    return shelf


@dataclass
class Seen:
    """What LC-24 saw: faults that were put in, and what came of them."""

    injected: int = 0
    fallbacks: int = 0
    wrong: int = 0
    late: list[float] = field(default_factory=list)
    """How long after its deadline each plan came, less what this machine was late itself, in seconds."""


@campaign("LC-24", "plans while their worker is killed, held or lies", sample=12, full=1_000)
def faults(cases: int) -> Score:
    seen = asyncio.run(troubled(cases, "LC-24"))
    late = sum(1 for each in seen.late if each >= LATE_S)
    missed = abs(seen.injected - seen.fallbacks)
    return Score(tried=cases, survived=cases - min(cases, late + missed), guessed=seen.wrong)


async def troubled(cases: int, seed: str) -> Seen:
    """Half of the plans with a fault: SIGKILL or SIGSTOP while the real worker works, or a worker that lies."""
    seen, chance = Seen(), random.Random(seed)
    async with Planner(WORKER, DEADLINE_S) as honest:
        for case in range(cases):
            problem = queue(chance, 20)
            match case % 4:
                case 0:
                    await _one(seen, honest, problem, None, chance)
                case 1:
                    await _one(seen, honest, problem, signal.SIGKILL, chance)
                case 2:
                    await _one(seen, honest, problem, signal.SIGSTOP, chance)
                case _:
                    how = lying_worker.HOW[case // 4 % len(lying_worker.HOW)]
                    await _lied_to(seen, problem, how, chance)
        seen.fallbacks += honest.fallbacks.total()
    return seen


async def _lied_to(seen: Seen, problem: Problem, how: str, chance: random.Random) -> None:
    async with Planner((*LIAR, how), DEADLINE_S) as planner:
        seen.injected += 1
        await _one(seen, planner, problem, None, chance)
        seen.fallbacks += planner.fallbacks.total()


async def _one(seen: Seen, planner: Planner, problem: Problem, fault: signal.Signals | None, chance: random.Random) -> None:
    """One plan, with a signal to its worker at a moment before it can have answered."""
    await planner.ready()
    process, machine = planner.process, Machine(DEADLINE_S)
    began = time.monotonic()
    task = asyncio.ensure_future(planner.plan(problem))
    if fault is not None and process is not None:
        seen.injected += 1
        await asyncio.sleep(chance.uniform(0.0, 0.1))
        os.kill(process, fault)
    found = await task
    seen.late.append(time.monotonic() - began - DEADLINE_S - machine.late())
    seen.wrong += not right(problem, found, fetched_by_rule(problem) if fault is not None else None)


def fetched_by_rule(problem: Problem) -> Plan:
    """What the rule would have fetched."""
    return finished(plan(problem))


def right(problem: Problem, found: Plan, wanted: Plan | None) -> bool:
    """Every pick once, with a pack of its own; and the rule's very plan where that is what must have come."""
    fetches = [fetch for trip in found.trips for fetch in trip.fetches]
    picks = sorted(fetch.pick.id for fetch in fetches) == sorted(pick.id for pick in problem.picks)
    packs = len({fetch.pack.id for fetch in fetches}) == len(fetches) and all(one.pack in one.pick.packs for one in fetches)
    return picks and packs and all(len(trip.fetches) <= problem.carries for trip in found.trips) and found == (wanted or found)


class Machine:
    """How late this machine wakes a thread that asks for nothing else, over the same time."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._late = seconds, 0.0
        self._thread = threading.Thread(target=self._sleep)
        self._thread.start()

    def _sleep(self) -> None:
        began = time.monotonic()
        time.sleep(self._seconds)
        self._late = time.monotonic() - began - self._seconds

    def late(self) -> float:
        """Seconds."""
        self._thread.join()
        return self._late


def queue(chance: random.Random, count: int, outputs: Sequence[str] = ("counter",)) -> Problem:
    """So many picks of one pack each, anywhere on a rack of 12 by 2.6 m (lines reference D.5)."""
    places: dict[str, tuple[int, ...]] = {output: (2_000_000 * n, 900_000) for n, output in enumerate(outputs)}
    picks = []
    for n in range(count):
        places[f"at {n}"] = (chance.randrange(12_000_001), chance.randrange(2_600_001))
        picks.append(Pick(f"pick {n}", chance.choice(outputs), (Pack(f"pack {n}", f"at {n}", 740_000),)))
    rack = Rack((Axis(3_000_000), Axis(1_000_000)), places)
    hand_overs = {output: output for output in outputs}
    return Problem(tuple(picks), rack.time, hand_overs, carries=4, pick_us=3_000_000, trip_us=4_000_000)
