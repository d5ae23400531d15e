"""Idle is no touch, scan or drawer edge: what a drawer's switches saw is a touch of the session that had it opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from controller.ledger.port import Row

if TYPE_CHECKING:
    from controller.station import Station

EDGES = frozenset({"drawer.unlocked", "drawer.opened", "drawer.closing", "drawer.locked"})
"""What was sensed; that a drawer has been left open too long is only a clock's word."""
BEGIN, END = "drawer.unlock_intended", "drawer.intent_closed"


async def keep_sessions(station: Station) -> None:
    """Ends and locks sessions that are over, and has drawers' moves count. Ends only by cancellation."""
    people, of = station.people, {id_: intent["session"] for id_, intent in station.books.intents.open.items()}

    def moved(row: Row, body: Mapping[str, Any]) -> None:
        if row.kind == BEGIN:
            of[body["intent"]] = body["session"]
        elif row.kind == END:
            of.pop(body["intent"], None)
        elif body.get("intent") in of:
            people.touch(of[body["intent"]])

    unsubscribe = station.ledger.subscribe(moved, EDGES | {BEGIN, END})
    try:
        await people.run()
    finally:
        unsubscribe()
