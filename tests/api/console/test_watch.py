"""When a page is made anew: at once for what names it, a little later and all together for what is only of its families."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from api.console.page import Shown
from api.console.stream import BEAT_S, GATHER_S, _Watch
from controller.ledger.port import Row
from controller.terminals import Scanned


def _row(kind: str) -> Row:
    return Row(1, 1, "2026-01-01T00:00:00Z", "synced", "galenic", kind, 1, b"{}", bytes(32), bytes(32))


def _watch() -> _Watch:
    watch = _Watch()
    watch.shown = Shown(about=frozenset({"D-01"}), all_of=frozenset({"drawer"}))
    return watch


async def _rung_after(watch: _Watch, *seen: tuple[str, Mapping[str, Any]]) -> float:
    began = asyncio.get_running_loop().time()
    for kind, body in seen:
        watch.see(_row(kind), body)
    assert await watch.rings()
    return round(asyncio.get_running_loop().time() - began, 6)


async def test_a_row_that_names_what_is_shown_rings_at_once() -> None:
    watch = _watch()
    assert await _rung_after(watch, ("drawer.opened", {"drawer": "D-01"})) == 0
    assert not watch.can_wait


async def test_rows_of_its_families_ring_once_and_later() -> None:
    watch = _watch()
    assert await _rung_after(watch, ("drawer.opened", {"drawer": "D-02"}), ("drawer.locked", {"drawer": "D-02"})) == GATHER_S
    assert watch.can_wait
    assert not await watch.rings()
    assert not watch.can_wait


async def test_what_names_it_takes_the_gathered_along() -> None:
    watch = _watch()
    assert await _rung_after(watch, ("drawer.opened", {"drawer": "D-02"}), ("alarm.raised", {})) == 0
    assert not watch.can_wait
    assert not await watch.rings()


async def test_what_is_read_at_its_terminal_rings_at_once() -> None:
    watch = _watch()
    watch.read_here(Scanned("med-room", "0123"))
    assert await _rung_after(watch) == 0
    assert not watch.can_wait


async def test_what_concerns_it_not_does_not_ring() -> None:
    watch = _watch()
    watch.see(_row("pull.requested"), {"pull": "p-1"})
    began = asyncio.get_running_loop().time()
    assert not await watch.rings()
    assert round(asyncio.get_running_loop().time() - began, 6) == BEAT_S


async def test_after_its_end_nothing_rings() -> None:
    watch = _watch()
    watch.see(_row("drawer.opened"), {"drawer": "D-02"})
    watch.end()
    assert not await watch.rings()
