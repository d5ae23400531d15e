"""Locks that fail: a latch that does not catch, one that does not let go, one that lets go unasked, and one that does so late."""

from __future__ import annotations

import asyncio
import random

from controller.ledger.chain import flaw
from simulators.plant.drawer import Make
from tests.acceptance.ward import Person, Ward, a_ward
from tests.proof.campaign import Score, campaign
from tests.proof.laws import SEEN_S, Case
from tests.proof.steel import AMOX, DOSES, DRAWERS, Dose, cabinet, declares, free, helps_herself, played, pulls, pushes, refused

PULL = "/v1/pulls/p-1"
QUIET_S = 30.0
"""Longer than any latch, look or question of these sites."""
DRUG_S = 45.0
"""From the first request until the dose is in the hand, out of another drawer."""


@campaign("DV-04", "the latch does not catch again, after an opening or after none", sample=6, full=300)
def does_not_relock(cases: int) -> Score:
    """The alarm outlasts a lost link, a restart and the latch's recovery; a named person ends it."""
    return played("DV-04", cases, _does_not_relock)


async def _does_not_relock(chance: random.Random) -> Score:
    limits = {"open_s": 5.0, "ajar_s": 8.0, "close_s": chance.uniform(1, 5)}
    async with a_ward(site=cabinet(chance, limits=limits)) as ward:
        case, dose, nurse = Case(ward), chance.choice(DOSES), await ward.person("nurse")
        drawer = ward.world.station.drawers[dose.drawer]
        await nurse.done("PUT", PULL, {"order": dose.order})
        assert await free(ward, dose.drawer, 5) is not None
        if chance.random() < 0.7 and await pulls(ward, dose.drawer):
            ward.takes(dose.pocket, dose.units)
            await asyncio.sleep(1.5)
            await declares(ward, nurse, dose)
        number = ward.world.fault("stuck-latch", drawer=dose.drawer, stuck="free")
        await pushes(ward, dose.drawer)
        at = asyncio.get_running_loop().time()
        await asyncio.sleep(limits["open_s"] + limits["ajar_s"] + 2)
        kind = "ajar" if drawer.one_switch else "not_latched"  # a latch alone cannot say that the drawer is home
        case.expect(case.alarmed(kind, dose.drawer, at, limits["open_s"] + limits["ajar_s"] + 1), "no alarm", "unrecorded")
        await _goes_on(case, chance, dose)
        await asyncio.sleep(QUIET_S)
        ward.world.faults.lift(number)
        await asyncio.sleep(QUIET_S)
        drawer = ward.world.station.drawers[dose.drawer]
        state = (await (await ward.person("nurse")).get(PULL))["state"]
        # where a latch is all there is to see, one that catches at last has ended an opening like any other
        case.expect(state == "in_doubt" or (drawer.one_switch and state == "committed"), f"the pull is {state}")
        if not drawer.one_switch:
            case.expect(ward.unverified(dose.pocket), f"{dose.pocket} is not to be counted", "guessed")
            case.expect(drawer.alarms.keys() >= {"not_latched"}, "its alarm ended by itself")
            case.expect(case.state(dose.drawer) == "fault", f"nobody came, and it is {case.state(dose.drawer)}")
            await refused(case, "p-3", dose)
        technician = await ward.person("technician")
        if case.state(dose.drawer) == "fault":
            await technician.done("POST", f"/v1/drawers/{dose.drawer}/recoveries", {"step": "inspected"})
        await asyncio.sleep(3)
        case.expect(case.state(dose.drawer) == "locked" and not drawer.alarms, "inspected, and no better")
        case.expect(drawer.one_switch or case.doubted(dose.drawer), "what came back is not counted first")
        return await case.score()


async def _goes_on(case: Case, chance: random.Random, dose: Dose) -> None:
    """What may happen to a drawer that waits for somebody: it is asked for, its link goes, its station dies."""
    await refused(case, "p-2", dose)
    happens = chance.random()
    if happens < 0.3:
        case.ward.world.fault("unplug", link="lockbus", seconds=chance.uniform(0.2, 10))
    elif happens < 0.6:
        case.ward.standing.station = await case.ward.world.restart()
        await asyncio.sleep(3)


@campaign("DV-05", "the latch is released, and the drawer does not move", sample=8, full=400)
def does_not_move(cases: int) -> Score:
    """Jammed, its hook held or too stiff for the pulse, for good or for some seconds; its person has her dose elsewhere."""
    return played("DV-05", cases, _does_not_move)


