"""Power and crash: PW-01, PW-02, PW-03 and PW-05 of the catalogue, the first and the last two on whole stations."""

from __future__ import annotations

import asyncio
import random

from controller.actors.requests import Recovery, Told
from controller.machines.drawer import HOLDS, TABLE, Event, State
from drivers.faults import Fault
from tests.controller.ledger import cuts
from tests.controller.test_restart import bring, finish
from tests.kit.station import World, simulated_station, small_site
from tests.kit.virtual_loop import run
from tests.proof.campaign import Score, campaign
from tests.proof.shift import SETTLED_S, Shift, judge, shift

OPERATIONS = 145
"""Of the disk, in a shift, and a few: `PW-01` ends it at each of them."""


def spread(count: int, over: int) -> list[int]:
    """So many numbers from 1 to `over`, evenly; all of them, and then some again, if there are not more."""
    return [1 + (n * over // count if count < over else n % over) for n in range(count)]


@campaign("PW-01", "the process dies at each operation of its disk, in a shift", sample=6, full=OPERATIONS)
def killed_at_every_write(cases: int) -> Score:
    score = Score()
    for nth in spread(cases, OPERATIONS):
        score.add(run(_killed_at(nth)))
    return score


async def _killed_at(nth: int) -> Score:
    one = shift(seed=nth)
    one.world.disk.ends.nth = nth
    one.world.disk.on_end = one.over.set
    try:
        if await one.start():
            await one.work()
        await one.world.crash()
        one.over.clear()
        assert await one.start(), "it comes back"
        await one.finish()
        return judge(one)
    finally:
        await end(one)


async def end(one: Shift) -> None:
    """The end of a world, whatever state it is in."""
    await one.world.crash()
    one.world.close()


@campaign("PW-02", "power cuts: unsynced writes lost, torn and reordered", sample=250, full=20_000)
def power_cuts(cases: int) -> Score:
    seen = cuts.campaign(cases, seed=2)
    return Score(tried=seen.tried, survived=seen.tried - seen.lost - seen.broken, lost=seen.lost, unrecorded=seen.broken)


CRASHES = [(event, source, durable, power) for event, source, _ in TABLE for durable in (True, False) for power in (False, True)]
"""Each transition of the drawer's table, with the crash just before or just after its row is on the disk."""


@campaign("PW-03", "a crash at every transition of the drawer's table", sample=10, full=len(CRASHES))
def crash_at_every_transition(cases: int) -> Score:
    score = Score()
    for place in spread(cases, len(CRASHES)):
        score.add(run(_crash_at(*CRASHES[place - 1])))
    return score


async def _crash_at(event: Event, source: State, durable: bool, power: bool) -> Score:
    async with simulated_station(small_site(lock={"relatch_s": 5.0}, limits={"ajar_s": 4.0})) as world:
        await bring(world, source)
        technician = await world.log_in("technician")
        one = Shift(world, world.ledger.read(0, 1_000_000))
        if not durable:
            world.disk.dead = True
        await _happens(world, event, technician)
        if durable:
            await world.durable()
            one.told = world.ledger.read(0, 1_000_000)
        await world.restart(power=power)
        recorded = world.books.drawers.state("A-01")
        held = world.station.drawers["A-01"].state
        await asyncio.sleep(1)
        await finish(world)
        await asyncio.sleep(SETTLED_S)
        await world.ledger.settled()
        score = judge(one)
        if recorded in HOLDS and held not in HOLDS:
            score.guessed += 1  # no restart ends what a named person must end
        if world.station.drawers["A-01"].state not in {State.LOCKED, *HOLDS}:
            score.unrecorded += 1
        score.survived = int(score.survived and score.guessed + score.unrecorded == 0)
        return score


async def _happens(world: World, event: Event, technician: object) -> None:
    """The event, as it comes: a request by a person, a fact as the drawer's own duties tell it."""
    drawer = world.station.drawers["A-01"]
    try:
        async with asyncio.timeout(0.01):
            if event is Event.UNLOCK:
                await world.unlock("A-01", technician)  # type: ignore[arg-type]
            elif event is Event.TEST:
                again = Recovery.RETURN_TO_SERVICE if drawer.state is State.OUT_OF_SERVICE else Recovery.RETRY
                await drawer.recover(again, technician)  # type: ignore[arg-type]
            else:
                drawer.tell(Told(event, by="a-technician", more={"reason": "told"}))
                await asyncio.sleep(0)
    except (TimeoutError, Fault):
        pass


@campaign("PW-05", "an unlock parked on its way for up to 30 s while the station dies", sample=4, full=300)
def unlock_in_flight(cases: int) -> Score:
    score = Score()
    for number in range(cases):
        score.add(run(_parked(random.Random(f"parked/{number}"))))
    return score


async def _parked(chance: random.Random) -> Score:
    async with simulated_station(small_site(board={"delay_s": 30})) as world:
        await world.settled("A-01")
        nurse = await world.log_in("nurse")
        world.house.boards["board"].delay_s = 0  # type: ignore[union-attr]
        board = world.station.boards["board"].board
        real = board.release

        async def release(*what: object) -> object:
            world.fault("late", link="lockbus", what="commands", seconds=chance.uniform(0, 30))
            return await real(*what)  # type: ignore[arg-type]

        board.release = release  # type: ignore[method-assign, assignment]
        await world.unlock("A-01", nurse)
        await world.ledger.settled()
        await asyncio.sleep(chance.choice((0.0, 0.1, 1.0, 8.0)))
        one = Shift(world, world.ledger.read(0, 1_000_000))
        for _ in range(chance.choice((1, 1, 2))):
            await world.restart(power=chance.random() < 0.5)
            await asyncio.sleep(chance.uniform(0, 5))
        plant, pulled = world.plant.drawers["A-01"], chance.random() < 0.7
        if await world.plant.truth.until(lambda: bool(world.plant.truth.pulses()), 35) and pulled and plant.can_be_pulled:
            await world.plant.open("A-01")
            await asyncio.sleep(chance.uniform(0.5, 5))
            await world.plant.shut("A-01")
        await asyncio.sleep(SETTLED_S)
        await world.ledger.settled()
        score = judge(one)
        score.unauthorised += len(world.rows("alarm.raised"))  # it opened for its intent, so nobody is alarmed
        score.survived = int(score.survived and not score.unauthorised)
        return score
