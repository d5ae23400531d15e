"""A view small enough to be right by sight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from controller.ledger.port import Row


class Everything:
    """Holds whatever is asked for."""

    def __contains__(self, _: object) -> bool:
        return True


class Tally:
    """How many rows there are of each kind, the sum of their `n`, and the last number."""

    name = "tally"
    version = 1
    families = Everything()

    def __init__(self, name: str = "tally") -> None:
        self.name = name
        self.kinds: dict[str, int] = {}
        self.total = 0
        self.last = 0

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        assert row.seq == self.last + 1, "a view is given every row once, in order"
        self.kinds[row.kind] = self.kinds.get(row.kind, 0) + 1
        self.total += body.get("n", 0)
        self.last = row.seq

    def dump(self) -> Any:
        return {"kinds": self.kinds, "total": self.total, "last": self.last}

    def load(self, state: Any) -> None:
        self.kinds, self.total, self.last = dict(state["kinds"]), state["total"], state["last"]
