"""Durable ledger entries per second with 64 writers, against `apsw` batching the same rows, serialised and hashed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw

from benchmarks.row import Row
from controller.clock import Clock
from controller.ledger.ledger import SqliteLedger
from controller.ledger.port import Entry

WRITERS = 64
EACH = 150
ROUNDS = 15


def rows() -> list[Row]:
    """Both on the same disk, turn by turn, the median of each."""
    ours, floor = [], []
    with tempfile.TemporaryDirectory(dir=".") as where:
        for turn in range(ROUNDS):
            ours.append(asyncio.run(_ours(Path(where) / f"ours-{turn}")))
            floor.append(_floor(Path(where) / f"floor-{turn}"))
    name = f"durable ledger entries, {WRITERS} writers"
    return [Row(name, statistics.median(ours), statistics.median(floor), "entries/s", at_least=0.8)]


def body(writer: int, n: int) -> dict[str, Any]:
    """What an unlock's intent looks like."""
    return {
        "intent": f"{writer:016x}{n:016x}",
        "drawer": f"d{writer}",
        "board": "board-1",
        "channel": writer % 16 + 1,
        "link": "locks",
        "link_epoch": 3,
        "purpose": {"kind": "pull", "id": f"{n:032x}"},
        "person": f"nurse-{writer}",
        "session": f"{writer:032x}",
        "terminal": "front",
        "pockets": [f"d{writer}-p{n % 5}"],
        "deadline_s": 20,
    }


async def _ours(path: Path) -> float:
    async def write(writer: int) -> None:
        for n in range(EACH):
            await ledger.append(Entry("drawer.unlock_intended", body(writer, n), f"nurse-{writer}"))

    async with SqliteLedger.open(path, clock=Clock(), simulated=False) as ledger:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for writer in range(WRITERS):
                tasks.create_task(write(writer))
        took = time.perf_counter() - began
    return WRITERS * EACH / took


def _floor(path: Path) -> float:
    """The barest thing that makes the same durable rows: one thread, 64 rows a commit, no one to tell."""
    db = apsw.Connection(str(path))
    db.execute("PRAGMA journal_mode = wal").fetchall()
    db.execute("PRAGMA synchronous = full")
    db.execute(
        "CREATE TABLE entry (seq INTEGER PRIMARY KEY, epoch INTEGER, at TEXT, clock_trust TEXT, actor TEXT, kind TEXT,"
        " version INTEGER, body TEXT, prev_hash BLOB, hash BLOB) STRICT"
    )
    began = time.perf_counter()
    prev, seq = bytes(32), 0
    for n in range(EACH):
        batch, seq, prev = _sealed(n, seq, prev)
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", batch)
        db.execute("COMMIT")
    took = time.perf_counter() - began
    db.close()
    return WRITERS * EACH / took


def _sealed(n: int, seq: int, prev: bytes) -> tuple[list[tuple[Any, ...]], int, bytes]:
    batch = []
    clock = Clock()
    for writer in range(WRITERS):
        seq += 1
        at, actor, kind = clock.stamp(), f"nurse-{writer}", "drawer.unlock_intended"
        text = json.dumps(body(writer, n), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        sealed = _hash(prev, seq.to_bytes(8, "big"), at.encode(), actor.encode(), kind.encode(), text.encode())
        batch.append((seq, 1, at, "system", actor, kind, 1, text, prev, sealed))
        prev = sealed
    return batch, seq, prev


def _hash(prev: bytes, *parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(_prefixed(prev, parts))).digest()


def _prefixed(prev: bytes, parts: tuple[bytes, ...]) -> Iterator[bytes]:
    yield prev
    for part in parts:
        yield len(part).to_bytes(4, "big")
        yield part
