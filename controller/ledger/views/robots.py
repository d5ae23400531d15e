"""Robots: where each stands, what it holds by pack and by item, and its orders, as this station's ledger has it.

What it should hold (the fold of inputs, outputs and the packs it has told) and its own answer meet in `robot.stock_differs`:
from that row on the robot is believed, and the difference stays to be seen. Quantities here are packs.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from controller.formulary.lots import Lot
from controller.ledger.port import Archive, NoArchive, Row
from controller.ledger.views import robot_records as records
from controller.ledger.views.robot_records import Difference, Pick, Robot
from controller.machines import robot_input, robot_pick
from controller.machines.robot import State

FIRST_ORDER = 1_000_000
"""Below are the orders of no interface. Each incarnation of a ledger begins so much higher: what a lost copy had given is not
given again (an order's id is never used twice)."""
RECENT = 256
"""So many orders that have ended stay in memory."""


class RobotsView:
    """Folds `robot.*`. Orders that have ended go into the archive in time."""

    name = "robots"
    version = 2
    families = frozenset({"robot"})

    def __init__(self) -> None:
        self.robots: dict[str, Robot] = {}
        self.picks: dict[str, Pick] = {}
        """Live and recent orders by `robot/order`, the order's number in nine digits."""
        self.last_order = 0
        self.archive: Archive = NoArchive()
        self._leaving: dict[str, Pick] = {}
        self._live: dict[str, None] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if family != "robot":
            return
        robot = self.robots.setdefault(body["robot"], records.new(body["robot"]))
        if what.startswith("pick_"):
            self._pick(robot, row, what.removeprefix("pick_"), body)
        else:
            _STEPS[what](self, robot, row, body)

    # --- orders

    def _pick(self, robot: Robot, row: Row, what: str, body: Mapping[str, Any]) -> None:
        key = key_of(body["robot"], body["pick"])
        if what == "intended":
            self.picks[key] = records.intended(row, body)
            self.last_order = max(self.last_order, int(body["pick"]))
        pick = self.picks[key]
        event = robot_pick.Event(body["end"] if what == "ended" else what)
        state = robot_pick.RULES.after(robot_pick.State(pick["state"]), event)
        pick["seq"], pick["reason"] = row.seq, body.get("reason", pick["reason"])
        if state != pick["state"]:
            pick["state"], pick["since"] = str(state), row.at
        if "out" in body:
            fresh = records.came_out(pick, body["out"], body.get("boxes", ()))
            records.take(robot, ((one["pack"], one["item"] or pick["item"]) for one in fresh))
        if event is robot_pick.Event.SETTLED:
            pick["by"], pick["note"] = body["by"], body["note"]
        if state in robot_pick.LIVE:
            self._live[key] = None
        else:
            self._live.pop(key, None)

    def _unasked(self, robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
        records.take(robot, ((one["pack"], one["item"]) for one in body["out"]))

    def pick(self, robot: str, order: str) -> Pick | None:
        """The order, or None."""
        key = key_of(robot, order)
        found = self.picks.get(key) or self._leaving.get(key)
        archived: Pick | None = found or self.archive.get(key)
        return archived

    def live(self, robot: str, item: str | None = None) -> list[Pick]:
        """The orders of a robot (of an item) that have not ended, those in doubt too, in the order in which they were given."""
        return [pick for pick in self._of(robot) if item is None or pick["item"] == item]

    def _of(self, robot: str) -> Iterator[Pick]:
        return (pick for key in self._live if (pick := self.picks[key])["robot"] == robot)

    def after(self, robot: str, start: str, limit: int) -> list[Pick]:
        """Orders of a robot with a key above `start`, the oldest first, at most `limit`."""
        prefix = f"{robot}/"
        near = (key for key in (*self.picks, *self._leaving) if key.startswith(prefix) and key > prefix + start)
        keys = sorted({*near, *self.archive.keys(prefix, start, limit)})[:limit]
        found = (self.pick(*key.split("/", 1)) for key in keys)
        return [pick for pick in found if pick is not None]

    def next_order(self, epoch: int) -> str:
        """An order's id that was never given, in this incarnation of the ledger or in one before."""
        return str(max(self.last_order, epoch * FIRST_ORDER) + 1)

    # --- stock

    def packs(self, robot: str, item: str) -> Mapping[str, records.Held]:
        """What the robot should hold of an item, by pack number."""
        known = self.robots.get(robot)
        return known["stock"].get(item, {}) if known is not None else {}

    def free(self, robot: str, item: str, today: datetime.date) -> int:
        """Packs of an item that may be given out and are promised to no order."""
        good = sum(1 for held in self.packs(robot, item).values() if records.may_go_out(held, today))
        return max(0, good - sum(records.promised(pick) for pick in self.live(robot, item)))

    def free_lots(self, robot: str, item: str, today: datetime.date) -> list[Lot]:
        """The packs that may be given out, by lot, the first to expire first; what is promised is not taken off here."""
        return records.in_lots(held for held in self.packs(robot, item).values() if records.may_go_out(held, today))

    def _state(self, robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
        if body["state"] != robot["state"]:
            robot["seq"], robot["at"] = row.seq, row.at
            records.stood(robot, row, body["state"])
        robot["state"], robot["epoch"] = body["state"], body["epoch"]
        robot["reason"] = body.get("reason", "")
        robot["components"] = list(body.get("components", robot["components"]))
        if body["state"] == State.DOWN:
            for key, known in tuple(robot["inputs"].items()):
                robot_input.RULES.after(robot_input.State(known["state"]), robot_input.Event.LINK_LOST)
                del robot["inputs"][key]

    def _ruled(self, robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
        event = robot_input.Event.ALLOWED if body["allowed"] else robot_input.Event.REFUSED
        records.asked(robot, body["input"], event, row, body["item"])

    def _input_ended(self, robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
        robot["inputs"].pop(body["input"], None)
        records.put(robot, body["stored"])

    def _seen(self, robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
        records.put(robot, body["stock"])

    def _uncertain(self, robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
        for item in body["items"]:
            records.doubt(robot, item)

    def _differs(self, robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
        item, suspected = body["item"], {}
        for pack in body["missing"]:
            held = robot["stock"].get(item, {}).get(pack)
            if held is not None:
                suspected[pack] = held
        records.take(robot, ((pack, item) for pack in body["missing"]))
        records.put(robot, {item: body["appeared"]} if body["appeared"] else {})
        doubted = [key for order in body["picks"] if (key := key_of(robot["robot"], order)) in self._live]
        for key in doubted[:1]:
            self.picks[key]["suspects"].update(suspected)
        robot["differences"][item] = Difference(
            seq=row.seq,
            at=row.at,
            expected=body["expected"],
            told=body["told"],
            appeared=sorted(body["appeared"]),
            missing=list(body["missing"]),
            picks=list(body["picks"]),
        )

    def _synced(self, robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
        robot["synced"], robot["synced_at"] = row.seq, row.at
        robot["audit_from"] = robot["audit_from"] or row.at

    def _audit_begun(self, robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
        robot["audit"] = records.Audit(seq=row.seq, at=row.at, by=body["by"], why=body["why"])

    def _audited(self, robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
        records.audited(robot, row, body)

    # --- checkpoints

    def put_away(self) -> Mapping[str, Any]:
        """The orders that have ended, but for the recent."""
        ended = sorted((key for key in self.picks if key not in self._live), key=lambda key: self.picks[key]["seq"])
        self._leaving = {key: self.picks.pop(key) for key in ended[: max(0, len(ended) - RECENT)]}
        return self._leaving

    def dump(self) -> Any:
        """The robots, the orders in memory and the last id given."""
        return {"robots": self.robots, "picks": self.picks, "last": self.last_order}

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.robots, self.picks, self.last_order = state["robots"], state["picks"], state["last"]
        self._live = {key: None for key, pick in self.picks.items() if robot_pick.State(pick["state"]) in robot_pick.LIVE}


def key_of(robot: str, order: str) -> str:
    """Under which an order stands: sorted, keys are in the order in which ids are given."""
    return f"{robot}/{order:0>9}"


_STEPS = {
    "changed": RobotsView._state,  # noqa: SLF001 - its own
    "output_unasked": RobotsView._unasked,  # noqa: SLF001
    "input_ruled": RobotsView._ruled,  # noqa: SLF001
    "input_ended": RobotsView._input_ended,  # noqa: SLF001
    "stock_seen": RobotsView._seen,  # noqa: SLF001
    "stock_uncertain": RobotsView._uncertain,  # noqa: SLF001
    "stock_differs": RobotsView._differs,  # noqa: SLF001
    "synced": RobotsView._synced,  # noqa: SLF001
    "audit_begun": RobotsView._audit_begun,  # noqa: SLF001
    "audited": RobotsView._audited,  # noqa: SLF001
}
