"""Device faults: DV-01 to DV-09 of the catalogue, on whole stations whose steel misbehaves while people work at it.

Here are the drawers that are not what they seem: the wrong one, one seen shut, one that stays open. Locks that fail are in
`tests.proof.latches`, bouncing contacts and the whole truth table in `tests.proof.senses`.
"""

from __future__ import annotations

import asyncio
import random

from tests.acceptance.ward import Person, Ward, a_ward, order
from tests.proof import latches, senses
from tests.proof.campaign import Score, campaign
from tests.proof.laws import SEEN_S, Case
from tests.proof.steel import (
    AMOX,
    DOSES,
    DRAWERS,
    ONE,
    PRED,
    TWO,
    Dose,
    cabinet,
    declares,
    free,
    helps_herself,
    played,
    pulls,
    pushes,
    refused,
)

__all__ = ["latches", "senses"]

PULL = "/v1/pulls/p-1"
QUIET_S = 30.0
"""Longer than any latch, look or question of these sites."""
BESIDE = {"A-01": ("amoxicillin-250", "250"), "A-02": ("amoxicillin-500", "500"), "A-03": ("oxycodone-5", "5")}
"""What lies in the other pocket of a drawer, and its strength."""


@campaign("DV-01", "the board frees another drawer than the one it was told to", sample=8, full=400)
def wrong_pocket(cases: int) -> Score:
    """A hand may reach into the wrong drawer, and its person may say that she took the dose."""
    return played("DV-01", cases, _wrong_pocket)


async def _wrong_pocket(chance: random.Random) -> Score:
    async with a_ward(site=cabinet(chance)) as ward:
        case, dose, nurse = Case(ward), chance.choice(DOSES), await ward.person("nurse")
        other = chance.choice([drawer for drawer in DRAWERS if drawer != dose.drawer])
        ward.world.fault("wrong-drawer", drawer=dose.drawer, opens=other)
        if chance.random() < 0.3:
            ward.world.fault("opens-late", drawer=other, seconds=chance.uniform(0.05, 0.8))
        await nurse.done("PUT", PULL, {"order": dose.order})
        at = await free(ward, other, 5)
        assert at is not None
        await asyncio.sleep(chance.uniform(0, 4))
        if chance.random() < 0.7 and await pulls(ward, other):
            await helps_herself(chance, ward, other)
            answer = await declares(ward, nurse, dose)
            case.expect(answer.status_code >= 400, "a dose from the wrong drawer was taken for the right one", "guessed")
            await pushes(ward, other)
        await asyncio.sleep(QUIET_S)
        case.expect(case.alarmed("forced", other, at), f"no alarm in time that {other} opened", "unrecorded")
        case.expect(case.alarmed("wrong_drawer", dose.drawer, at), f"no alarm in time that it was not {dose.drawer}", "unrecorded")
        case.expect(case.doubted(other, dose.drawer), "the pockets of both are not to be counted")
        case.expect(not case.rows("stock.taken"), "something was recorded as taken", "guessed")
        case.expect((await nurse.get(PULL))["state"] == "in_doubt", "the pull is not in doubt")
        for shut_off in [one for one in DOSES if one.drawer in {dose.drawer, other}]:
            await refused(case, "p-2", shut_off)
        return await case.score()


@campaign("DV-02", "the drawer opens, and its switch says shut", sample=8, full=400)
def shows_shut(cases: int) -> Score:
    """The switch that would show the opening is stuck: the drawer's own, or the latch's where there is no other.

    The drawer is never pushed home at the moment at which a latch that nobody used falls back by itself. A drawer switch that
    lies and a hand that keeps that moment cannot be told from a drawer that nobody pulled: `tests.proof.test_devices_can_fail`
    shows what comes of it.
    """
    return played("DV-02", cases, _shows_shut)


async def _shows_shut(chance: random.Random) -> Score:
    sensed = chance.choice((TWO, ONE))
    return await unseen(chance, sensed, chance.choice((chance.uniform(1.5, 9.5), chance.uniform(18, 25))))


async def unseen(chance: random.Random, sensed: str, shut_s: float) -> Score:
    """An opening that no switch shows, and the drawer pushed home so long after its latch was freed."""
    async with a_ward(site=cabinet(chance, senses=sensed)) as ward:
        case, dose, nurse = Case(ward), chance.choice(DOSES), await ward.person("nurse")
        case.blind = {dose.drawer}
        ward.world.fault("stuck-sensor", drawer=dose.drawer, sensor="drawer" if sensed == TWO else "latch", shows=True)
        await nurse.done("PUT", PULL, {"order": dose.order})
        at = await free(ward, dose.drawer, 5)
        assert at is not None
        await asyncio.sleep(chance.uniform(0, min(shut_s, 10) - 1.2))
        assert await pulls(ward, dose.drawer)
        ward.takes(dose.pocket, dose.units)
        if chance.random() < 0.5:
            await declares(ward, nurse, dose)
        await asyncio.sleep(at + shut_s - asyncio.get_running_loop().time())
        await pushes(ward, dose.drawer)
        await asyncio.sleep(QUIET_S)
        case.expect(ward.unverified(dose.pocket), f"{dose.pocket} is not to be counted", "guessed")
        ends = [row.body["outcome"] for row in case.rows("drawer.intent_closed", drawer=dose.drawer)]
        case.expect(ends == ["unknown"], f"an opening that nobody saw ended as {ends}", "guessed")
        case.expect(not case.rows("stock.taken"), "something was recorded as taken", "guessed")
        case.expect((await nurse.get(PULL))["state"] == "in_doubt", "the pull is not in doubt")
        await _fails_its_test(case, chance, dose)
        return await case.score()


