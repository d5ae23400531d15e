"""Bugs to be planted, each with the night in which it shows and the law that must see it. The product has no switch for any
of them: they are put in its place from here, and every night is also lived without its bug, and is green.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from simulators.weather import STORMS
from tests.simulated import plants, staff
from tests.simulated.hands import Plan
from tests.simulated.night import Cast, Night
from tests.simulated.places import EVERYTHING, ORDERS
from tests.simulated.script import Blow, Script

LOOKED_UP = Script("bug", storm_s=25.0, slips=0.0, asks=1.0)
MORPHINE, AMOXICILLIN = ORDERS[6], ORDERS[0]


@dataclass(frozen=True, slots=True)
class Bug:
    """What is planted, and the night that shows it."""

    plant: Callable[[pytest.MonkeyPatch], None]
    script: Script
    cast: Cast
    morning: Cast = staff.morning


# --- people of these nights


def _one(kind: str, asked: dict[str, Any], plan: Plan | None = None, who: str = "nina", times: int = 1) -> Cast:
    async def cast(night: Night) -> None:
        await asyncio.sleep(5)
        for _ in range(times):
            await staff.person(night, who).visit(kind, "w-1", asked, plan or Plan(slow_s=0.5))

    return cast


async def _two_for_the_last(night: Night) -> None:
    """One nurse is at the first of three pockets, all promised to her; another asks for the one unit in the last."""
    await asyncio.sleep(5)
    slow = Plan(slow_s=3.0)
    async with asyncio.TaskGroup() as both:
        both.create_task(staff.person(night, "nina").visit("pull", "n-1", {"order": EVERYTHING}, slow))
        await asyncio.sleep(2)
        asked = {"order": AMOXICILLIN, "pocket": "A-04-1"}
        both.create_task(staff.person(night, "omar").visit("pull", "o-1", asked, slow))


async def _signs_for_himself(night: Night) -> None:
    await _one("pull", {"order": MORPHINE}, Plan(miscount=-2, slow_s=0.5))(night)
    await staff.resolve(staff.person(night, "ravi"), witness="ravi")


async def _counts_in_a_halt(night: Night) -> None:
    await asyncio.sleep(8)
    await staff.person(night, "tess").visit("count", "w-1", {"pocket": "A-01-1"}, Plan(slow_s=0.5))


async def _late_answers(night: Night) -> None:
    """Every answer comes 1.4 s late; then a drawer is torn open. What is not known must not be shown as locked."""
    number = night.world.fault("late", link="lockbus", what="replies", seconds=1.4, count=10_000)
    await asyncio.sleep(8)
    night.world.fault("force", drawer="A-02")
    await asyncio.sleep(4)
    await night.world.plant.shut("A-02")
    night.world.faults.lift(number)
    await asyncio.sleep(8)


KILLED = Script("bug", storm_s=30.0, blows=(Blow("frame", 1.0, power=False, down_s=1.0),))
A_PULL = _one("pull", {"order": AMOXICILLIN})
A_CONTROLLED_PULL = _one("pull", {"order": MORPHINE})

BUGS: dict[str, Bug] = {
    "an act is told twice": Bug(plants.told_twice, LOOKED_UP, A_PULL),
    "the byte leaves before its intent is on the disk": Bug(plants.byte_before_the_disk, LOOKED_UP, A_PULL),
    "the disk is not asked to sync": Bug(plants.no_sync, LOOKED_UP, A_PULL),
    "a restart sends an open intent again": Bug(plants.sent_again_at_restart, KILLED, A_PULL),
    "the channel is one off": Bug(plants.next_channel, LOOKED_UP, A_PULL),
    "a late answer is taken for the next one": Bug(
        plants.no_drain, Script("bug", storm=STORMS["calm"], storm_s=20.0, late_ms=1500), A_PULL, _late_answers
    ),
    "a halted drawer is unlocked": Bug(
        plants.unlocks_in_a_halt, Script("bug", storm_s=30.0, halts=((4.0, 20.0),)), _counts_in_a_halt
    ),
    "unknown is called opened": Bug(plants.unknown_is_opened, KILLED, A_PULL),
    "a drawer torn open is ignored": Bug(plants.forced_is_ignored, LOOKED_UP, A_PULL),
    "a count that differs is accepted": Bug(
        plants.difference_is_accepted, LOOKED_UP, _one("pull", {"order": MORPHINE}, Plan(miscount=-2, slow_s=0.5))
    ),
    "a balance is not a fold": Bug(plants.balance_stands_still, LOOKED_UP, A_PULL),
    "two nurses are promised the last dose": Bug(plants.promised_twice, Script("bug", storm_s=60.0), _two_for_the_last),
    "the expected count is shown before the count": Bug(plants.expected_is_shown, LOOKED_UP, A_CONTROLLED_PULL),
    "an answer goes out before the disk has it": Bug(plants.told_before_the_disk, LOOKED_UP, A_PULL),
    "the same id does it again": Bug(plants.same_id_anew, LOOKED_UP, _one("pull", {"order": AMOXICILLIN}, times=2)),
    "a work left at its question waits for ever": Bug(
        plants.waits_for_ever, LOOKED_UP, _one("pull", {"order": MORPHINE}, Plan(walks_away="answer", slow_s=0.5))
    ),
    "a timer is left over": Bug(plants.timer_left, LOOKED_UP, A_PULL),
    "a row is sealed without its body": Bug(plants.hash_without_the_body, LOOKED_UP, A_PULL),
    "a person is their own witness": Bug(plants.own_witness, Script("bug", storm_s=40.0), _signs_for_himself),
}
