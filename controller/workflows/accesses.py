"""Accesses: who could have reached a pocket since its last good count, and what that suggests about a difference.

Read from the ledger when it is needed, so that nothing can be missing from it: every opening of the drawer that was seen or
may have been, by work, recovery or key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

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


class Seen(NamedTuple):
    """The accesses to a drawer, in order, and the quantities loaded into one pocket of it."""

    accesses: list[Access]
    loaded: list[int]


async def accesses(ledger: Ledger, drawer: str, pocket: str, since: int) -> Seen:
    """What happened at a drawer, and was loaded into a pocket of it, above row `since`."""
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
    return Seen(list(history.found.values()), loaded)


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


PACKS = (2, 5, 6, 7, 10, 12, 14, 20, 25, 28, 30, 50, 100)
"""How many units a package may hold: keyed in one for the other, a number is wrong by one of these factors."""


def suggestions(books: Books, pocket: str, drawer: str, delta: int, hint: str | None, seen: Seen) -> list[dict[str, Any]]:
    """What may explain the difference, as codes with their facts; a person decides. None is an accusation.

    The rules are those of reference domain B9; a fact is never a figure of what should lie there.
    """
    made: list[dict[str, Any]] = []
    if hint is not None:
        made.append({"code": hint})
    for quantity in seen.loaded:
        if quantity == -delta:
            made.append({"code": "refill-keyed-twice", "quantity": quantity})
        elif any(delta == quantity * pack - quantity or delta * pack == quantity - quantity * pack for pack in PACKS):
            made.append({"code": "wrong-pack-size", "quantity": quantity})
    made += _of_work(books, pocket, delta, seen.accesses)
    made += [
        {
            "code": "opposite-here" if other["pocket"] == pocket else "opposite-neighbour",
            "discrepancy": other["discrepancy"],
            "pocket": other["pocket"],
        }
        for other in books.discrepancies.unsettled()
        if other["drawer"] == drawer and other["delta"] == -delta
    ]
    return made


def _of_work(books: Books, pocket: str, delta: int, opened: list[Access]) -> list[dict[str, Any]]:
    """A pull that was cancelled here and yet taken; a pull of another item whose units came out of this pocket."""
    made: list[dict[str, Any]] = []
    for access in opened:
        work = books.work.get(access["kind"], access["work"]) if access["work"] is not None else None
        if work is None or work["kind"] not in {"pull", "pick"}:
            continue
        here = any(leg["pocket"] == pocket for leg in work["legs"])
        name = {"kind": work["kind"], "id": work["id"]}
        if here and work["state"] == "cancelled" and work["quantity"] == -delta:
            made.append({"code": "pull-cancelled", "work": name})
        elif not here and work["result"].get("taken", 0) == -delta:
            made.append({"code": "wrong-item-taken", "work": name, "item": work["item"]})
    return made
