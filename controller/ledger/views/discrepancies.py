"""Discrepancies: what was found, by whom, who had access, and what people have done about it. History stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from controller.ledger.port import Row
from controller.ledger.views.robot_records import Held
from controller.machines.discrepancy import RULES, Event, State

UNSETTLED = frozenset({State.OPEN, State.CLAIMED, State.EXPLAINED})
STEPS = frozenset(Event)
_WHERE = frozenset({"tote", "robot", "packs"})
"""Members that an entry has only where something is missing from a tote, or differs in a robot."""
ESCALATIONS = 3


class DifferentPack(TypedDict):
    """A pack of a robot that is not what the books said: lot, expiry, serial, units and standing (`robot_records.Held`) as they
    were and as the robot has told them since, None: not in it. `output` is where it came out after all."""

    was: Held | None
    now: Held | None
    output: int | None


class Discrepancy(TypedDict):
    """One discrepancy. `open_since` begins anew when a reviewer rejects; `escalated` counts the alerts since then."""

    discrepancy: str
    state: str
    seq: int
    opened_at: str
    open_since: str
    pocket: str | None
    drawer: str | None
    """None of both where something is missing from a tote, or differs in a robot."""
    tote: str | None
    robot: str | None
    packs: dict[str, DifferentPack]
    """By the robot's number."""
    item: str
    unit: str
    expected: int
    counted: int
    delta: int
    finder: str
    work: dict[str, str] | None
    since_seq: int
    opened_seq: int
    accesses: list[dict[str, Any]]
    suggestions: list[dict[str, Any]]
    linked: list[str]
    escalated: int
    claimed_by: str | None
    reason: str | None
    explanation: str | None
    resolution: dict[str, Any] | None
    review: dict[str, Any] | None


class DiscrepanciesView:
    """Folds `discrepancy.*`."""

    name = "discrepancies"
    version = 3
    families = frozenset({"discrepancy"})

    def __init__(self) -> None:
        self.all: dict[str, Discrepancy] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if family != "discrepancy":
            return
        if what == "opened":
            self._open(row, body)
            return
        found = self.all[body["discrepancy"]]
        found["seq"] = row.seq
        if what == "escalated":
            found["escalated"] += 1
        elif what == "changed":
            found["packs"] = {**found["packs"], **body["packs"]}
            found["counted"], found["delta"] = body["counted"], body["delta"]
        elif what in STEPS:
            found["state"] = str(RULES.after(State(found["state"]), Event(what)))
            _DONE[what](found, row, body)

    def _open(self, row: Row, body: Mapping[str, Any]) -> None:
        found = Discrepancy(
            **{  # type: ignore[typeddict-item]  # the entry's own members
                name: body[name] for name in body if name in Discrepancy.__annotations__ and name not in _WHERE
            },
            tote=body.get("tote"),
            robot=body.get("robot"),
            packs=dict(body.get("packs", {})),
            state=str(State.OPEN),
            seq=row.seq,
            opened_at=row.at,
            open_since=row.at,
            opened_seq=row.seq,
            escalated=0,
            claimed_by=None,
            reason=None,
            explanation=None,
            resolution=None,
            review=None,
        )
        found["suggestions"] = list(body["suggestions"])
        self.all[body["discrepancy"]] = found
        for hint in body["suggestions"]:
            if hint["code"] in {"opposite-neighbour", "opposite-here"}:
                other = self.all[hint["discrepancy"]]
                pair = {"code": hint["code"], "discrepancy": body["discrepancy"], "pocket": body["pocket"]}
                other["suggestions"] = [*other["suggestions"], pair]
        for linked in body["linked"]:
            self.all[linked]["linked"] = [*self.all[linked]["linked"], body["discrepancy"]]

    def unsettled(self) -> Iterator[Discrepancy]:
        """What nobody has resolved yet."""
        return (found for found in self.all.values() if found["state"] in UNSETTLED)

    def unsettled_at(self, pocket: str) -> Iterator[Discrepancy]:
        """What nobody has resolved yet at one pocket."""
        return (found for found in self.unsettled() if found["pocket"] == pocket)

    def unsettled_of(self, robot: str) -> Iterator[Discrepancy]:
        """What nobody has resolved yet of one robot."""
        return (found for found in self.unsettled() if found["robot"] == robot)

    def escalates(self, discrepancy: str) -> bool:
        """Whether its age still alerts somebody: it is unresolved, and there is a step left."""
        found = self.all[discrepancy]
        return found["state"] in UNSETTLED and found["escalated"] < ESCALATIONS

    def dump(self) -> Any:
        """All of them."""
        return self.all

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.all = state


def _claimed(found: Discrepancy, row: Row, body: Mapping[str, Any]) -> None:
    found["claimed_by"] = body["by"]


def _explained(found: Discrepancy, row: Row, body: Mapping[str, Any]) -> None:
    found["reason"], found["explanation"] = body["reason"], body["explanation"]


def _resolved(found: Discrepancy, row: Row, body: Mapping[str, Any]) -> None:
    found["resolution"] = {"seq": row.seq, "at": row.at, "by": body["by"], "witness": body["witness"]}


def _reviewed(found: Discrepancy, row: Row, body: Mapping[str, Any]) -> None:
    found["review"] = {"seq": row.seq, "at": row.at, "by": body["by"], "note": body["note"]}


def _rejected(found: Discrepancy, row: Row, body: Mapping[str, Any]) -> None:
    _reviewed(found, row, body)
    found["resolution"], found["open_since"], found["escalated"] = None, row.at, 0


def _closed(found: Discrepancy, row: Row, body: Mapping[str, Any]) -> None:
    """A change of state alone."""


_DONE = {
    "claimed": _claimed,
    "explained": _explained,
    "resolved": _resolved,
    "reviewed": _reviewed,
    "rejected": _rejected,
    "closed": _closed,
}
