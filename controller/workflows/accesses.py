"""Accesses: who could have reached a pocket since its last good count, and what that suggests about a difference.

Read from the ledger when it is needed, so that nothing can be missing from it: every opening of the drawer that was seen or
may have been, by work, recovery or key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from controller.machines.drawer import HOLDS, Event

if TYPE_CHECKING:
    from controller.ledger.books import Books
    from controller.ledger.port import Ledger, Row

PAGE = 500
_BY_INTENT = ("drawer.opened", "drawer.unlocked", "drawer.intent_closed")
_HELD = tuple(f"drawer.{state}" for state in HOLDS)
_KINDS = ("drawer.unlock_intended", "drawer.locked", "stock.loaded", *_BY_INTENT, *_HELD)
_MOVED = frozenset({Event.SEEN_OPEN, Event.SEEN_RELEASED})


class Access(TypedDict):
    """One opening of the drawer, certain or possible. `person` is None for a key or a forced latch: nobody knows."""

    seq: int
    at: str
    person: str | None
    kind: str
    """`pull`, `restock`, `count`, `pick`, `recovery` or `key`."""
    work: str | None
    intent: str | None


async def accesses(ledger: Ledger, drawer: str, pocket: str, since: int) -> tuple[list[Access], list[int]]:
    """The accesses to a drawer above row `since`, in order, and the quantities loaded into the pocket since then."""
    await ledger.settled()
    history = _History()
    loaded: list[int] = []
    while rows := ledger.read(since, PAGE, _KINDS):
        for row in rows:
            body: Mapping[str, Any] = json.loads(row.body)
            if row.kind == "stock.loaded":
                if body["pocket"] == pocket:
                    loaded.append(body["quantity"])
            elif body["drawer"] == drawer:
                history.note(row, body)
        since = rows[-1].seq
        await asyncio.sleep(0)
    return list(history.found.values()), loaded


class _History:
    """What one drawer's rows say of who could reach into it."""

    def __init__(self) -> None:
        self.found: dict[str, Access] = {}
        self._asked: dict[str, Access] = {}
        self._loose = False
        """Seen moving without us, and not latched again since: one access, however many rows tell of it."""

    def note(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row of the drawer in."""
        intent: str | None = body.get("intent")
        if row.kind == "drawer.unlock_intended":
            purpose = body["purpose"]
            self._asked[body["intent"]] = Access(
                seq=row.seq, at=row.at, person=body["person"], kind=purpose["kind"], work=purpose["id"], intent=intent
            )
        elif row.kind in _HELD:
            if body["event"] in _MOVED and not self._loose:
                self.found[f"row {row.seq}"] = Access(seq=row.seq, at=row.at, person=None, kind="key", work=None, intent=None)
            self._loose = body["event"] in _MOVED or (self._loose and body["event"] != Event.SEEN_LOCKED)
        elif row.kind == "drawer.locked":
            self._loose = False
        elif intent in self._asked and body.get("outcome") in {None, "opened", "unknown"}:
            self.found[intent] = self._asked[intent]


def suggestions(books: Books, pocket: str, drawer: str, delta: int, hint: str | None, loaded: list[int]) -> list[dict[str, Any]]:
    """What may explain the difference, as codes with their facts; a person decides. None is an accusation."""
    made: list[dict[str, Any]] = []
    if hint is not None:
        made.append({"code": hint})
    made += [{"code": "refill-keyed-twice", "quantity": quantity} for quantity in loaded if quantity == -delta]
    made += [
        {"code": "opposite-neighbour", "discrepancy": other["discrepancy"], "pocket": other["pocket"]}
        for other in books.discrepancies.unsettled()
        if other["drawer"] == drawer and other["pocket"] != pocket and other["delta"] == -delta
    ]
    return made
