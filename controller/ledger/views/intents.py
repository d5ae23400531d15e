"""Intents that are recorded and not closed: what may be moving, and what a restart must settle first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from controller.ledger.port import Row


class OpenIntent(TypedDict):
    """One of them. `opened`: the drawer was seen open under it; `released`: the board's answer, None before the send."""

    drawer: str
    board: str
    channel: int
    pockets: list[str]
    purpose: dict[str, Any]
    person: str
    session: str
    seq: int
    released: str | None
    opened: bool


class IntentsView:
    """Folds `drawer.unlock_intended`, `drawer.released`, `drawer.opened` and `drawer.intent_closed`."""

    name = "intents"
    version = 1
    families = frozenset({"drawer"})

    def __init__(self) -> None:
        self.open: dict[str, OpenIntent] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        if row.kind == "drawer.unlock_intended":
            self.open[body["intent"]] = OpenIntent(
                drawer=body["drawer"],
                board=body["board"],
                channel=body["channel"],
                pockets=list(body["pockets"]),
                purpose=dict(body["purpose"]),
                person=body["person"],
                session=body["session"],
                seq=row.seq,
                released=None,
                opened=False,
            )
        elif row.kind == "drawer.intent_closed":
            self.open.pop(body["intent"], None)
        elif row.kind == "drawer.released" and body["intent"] in self.open:
            self.open[body["intent"]]["released"] = body["answer"]
        elif row.kind == "drawer.opened" and body["intent"] in self.open:
            self.open[body["intent"]]["opened"] = True

    def of_session(self, session: str) -> list[str]:
        """The drawers that this session has asked to open and that are not known to be locked again."""
        return [intent["drawer"] for intent in self.open.values() if intent["session"] == session]

    def dump(self) -> Any:
        """The open intents."""
        return self.open

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.open = state
