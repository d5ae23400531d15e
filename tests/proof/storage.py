"""Storage: ST-01, ST-02, ST-04 on whole stations at work, and ST-09 on the ledger that such a shift leaves."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from controller.ledger import bodies
from controller.ledger.export import export
from controller.ledger.ledger import SqliteLedger
from controller.ledger.port import Entry
from controller.ledger.verify import verify
from tests.kit.powercut import Failure, PowerCutDisk
from tests.kit.station import VirtualClock
from tests.kit.virtual_loop import run
from tests.proof.campaign import Score, campaign
from tests.proof.power import end, spread
from tests.proof.shift import Shift, judge, shift

WRITES, SYNCS = 110, 36
"""In a shift, and a few."""


@campaign("ST-01", "EIO at each write of a shift, once and from then on", sample=6, full=2 * WRITES)
def writes_fail(cases: int) -> Score:
    score = Score()
    for nth in spread(cases, 2 * WRITES):
        score.add(run(_failing(lambda disk: disk.writes, (nth + 1) // 2, always=nth % 2 == 0)))
    return score


@campaign("ST-02", "EIO at each sync of a shift, directories and the switch to WAL too", sample=6, full=2 * SYNCS)
def syncs_fail(cases: int) -> Score:
    score = Score()
    for nth in spread(cases, 2 * SYNCS):
        score.add(run(_failing(lambda disk: disk.syncs, (nth + 1) // 2, always=nth % 2 == 0)))
    return score


async def _failing(which: Callable[[PowerCutDisk], Failure], nth: int, *, always: bool) -> Score:
    """The first failure ends all recording and opening, says so, and is never tried again; nothing told before is lost."""
    one = shift(seed=nth)
    disk, wrong = one.world.disk, 0
    which(disk).nth, which(disk).always = nth, always
    disk.on_failure = one.over.set
    pulses = one.world.plant.truth.pulses
    try:
        if started := await one.start():
            await one.work()
            if one.over.is_set():
                wrong = await _after_failure(one)
        elif one.over.is_set():
            wrong = len(pulses())  # a start that failed moves nothing
        await one.world.crash(power=True)  # what the disk did not take is gone now
        if started and one.over.is_set() and which(disk) is disk.syncs:
            wrong += disk.syncs.seen - nth  # never tried again: the pages are marked clean (a refused start is rolled back)
        one.over.clear()
        assert await one.start(), "on a disk that is well again it starts"
        await one.finish()
        score = judge(one)
        score.unrecorded += wrong
        score.survived = int(score.survived and not wrong)
        return score
    finally:
        await end(one)


async def _after_failure(one: Shift) -> int:
    """What is wrong with a station whose ledger has failed: anything it opens, acknowledges, or does not say."""
    told, before = len(one.told), len(one.world.plant.truth.pulses())
    sent = [body["drawer"] for _, body in one.world.rows("drawer.unlock_intended")]
    await one.world.plant.truth.until(lambda: False, 3)  # what had left by then has arrived
    station = one.world.station
    wrong = len(one.told) - told
    wrong += len(one.world.plant.truth.pulses()) > max(before, len(sent))
    if one.world.ledger.failure is None:
        return wrong + 1
    try:
        station.permit()
    except Exception as refusal:  # noqa: BLE001 - whatever it raises is its refusal, and must be the ledger's
        wrong += getattr(refusal, "code", "") not in {"ledger-failed", "ledger-unreadable"}
    else:
        wrong += 1
    return wrong + (station.degraded is None)


@campaign("ST-04", "the disk fills at each write of a shift", sample=6, full=WRITES)
def disk_fills(cases: int) -> Score:
    score = Score()
    for nth in spread(cases, WRITES):
        score.add(run(_filling(nth)))
    return score


async def _filling(nth: int) -> Score:
    """What is open can be recorded to its end out of the reserve, and nothing new opens."""
    one = shift(seed=nth)
    one.world.disk.fills.nth = nth
    try:
        if not await one.start():
            assert not one.world.plant.truth.pulses(), "no station, no pulse"
            one.world.disk.capacity = 1 << 30
            assert await one.start(), "with room again it starts"
        await one.work(refused_at_last="ledger-full")
        await one.finish()
        score = judge(one)
        score.unrecorded += one.world.ledger.failure is not None  # unlocked, and then it could not be recorded
        score.survived = int(score.survived and not score.unrecorded)
        return score
    finally:
        await end(one)


FIELDS = ("seq", "epoch", "at", "clock_trust", "actor", "kind", "version", "body", "prev_hash", "hash")


@campaign("ST-09", "one field of one row is edited, in the ledger and in its export", sample=40, full=1500)
def one_field_edited(cases: int) -> Score:
    chance, score = random.Random("ST-09"), Score()
    with tempfile.TemporaryDirectory() as where:
        whole = Path(where) / "ledger"
        run(_written(whole))
        lines = list(export(whole))
        assert verify(whole).holds
        for number in range(cases):
            row, field = chance.randrange(1, len(lines) + 1), FIELDS[number % len(FIELDS)]
            found = [_edited(whole, row, field, chance), _edited_export(Path(where) / "all.jsonl", lines, row, chance)]
            score.add(Score(tried=1, survived=int(found == [row, row]), lost=int(found != [row, row])))
    return score


async def _written(path: Path) -> None:
    """The ledger of a shift, as a file of its own."""
    one = shift()
    assert await one.start()
    await one.work()
    await one.finish()
    ledger = SqliteLedger.open(path, clock=VirtualClock(), simulated=True, thread=False)
    for row in one.told:
        body = bodies.read(row.body)
        del body["simulated"]
        ledger.post(Entry(row.kind, body, row.actor, row.version))
    await ledger.close()
    await end(one)


def _edited(whole: Path, row: int, field: str, chance: random.Random) -> int:
    """The row that the checker names after one value was changed in a copy of the ledger."""
    copy = whole.with_name("edited")
    copy.write_bytes(whole.read_bytes())
    db = apsw.Connection(str(copy))
    db.execute("PRAGMA journal_mode = delete").fetchall()
    db.execute("DROP TRIGGER entry_is_never_changed").fetchall()
    ((value,),) = db.execute(f"SELECT {field} FROM entry WHERE seq = ?", (row,))
    other = value + 1_000_000 if field == "seq" else _other(value, chance)
    db.execute(f"UPDATE entry SET {field} = ? WHERE seq = ?", (other, row))
    db.close()
    return _named(copy)


def _other(value: Any, chance: random.Random) -> Any:
    """Another value of the same type: one bit or one character away."""
    if isinstance(value, int):
        return value + chance.choice((1, 7, 100_000))
    at = chance.randrange(len(value))
    if isinstance(value, bytes):
        return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
    return value[:at] + chr(ord(value[at]) ^ 1 << chance.randrange(3)) + value[at + 1 :]


def _edited_export(path: Path, lines: list[bytes], row: int, chance: random.Random) -> int:
    """The same after one byte of one line of the export was changed."""
    line = bytearray(lines[row - 1])
    line[chance.randrange(len(line))] ^= 1 << chance.randrange(7)
    path.write_bytes(b"".join([*lines[: row - 1], bytes(line), *lines[row:]]))
    return _named(path)


def _named(path: Path) -> int:
    broken = verify(path).broken
    return broken.seq if broken else 0
