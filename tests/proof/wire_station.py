"""Wire faults under a whole station: WI-05, WI-08, WI-10 and WI-11 of the catalogue. A nurse pulls her dose on a wire that
loses answers, flips bits, is noisy for hours, or is pulled at any byte; ledger and steel say what came of it.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator

from firmware_protocols.errors import FrameError
from firmware_protocols.kerong_cu16 import device, host
from firmware_protocols.kerong_cu16.messages import Status, Unlock
from simulators.modbus_device import crc
from simulators.weather import Storm, Weather
from simulators.wire import Lane, Road
from tests.acceptance.ward import Person, Ward, a_ward, ward_site
from tests.kit.virtual_loop import run
from tests.proof.campaign import Score, campaign
from tests.proof.laws import Case
from tests.proof.steel import DOSES, Dose, cabinet, declares, free, played, pulls, pushes

SETTLED_S = 60.0
"""Longer than any latch, look, question or drain of these sites."""
WORK_S = 600.0
"""Of one case of WI-10."""
OFFLINE_S = 3.0
"""A station says so soon after a cable is pulled."""
DRAWERS = 4
REST = bytes.fromhex("02 00 35 FF FF FF FF 03 36")
NOISY = Storm(Weather(corrupt=0.01), Weather(corrupt=0.01))


def lane(ward: Ward) -> Lane:
    """The conversation of now on the lock board's wire."""
    return ward.world.house.wires["lockbus"].calls[-1].lane


def meddle(road: Road, change: Callable[[bytes], bytes]) -> None:
    """From now on `change` says what becomes of each chunk on this road."""
    carry = road.carry

    def carried(data: bytes) -> None:
        changed = change(data)
        if changed:
            carry(changed)

    road.carry = carried  # type: ignore[method-assign]  # this one road of a real wire is tampered with, not its class


async def visit(chance: random.Random, ward: Ward, nurse: Person, pull: str, dose: Dose) -> str:
    """A nurse asks for a dose and goes on with whatever the drawer lets her do. The state of her pull after it."""
    path = f"/v1/pulls/{pull}"
    asked = await nurse.ask("PUT", path, {"order": dose.order, "pocket": dose.pocket})
    if asked.status_code < 400 and await free(ward, dose.drawer, 5) is not None and await pulls(ward, dose.drawer):
        await asyncio.sleep(chance.uniform(0.5, 3))
        if ward.lies_in(dose.pocket) >= dose.units:
            ward.takes(dose.pocket, dose.units)
        await declares(ward, nurse, dose, pull)
        await asyncio.sleep(chance.uniform(0.1, 2))
        await pushes(ward, dose.drawer)
    await asyncio.sleep(SETTLED_S)
    await ward.quiet()
    known = await nurse.ask("GET", path)
    return str(known.json().get("state", "refused"))


@campaign("WI-05", "answers lost from any moment of an unlock on, on either board", sample=8, full=500)
def lost_answers(cases: int) -> Score:
    return played("WI-05", cases, _lost_answers)


async def _lost_answers(chance: random.Random) -> Score:
    async with a_ward(site=cabinet(chance)) as ward:
        case, dose, nurse = Case(ward, seen_s=SETTLED_S), chance.choice(DOSES), await ward.person("nurse")
        first, count, seen = chance.randrange(6), chance.randint(1, 8), 0

        def lossy(data: bytes) -> bytes:
            nonlocal seen
            seen += 1
            return b"" if first < seen <= first + count else data

        meddle(lane(ward)._to_host, lossy)
        state = await visit(chance, ward, nurse, "p-1", dose)
        pulses = len(ward.world.plant.truth.pulses())
        case.expect(pulses <= 1, f"{pulses} pulses for one pull", "doubled")
        case.expect(state in {"committed", "cancelled", "failed", "in_doubt", "refused"}, f"the pull hangs in {state}")
        return await case.score()


@campaign("WI-10", f"one byte in a hundred spoilt in both directions, {WORK_S:.0f} s of work a case", sample=1, full=60)
def noise(cases: int) -> Score:
    return played("WI-10", cases, _noise)


