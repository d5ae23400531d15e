"""The formulary as it was pushed: items by id and by the codes on their packages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from controller.formulary.items import Item
from controller.ledger.port import Row


class Pushed(TypedDict):
    """A record as a pharmacy system pushed it, and the ledger number of that."""

    seq: int
    record: dict[str, Any]


class FormularyView:
    """Folds `item.put`."""

    name = "formulary"
    version = 1
    families = frozenset({"item"})

    def __init__(self) -> None:
        self.items: dict[str, Pushed] = {}
        self._by_gtin: dict[str, str] = {}
        self._read: dict[str, Item] = {}
        """Items as they were read from their records, when somebody asked for them."""

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        if row.kind != "item.put":
            return
        before = self.items.get(body["id"])
        for gtin in before["record"]["gtins"] if before else ():
            self._by_gtin.pop(gtin, None)
        self.items[body["id"]] = Pushed(seq=row.seq, record=dict(body["record"]))
        self._read.pop(body["id"], None)
        for gtin in body["record"]["gtins"]:
            self._by_gtin[gtin] = body["id"]

    def item(self, item: str) -> Item | None:
        """The item, or None if nobody pushed it."""
        read = self._read.get(item)
        if read is None and (pushed := self.items.get(item)) is not None:
            read = self._read[item] = Item.of_record(pushed["record"])
        return read

    def by_gtin(self, gtin: str) -> Item | None:
        """The item on whose packages this code stands (14 digits)."""
        found = self._by_gtin.get(gtin)
        return self.item(found) if found else None

    def dump(self) -> Any:
        """The items; the codes are found again from them."""
        return self.items

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.items, self._read = state, {}
        self._by_gtin = {gtin: item for item, pushed in state.items() for gtin in pushed["record"]["gtins"]}
