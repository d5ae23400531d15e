"""Alarms that are raised and not cleared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from controller.ledger.port import Row


class Alarm(TypedDict):
    """One alarm; `seq` and `at` are those of the row that raised it."""

    alarm: str
    kind: str
    drawer: str
    pockets: list[str]
    seq: int
    at: str


class AlarmsView:
    """Folds `alarm.raised` and `alarm.cleared`."""

    name = "alarms"
    version = 1
    families = frozenset({"alarm"})

    def __init__(self) -> None:
        self.active: dict[str, Alarm] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        if row.kind == "alarm.raised":
            self.active[body["alarm"]] = Alarm(
                alarm=body["alarm"],
                kind=body["kind"],
                drawer=body["drawer"],
                pockets=list(body["pockets"]),
                seq=row.seq,
                at=row.at,
            )
        elif row.kind == "alarm.cleared":
            self.active.pop(body["alarm"], None)

    def of_drawer(self, drawer: str) -> dict[str, str]:
        """The ids of a drawer's alarms by their kinds."""
        return {alarm["kind"]: alarm["alarm"] for alarm in self.active.values() if alarm["drawer"] == drawer}

    def dump(self) -> Any:
        """The active alarms."""
        return self.active

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.active = state