async def _does_not_move(chance: random.Random) -> Score:
    async with a_ward(site=cabinet(chance)) as ward:
        case, nurse, began = Case(ward), await ward.person("nurse"), asyncio.get_running_loop().time()
        _breaks(ward, chance, AMOX.drawer)
        drawer = ward.world.station.drawers[AMOX.drawer]
        await nurse.done("PUT", PULL, {"order": AMOX.order})
        moved = False
        while not moved and (await nurse.get(PULL))["state"] == "accessing" and not _released(case):
            moved = await pulls(ward, AMOX.drawer)
            await asyncio.sleep(0.5)
        if moved:
            await _takes(ward, nurse)
        elif drawer.one_switch:
            await nurse.ask("POST", f"{PULL}/cancellation")  # released is open to a drawer that sees no more than that
        await asyncio.sleep(QUIET_S if moved else 4)
        ended = await nurse.get(PULL)
        sure = {row.body["outcome"] for row in case.rows("drawer.intent_closed")} == {"not_opened"}
        if moved:
            case.expect(ended["state"] == ("committed"), f"a drawer that moved at last: {ended}")
        else:
            expected = {"failed"} if sure else {"in_doubt", "cancelled"}
            case.expect(ended["state"] in expected, f"a drawer that never moved: {ended}")
            case.expect(sure or ward.unverified(AMOX.pocket), "neither proved shut nor to be counted", "guessed")
            case.expect(not sure or "A-02-1" in ended["problem"]["facts"]["elsewhere"], "no other pocket is offered")
            await _has_it_elsewhere(case, nurse)
            took_s = asyncio.get_running_loop().time() - began
            case.expect(took_s <= DRUG_S, f"the dose was in the hand after {took_s:.0f} s")
        return await case.score()


def _breaks(ward: Ward, chance: random.Random, drawer: str) -> None:
    """One of the ways in which a drawer does not move; two of them may pass by themselves."""
    how = chance.choice(("jam", "stuck-latch", "stiff"))
    if how == "stiff":
        ward.world.plant.drawers[drawer].make = Make(release_s=3.0)
        return
    number = ward.world.fault(how, drawer=drawer)
    if chance.random() < 0.4:
        asyncio.get_running_loop().call_later(chance.uniform(0.5, 12), ward.world.faults.lift, number)


def _released(case: Case) -> bool:
    """Whether its latch has let go and come back again."""
    return bool(case.rows("drawer.intent_closed"))


async def _takes(ward: Ward, nurse: Person) -> None:
    ward.takes(AMOX.pocket, AMOX.units)
    await asyncio.sleep(1.5)
    await declares(ward, nurse, AMOX)
    await pushes(ward, AMOX.drawer)


async def _has_it_elsewhere(case: Case, nurse: Person) -> None:
    """The same dose out of the other drawer that holds it."""
    ward = case.ward
    await nurse.done("PUT", "/v1/pulls/p-2", {"order": AMOX.order, "pocket": "A-02-1"})
    assert await pulls(ward, "A-02", 5)
    ward.takes("A-02-1", 1)
    await asyncio.sleep(1.5)
    await nurse.say("/v1/pulls/p-2", kind="taken", quantity=1)
    await pushes(ward, "A-02")
    await asyncio.sleep(4)
    case.expect((await nurse.get("/v1/pulls/p-2"))["state"] == "committed", "the other pocket does not help")


@campaign("DV-06", "a drawer opens that nobody commanded", sample=8, full=500)
def opens_uncommanded(cases: int) -> Score:
    """By force, by key or by itself; idle, stopped, out of service, just used, or while its neighbour is in use."""
    return played("DV-06", cases, _opens_uncommanded)


async def _opens_uncommanded(chance: random.Random) -> Score:
    async with a_ward(site=cabinet(chance)) as ward:
        case, drawer, nurse = Case(ward), chance.choice(DRAWERS), await ward.person("nurse")
        technician = await ward.person("technician")
        dose, how = await _meanwhile(chance, ward, nurse, technician, drawer), chance.choice(("force", "key", "uncommanded"))
        await asyncio.sleep(chance.uniform(0, 2))
        at, held = asyncio.get_running_loop().time(), case.state(drawer)
        ward.world.fault(how, drawer=drawer)
        if how == "force" or (await _comes_by(chance) and await pulls(ward, drawer)):
            await helps_herself(chance, ward, drawer)
            await pushes(ward, drawer)
        if dose is not None and await pulls(ward, dose.drawer):
            ward.takes(dose.pocket, dose.units)
            await asyncio.sleep(1.5)
            await declares(ward, nurse, dose)
            await pushes(ward, dose.drawer)
        await asyncio.sleep(QUIET_S)
        kind = "uncommanded" if held in {"halted", "out_of_service"} else "forced"
        case.expect(case.alarmed(kind, drawer, at), f"no alarm in time that {drawer} opened by {how}", "unrecorded")
        case.expect(case.doubted(drawer), f"the pockets of {drawer} are not to be counted", "guessed")
        told = {"halted", "out_of_service"} & {held} or {"forced"}
        case.expect(case.state(drawer) in told, f"nobody came, and {drawer} is {case.state(drawer)}")
        case.expect(_chained(ward), "the chain of the ledger is broken", "lost")
        if case.state(drawer) == "forced":
            await technician.done("POST", f"/v1/drawers/{drawer}/recoveries", {"step": "inspected"})
            await asyncio.sleep(3)
            cleared = case.rows("alarm.cleared", by="a-technician")
            case.expect(case.state(drawer) == "locked" and cleared, "no named person has ended it")
            case.expect(case.doubted(drawer), "inspected, and believed without a count", "guessed")
        return await case.score()


