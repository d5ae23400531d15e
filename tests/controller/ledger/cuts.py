"""The power-cut campaign: writers work on a recorded disk, the power goes anywhere, the ledger is opened again.

One recording serves many cuts: at each, the disk is put together as a cut at that moment may leave it, the ledger that
ships opens it (and the power may go again while it does), and what had been acknowledged by then must be there. The
checker, which shares no code with the writer, must find the chain whole.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from controller.clock import Clock
from controller.ledger import ledger as ledger_module
from controller.ledger import sqlite as sqlite_module
from controller.ledger.format import PRAGMAS
from controller.ledger.ledger import SqliteLedger
from controller.ledger.port import Credential, Entry
from controller.ledger.verify import verify
from drivers.faults import LedgerFault
from tests.kit.powercut import Platter, PowerCutDisk
from tests.kit.views import Tally

CUTS_IN_A_RECORDING = 25


@dataclass(frozen=True, slots=True)
class Told:
    """Someone was told that the row with this number and hash is on the disk."""

    seq: int
    hash: bytes


@dataclass(slots=True)
class Cuts:
    """What came of a campaign. `lost` counts cuts after which an acknowledged row was missing or another; `broken`
    those after which the ledger did not open, did not verify, or held a posting in part; `twice` those with a second
    cut during recovery."""

    tried: int = 0
    lost: int = 0
    broken: int = 0
    twice: int = 0
    rows: int = 0
    first_bad: str = ""


@contextmanager
def small_ledger() -> Iterator[None]:
    """Checkpoints of views and of the write-ahead log often enough to be cut through in a short recording."""
    with (
        mock.patch.object(ledger_module, "ROWS_BETWEEN_CHECKPOINTS", 12),
        mock.patch.object(sqlite_module, "PAGES_BETWEEN_CHECKPOINTS", 16),
    ):
        yield


def campaign(cuts: int, seed: int = 0, *, synchronous: int = 2, lies: bool = False) -> Cuts:
    """So many cuts. `synchronous=1` (NORMAL) and a disk that `lies` are the controls: they must lose something."""
    result = Cuts()
    with small_ledger(), mock.patch.dict(PRAGMAS, synchronous=synchronous):
        while result.tried < cuts:
            chance = random.Random(f"{seed}/{result.tried}")
            log = asyncio.run(_recording(chance, lies=lies))
            _cut(log, min(CUTS_IN_A_RECORDING, cuts - result.tried), chance, result)
    return result


async def _recording(chance: random.Random, *, lies: bool) -> list[Any]:
    """Three writers at work; every operation of the disk and every acknowledgement, in order."""
    with PowerCutDisk(record=True, lies=lies) as disk:
        assert disk.log is not None
        ledger = SqliteLedger.open(disk.path, views=[Tally()], clock=Clock(), simulated=True, thread=False, disk=disk)

        async def write(writer: int) -> None:
            for n in range(chance.randrange(4, 12)):
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
                posted = chance.randrange(1, 4)
                entries = [
                    Entry("test.posted", {"n": n, "part": part, "of": posted, "text": "x" * chance.randrange(300)})
                    for part in range(1, posted + 1)
                ]
                posting = ledger.post(*entries, credentials=[Credential("pin", str(writer), bytes([n]))])
                told = Told(*ledger.head)
                await posting.durable
                disk.log.append(told)

        async with asyncio.TaskGroup() as tasks:
            for writer in range(3):
                tasks.create_task(write(writer))
        if chance.random() < 0.5:
            await ledger.close()
        log = list(disk.log)
        await ledger.close()
    return log


def _cut(log: list[Any], cuts: int, chance: random.Random, result: Cuts) -> None:
    """Cuts the power at as many places of the log, and judges what is left after each."""
    platter, told = Platter(), Told(0, bytes(32))
    places = sorted(chance.randrange(len(log) + 1) for _ in range(cuts))
    for place, op in enumerate([*log, None]):
        while places and places[0] == place:
            places.pop(0)
            result.tried += 1
            seen = _after(platter.after_cut(chance), told, chance, result)
            if seen and not result.first_bad:
                result.first_bad = f"cut {result.tried}: {seen}"
        if isinstance(op, Told):
            told = max(told, op, key=lambda one: one.seq)
        elif op is not None:
            platter.take(op)


def _after(files: dict[str, bytes], told: Told, chance: random.Random, result: Cuts) -> str:
    """Opens what is left and judges it; sometimes the power goes again while it is opened. What is wrong, or nothing."""
    if chance.random() < 0.1:
        files = _cut_again(files, chance)
        result.twice += 1
    with PowerCutDisk(files) as disk:
        view = Tally()
        try:
            ledger = SqliteLedger.open(disk.path, views=[view], clock=Clock(), simulated=True, thread=False, disk=disk)
            rows = ledger.read(0, 10_000)
        except LedgerFault as fault:
            result.broken += 1
            return f"does not open: {fault}"
        report = verify(disk.path, vfs=disk.vfs)
        ledger.abandon()
    result.rows += len(rows)
    if told.seq and (len(rows) < told.seq or rows[told.seq - 1].hash != told.hash):
        result.lost += 1
        return f"row {told.seq} was acknowledged, {len(rows)} rows are left"
    if not (report.holds and report.rows == len(rows)):  # before anything interprets what a lying disk left of the bodies
        result.broken += 1
        return str(report)
    folded = Tally()
    for row in rows:
        folded.apply(row, ledger_module.bodies.read(row.body))
    whole = not rows or (last := ledger_module.bodies.read(rows[-1].body))["part"] == last["of"]
    if not (whole and folded.dump() == view.dump()):
        result.broken += 1
        return f"posting whole: {whole}, fold {folded.dump()}, view {view.dump()}"
    return ""


def _cut_again(files: dict[str, bytes], chance: random.Random) -> dict[str, bytes]:
    """Opens the ledger and takes the power away at any operation of its recovery."""
    with PowerCutDisk(files, record=True) as disk:
        assert disk.log is not None
        try:
            ledger = SqliteLedger.open(disk.path, clock=Clock(), simulated=True, thread=False, disk=disk)
        except LedgerFault:
            return files  # what is wrong with it is found by who opens it next
        asyncio.run(ledger.close())
        platter = Platter(files)
        for op in disk.log[: chance.randrange(len(disk.log) + 1)]:
            platter.take(op)
        return platter.after_cut(chance)
