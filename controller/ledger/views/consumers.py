"""How far each consumer outside has come, and which webhooks are switched off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from controller.ledger.port import Row


class Cursor(TypedDict):
    """What a consumer has confirmed: `sequence` is the ledger's number of the last event, `at` when that was recorded."""

    sequence: int
    at: str


class Off(TypedDict):
    """A webhook that nothing is sent to until a person switches it on again."""

    reason: str
    sequence: int
    at: str


class ConsumersView:
    """Folds `consumer.confirmed` and `webhook.*`."""

    name = "consumers"
    version = 1
    families = frozenset({"consumer", "webhook"})

    def __init__(self) -> None:
        self.cursors: dict[str, Cursor] = {}
        self.off: dict[str, Off] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        match row.kind:
            case "consumer.confirmed":
                self.cursors[body["consumer"]] = Cursor(sequence=body["sequence"], at=row.at)
            case "webhook.disabled":
                self.off[body["webhook"]] = Off(reason=body["reason"], sequence=body["sequence"], at=row.at)
            case "webhook.enabled":
                self.off.pop(body["webhook"], None)

    def dump(self) -> Any:
        """The whole view as JSON values."""
        return {"cursors": self.cursors, "off": self.off}

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.cursors = dict(state["cursors"])
        self.off = dict(state["off"])
