"""A cabinet whose steel, coils and switches may misbehave, hands that use it all the same, and the drawing of cases."""

from __future__ import annotations

import asyncio
import random
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from simulators.plant.pocket import CannotDo
from sites.models import Site
from tests.acceptance.ward import Person, Ward, ward_site
from tests.kit.interleaving import run_seeded
from tests.proof.campaign import Score
from tests.proof.laws import Case

TWO, ONE = "latch-and-drawer", "one-switch"
BOARDS: tuple[dict[str, Any], ...] = (
    {"driver": "kerong-cu16", "address": 0},
    {"driver": "kerong-cu16", "address": 3, "answers_unlock": True, "pulse_ms": 300},
    {"driver": "kerong-cu16", "address": 0, "delay_s": 1},
    {"driver": "waveshare-relay-d", "unit": 1},
    {"driver": "waveshare-relay-d", "unit": 7, "pulse_ms": 500},
)
DRAWERS = ("A-01", "A-02", "A-03", "A-04")


@dataclass(frozen=True, slots=True)
class Dose:
    """What a nurse may pull: an order, where it lies, and how many units it is. A counted one is said by its count after."""

    order: str
    pocket: str
    units: int
    counted: bool = False

    @property
    def drawer(self) -> str:
        """The drawer of its pocket."""
        return self.pocket[:4]


AMOX, PRED, MOR = Dose("O-amox", "A-01-1", 1), Dose("O-pred", "A-02-2", 2), Dose("O-mor", "A-03-1", 1, counted=True)
DOSES = (AMOX, PRED, MOR)


def cabinet(chance: random.Random, *, senses: str | None = None, limits: Mapping[str, float] | None = None, **lock: Any) -> Site:
    """The ward's cabinet on a board of either family, its switches wired either way round; some have the latch's alone."""
    site = ward_site(count_wait_s=30).model_dump(mode="json")
    board = {"id": "board", "link": "lockbus", **chance.choice(BOARDS)}
    site["boards"] = [board]
    site["links"]["lockbus"]["protocol"] = "kerong-cu16" if board["driver"] == "kerong-cu16" else "modbus-tcp"
    for drawer in site["drawers"]:
        drawer["lock"] |= {
            "senses": senses or chance.choice((TWO, TWO, ONE)),
            "latched_bit": chance.random() < 0.5,
            "shut_bit": chance.random() < 0.5,
            **lock,
        }
        drawer["limits"] |= limits or {}
    return Site.model_validate(site)


def played(name: str, cases: int, play: Callable[[random.Random], Awaitable[Score]]) -> Score:
    """Plays so many cases, each under a scheduler and a chance of its own, and says which of them fell short."""
    score = Score()
    for number in range(cases):
        score.add(run_seeded(f"{name}/{number}", _one(f"{name}/{number}", play)))
    return score


async def _one(name: str, play: Callable[[random.Random], Awaitable[Score]]) -> Score:
    try:
        one = await play(random.Random(name))
    except Exception:  # noqa: BLE001 - whatever it was, a case that cannot be played to its end has not survived
        traceback.print_exc(file=sys.stdout)
        one = Score(tried=1)
    if not one.holds:
        print(f"    {name}: {one}")
    return one


# --- hands


async def pulls(ward: Ward, drawer: str, wait_s: float = 0.0) -> bool:
    """A hand waits so long until the drawer gives, and pulls it open; False when it does not give."""
    with suppress(CannotDo):  # it does not give: that is the answer False
        await ward.world.plant.open(drawer, wait_s)
        return True
    return False


async def pushes(ward: Ward, drawer: str) -> None:
    """A hand pushes the drawer home, if it stands open and moves."""
    with suppress(CannotDo):  # shut already, or stuck: a hand cannot do more, and the plant's truth says which
        await ward.world.plant.shut(drawer)


async def declares(ward: Ward, nurse: Person, dose: Dose, pull: str = "p-1") -> httpx.Response:
    """The nurse says what she took, or what is left where that is asked."""
    entry = {"kind": "taken", "quantity": dose.units}
    if dose.counted:
        entry = {"kind": "count", "number": ward.lies_in(dose.pocket)}
    return await nurse.ask("POST", f"/v1/pulls/{pull}/entries", entry)


async def free(ward: Ward, drawer: str, within_s: float) -> float | None:
    """The moment at which its latch lets go; None when it does not."""
    steel = ward.world.plant.drawers[drawer]
    if await ward.world.plant.truth.until(lambda: not steel.latched, within_s):
        return asyncio.get_running_loop().time()
    return None


async def helps_herself(chance: random.Random, ward: Ward, drawer: str) -> None:
    """A hand stays in an open drawer for a while, and may take something out of it."""
    await asyncio.sleep(chance.uniform(1, 4))
    lying = [pocket.id for pocket in ward.world.plant.pockets.values() if pocket.drawer == drawer and pocket.quantity]
    if lying and chance.random() < 0.7:
        ward.takes(chance.choice(lying), 1)


async def refused(case: Case, pull: str, dose: Dose) -> None:
    """Somebody else who wants this dose from this pocket is told why not, and nothing moves."""
    nurse, pulses = await case.ward.person("nurse", "n-other"), len(case.ward.openings())
    answer = await nurse.ask("PUT", f"/v1/pulls/{pull}", {"order": dose.order, "pocket": dose.pocket})
    case.expect(answer.status_code >= 400 and answer.json()["code"], f"{dose.pocket} is offered: {answer.text}")
    case.expect(len(case.ward.openings()) == pulses, f"{dose.pocket} was released for a pull that was refused", "unauthorised")