async def _noise(chance: random.Random) -> Score:
    async with a_ward(site=cabinet(chance)) as ward:
        case, nurse = Case(ward, seen_s=SETTLED_S, spoiling=True), await ward.person("nurse")
        ward.world.house.blow(NOISY)
        loop = asyncio.get_running_loop()
        end, number, done = loop.time() + WORK_S, 0, 0
        while loop.time() < end:
            number += 1
            done += await visit(chance, ward, nurse, f"p-{number}", chance.choice(DOSES)) == "committed"
        intents = len(case.rows("drawer.unlock_intended"))
        pulses = len(ward.world.plant.truth.pulses())
        case.expect(pulses <= intents, f"{pulses} pulses for {intents} intents", "doubled")
        case.expect(done, "no work goes on")
        return await case.score()


@campaign("WI-11", "the cable is pulled at any byte of an unlock, and is back after 0.1 s to an hour", sample=8, full=500)
def cable_pulled(cases: int) -> Score:
    return played("WI-11", cases, _cable_pulled)


async def _cable_pulled(chance: random.Random) -> Score:
    async with a_ward(site=cabinet(chance)) as ward:
        case, dose, nurse = Case(ward, seen_s=SETTLED_S), chance.choice(DOSES), await ward.person("nurse")
        wire, loop = ward.world.house.wires["lockbus"], asyncio.get_running_loop()
        left, away_s, pulled_at = chance.randrange(1, 60), 10 ** chance.uniform(-1, 3.556), list[float]()

        def out() -> None:
            pulled_at.append(loop.time())
            wire.unplug()
            loop.call_later(away_s, wire.plug)

        def cut(data: bytes) -> bytes:
            nonlocal left
            if pulled_at:
                return data
            passed, left = data[: max(left, 0)], left - len(data)
            if left <= 0 < left + len(data):
                loop.call_soon(out)
            return passed

        meddle(lane(ward)._to_board, cut)
        meddle(lane(ward)._to_host, cut)
        state = await visit(chance, ward, nurse, "p-1", dose)
        await asyncio.sleep(away_s + SETTLED_S)
        pulses, lost = len(ward.world.plant.truth.pulses()), case.rows("link.lost")
        case.expect(pulses <= 1, f"{pulses} pulses for one pull", "doubled")
        case.expect(lost and lost[0].at <= pulled_at[0] + OFFLINE_S, "nobody was told in time that the cable is out", "unrecorded")
        case.expect(any(row.body["epoch"] == 2 for row in case.rows("link.up")), "the link is not back in a new epoch")
        case.expect(state not in {"authorised", "reserved"}, f"the pull hangs in {state}")
        return await case.score()


# --- flipped bits


def flipped(frame: bytes) -> Iterator[bytes]:
    """Every frame that one or two flipped bits make of this one."""
    bits = range(8 * len(frame))
    for places in itertools.chain(itertools.combinations(bits, 1), itertools.combinations(bits, 2)):
        value = int.from_bytes(frame, "big")
        for place in places:
            value ^= 1 << place
        yield value.to_bytes(len(frame), "big")


def heard(frame: bytes) -> list[device.BoardCommand]:
    """The commands that a CU16 board hears in these bytes and a silence."""
    framer = device.CommandFramer()
    commands = []
    for one in [*framer.feed(frame), *framer.idle()]:
        try:
            commands.append(device.decode(one))
        except FrameError:
            continue
    return commands


def moving(lock: int) -> list[bytes]:
    """What flips make of an unlock of this lock that still moves another one."""
    meant = host.encode(Unlock(0, lock))
    return [frame for frame in flipped(meant) if any(isinstance(one, Unlock | device.OpenAll) for one in heard(frame))]


def believed() -> list[bytes]:
    """What flips make of the answer of a board at rest, and the sum of eight bits does not see."""
    found = []
    for frame in flipped(REST):
        try:
            replies = [host.decode(one) for one in host.ReplyFramer().feed(frame)]
        except FrameError:
            continue
        if any(isinstance(one, Status) and one.board == 0 for one in replies):
            found.append(frame)
    return found


