"""Accesses: who could have reached a pocket since its last good count, and what that suggests about a difference.

Read from the ledger when it is needed, so that nothing can be missing from it: every opening of the drawer that was seen or
may have been, by work, recovery or key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from controller.ledger.books import Books
    from controller.ledger.port import Ledger

PAGE = 500
_KINDS = (
    "drawer.unlock_intended",
    "drawer.opened",
    "drawer.unlocked",
    "drawer.forced",
    "drawer.intent_closed",
    "stock.loaded",
)


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
    asked: dict[str, Access] = {}
    found: dict[str, Access] = {}
    loaded: list[int] = []
    while rows := ledger.read(since, PAGE, _KINDS):
        for row in rows:
            body: Mapping[str, Any] = json.loads(row.body)
            if row.kind == "stock.loaded":
                if body["pocket"] == pocket:
                    loaded.append(body["quantity"])
            elif body["drawer"] == drawer:
                _note(row.seq, row.at, row.kind, body, asked, found)
        since = rows[-1].seq
        await asyncio.sleep(0)
    return list(found.values()), loaded


def _note(seq: int, at: str, kind: str, body: Mapping[str, Any], asked: dict[str, Access], found: dict[str, Access]) -> None:
    intent: str | None = body.get("intent")
    if kind == "drawer.unlock_intended":
        purpose = body["purpose"]
        asked[body["intent"]] = Access(
            seq=seq, at=at, person=body["person"], kind=purpose["kind"], work=purpose["id"], intent=body["intent"]
        )
    elif kind == "drawer.forced":
        found[f"row {seq}"] = Access(seq=seq, at=at, person=None, kind="key", work=None, intent=None)
    elif intent in asked and (kind != "drawer.intent_closed" or body["outcome"] in {"opened", "unknown"}):
        found[intent] = asked[intent]


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
