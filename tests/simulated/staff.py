"""The people of the nights: what they set out to do, how often they slip, and who puts things right in the morning."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from simulators.plant.pocket import CannotDo
from tests.simulated.desk import PINS, Gone
from tests.simulated.evidence import Did
from tests.simulated.hands import Person, Plan
from tests.simulated.places import ORDERS, PLAN, package

if TYPE_CHECKING:
    from tests.simulated.night import Night
    from tests.simulated.script import Theft

SAID = {"reason": "miscounted", "explanation": "Counted again together."}


def person(night: Night, name: str) -> Person:
    """One of the staff."""
    chance = random.Random(f"{night.script.seed} {name}")
    return Person(name, night.world, night.desk, night.diary, chance)


async def everybody(night: Night) -> None:
    """Three nurses pull, a technician restocks and counts, a pharmacist resolves what was found."""
    works = [nurse(night, name) for name in ("nina", "omar", "pia")] + [technician(night), pharmacist(night)]
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def nurse(night: Night, name: str) -> None:
    """Pull after pull."""
    one = person(night, name)
    for number in range(100):
        await asyncio.sleep(one.chance.uniform(1, 12))
        asked: dict[str, Any] = {"order": one.chance.choice(ORDERS)}
        if one.chance.random() < 0.1:
            asked["quantity"] = 1
        await one.visit("pull", f"{name}-{number}", asked, a_plan(one.chance, night.script.slips))


async def technician(night: Night) -> None:
    """Restocks and counts, and puts a held drawer back into service."""
    one = person(night, "tess")
    for number in range(100):
        await asyncio.sleep(one.chance.uniform(2, 15))
        plan = a_plan(one.chance, night.script.slips)
        pocket = one.chance.choice(sorted(PLAN))
        with suppress(Gone):
            if one.chance.random() < 0.3:
                await recover(one)
        if one.chance.random() < 0.5:
            drug, lot, _ = PLAN[pocket]
            asked = {"scan": package(drug, lot), "pocket": pocket}
            if one.chance.random() < 0.3:
                asked |= {"tote": f"T-{one.chance.randint(1, 4)}"}
            await one.visit("restock", f"tess-{number}", asked, plan)
        else:
            await one.visit("count", f"tess-{number}", {"pocket": pocket}, plan)


async def pharmacist(night: Night) -> None:
    """Resolves what is open, with a witness."""
    one = person(night, "ravi")
    while True:
        await asyncio.sleep(one.chance.uniform(15, 40))
        with suppress(Gone):
            await one.ask("GET", "/v1/drawers")
            await resolve(one)


def a_plan(chance: random.Random, slips: float) -> Plan:
    """How a visit is going to go."""

    def at_times(what: Any, else_: Any) -> Any:
        return what if chance.random() < slips else else_

    return Plan(
        slip=at_times(chance.choice((1, 1, 2)), 0),
        miscount=at_times(chance.choice((-2, -1, 1, 5)), 0),
        insists=chance.random() < 0.5,
        walks_away=at_times(chance.choice(("open", "answer", "shut")), ""),
        cancels=at_times(chance.choice(("open", "answer")), ""),
        doubles=chance.random() < 0.2,
        scans=chance.choice(("", "", "", "right", "wrong")),
        counts_at_once=chance.random() < 0.3,
        slow_s=chance.choice((0.3, 0.6, 1.0, 2.0, 5.0)),
    )


async def resolve(one: Person, witness: str = "cleo") -> None:
    """One open discrepancy, if there is any."""
    status, answer = await one.ask("GET", "/v1/discrepancies?state=open")
    if status != 200 or not answer["items"]:
        return
    path = f"/v1/discrepancies/{answer['items'][0]['id']}/resolution"
    status, refusal = await one.ask("POST", path, SAID)
    subject = refusal.get("facts", {}).get("subject", "")
    status, signed = await one.ask("POST", "/v1/witnesses", {"who": witness, "pin": PINS[witness], "subject": subject})
    if status == 201:
        await one.ask("POST", path, {**SAID, "witness": signed["witness"]})


async def recover(one: Person) -> None:
    """Looks at every held drawer, says so, and leaves it to be counted."""
    status, answer = await one.ask("GET", "/v1/drawers")
    for drawer in answer["items"] if status == 200 else ():
        if drawer["state"] in {"forced", "fault", "recovering"} and one.world.plant.drawers[drawer["id"]].shut:
            await one.ask("POST", f"/v1/drawers/{drawer['id']}/recoveries", {"step": "inspected"})


# --- the morning


async def morning(night: Night) -> None:
    """Everything is put back, counted and settled; and work goes on."""
    await recover_all(night)
    await count_all(night)
    await settle_one(night)
    await last_theft(night)


async def recover_all(night: Night) -> None:
    """The charge nurse puts every held drawer back."""
    one = person(night, "cleo")
    if any(drawer.state == "halted" for drawer in night.world.station.drawers.values()):
        await _resume(night)
    await recover(one)
    await asyncio.sleep(3)


async def count_all(night: Night) -> None:
    """A technician counts every pocket as it is."""
    one = person(night, "tess")
    for pocket in sorted(PLAN):
        await asyncio.sleep(2.5)
        await one.visit("count", f"morning-{pocket}", {"pocket": pocket}, Plan(slow_s=0.3))


async def settle_one(night: Night) -> None:
    """The pharmacist resolves a discrepancy; a nurse pulls as on any day."""
    with suppress(Gone):
        await resolve(person(night, "ravi"))
    await person(night, "nina").visit("pull", "morning", {"order": ORDERS[0]}, Plan(slow_s=0.3))


async def last_theft(night: Night) -> None:
    """In broad daylight: a drawer is torn open, and everybody can see that on the screen."""
    drawer = night.chance.choice(sorted(night.world.plant.drawers))
    night.world.fault("force", drawer=drawer)
    await asyncio.sleep(2.0)
    await person(night, "cleo").ask("GET", "/v1/drawers")
    await night.world.plant.shut(drawer)
    await asyncio.sleep(2.0)


# --- those who do not ask


async def steal(night: Night, theft: Theft) -> None:
    """Opens a drawer without the station, takes, and perhaps shuts it."""
    plant = night.world.plant
    drawer = plant.drawers[theft.drawer]
    night.world.fault(theft.how, drawer=theft.drawer)
    with suppress(CannotDo):
        if theft.how == "key":
            await plant.open(theft.drawer, 1.0)
    await asyncio.sleep(0.5)
    pocket = night.chance.choice([id_ for id_, where in night.evidence.pockets.items() if where == theft.drawer])
    with suppress(CannotDo):
        plant.take(pocket, theft.units)
        night.diary.append(Did(night.now, "a thief", None, pocket, moved=-theft.units))
    await asyncio.sleep(1.0)
    if theft.hides and not drawer.shut:
        with suppress(CannotDo):
            await plant.shut(theft.drawer)


async def halt(night: Night, for_s: float) -> None:
    """The charge nurse stops everything, and lets it go on after a while."""
    with suppress(Exception):  # the process may die meanwhile
        _, session = await night.world.people.log_in("cleo", PINS["cleo"], night.world._terminals["desk"])
        await night.world.station.halt(session, "fire drill")
    await asyncio.sleep(for_s)
    with suppress(Exception):
        await _resume(night)


async def _resume(night: Night) -> None:
    _, session = await night.world.people.log_in("cleo", PINS["cleo"], night.world._terminals["desk"])
    await night.world.station.resume(session)
