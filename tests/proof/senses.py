"""What switches say: contacts that bounce, and every combination of two switches in every state under every command."""

from __future__ import annotations

import asyncio
import itertools
import random
from contextlib import suppress
from dataclasses import dataclass

import httpx

from controller.machines.drawer import State
from controller.machines.drawer_one_switch import STATES as ONE_SWITCH_STATES
from drivers.faults import Fault
from simulators.plant.drawer import Drawer
from simulators.plant.pocket import CannotDo
from tests.acceptance.ward import a_ward
from tests.controller.test_restart import bring
from tests.proof.campaign import Score, campaign
from tests.proof.laws import SEEN_S, Case
from tests.proof.steel import AMOX, DOSES, ONE, TWO, cabinet, declares, played, pulls, pushes

PULL = "/v1/pulls/p-1"
QUIET_S = 30.0
"""Longer than any latch, look or question of these sites."""
REST_S = 0.6
"""So long may contacts bounce: real ones take some hundredths of a second."""


@campaign("DV-07", "contacts that bounce at 1 to 200 Hz after each edge: one opening, one closing", sample=8, full=500)
def bounces(cases: int) -> Score:
    """The drawers beside it bounce as well. A contact makes up to thirty bounces and is at rest after `REST_S`, or after three
    bounces where those take longer. One that chatters on and on is not meant: no look can tell that from a hand."""
    return played("DV-07", cases, _bounces)


async def _bounces(chance: random.Random) -> Score:
    async with a_ward(site=cabinet(chance)) as ward:
        dose, nurse, bouncing = chance.choice(DOSES), await ward.person("nurse"), {}
        for drawer in ward.world.plant.drawers:
            hz = 200 ** chance.random()
            bouncing[drawer] = min(chance.uniform(0.5, 30) / hz, max(REST_S, 3 / hz))
            ward.world.fault("chatter", drawer=drawer, hz=hz, seconds=bouncing[drawer])
        case = Case(ward, seen_s=bouncing[dose.drawer] + SEEN_S)  # as long as a contact bounces it says nothing
        one = ward.world.station.drawers[dose.drawer].one_switch
        begun = asyncio.get_running_loop().time()
        await nurse.done("PUT", PULL, {"order": dose.order})
        assert await pulls(ward, dose.drawer, 5)
        ward.takes(dose.pocket, dose.units)
        await ward.world.until("drawer.unlocked" if one else "drawer.opened", drawer=dose.drawer)
        await asyncio.sleep(chance.uniform(0, 3))
        await declares(ward, nurse, dose)
        await asyncio.sleep(bouncing[dose.drawer] + chance.uniform(0, 3))  # the opening's bouncing is over before the closing's
        await pushes(ward, dose.drawer)
        await asyncio.sleep(QUIET_S)
        seen = [row.kind for row in case.rows(since=begun, drawer=dose.drawer) if row.kind in {"drawer.opened", "drawer.locked"}]
        case.expect(seen == ["drawer.locked"] if one else ["drawer.opened", "drawer.locked"], f"one opening was {seen}")
        ends = [row.body["outcome"] for row in case.rows("drawer.intent_closed")]
        case.expect(ends == ["unknown" if one else "opened"], f"one opening ended as {ends}", "guessed")
        case.expect(not case.rows("alarm.raised"), f"alarms: {[row.body['kind'] for row in case.rows('alarm.raised')]}")
        case.expect(len(case.rows("stock.taken")) == 1, "the dose is not recorded as taken", "unrecorded")
        return await case.score()


# --- DV-09

COMMANDS = (
    "nothing", "pull", "retry", "push_pull", "power_cycle", "key", "inspected", "out_of_service", "return_to_service", "halt",
    "resume", "link lost",
)  # fmt: skip
PASSING = frozenset({State.UNKNOWN, State.UNLOCKING, State.CLOSING})
"""States that end by themselves at once: there the switches change and the command comes in the same moment."""
HELD = frozenset({"forced", "fault", "recovering", "halted", "out_of_service"})
MEANS: dict[tuple[bool, bool], frozenset[str]] = {
    (True, True): frozenset({"locked"}) | HELD,
    (False, True): HELD,  # nobody's, or an intent's whose latch did not come back in time
    (True, False): frozenset({"open", "ajar"}) | HELD,
    (False, False): frozenset({"open", "ajar"}) | HELD,
}
"""What a drawer may be, a minute after its latch was seen engaged (or not) and the drawer shut (or not)."""
ONE_MEANS = {True: frozenset({"locked"}) | HELD, False: frozenset({"ajar"}) | HELD}
"""The same where only the latch is seen."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the truth table."""

    senses: str
    state: State
    latched: bool
    shut: bool
    command: str

    @property
    def name(self) -> str:
        """For the print."""
        return f"{self.senses} {self.state}, latched {self.latched}, shut {self.shut}, {self.command}"


