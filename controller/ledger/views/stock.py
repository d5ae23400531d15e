"""Stock: what is assigned to each pocket, what should lie there, which lots, who has reserved it, whether a count is due.

No balance is ever written: `on_hand` is the sum of a pocket's entries since its last count, and travels as `Blind`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from controller.formulary import lots as lotting
from controller.formulary.blind import Blind
from controller.formulary.lots import Lot
from controller.ledger.port import Row

ENDINGS = frozenset({"committed", "cancelled", "failed", "in_doubt"})


class Pocket(TypedDict):
    """One pocket as the ledger has it. `seq` is its last change; 0 in the others means never."""

    pocket: str
    drawer: str
    item: str | None
    capacity: int
    par: int
    balance: int
    lots: list[Lot]
    unverified: str | None
    """Why nobody knows what lies there; None when the balance may be believed."""
    seq: int
    touched: int
    """The last row that put something in, took something out or may have."""
    good: int
    """The last count that agreed."""
    counted: int
    """The last count, whatever it found."""
    good_at: str | None
    """When the last count that agreed was made."""


class StockView:
    """Folds `pocket.*`, `stock.*` and the reservations of live work."""

    name = "stock"
    version = 2
    families = frozenset({"stock", "pocket", "pull", "restock", "count", "pick"})

    def __init__(self) -> None:
        self.pockets: dict[str, Pocket] = {}
        self.reserved: dict[str, dict[str, int]] = {}
        """Units promised to live work: by `kind/id`, then by pocket."""
        self._by_item: dict[str | None, list[Pocket]] | None = None
        """None until it is asked for after an assignment: a pull looks at its own pockets, not at all of a station's."""

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if family == "stock":
            self._move(row, what, body)
        elif family == "pocket":
            self._pocket(row, what, body)
        elif what == "reserved":
            self.reserved[f"{family}/{body[family]}"] = {part["pocket"]: part["quantity"] for part in body["allocations"]}
        elif what in ENDINGS:
            self.reserved.pop(f"{family}/{body.get(family)}", None)

    def _pocket(self, row: Row, what: str, body: Mapping[str, Any]) -> None:
        if what == "unverified":
            self._doubt(row, self.pockets[body["pocket"]], body["reason"])
        elif what == "assigned":
            self._by_item = None
            before = self.pockets.get(body["pocket"])
            if before is None:
                self.pockets[body["pocket"]] = Pocket(
                    pocket=body["pocket"],
                    drawer=body["drawer"],
                    item=body["item"],
                    capacity=body["capacity"],
                    par=body["par"],
                    balance=0,
                    lots=[],
                    unverified=None,
                    seq=row.seq,
                    touched=0,
                    good=0,
                    counted=0,
                    good_at=None,
                )
            else:
                before["drawer"], before["item"], before["seq"] = body["drawer"], body["item"], row.seq
                before["capacity"], before["par"] = body["capacity"], body["par"]

    def _doubt(self, row: Row, pocket: Pocket, reason: str) -> None:
        pocket["unverified"] = reason
        pocket["seq"] = pocket["touched"] = row.seq

    def _move(self, row: Row, what: str, body: Mapping[str, Any]) -> None:
        pocket = self.pockets[body["pocket"]]
        pocket["seq"] = row.seq
        if what == "counted":
            pocket["balance"], pocket["lots"] = body["counted"], list(body["lots"])
            pocket["unverified"], pocket["counted"] = None, row.seq
            if body["delta"] == 0:
                pocket["good"], pocket["good_at"] = row.seq, row.at
            return
        pocket["touched"] = row.seq
        if what == "loaded":
            begin = [] if body["code"] == "L" else pocket["lots"]
            pocket["balance"] = body["quantity"] + (0 if body["code"] == "L" else pocket["balance"])
            pocket["lots"] = lotting.together(begin, body["lots"])
        elif what in {"taken", "picked", "fetched"}:
            pocket["balance"] -= body["quantity"]
            pocket["lots"] = lotting.without(pocket["lots"], body["lots"])
            self.reserved.get(f"{body['work']['kind']}/{body['work']['id']}", {}).pop(body["pocket"], None)

    def holding(self, item: str) -> Sequence[Pocket]:
        """The pockets an item is assigned to."""
        if self._by_item is None:
            self._by_item = {}
            for pocket in self.pockets.values():
                self._by_item.setdefault(pocket["item"], []).append(pocket)
        return self._by_item.get(item, ())

    def expected(self, pocket: str, less: int = 0) -> Blind[int]:
        """What a count should find, after `less` units have been taken out."""
        return Blind(self.pockets[pocket]["balance"] - less)

    def free(self, pocket: str, today: datetime.date, but_for: str | None = None) -> int:
        """Units in date that nobody has reserved; reservations of the work `but_for` are its own to use."""
        units = lotting.in_date(self.pockets[pocket]["lots"], today)
        for work, parts in self.reserved.items():
            if pocket in parts and work != but_for:
                units -= parts[pocket]
        return units

    def reserved_by(self, pocket: str) -> list[str]:
        """The live work (`kind/id`) to which something in this pocket is promised."""
        return [work for work, parts in self.reserved.items() if parts.get(pocket, 0) > 0]

    def fullness(self, pocket: str) -> str:
        """`ok`, `low` or `out`: what a person who counts blind may know. Low is at or below a quarter of par, at least 1."""
        at = self.pockets[pocket]
        if at["balance"] <= 0:
            return "out"
        return "low" if at["balance"] <= max(1, at["par"] // 4) else "ok"

    def dump(self) -> Any:
        """The pockets and the reservations."""
        return {"pockets": self.pockets, "reserved": self.reserved}

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.pockets, self.reserved = state["pockets"], state["reserved"]
        self._by_item = None
