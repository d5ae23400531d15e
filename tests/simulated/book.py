"""The books as the laws fold them from a ledger's rows: what should lie where, what is promised, who is where."""

from __future__ import annotations

from collections.abc import Iterable

from tests.simulated.evidence import Row

KINDS = ("pull", "restock", "count", "pick")
ENDS = frozenset({"committed", "cancelled", "failed", "in_doubt"})
Work = tuple[str, str]


class Book:
    """All pockets after the rows applied so far."""

    def __init__(self) -> None:
        self.balance: dict[str, int] = {}
        self.least: dict[str, int] = {}
        """The lowest balance that a pocket ever had."""
        self.unverified: set[str] = set()
        self.last_count: dict[str, Row] = {}
        self.reserved: dict[Work, dict[str, int]] = {}
        self.at: dict[Work, str] = {}
        """The pocket that a work is at, from its unlock until it is answered for."""

    def apply(self, row: Row) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if family == "stock" and what != "cancelled":
            self._stock(row, what)
        elif row.kind == "pocket.unverified":
            self.unverified.add(row.body["pocket"])
        elif family in KINDS and family in row.body:
            self._work((family, row.body[family]), row, what)

    def _stock(self, row: Row, what: str) -> None:
        body, pocket = row.body, row.body["pocket"]
        if what == "counted":
            self.balance[pocket] = body["counted"]
            self.unverified.discard(pocket)
            self.last_count[pocket] = row
        elif what == "loaded":
            self.balance[pocket] = body["quantity"] + (self.balance.get(pocket, 0) if body["code"] == "F" else 0)
        else:
            self.balance[pocket] = self.balance.get(pocket, 0) - body["quantity"]
            self.reserved.get((body["work"]["kind"], body["work"]["id"]), {}).pop(pocket, None)
        self.least[pocket] = min(self.least.get(pocket, 0), self.balance[pocket])

    def _work(self, work: Work, row: Row, what: str) -> None:
        if what == "reserved":
            self.reserved[work] = {part["pocket"]: part["quantity"] for part in row.body["allocations"]}
        elif what == "accessing":
            self.at[work] = row.body["pocket"]
        elif what in {"pocket_done", "skipped"}:
            self.at.pop(work, None)
        elif what in ENDS:
            self.at.pop(work, None)
            self.reserved.pop(work, None)


def live_works(rows: Iterable[Row]) -> dict[Work, Row]:
    """What was asked for and has not ended, with the row that asked."""
    live: dict[Work, Row] = {}
    for row in rows:
        family, _, what = row.kind.partition(".")
        if family in KINDS and family in row.body:
            if what == "requested":
                live[family, row.body[family]] = row
            elif what in ENDS:
                live.pop((family, row.body[family]), None)
    return live


def ends(rows: Iterable[Row]) -> dict[Work, str]:
    """How each work has ended."""
    found: dict[Work, str] = {}
    for row in rows:
        family, _, what = row.kind.partition(".")
        if family in KINDS and what in ENDS and family in row.body:
            found[family, row.body[family]] = what
    return found