CELLS = tuple(
    Cell(senses, state, latched, shut, command)
    for senses, states in ((TWO, tuple(State)), (ONE, ONE_SWITCH_STATES))
    for state in states
    for latched, shut in itertools.product((True, False), repeat=2)
    if senses == TWO or shut  # the second switch is not there
    for command in COMMANDS
)


@campaign("DV-09", "every combination of the switches in every state under every command", sample=24, full=len(CELLS))
def truth_table(cases: int) -> Score:
    """Each cell leads to a defined state, and each command is done or refused with its reason; nothing is ignored."""
    score = Score()
    for number in range(cases):
        cell = CELLS[number * len(CELLS) // cases % len(CELLS)]
        score.add(played(f"DV-09/{cell.name}", 1, lambda chance, cell=cell: _cell(chance, cell)))  # type: ignore[misc]
    return score


async def _cell(chance: random.Random, cell: Cell) -> Score:
    site = cabinet(chance, senses=cell.senses, limits={"ajar_s": 4.0, "open_s": 5.0}, relatch_s=60.0)
    async with a_ward(site=site) as ward:
        case, steel = Case(ward), ward.world.plant.drawers["A-01"]
        if cell.state is State.AJAR and cell.senses == ONE:
            await ward.world.unlock("A-01", (await ward.world.token("nurse"))[1])
            await ward.world.settled("A-01", State.AJAR)
        else:
            await bring(ward.world, cell.state)
        _move(steel, latched=cell.latched, shut=cell.shut)
        if cell.state not in PASSING:
            await asyncio.sleep(chance.choice((0.0, 0.0, 1.5)))
        await _command(case, cell.command)
        await asyncio.sleep(60)
        station = ward.world.station
        now, recorded = case.state("A-01"), str(station.books.drawers.state("A-01"))
        may_be = MEANS[cell.latched, cell.shut] if cell.senses == TWO else ONE_MEANS[cell.latched]
        case.expect(now in may_be, f"{cell.name}: it is {now}")
        case.expect(now == recorded, f"{cell.name}: it is {now}, and the ledger says {recorded}", "unrecorded")
        case.expect(_said(case, cell), f"{cell.name}: the ledger does not say what its switches do", "unrecorded")
        alarmed = now not in {"forced", "fault"} or station.drawers["A-01"].alarms
        case.expect(alarmed, f"{cell.name}: it is {now} without an alarm", "unrecorded")
        return await case.score()


def _move(steel: Drawer, *, latched: bool, shut: bool) -> None:
    """The steel is put where the cell wants it, and held there: what the switches say is true."""
    if not shut:
        steel.force()
    elif not steel.shut:
        steel._home()
    steel.ails.latch = None
    if latched:
        steel.hold("fault")
    else:
        steel.free("fault")
    steel.ails.latch = latched


def _said(case: Case, cell: Cell) -> bool:
    """Whether the last row about the drawer that tells what was seen, tells this."""
    seen = [row.body["seen"] for row in case.rows(drawer="A-01") if row.body.get("seen")][-1]
    if cell.senses == ONE:
        return bool(seen["latched"] is cell.latched)
    return seen["shut"] is cell.shut and (not cell.shut or seen["latched"] is cell.latched)


async def _command(case: Case, command: str) -> None:
    """Somebody commands it over REST, or something happens to its link; the answer is yes, or no with a reason."""
    ward = case.ward
    if command in {"halt", "resume"}:
        await _by_station(case, command)
    elif command == "link lost":
        with suppress(CannotDo):  # it is lost already
            ward.world.fault("unplug", link="lockbus", seconds=1.0)
    elif command == "pull":
        nurse = await ward.person("nurse", "n-other")
        pulses, state = len(ward.openings()), case.state("A-01")
        answer = await nurse.ask("PUT", PULL, {"order": AMOX.order, "pocket": AMOX.pocket})
        await _answered(case, answer)
        case.expect(state == "locked" or len(ward.openings()) == pulses, f"a pulse while it was {state}", "unauthorised")
    elif command != "nothing":
        technician = await ward.person("technician")
        answer = await technician.ask("POST", "/v1/drawers/A-01/recoveries", {"step": command})
        await _answered(case, answer)


async def _by_station(case: Case, command: str) -> None:
    """What has no route of its own."""
    station, session = case.ward.world.station, (await case.ward.world.token("technician"))[1]
    try:
        await (station.halt(session, "stop") if command == "halt" else station.resume(session))
    except Fault as refused:
        case.expect(refused.code, f"{command} is refused without a reason")


async def _answered(case: Case, answer: httpx.Response) -> None:
    """Yes, or no with a reason of the catalogue, which is an entry as well."""
    status, code = answer.status_code, answer.json().get("code")
    await case.ward.quiet()
    case.expect(status != 500 and (status < 300 or code), f"answered with {status}: {answer.text}")
    case.expect(status < 300 or case.rows("refused", code=code), f"the refusal {code} is not recorded", "unrecorded")
