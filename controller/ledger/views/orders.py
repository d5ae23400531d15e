"""Patients and orders as they were pushed, and for each order the last dose that was given out on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from controller.ledger.port import Row
from controller.ledger.views.formulary import Pushed


class Given(TypedDict):
    """What was last given out on an order: by which pull and person, when, and for which due time (None: as needed).

    `by_pull` says how many units each pull gave for that due time; as-needed doses stand for themselves.
    """

    pull: str
    person: str
    at: str
    due: str | None
    by_pull: dict[str, int]


class OrdersView:
    """Folds `patient.put`, `order.put` and `stock.taken`."""

    name = "orders"
    version = 1
    families = frozenset({"patient", "order", "stock"})

    def __init__(self) -> None:
        self.patients: dict[str, Pushed] = {}
        self.orders: dict[str, Pushed] = {}
        self.given: dict[str, Given] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        if row.kind == "patient.put":
            self.patients[body["id"]] = Pushed(seq=row.seq, record=dict(body["record"]))
        elif row.kind == "order.put":
            self.orders[body["id"]] = Pushed(seq=row.seq, record=dict(body["record"]))
        elif row.kind == "stock.taken":
            self._give(row, body)

    def _give(self, row: Row, body: Mapping[str, Any]) -> None:
        before = self.given.get(body["order"])
        pull, due = body["pull"], body["due"]
        same = before is not None and before["due"] == due and (due is not None or before["pull"] == pull)
        by_pull = dict(before["by_pull"]) if before is not None and same else {}
        by_pull[pull] = by_pull.get(pull, 0) + body["quantity"]
        self.given[body["order"]] = Given(pull=pull, person=row.actor, at=row.at, due=due, by_pull=by_pull)

    def patient(self, patient: str) -> dict[str, Any] | None:
        """A patient's record, or None."""
        pushed = self.patients.get(patient)
        return pushed["record"] if pushed else None

    def order(self, order: str) -> dict[str, Any] | None:
        """An order's record, or None."""
        pushed = self.orders.get(order)
        return pushed["record"] if pushed else None

    def dump(self) -> Any:
        """Patients, orders and what was given."""
        return {"patients": self.patients, "orders": self.orders, "given": self.given}

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.patients, self.orders, self.given = state["patients"], state["orders"], state["given"]
