"""The line: where each tote is believed to be and to what it is bound, which belts stand and why, gates, readers and lanes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from controller.ledger.port import Row


class Tote(TypedDict):
    """One tote. `place` is a belt, a reader or a place of the line, empty while nobody knows; `since` is when that began."""

    tote: str
    state: str
    list: str
    to: str
    chain: list[str]
    """Readers that must have seen it, in order, before it is received."""
    proofs: list[str]
    reader: str
    place: str
    seq: int
    since: str


class Send(TypedDict):
    """A tote that was to leave a place and of which it is not known yet whether it did."""

    intent: str
    tote: str
    list: str
    at: str
    to: str
    chain: list[str]
    seq: int


class LinesView:
    """Folds `line.*`."""

    name = "lines"
    version = 1
    families = frozenset({"line"})

    def __init__(self) -> None:
        self.totes: dict[str, Tote] = {}
        self.belts: dict[str, dict[str, Any]] = {}
        self.readers: dict[str, dict[str, Any]] = {}
        self.lanes: dict[str, dict[str, Any]] = {}
        self.modules: dict[str, dict[str, Any]] = {}
        self.gates: dict[str, dict[str, Any]] = {}
        self.sends: dict[str, Send] = {}
        """Those that have not ended, by their intent."""
        self.acts: dict[str, dict[str, Any]] = {}
        """Likewise."""
        self.troubles: dict[str, dict[str, Any]] = {}
        """What was said last of a tote that a person should know of, while it is bound."""
        self.halted = ""
        """Why nothing is sent; empty while there is no halt."""
        self.seq = 0

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if family != "line":
            return
        self.seq = row.seq
        if what in _THINGS:
            of, name = _THINGS[what]
            getattr(self, of)[body[name]] = _since(row, body)
        elif what == "tote_changed":
            self._tote(row, body)
        elif what in {"send_intended", "left", "send_ended", "act_intended", "act_ended"}:
            self._opened_or_ended(what, row, body)
        elif what in {"halted", "resumed"}:
            self.halted = body.get("reason", "")
        elif "do" in body and "tote" in body:
            self.troubles[body["tote"]] = {"what": what, "do": body["do"], "where": body["where"], "seq": row.seq, "at": row.at}

    def _opened_or_ended(self, what: str, row: Row, body: Mapping[str, Any]) -> None:
        intent = body["intent"]
        match what:
            case "send_intended":
                self.sends[intent] = Send(
                    intent=intent,
                    tote=body["tote"],
                    list=body["list"],
                    at=body["from"],
                    to=body["to"],
                    chain=body["chain"],
                    seq=row.seq,
                )
            case "left" | "send_ended":
                self.sends.pop(intent, None)
            case "act_intended":
                self.acts[intent] = _plain(body)
            case _:
                self.acts.pop(intent, None)

    def _tote(self, row: Row, body: Mapping[str, Any]) -> None:
        known = self.totes.get(body["tote"])
        stays = known is not None and (known["state"], known["place"]) == (body["state"], body["place"])
        since = known["since"] if known is not None and stays else row.at
        self.totes[body["tote"]] = {**_since(row, body), "since": since}  # type: ignore[typeddict-item]
        if body["state"] in {"free", "bound", "released"}:
            self.troubles.pop(body["tote"], None)

    def dump(self) -> Any:
        """The whole view as JSON values."""
        return {name: getattr(self, name) for name in _PARTS}

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        for name in _PARTS:
            setattr(self, name, state[name])


def _since(row: Row, body: Mapping[str, Any]) -> dict[str, Any]:
    return {**_plain(body), "seq": row.seq, "since": row.at}


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "simulated"}


_THINGS = {
    "belt_changed": ("belts", "belt"),
    "reader_changed": ("readers", "reader"),
    "lane_changed": ("lanes", "lane"),
    "module_changed": ("modules", "module"),
    "gate_changed": ("gates", "gate"),
}
"""Rows that hold one thing whole: where the view keeps it, and its name."""

_PARTS = ("totes", "belts", "readers", "lanes", "modules", "gates", "sends", "acts", "troubles", "halted", "seq")
