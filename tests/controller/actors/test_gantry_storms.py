"""The daemon dies, the power goes, the wire is cut or a person stops it, at any instant of a trip, by seed.

The oracle is the plant: every pack that has really left its place lies in the tray, in the tote or is in doubt, a place that the
books believe holds what they say, and nothing comes twice.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from controller.ledger.views.gantry_records import GIVEN, IN_DOUBT, IN_TRAY, those
from drivers.faults import Fault
from tests.kit.fetching import AMX, ARM, LINK, PACK, PRD, Fetchers, fetchers
from tests.kit.virtual_loop import run

CRASHES, OTHERS = 60, 24
LONGEST_S = 60.0
"""Five packs, two trips."""
MISHAPS = ("unplug", "stop", "door", "alarm")


@pytest.mark.parametrize("seed", range(CRASHES))
def test_a_daemon_that_dies_at_any_instant_of_a_trip_loses_no_pack_and_fetches_none_twice(seed: int) -> None:
    told(seed, ("killed", "power cut"))


@pytest.mark.parametrize("seed", range(OTHERS))
def test_whatever_befalls_a_trip_each_pack_is_somewhere_and_no_pack_comes_twice(seed: int) -> None:
    told(seed, MISHAPS)


def told(seed: int, mishaps: tuple[str, ...]) -> None:
    """One story."""

    async def play() -> None:
        chance = random.Random(f"gantry {mishaps} {seed}")
        async with fetchers(seed=seed) as gantry:
            wanted = [gantry.fetch(AMX, 3).order, gantry.fetch(PRD, 2).order]
            await asyncio.sleep(chance.uniform(0, LONGEST_S))
            await befall(gantry, chance.choice(mishaps), chance)
            await asyncio.sleep(chance.choice((20.0, 60.0)))
            await gantry.world.ledger.settled()
            judged(gantry, wanted)
            gone = len(gantry.picks())
            if gantry.actor.state not in {"ready", "fetching", "handing_over"}:
                await asyncio.sleep(60)
                assert (len(gantry.picks()), gantry.steel.moves) == (gone, False), "nothing goes on by itself"
            looked(gantry)
            judged(gantry, wanted)
            if gantry.actor.state not in {"ready", "fetching", "handing_over"}:
                await gantry.home()
            await gantry.until(lambda: not gantry.actor.view.live(ARM))
            await gantry.state("ready")
            judged(gantry, wanted)
            assert gantry.world.rows("station.defect") == []

    run(play())


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
