"""Drawers as the ledger has them: the last recorded state of each, since which row, and what its switches said then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from controller.ledger.port import Row
from controller.machines.drawer import State

STATE_OF_KIND: Mapping[str, State] = {
    **{f"drawer.{state}": state for state in State if state not in {State.OPEN, State.UNLOCKING}},
    "drawer.opened": State.OPEN,
    "drawer.unlock_intended": State.UNLOCKING,
}
"""Which entry says that a drawer is in which state. The intent itself is the step to UNLOCKING."""

KIND_OF_STATE: Mapping[State, str] = {state: kind for kind, state in STATE_OF_KIND.items()}


class Seen(TypedDict):
    """What the switches said."""

    latched: bool | None
    shut: bool | None
    epoch: int


class Record(TypedDict):
    """One drawer. `seq` and `at` are those of the row that brought it into its state, `changed` the last row about it."""

    state: str
    seq: int
    at: str
    changed: int
    event: str
    intent: str | None
    seen: Seen | None


class DrawersView:
    """Folds the drawer's own entries. What no entry names is offline: it was never seen."""

    name = "drawers"
    version = 1
    families = frozenset({"drawer"})

    def __init__(self) -> None:
        self.drawers: dict[str, Record] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        state = STATE_OF_KIND.get(row.kind)
        if state is None:
            return
        drawer = body["drawer"]
        before = self.drawers.get(drawer)
        stays = before is not None and before["state"] == state
        self.drawers[drawer] = Record(
            state=str(state),
            seq=before["seq"] if before is not None and stays else row.seq,
            at=before["at"] if before is not None and stays else row.at,
            changed=row.seq,
            event=body.get("event", "unlock"),
            intent=body["intent"],
            seen=body["seen"] if "seen" in body else before["seen"] if before is not None else None,
        )

    def state(self, drawer: str) -> State:
        """The drawer's last recorded state."""
        record = self.drawers.get(drawer)
        return State(record["state"]) if record is not None else State.OFFLINE

    def dump(self) -> Any:
        """Every drawer's record."""
        return self.drawers

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.drawers = state