async def _fails_its_test(case: Case, chance: random.Random, dose: Dose) -> None:
    """The test opening by which a drawer comes back into service finds a switch that does not move."""
    technician, path = await case.ward.person("technician"), f"/v1/drawers/{dose.drawer}/recoveries"
    if case.state(dose.drawer) == "locked":
        await technician.done("POST", path, {"step": "out_of_service"})
    back = "return_to_service" if case.state(dose.drawer) == "out_of_service" else "retry"
    await technician.done("POST", path, {"step": back})
    if chance.random() < 0.7 and await pulls(case.ward, dose.drawer, 5):
        await asyncio.sleep(chance.uniform(1, 5))
        await pushes(case.ward, dose.drawer)
    await asyncio.sleep(QUIET_S)
    case.expect(case.state(dose.drawer) == "fault", f"after its test {dose.drawer} is {case.state(dose.drawer)}")
    case.expect("test_failed" in case.ward.world.station.drawers[dose.drawer].alarms, "a test that failed is no alarm")
    await refused(case, "p-2", dose)


@campaign("DV-03", "the drawer stays open, or its switch says so", sample=6, full=300)
def stays_open(cases: int) -> Score:
    """Its person has said what she took. Others want the drawer's other pocket, and another drawer."""
    return played("DV-03", cases, _stays_open)


async def _stays_open(chance: random.Random) -> Score:
    ajar_s = chance.uniform(4, 25)
    async with a_ward(site=cabinet(chance, limits={"ajar_s": ajar_s})) as ward:
        case, dose, stuck = Case(ward), chance.choice(DOSES), chance.random() < 0.5
        drawer, nurse = ward.world.station.drawers[dose.drawer], await ward.person("nurse")
        number = await _opens(ward, nurse, dose, stuck=stuck)
        begun = case.rows("drawer.unlocked" if drawer.one_switch else "drawer.opened", drawer=dose.drawer)[-1].at
        await asyncio.sleep(begun + ajar_s + 2 - asyncio.get_running_loop().time())
        case.expect(case.alarmed("ajar", dose.drawer, begun, ajar_s + SEEN_S), "no alarm that it stays open", "unrecorded")
        told = await nurse.get(PULL)
        prompted = told["ask"] is not None and told["ask"]["do"] == "shut"
        case.expect(prompted or told["state"] == "in_doubt", f"its person is not asked to shut it: {told}")
        beside = await _beside(ward, dose)
        await refused(case, "p-2", beside)
        await _elsewhere(case, next(one for one in (AMOX, PRED) if one.drawer != dose.drawer))
        if chance.random() < 0.5:
            technician = await ward.person("technician")
            await technician.done("POST", f"/v1/drawers/{dose.drawer}/recoveries", {"step": "out_of_service"})
            case.expect(case.state(dose.drawer) == "out_of_service", "no way around a drawer that stays open")
            await refused(case, "p-4", beside)
        if number is not None:
            ward.world.faults.lift(number)
        await pushes(ward, dose.drawer)
        await asyncio.sleep(QUIET_S)
        case.expect(case.state(dose.drawer) in {"locked", "out_of_service"}, f"at last it is {case.state(dose.drawer)}")
        case.expect("ajar" not in drawer.alarms or drawer.state == "out_of_service", "shut, and its alarm goes on")
        return await case.score()


async def _opens(ward: Ward, nurse: Person, dose: Dose, *, stuck: bool) -> int | None:
    """A dose is taken and declared out of a drawer that stays open; with `stuck` it is shut, and a switch denies it: the number
    of that fault."""
    await nurse.done("PUT", PULL, {"order": dose.order})
    assert await pulls(ward, dose.drawer, 5)
    ward.takes(dose.pocket, dose.units)
    await asyncio.sleep(1.5)
    await declares(ward, nurse, dose)
    if not stuck:
        return None
    sensor = "latch" if ward.world.station.drawers[dose.drawer].one_switch else "drawer"
    number = ward.world.fault("stuck-sensor", drawer=dose.drawer, sensor=sensor, shows=False)
    await pushes(ward, dose.drawer)
    return number


async def _beside(ward: Ward, dose: Dose) -> Dose:
    """Somebody else's dose out of the other pocket of the same drawer."""
    item, value = {"A-01": ("amoxicillin-250", "250"), "A-02": ("amoxicillin-500", "500"), "A-03": ("oxycodone-5", "5")}[
        dose.drawer
    ]
    await (await ward.service()).done("PUT", "/v1/orders/O-beside", order("O-beside", item, value, "P-2"))
    return Dose("O-beside", f"{dose.drawer}-{3 - int(dose.pocket[-1])}", 1)


async def _elsewhere(case: Case, dose: Dose) -> None:
    """Somebody else has her dose out of another drawer as ever."""
    nurse, ward = await case.ward.person("nurse", "n-elsewhere"), case.ward
    path = "/v1/pulls/p-elsewhere"
    await nurse.done("PUT", path, {"order": dose.order, "pocket": dose.pocket})
    assert await pulls(ward, dose.drawer, 5)
    ward.takes(dose.pocket, dose.units)
    await asyncio.sleep(1.5)
    answer = await declares(ward, nurse, dose, "p-elsewhere")
    await pushes(ward, dose.drawer)
    await asyncio.sleep(4)
    ended = await nurse.get(path)
    case.expect(ended["state"] == "committed", f"another drawer does not work: {answer.text} {ended}")