async def _comes_by(chance: random.Random) -> bool:
    """Whether anybody does, sooner or later."""
    await asyncio.sleep(chance.uniform(0, 10))
    return chance.random() < 0.6


async def _meanwhile(chance: random.Random, ward: Ward, nurse: Person, technician: Person, drawer: str) -> Dose | None:
    """What goes on at that moment; the dose that is being pulled out of another drawer, if one is."""
    goes_on = chance.choice(("nothing", "stopped", "out of service", "just used", "beside"))
    if goes_on == "stopped":
        await ward.world.station.halt((await ward.world.token("technician"))[1], "stop")
    elif goes_on == "out of service":
        await technician.done("POST", f"/v1/drawers/{drawer}/recoveries", {"step": "out_of_service"})
    elif goes_on == "just used":
        session = (await ward.world.token("nurse", "n-used"))[1]
        await ward.world.unlock(drawer, session)
        assert await pulls(ward, drawer, 5)
        await asyncio.sleep(1.5)
        await pushes(ward, drawer)
        await ward.world.settled(drawer)
    elif goes_on == "beside":
        dose = chance.choice([one for one in DOSES if one.drawer != drawer])
        await nurse.done("PUT", PULL, {"order": dose.order})
        return dose
    return None


def _chained(ward: Ward) -> bool:
    """Whether each row of the ledger holds the hash of the one before it."""
    prev, rows = bytes(32), ward.world.ledger.read(0, 1_000_000)
    for seq, row in enumerate(rows, start=1):
        if flaw(row, seq, prev) is not None:
            return False
        prev = row.hash
    return bool(rows)


@campaign("DV-08", "the latch lets go half a second to half a minute after its pulse", sample=8, full=400)
def opens_late(cases: int) -> Score:
    """A hand may wait for it; somebody may ask again before it lets go."""
    return played("DV-08", cases, _opens_late)


async def _opens_late(chance: random.Random) -> Score:
    async with a_ward(site=cabinet(chance)) as ward:
        case, dose, nurse = Case(ward), chance.choice(DOSES), await ward.person("nurse")
        late_s = chance.choice((chance.uniform(0.5, 4), chance.uniform(0.5, 30)))
        ward.world.fault("opens-late", drawer=dose.drawer, seconds=late_s)
        await nurse.done("PUT", PULL, {"order": dose.order})
        pull = "p-1"
        if late_s > 8 and chance.random() < 0.3:
            await asyncio.sleep(chance.uniform(4, late_s - 1))
            answer = await nurse.ask("PUT", "/v1/pulls/p-2", {"order": dose.order})
            pull = "p-2" if answer.status_code < 400 else "p-1"
        at = await free(ward, dose.drawer, 80)
        assert at is not None
        said = None
        await asyncio.sleep(chance.uniform(0, 3))
        if chance.random() < 0.7 and await pulls(ward, dose.drawer):
            await asyncio.sleep(chance.uniform(1, 3))
            ward.takes(dose.pocket, dose.units)
            said = await declares(ward, nurse, dose, pull)
            await pushes(ward, dose.drawer)
        await asyncio.sleep(QUIET_S)
        tampered = case.alarmed("forced", dose.drawer, at, SEEN_S)
        bound = [row for row in case.rows(drawer=dose.drawer, since=at) if row.kind in {"drawer.unlocked", "drawer.opened"}]
        case.expect(tampered or (bound and bound[0].body["intent"]), "neither its intent's nor an alarm", "unrecorded")
        case.expect(not tampered or case.doubted(dose.drawer), "an alarm, and its pockets are believed", "guessed")
        late = [row.body.get("after_intent") for row in case.rows("drawer.forced", drawer=dose.drawer, since=at)][:1]
        case.expect(late != [None], "the alarm does not name the intent whose late effect it is")
        if said is not None and said.status_code < 400:
            ended = (await nurse.get(f"/v1/pulls/{pull}"))["state"]
            case.expect(ended in {"committed", "in_doubt"}, f"it was taken, and the pull is {ended}")
        return await case.score()
