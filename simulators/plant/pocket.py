"""A pocket and what really lies in it, lot by lot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


class CannotDo(ValueError):
    """A hand tried what the steel does not allow: `what` is wrong, and `field` of a request says so."""

    def __init__(self, field: str, what: str) -> None:
        self.field = field
        self.what = what
        super().__init__(what)


class NotThere(CannotDo):
    """What was named does not exist."""

    def __init__(self, field: str, what: str, known: Iterable[str]) -> None:
        names = sorted(known)
        have = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        super().__init__(field, f"there is no {what}; this site has {have or 'none'}")


@dataclass(frozen=True, slots=True)
class Lot:
    """So many units of one lot. `expiry` is YYYY-MM-DD; empty where nobody knows it."""

    lot: str
    expiry: str
    quantity: int


class Pocket:
    """What is in one pocket. The lot that lies in front is taken first: it was put there as the earliest to expire."""

    def __init__(self, id: str, drawer: str, lots: tuple[Lot, ...] = ()) -> None:
        self.id = id
        self.drawer = drawer
        self.lots = lots

    @property
    def quantity(self) -> int:
        """All units in the pocket, whatever their lot."""
        return sum(lot.quantity for lot in self.lots)

    def take(self, quantity: int, lot: str | None = None) -> list[Lot]:
        """Removes units, of one lot or as they lie, and answers what the hand now holds. Raises CannotDo."""
        if quantity < 1:
            raise CannotDo("quantity", f"{quantity} is not a number of things a hand can take; take 1 or more")
        there = [entry for entry in self.lots if lot in {None, entry.lot}]
        if lot is not None and not there:
            held = ", ".join(entry.lot for entry in self.lots) or "nothing"
            raise CannotDo("lot", f"no lot {lot} in pocket {self.id}; it holds {held}")
        if sum(entry.quantity for entry in there) < quantity:
            raise CannotDo("quantity", f"pocket {self.id} holds {sum(entry.quantity for entry in there)}, not {quantity}")
        held_in_hand: list[Lot] = []
        for entry in sorted(there, key=lambda entry: entry.expiry):
            grabbed = min(quantity - sum(got.quantity for got in held_in_hand), entry.quantity)
            if grabbed:
                held_in_hand.append(replace(entry, quantity=grabbed))
                self._change(entry, -grabbed)
        return held_in_hand

    def put(self, lot: Lot) -> None:
        """Lays units into the pocket. Raises CannotDo for less than one."""
        if lot.quantity < 1:
            raise CannotDo("quantity", f"{lot.quantity} is not a number of things a hand can put; put 1 or more")
        same = next((entry for entry in self.lots if (entry.lot, entry.expiry) == (lot.lot, lot.expiry)), None)
        if same is None:
            self.lots = (*self.lots, lot)
        else:
            self._change(same, lot.quantity)

    def _change(self, entry: Lot, by: int) -> None:
        changed = (replace(held, quantity=held.quantity + by) if held is entry else held for held in self.lots)
        self.lots = tuple(held for held in changed if held.quantity)
