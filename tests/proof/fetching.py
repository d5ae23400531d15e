"""A station whose gantry is broken off at any instant of its trips: RB-02 and RB-08 of the catalogue, on real steel of the plant.

The oracle is the plant: every pack that has really left its place lies in the tray, in the tote or is in doubt, a place that the
books believe holds what they say, nothing comes twice, and nothing goes on by itself.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from functools import partial

from controller.ledger.views.gantry_records import GIVEN, IN_DOUBT, IN_TRAY, those
from drivers.faults import Fault
from tests.kit.fetching import AMX, ARM, LINK, PACK, PRD, Fetchers, fetchers
from tests.proof.campaign import Score, campaign
from tests.proof.steel import played

LONGEST_S = 60.0
"""Five packs, two trips."""
AT_WORK = ("ready", "fetching", "handing_over")
CRASHES, MISHAPS = ("killed", "power cut"), ("unplug", "stop", "door", "alarm")


@campaign("RB-02", "a station dies at any instant of its gantry's trips", sample=10, full=1000)
def unknown_after_a_crash(cases: int) -> Score:
    """What was under way is in doubt until a person has looked; nothing is guessed and nothing fetched again."""
    return played("RB-02", cases, partial(_counted, mishaps=CRASHES))


@campaign("RB-08", "a gantry is to be homed while its guard is open, after work that the guard broke off", sample=5, full=300)
def guard_open(cases: int) -> Score:
    """It is not homed, nothing moves, and nothing goes on when the guard is shut."""
    return played("RB-08", cases, _guard_open)


async def _counted(chance: random.Random, mishaps: Sequence[str]) -> Score:
    await story(chance, mishaps)
    return Score(tried=1, survived=1)


async def story(chance: random.Random, mishaps: Sequence[str]) -> None:
    """Two orders, one mishap at any instant, a person who looks, and the rest of the work. Raises AssertionError."""
    async with fetchers(seed=chance.randrange(1000)) as gantry:
        wanted = [gantry.fetch(AMX, 3).order, gantry.fetch(PRD, 2).order]
        await asyncio.sleep(chance.uniform(0, LONGEST_S))
        await befall(gantry, chance.choice(mishaps), chance)
        await asyncio.sleep(chance.choice((20.0, 60.0)))
        await gantry.world.ledger.settled()
        judged(gantry, wanted)
        if gantry.actor.state not in AT_WORK:
            gone = len(gantry.picks())
            await asyncio.sleep(60)
            assert (len(gantry.picks()), gantry.steel.moves) == (gone, False), "nothing goes on by itself"
        looked(gantry)
        judged(gantry, wanted)
        if gantry.actor.state not in AT_WORK:
            await gantry.home()
        await gantry.until(lambda: not gantry.actor.view.live(ARM))
        await gantry.state("ready")
        judged(gantry, wanted)
        assert gantry.world.rows("station.defect") == []


async def _guard_open(chance: random.Random) -> Score:
    async with fetchers(seed=chance.randrange(1000)) as gantry:
        gantry.fetch(AMX, 3)
        await asyncio.sleep(chance.uniform(0, LONGEST_S / 2))
        guard = gantry.world.fault("open-door", gantry=ARM)
        await gantry.until(lambda: gantry.actor.state not in AT_WORK or not gantry.actor.view.live(ARM))
        looked(gantry)
        await asyncio.sleep(2)
        stood = gantry.steel.position
        await gantry.actor.home(gantry.who)
        await gantry.world.until("gantry.changed", event="not_homed")
        moved = gantry.steel.moves or gantry.steel.position != stood
        gantry.world.faults.lift(guard)
        picks = len(gantry.picks())
        await asyncio.sleep(60)
        moved |= gantry.steel.moves or gantry.steel.position != stood or len(gantry.picks()) != picks
        await gantry.home()
        return Score(tried=1, survived=int(not moved))


async def befall(gantry: Fetchers, what: str, chance: random.Random) -> None:
    """One thing that goes wrong."""
    world = gantry.world
    if what in {"killed", "power cut"}:
        await world.crash(power=what == "power cut")
        await asyncio.sleep(chance.choice((0.0, 2.0, 30.0)))
        await world.start()
        await gantry.log_in()
    elif what == "unplug":
        world.fault("unplug", link=LINK, seconds=chance.choice((0.2, 5.0, 30.0)))
    elif what == "stop":
        try:
            await gantry.actor.stop(gantry.who)
        except Fault:
            return  # nobody could say that it stood
    else:
        kind = {"door": {"kind": "open-door"}, "alarm": {"kind": "limit-switch", "axis": "Y", "shows": True}}[what]
        number = world.fault(**kind, gantry=ARM)
        await asyncio.sleep(10)
        world.faults.lift(number)


def judged(gantry: Fetchers, wanted: list[str]) -> None:
    """The books against the plant."""
    plant, orders = gantry.steel, [gantry.order(order) for order in wanted]
    for place, lying in plant.shelf.items():
        pocket = gantry.world.books.stock.pockets[place]
        assert pocket["unverified"] is not None or pocket["balance"] == PACK * len(lying), place
    given, doubt = (sum(len(those(order, state)) for order in orders) for state in (GIVEN, IN_DOUBT))
    assert given <= len(gantry.handed()) <= given + doubt
    assert all(len(those(order, GIVEN)) <= order["packs"] for order in orders)
    trays = Counter(fetch["tray"] for order in orders for fetch in those(order, IN_TRAY, IN_DOUBT))
    for number, lying in enumerate(plant.tray, 1):
        assert len(lying) <= 1 >= trays[number]
        assert trays[number] or not lying, f"a pack in tray place {number} that nobody knows of"
    assert all(plant.tray[fetch["tray"] - 1] or doubt for order in orders for fetch in those(order, IN_TRAY))


def looked(gantry: Fetchers) -> None:
    """A person settles what is in doubt by what really is there, and takes it out of the tray and off the gripper."""
    plant = gantry.steel
    for pack in list(plant.held):
        plant.remove(pack.id)
    for order in gantry.actor.view.doubtful(ARM):
        in_tote = []
        for fetch in those(order, IN_TRAY, IN_DOUBT):
            for pack in list(plant.tray[fetch["tray"] - 1]):
                plant.remove(pack.id)
            come = sum(pack.rpartition("/")[0] == fetch["pocket"] for pack in gantry.handed())
            known = sum(one["pocket"] == fetch["pocket"] for other in gantry.orders() for one in those(other, GIVEN))
            said = sum(order["fetches"][one]["pocket"] == fetch["pocket"] for one in in_tote)
            if come > known + said:
                in_tote.append(fetch["fetch"])
        gantry.actor.settle(order["order"], gantry.who, in_tote, "looked")
