"""Blind count: a person keys what lies there, once more if it differs, and the books follow the person.

The first difference says only "count again"; the second commits the count and opens a discrepancy (reference domain B3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controller.formulary import lots as lotting
from controller.ledger.port import Entry
from controller.workflows import discrepancy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from controller.formulary.lots import Lot
    from controller.workflows.talk import Said
    from controller.workflows.visit import Visit

ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Counted:
    """What a person counted: the number, whether it agreed, and what its two attempts suggest if not."""

    number: int
    agreed: bool
    hint: str | None


async def count(visit: Visit, phase: str, less: int = 0, said: Said | None = None, *, cancellable: bool = True) -> Counted:
    """Has the pocket counted blind; what should lie there is what the books say, `less` what has just been taken.

    `said` is a first number already heard. Each number is in the ledger before anybody is told anything. Raises
    Cancelled, InDoubt.
    """
    talk = visit.talk
    expected = talk.station.books.stock.expected(visit.pocket, less)
    hint: str | None = None
    for attempt in range(1, ATTEMPTS + 1):
        heard = said if said is not None else await visit.hear("count", cancellable=cancellable)
        said = None
        number: int = heard.facts["number"]
        agreed = expected.agrees(number)
        if not agreed and less > 0 and number == less:
            hint = "amount-removed"
        final = agreed or attempt == ATTEMPTS
        entered = {
            "work": talk.name,
            "pocket": visit.pocket,
            "number": number,
            "phase": phase,
            "attempt": attempt,
            "verdict": "equal" if agreed else "different",
            "hint": None if agreed else hint,
            "final": final,
        }
        talk.post(Entry("count.entered", entered, talk.session.person))
        visit.again = not final
        if final:
            return Counted(number, agreed, None if agreed else hint)
    raise AssertionError("the last attempt is final")


async def count_entries(visit: Visit, counted: Counted, less: int = 0, lots: Sequence[Lot] | None = None) -> list[Entry]:
    """The C entry of a count and, where it differs, the discrepancy; `less` and `lots` say what a taking has left there."""
    talk = visit.talk
    stock = talk.station.books.stock
    expected = stock.expected(visit.pocket, less).for_ledger()
    held = stock.pockets[visit.pocket]["lots"] if lots is None else lots
    body: dict[str, Any] = {
        "code": "C",
        "pocket": visit.pocket,
        "drawer": visit.drawer.id,
        "item": visit.item.id,
        "unit": visit.item.unit,
        "counted": counted.number,
        "expected": expected,
        "delta": counted.number - expected,
        "lots": lotting.as_counted(held, counted.number),
        "work": talk.name,
        "by": talk.session.person,
    }
    entries = [Entry("stock.counted", body, talk.session.person)]
    if body["delta"] != 0:
        entries.append(await discrepancy.opening(visit, expected, counted.number, counted.hint))
    return entries
