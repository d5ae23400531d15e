"""Deliveries announced for robots: what is expected, what of it has been stored or turned back, and what the robot was told.

Folds `delivery.*`. Quantities are packs. Which line a pack is of was decided when its row was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from controller.ledger.port import Row

OPEN, COMPLETE, SHORT = "open", "complete", "short"
NEW, INTENDED, ACCEPTED, REJECTED, SILENT, NOT_SENT = "new", "intended", "accepted", "rejected", "silent", "not_sent"
"""What the robot was told of a delivery. INTENDED and SILENT: nobody knows whether it has it."""
IN_THE_DARK = frozenset({INTENDED, SILENT})


class DeliveryLine(TypedDict):
    """One line: `quantity` packs are expected; `packs` (the robot's numbers) are stored, `refused` were turned back."""

    n: int
    item: str
    quantity: int
    lot: str | None
    expiry: str | None
    packs: list[str]
    refused: int


class Delivery(TypedDict):
    """One delivery. `other` are packs that came under its number and are of no line of it, `refused` such that were turned back."""

    delivery: str
    robot: str
    number: str
    state: str
    told: str
    text: str
    """What the robot said when it was told."""
    attempts: int
    seq: int
    at: str
    since: str
    person: str
    request_hash: str
    lines: list[DeliveryLine]
    other: dict[str, str]
    """The item of each, by pack."""
    refused: int
    closed_by: str | None


class DeliveriesView:
    """All deliveries by id."""

    name = "deliveries"
    version = 1
    families = frozenset({"delivery"})

    def __init__(self) -> None:
        self.deliveries: dict[str, Delivery] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if family != "delivery":
            return
        if what == "put":
            self.deliveries[body["delivery"]] = _new(row, body)
        delivery = self.deliveries[body["delivery"]]
        delivery["seq"] = row.seq
        if what == "tell_intended":
            delivery["told"], delivery["attempts"] = INTENDED, body["attempt"]
        elif what == "told":
            delivery["told"], delivery["text"] = body["answer"], body["text"]
        elif what == "came":
            _came(delivery, body)
        elif what in {"completed", "closed"}:
            delivery["state"], delivery["since"] = COMPLETE if what == "completed" else SHORT, row.at
            delivery["closed_by"] = body.get("by")

    def open_at(self, robot: str) -> list[Delivery]:
        """Those of a robot that are not closed, the oldest first."""
        return [one for one in self.deliveries.values() if one["robot"] == robot and one["state"] == OPEN]

    def open(self, robot: str, number: str) -> Delivery | None:
        """The one that is open under this number there."""
        return next((one for one in self.open_at(robot) if one["number"] == number), None)

    def dump(self) -> Any:
        """All of them, in the order in which they were announced."""
        return list(self.deliveries.values())

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.deliveries = {one["delivery"]: one for one in state}


def line_of(delivery: Delivery, item: str | None, lot: str | None, expiry: str | None) -> DeliveryLine | None:
    """The line that such a pack is of: one that says nothing else of it, and of these one that is not full yet."""
    fits = [
        line
        for line in delivery["lines"]
        if line["item"] == item and line["lot"] in {None, lot} and line["expiry"] in {None, expiry}
    ]
    return next((line for line in fits if missing(line)), fits[0] if fits else None)


def missing(line: DeliveryLine) -> int:
    """Packs of a line that have not been stored."""
    return max(line["quantity"] - len(line["packs"]), 0)


def _new(row: Row, body: Mapping[str, Any]) -> Delivery:
    lines = [cast("DeliveryLine", {**line, "packs": [], "refused": 0}) for line in body["lines"]]
    return Delivery(
        delivery=body["delivery"],
        robot=body["robot"],
        number=body["number"],
        state=OPEN,
        told=NEW,
        text="",
        attempts=0,
        seq=row.seq,
        at=row.at,
        since=row.at,
        person=row.actor,
        request_hash=body["request_hash"],
        lines=lines,
        other={},
        refused=0,
        closed_by=None,
    )


def _came(delivery: Delivery, body: Mapping[str, Any]) -> None:
    lines = {line["n"]: line for line in delivery["lines"]}
    for one in body["stored"]:
        if one["line"] is None:
            delivery["other"][one["pack"]] = one["item"]
        else:
            lines[one["line"]]["packs"].append(one["pack"])
    if body["line"] is None:
        delivery["refused"] += body["refused"]
    else:
        lines[body["line"]]["refused"] += body["refused"]
