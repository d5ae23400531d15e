"""Orders, inputs and audits at once, by seed, with and without faults and a thief: what is reported is what has really gone.

The oracle is the plant: which packs stand in the rack, and which a hand has taken.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import pytest

from drivers.faults import Refused
from simulators.plant.pocket import CannotDo
from tests.acceptance.pharmacy import AMX, Pharmacy, a_pharmacy
from tests.acceptance.test_robot_audit import ASKED, audited, read_again
from tests.acceptance.ward import GTIN
from tests.kit.robot import LINK, ROBOT, hold
from tests.kit.virtual_loop import run

STOCK = partial(hold, item=AMX, lot="AMX1", expiry="2032-03-31", packs=60)
SEEDS = 6
CALM = ("an order", "two orders", "at the screen", "an input", "an audit", "a reading", "nothing")
ROUGH = (*CALM, "unplug", "a jam")


async def play(pharmacy: Pharmacy, what: str, chance: random.Random) -> None:
    """Something that moves packs, or asks for them, all of it in order."""
    if what in {"an order", "two orders"}:
        pickings = [await pharmacy.pick(AMX, chance.randint(1, 3)) for _ in range(1 + (what == "two orders"))]
        if chance.random() < 0.5:
            await pickings[-1].outcome
    elif what == "at the screen":
        pharmacy.far.hands.order("3", article=AMX, quantity=chance.randint(1, 3))
    elif what == "an input":
        code = f"]d201{GTIN[AMX]}17320331" + f"10N{chance.randint(1, 99)}"
        pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(AMX, code, expiry="2032-03-31"))
    elif what == "an audit":
        pharmacy.actor.audits.ask(await pharmacy.world.log_in("technician"))
    elif what == "a reading":
        pharmacy.far.hands.reread()
    elif what == "unplug":
        with suppress(CannotDo):  # it is unplugged already
            pharmacy.world.fault("unplug", link=LINK, seconds=chance.choice((1.0, 20.0)))
    elif what == "a jam":
        number = pharmacy.world.fault("robot-jam", robot=ROBOT, at="gripper")
        await asyncio.sleep(chance.choice((1.0, 40.0)))
        pharmacy.world.faults.lift(number)


async def a_day(pharmacy: Pharmacy, plays: Sequence[str], chance: random.Random, *, thief: bool) -> tuple[set[str], dict[str, int]]:
    """What was stolen, by the robot's numbers, and the plant's numbers of all packs that the robot has known."""
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    rack = pharmacy.steel.steel.rack
    for _ in range(14):
        numbers |= {
            str(held.id): rack.at(held.place) or numbers.get(str(held.id), 0) for held in pharmacy.steel.book.packs.values()
        }
        try:
            await play(pharmacy, chance.choice(plays), chance)
        except Refused:  # it was not ready
            await pharmacy.state("ready", within_s=900)
        await asyncio.sleep(chance.choice((0.1, 3.0, 12.0, 70.0)))
        if thief and chance.random() < 0.3:
            taken |= stolen(pharmacy, chance)
    await asyncio.sleep(300)
    await pharmacy.state("ready", within_s=900)
    await read_again(pharmacy)
    await audited(pharmacy)
    assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX)
    assert pharmacy.world.rows("station.defect") == []
    return taken, numbers


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_only_moves_is_no_discrepancy(seed: int) -> None:
    """Orders, inputs and outputs at the robot's screen while the robot reads itself and the station audits it."""

    async def day() -> None:
        chance = random.Random(f"calm {seed}")
        async with a_pharmacy(STOCK, seed=seed, **ASKED) as pharmacy:
            await a_day(pharmacy, CALM, chance, thief=False)
            assert pharmacy.rows("robot.stock_differs", "discrepancy.opened") == []
            assert pharmacy.rows("robot.audited")[-1]["differing"] == 0

    run(day())


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_was_taken_is_a_discrepancy_and_so_is_only_what_has_left_untold(seed: int) -> None:
    """The same with breaks, jams and a thief. Every pack that was taken is in the one record; every other pack in it has left the
    robot without a word."""

    async def day() -> None:
        chance = random.Random(f"rough {seed}")
        async with a_pharmacy(STOCK, seed=seed, **ASKED) as pharmacy:
            taken, numbers = await a_day(pharmacy, ROUGH, chance, thief=True)
            (*records,) = pharmacy.world.books.discrepancies.all.values()
            missing = {pack for one in records for pack, differs in one["packs"].items() if differs["now"] is None}
            told = {out["pack"] for row in pharmacy.rows("robot.pick_ended", "robot.output_unasked") for out in row["out"]}
            assert taken <= missing
            for pack in missing - taken:
                assert pack not in told
                assert not pharmacy.steel.steel.place(numbers[pack]).startswith("rack:"), pack
            assert len(records) == bool(missing)

    run(day())


def stolen(pharmacy: Pharmacy, chance: random.Random) -> set[str]:
    """A pack that stands in the rack and is no order's falls out of it. The robot's number of it."""
    steel = pharmacy.steel.steel
    free = [held for held in pharmacy.steel.book.packs.values() if not held.reserved and steel.rack.at(held.place) is not None]
    if steel.busy or not free:
        return set()
    held = chance.choice(free)
    steel.move_out(steel.rack.at(held.place) or 0, "fault", "floor")
    return {str(held.id)}