@campaign("WI-08", "all one- and two-bit flips: none passes CRC-16; what passes a sum of eight bits is seen", sample=6, full=400)
def flips(cases: int) -> Score:
    """Flips of a relay's pulse must all fall. CU16's sum lets some through: a lock that opens by one is an alarm, a look that
    one has changed moves nothing. So many of those are played on a station, evenly; what was let through is printed.
    """
    pulse = bytes.fromhex("01 05 02 00 00 07")
    sealed = pulse + crc(pulse)
    frames = list(flipped(sealed))
    passed = sum(crc(frame[:-2]) == frame[-2:] for frame in frames)
    score = Score(tried=len(frames), survived=len(frames) - passed, guessed=passed)
    acts = [(lock, frame) for lock in range(1, DRAWERS + 1) for frame in moving(lock)]
    looks = [(0, frame) for frame in believed()]
    unlocks, answers = DRAWERS * len(list(flipped(host.encode(Unlock(0, 1))))), len(list(flipped(REST)))
    print(f"    CU16: {len(acts)} of {unlocks} flipped unlocks move something, {len(looks)} of {answers} answers are believed")
    print(f"    random flips of 3 to 16 bits that pass: {_random_flips(2500 * cases, sealed)}")
    stories = acts + looks
    chosen = [stories[n * len(stories) // cases] for n in range(min(cases, len(stories)))] if cases < len(stories) else stories
    for lock, frame in chosen:
        score.add(run(_moved(lock, frame) if lock else _misread(frame)))
    return score


def _random_flips(count: int, sealed: bytes) -> str:
    """How many of so many spoilt frames a CRC-16 and a sum of eight bits let through."""
    chance, passed = random.Random("WI-08"), {"CRC-16": 0, "sum": 0}
    for _ in range(count // 2):
        for name, frame in (("CRC-16", sealed), ("sum", REST)):
            value = int.from_bytes(frame, "big")
            for place in chance.sample(range(8 * len(frame)), chance.randint(3, 16)):
                value ^= 1 << place
            spoilt = value.to_bytes(len(frame), "big")
            passed[name] += crc(spoilt[:-2]) == spoilt[-2:] if name == "CRC-16" else sum(spoilt[:-1]) & 0xFF == spoilt[-1]
    return ", ".join(f"{number} of {count // 2} by {name}" for name, number in passed.items())


async def _moved(lock: int, frame: bytes) -> Score:
    """The unlock of this lock arrives as this frame. Whatever opens by it must be an alarm, and nothing be taken for done."""
    async with a_ward(site=ward_site(count_wait_s=30)) as ward:
        case = Case(ward)
        meant = host.encode(Unlock(0, lock))
        meddle(lane(ward)._to_board, lambda data: frame if data == meant else data)
        await ward.world.unlock(f"A-{lock:02}", await ward.world.log_in("nurse"))
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(SETTLED_S)
        for edge in [one for one in ward.world.plant.truth.edges if one.what == "unlatched"]:
            wrong = edge.drawer is not None and edge.drawer != f"A-{lock:02}"
            if wrong and edge.drawer is not None:
                told = any(case.alarmed(kind, edge.drawer, began, 3.0) for kind in ("forced", "uncommanded"))
                case.expect(told, f"{edge.drawer} was freed by a flipped bit, and nobody was told", "unrecorded")
        case.expect(not case.rows("stock.taken"), "something was recorded as taken", "guessed")
        return _judged(case)


async def _misread(frame: bytes) -> Score:
    """One answer of a board at rest arrives as this frame: nothing has moved, and nothing may be said to have."""
    async with a_ward(site=ward_site(count_wait_s=30)) as ward:
        case, once = Case(ward), [frame]
        await asyncio.sleep(5)
        began = asyncio.get_running_loop().time()
        meddle(lane(ward)._to_host, lambda data: once.pop() if once and data[2] == 0x35 else data)
        await asyncio.sleep(10)
        await ward.quiet()
        said = [row.kind for row in case.rows(since=began) if row.kind.startswith(("drawer.", "alarm."))]
        case.expect(not said, f"{frame.hex(' ')} was taken for a fact: {said}", "guessed")
        return _judged(case)


def _judged(case: Case) -> Score:
    for figure, what in case.wrongs:
        print(f"    {figure}: {what}")
    score = Score(tried=1, survived=int(not case.wrongs))
    for figure, _ in case.wrongs:
        setattr(score, figure, getattr(score, figure) + 1)
    return score
