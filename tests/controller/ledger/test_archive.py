"""Work that ended long ago leaves memory and checkpoints, and is known for ever all the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from controller.clock import Clock
from controller.ledger.ledger import ROWS_BETWEEN_CHECKPOINTS, SqliteLedger
from controller.ledger.port import Entry
from controller.ledger.views.work import RECENT, WorkView
from drivers.faults import LedgerFault

WORKS = ROWS_BETWEEN_CHECKPOINTS // 2 + 400


def one(n: int) -> Iterator[Entry]:
    """A restock of one serial that is cancelled; every seventh serial is tried twice."""
    name = f"r-{n:05}"
    yield Entry(
        "restock.requested",
        {
            "restock": name,
            "session": "s",
            "terminal": "t",
            "request": {"n": n},
            "request_hash": f"{n}",
            "item": "amox",
            "quantity": n,
            "about": {"things": [f"serial {n - n % 7 // 6} item amox"]},
        },
        "tess",
    )
    yield Entry("restock.reserved", {"restock": name, "allocations": [{"pocket": "p", "drawer": "d", "quantity": 0}]}, "tess")
    yield Entry("restock.cancelled", {"restock": name}, "tess")


def opened(path: Path, view: WorkView) -> SqliteLedger:
    return SqliteLedger.open(path, views=[view], clock=Clock(), simulated=False)


async def many(path: Path, works: int = WORKS) -> WorkView:
    """A ledger with many works that ended and one that lives; closed, so that its checkpoint stands."""
    view = WorkView()
    async with opened(path, view) as ledger:
        ledger.post(next(one(99_999)))
        for n in range(works):
            ledger.post(*one(n))
            if n % 100 == 0:
                await ledger.settled()
    return view


def told(view: WorkView) -> dict[str, Any]:
    """All that can be asked of it, whatever lies where."""
    works, start = [], ""
    while page := view.after("restock", start, 200):
        works += page
        start = page[-1]["id"]
    things = [f"serial {n} item amox" for n in range(0, WORKS, 5)]
    return {
        "works": works,
        "live": view.live(),
        "each": [view.get("restock", f"r-{n:05}") for n in range(0, WORKS, 11)],
        "things": [sorted(work["id"] for work in view.restocking([thing])) for thing in things],
    }


def folded(path: Path) -> WorkView:
    """The same rows, folded from the first one into a view that stands alone."""
    view = WorkView()
    reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)

    class Folded:
        seq, kind, actor, at = 0, "", "", ""

    for row in reader.execute("SELECT seq, kind, actor, at, body FROM entry ORDER BY seq"):
        each: Any = Folded()
        each.seq, each.kind, each.actor, each.at, body = row
        view.apply(each, json.loads(body))
    reader.close()
    return view


def test_what_ended_leaves_memory_and_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    before = asyncio.run(many(path))
    assert len(before.works) == RECENT + 1
    view, alone = WorkView(), folded(path)
    ledger = opened(path, view)
    assert len(view.works) <= RECENT + 1 + 200
    assert told(view) == told(alone)
    assert len(told(view)["works"]) == WORKS + 1
    ledger.abandon()


def test_a_checkpoint_does_not_grow_with_the_years(tmp_path: Path) -> None:
    sizes = []
    for works in (WORKS, 3 * WORKS):
        path = tmp_path / f"ledger-{works}"
        asyncio.run(many(path, works))
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        sizes.append(db.execute("SELECT length(state) FROM checkpoint ORDER BY seq DESC LIMIT 1").fetchall()[0][0])
        db.close()
    assert sizes[1] < 1.05 * sizes[0]


async def test_a_late_discrepancy_is_added_to_work_that_has_left(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    await many(path)
    wrong = Entry("discrepancy.opened", {"discrepancy": "d-1", "work": {"kind": "restock", "id": "r-00003"}}, "tess")
    async with opened(path, view := WorkView()) as ledger:
        assert "restock/r-00003" not in view.works
        await ledger.append(wrong)
        assert (view.get("restock", "r-00003") or {})["discrepancies"] == ["d-1"]
    async with opened(path, view := WorkView()):
        assert (view.get("restock", "r-00003") or {})["discrepancies"] == ["d-1"]
        assert told(view)["works"] == told(folded(path))["works"]


@pytest.mark.parametrize("lost", ["newest", "all", "all, and what ended"])
def test_without_a_checkpoint_the_archive_may_be_ahead_or_gone(tmp_path: Path, lost: str) -> None:
    path = tmp_path / "ledger"
    asyncio.run(many(path))
    db = apsw.Connection(str(path))
    newest = " WHERE seq = (SELECT max(seq) FROM checkpoint)" if lost == "newest" else ""
    db.execute("DELETE FROM checkpoint" + newest)
    if "ended" in lost:
        db.execute("DELETE FROM ended")
    db.close()
    ledger = opened(path, view := WorkView())
    assert told(view) == told(folded(path))
    ledger.abandon()


async def test_an_archive_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    await many(path)
    async with opened(path, view := WorkView()):
        db = apsw.Connection(str(path))
        db.execute("ALTER TABLE ended RENAME TO gone")
        with pytest.raises(LedgerFault) as caught:
            view.get("restock", "r-00003")
        assert caught.value.code == "ledger-unreadable"
        db.execute("ALTER TABLE gone RENAME TO ended")
        db.close()
