"""What goes wrong on a day, by seed: two to four mishaps of the eleven kinds, spread over the way of the tote."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

from simulators.plant.pocket import CannotDo
from tests.journey.books import Everything
from tests.journey.pharmacy import TOTE
from tests.journey.stations import Node

FILLING_S, WHOLE_S = (2.0, 130.0), (2.0, 380.0)
"""While machines fill it, and from the push to the signature, on a day on which nothing goes wrong."""
SEALED_S = 190.0
"""When the tote has left, on a day on which nothing goes wrong."""
STRANGER = "X-9"
NEVER_S = 300.0
"""Whoever is not sure by then is not counted among those who are."""

Mishap = Callable[[Everything, random.Random], Awaitable[None]]


async def jam(all_: Everything, chance: random.Random) -> None:
    """Something sticks in the robot until somebody has freed it."""
    world = all_.pharmacy.world
    try:
        number = world.fault("robot-jam", robot="R1", at=chance.choice(("gripper", "1")))
    except CannotDo:
        return  # it is jammed already
    await asyncio.sleep(chance.choice((5.0, 60.0)))
    with suppress(CannotDo):  # somebody has freed it already
        world.faults.lift(number)


async def lost_reply(all_: Everything, chance: random.Random) -> None:
    """One to three answers, or commands, of one wire vanish."""
    link = chance.choice(("robot", "arm", "belt-1", "belt-3", "gates", "lockbus"))
    what = chance.choice(("replies", "commands"))
    all_.pharmacy.world.fault("lose", link=link, what=what, count=chance.randint(1, 3))
    await asyncio.sleep(0)


async def cut_link(all_: Everything, chance: random.Random) -> None:
    """A cable is pulled, and put back."""
    link = chance.choice(("robot", "arm", "belt-1", "belt-2", "gates", "camera-1", "camera-3", "lockbus"))
    with suppress(CannotDo):  # it is out already
        all_.pharmacy.world.fault("unplug", link=link, seconds=chance.choice((0.3, 5.0, 40.0)))
    await asyncio.sleep(0)


async def _dark(node: Node, chance: random.Random, *, power: bool) -> None:
    if node.standing.station is None:
        return
    await node.dies(power=power)
    await asyncio.sleep(chance.choice((0.5, 5.0, 45.0)))
    await node.up()


async def _until_sure(all_: Everything) -> None:
    began = asyncio.get_running_loop().time()
    while not all_.sure():
        if asyncio.get_running_loop().time() > began + NEVER_S:
            return
        await asyncio.sleep(0.5)
    all_.sure_again_s.append(asyncio.get_running_loop().time() - began)


async def power_cut(all_: Everything, chance: random.Random) -> None:
    """The pharmacy's computer loses its power; the machines have their own."""
    await _dark(all_.pharmacy, chance, power=True)
    await _until_sure(all_)


async def ward_power_cut(all_: Everything, chance: random.Random) -> None:
    """The ward's computer loses its power."""
    await _dark(all_.ward, chance, power=True)


async def killed(all_: Everything, chance: random.Random) -> None:
    """One of the daemons is killed."""
    await _dark(chance.choice((all_.pharmacy, all_.ward)), chance, power=False)


async def wrong_pack(all_: Everything, chance: random.Random) -> None:
    """Two packs of different items stand in each other's place in the robot."""
    steel = all_.pharmacy.world.house.robots["R1"].robot.steel
    racked = [number for number in steel.packs if steel.place(number).startswith("rack:")]
    one = chance.choice(racked)
    others = [number for number in racked if steel.packs[number].article != steel.packs[one].article]
    with suppress(CannotDo):  # one of them is on its way
        all_.pharmacy.world.fault("robot-swaps", robot="R1", pack=one, other=chance.choice(others))
    await asyncio.sleep(0)


async def unread(all_: Everything, chance: random.Random) -> None:
    """A reader reads nothing for a while."""
    world = all_.pharmacy.world
    try:
        number = world.fault("no-read", reader=chance.choice([part.id for part in world.site.readers]))
    except CannotDo:
        return  # it reads nothing already
    await asyncio.sleep(60)
    world.faults.lift(number)


async def swapped(all_: Everything, chance: random.Random) -> None:
    """Somebody puts another tote onto the belts and changes the two while they move."""
    house = all_.pharmacy.world.house
    for _ in range(600):
        await asyncio.sleep(0.5)
        if TOTE not in house.totes.known() or not house.totes.where(TOTE).startswith("belt:"):
            continue
        body = next(id_ for id_, one in house.belts.bodies.items() if one.code == TOTE)
        here = house.belts.bodies[body].belt.id
        if here in {"L", "G", "P"}:
            continue
        zone = chance.choice([id_ for id_ in house.belts.belts if id_ not in {here, "L", "G", "P"}])
        try:
            house.belts.put(STRANGER, zone, 300.0)
        except CannotDo:
            continue
        with suppress(CannotDo):  # one of them lies over two zones: then there is only a stranger on the belts
            house.belts.swap(body, STRANGER)
        return


async def dropped(all_: Everything, chance: random.Random) -> None:
    """The gantry's gripper loses packs for a while, or misses one."""
    world = all_.pharmacy.world
    with suppress(CannotDo):  # it does already, or has missed by now
        number = world.fault(chance.choice(("dropped-pack", "missed-grip")), gantry="arm")
        await asyncio.sleep(40)
        world.faults.lift(number)


async def no_network(all_: Everything, chance: random.Random) -> None:
    """The two stations do not reach each other."""
    ways = [node.to_partner for node in (all_.pharmacy, all_.ward)]
    for way in ways:
        way.cut = True  # type: ignore[union-attr]
    await asyncio.sleep(chance.choice((20.0, 200.0)))
    for way in ways:
        way.cut = False  # type: ignore[union-attr]


KINDS: dict[str, tuple[Mishap, tuple[float, float]]] = {
    "jam": (jam, FILLING_S),
    "lost reply": (lost_reply, FILLING_S),
    "cut link": (cut_link, FILLING_S),
    "power cut": (power_cut, WHOLE_S),
    "ward power cut": (ward_power_cut, WHOLE_S),
    "killed": (killed, WHOLE_S),
    "wrong pack": (wrong_pack, FILLING_S),
    "unread": (unread, FILLING_S),
    "swapped": (swapped, FILLING_S),
    "dropped": (dropped, FILLING_S),
    "no network": (no_network, WHOLE_S),
}


def cut(seed: int) -> list[tuple[float, str]]:
    """The power of the pharmacy's computer goes once, torn, at any instant of the way to the seal."""
    return [(random.Random(f"cut {seed}").uniform(0.0, SEALED_S), "power cut")]


def drawn(seed: int) -> list[tuple[float, str]]:
    """When, and what: the first kind goes round with the seed, so that every kind has its days."""
    chance = random.Random(f"journey {seed}")
    kinds = [list(KINDS)[seed % len(KINDS)], *(chance.choice(list(KINDS)) for _ in range(chance.randint(1, 3)))]
    return sorted((round(chance.uniform(*KINDS[kind][1]), 3), kind) for kind in kinds)


async def befall(all_: Everything, at_s: float, kind: str, seed: int) -> None:
    """One mishap, in its time."""
    await asyncio.sleep(at_s)
    await KINDS[kind][0](all_, random.Random(f"journey {seed} {at_s} {kind}"))
