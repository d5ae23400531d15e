"""Criteria: which lots of an item will do for a line of a pick list (capability 103). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from controller.formulary import lots as lotting
from controller.formulary.lots import Lot


@dataclass(frozen=True, slots=True)
class Criteria:
    """No unit that expires before the day `expires_from` (YYYY-MM-DD), all of this `lot`; `one_lot`: all of one lot, whichever."""

    expires_from: str | None = None
    lot: str | None = None
    one_lot: bool = False

    @classmethod
    def of(cls, told: Mapping[str, Any] | None) -> Criteria:
        """From the ledger's form; None: everything will do."""
        return ANY if told is None else cls(told.get("expires_from"), told.get("lot"), told.get("one_lot", False))

    def told(self) -> dict[str, Any] | None:
        """The ledger's form."""
        return None if self == ANY else {"expires_from": self.expires_from, "lot": self.lot, "one_lot": self.one_lot}

    def fits(self, lot: Lot) -> bool:
        """Whether units of this lot will do. What is not known does not fit."""
        if self.lot is not None and lot["lot"] != self.lot:
            return False
        if self.one_lot and lot["lot"] == lotting.UNKNOWN_LOT:
            return False
        if self.expires_from is None:
            return True
        return lot["expiry"] is not None and lotting.last_day(lot["expiry"]) >= lotting.last_day(self.expires_from)

    def those(self, lots: Iterable[Lot]) -> list[Lot]:
        """The lots that will do."""
        return [lot for lot in lots if self.fits(lot)]

    def in_lot(self, lot: str | None) -> Criteria:
        """The same of this lot alone; unchanged without one."""
        return self if lot is None else replace(self, lot=lot)


ANY = Criteria()


def less(lots: Sequence[Lot], quantity: int, criteria: Criteria) -> list[Lot]:
    """The lots after so many units for these criteria, the first to expire first; as many as there are."""
    fitting = criteria.those(lots)
    quantity = min(quantity, sum(lot["quantity"] for lot in fitting))
    return lotting.without(lots, lotting.draw(fitting, quantity)) if quantity > 0 else list(lots)


def the_one_lot(lots: Iterable[Lot], quantity: int) -> str | None:
    """The lot to take all of: of those with enough the first to expire, else the one with the most. None where there are none."""
    totals: dict[str, int] = {}
    for lot in lotting.in_order(list(lots)):
        totals[lot["lot"]] = totals.get(lot["lot"], 0) + lot["quantity"]
    enough = next((lot for lot, units in totals.items() if units >= quantity), None)
    return enough if enough is not None else max(totals, key=lambda lot: totals[lot], default=None)
