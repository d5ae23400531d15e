"""The station as a whole: which configuration is in force, and the degraded mode last recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from controller.ledger.port import Row


class StationView:
    """Folds `station.configured` and `station.degraded`."""

    name = "station"
    version = 1
    families = frozenset({"station"})

    def __init__(self) -> None:
        self.config_hash: str | None = None
        self.configured_seq = 0
        self.level = "L0"
        self.reason = ""

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        if row.kind == "station.configured":
            self.config_hash, self.configured_seq = body["hash"], row.seq
        elif row.kind == "station.degraded":
            self.level, self.reason = body["level"], body["reason"]

    def dump(self) -> Any:
        """The four figures."""
        return [self.config_hash, self.configured_seq, self.level, self.reason]

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.config_hash, self.configured_seq, self.level, self.reason = state
