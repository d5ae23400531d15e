"""Gantries: where each stands, what lies in its tray, and its orders pack by pack, as this station's ledger has it.

What lies on its shelf are pockets of the stock view. A pack is in one place: its fetch says in which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from controller.ledger.port import Archive, NoArchive, Row
from controller.ledger.views import gantry_records as records
from controller.ledger.views.gantry_records import Fetch, Gantry, Order
from controller.ledger.views.robots import FIRST_ORDER, RECENT, key_of
from controller.machines import gantry_order
from controller.machines.gantry_order import LIVE, OPEN, Event


class GantriesView:
    """Folds `gantry.*`. Orders that have ended go into the archive in time."""

    name = "gantries"
    version = 1
    families = frozenset({"gantry"})

    def __init__(self) -> None:
        self.gantries: dict[str, Gantry] = {}
        self.orders: dict[str, Order] = {}
        """Live and recent orders by `gantry/order`, the order's number in nine digits."""
        self.last_order = 0
        self.archive: Archive = NoArchive()
        self._leaving: dict[str, Order] = {}
        self._live: dict[str, None] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if family == "gantry":
            gantry = self.gantries.setdefault(body["gantry"], records.new(body["gantry"]))
            _STEPS[what](self, gantry, row, body)

    # --- what is known

    def order(self, gantry: str, order: str) -> Order | None:
        """The order, or None."""
        key = key_of(gantry, order)
        found = self.orders.get(key) or self._leaving.get(key)
        archived: Order | None = found or self.archive.get(key)
        return archived

    def live(self, gantry: str) -> list[Order]:
        """The orders of a gantry that have not ended, those in doubt too, in the order in which they were given."""
        return [order for key in self._live if (order := self.orders[key])["gantry"] == gantry]

    def open(self, gantry: str) -> list[Order]:
        """Those of which more may be fetched or handed over."""
        return [order for order in self.live(gantry) if gantry_order.State(order["state"]) in OPEN]

    def idle(self, gantry: str) -> list[Order]:
        """Those of which no pack is under way: they may end at once."""
        return [one for one in self.open(gantry) if not records.those(one, records.FETCHING, records.IN_TRAY)]

    def doubtful(self, gantry: str) -> list[Order]:
        """Those that a person must look at."""
        return [order for order in self.live(gantry) if order["state"] == gantry_order.State.IN_DOUBT]

    def promised(self, gantry: str, item: str) -> int:
        """Packs of an item that are still to be taken from the shelf for orders."""
        return sum(records.to_fetch(order) for order in self.live(gantry) if order["item"] == item)

    def in_tray(self, gantry: str) -> Iterator[tuple[Order, Fetch]]:
        """What lies in the tray for certain, or may lie there: until a person has said so, its place is taken."""
        for order in self.live(gantry):
            for fetch in records.those(order, records.FETCHING, records.IN_TRAY, records.IN_DOUBT):
                yield order, fetch

    def after(self, gantry: str, start: str, limit: int) -> list[Order]:
        """Orders of a gantry with a key above `start`, the oldest first, at most `limit`."""
        prefix = f"{gantry}/"
        near = (key for key in (*self.orders, *self._leaving) if key.startswith(prefix) and key > prefix + start)
        keys = sorted({*near, *self.archive.keys(prefix, start, limit)})[:limit]
        found = (self.order(*key.split("/", 1)) for key in keys)
        return [order for order in found if order is not None]

    def next_order(self, epoch: int) -> str:
        """An order's id that was never given, in this incarnation of the ledger or in one before."""
        return str(max(self.last_order, epoch * FIRST_ORDER) + 1)

    # --- the fold

    def _step(self, row: Row, gantry: str, order: str, event: Event, reason: str | None = None) -> Order:
        key = key_of(gantry, order)
        found = self.orders[key]
        state = gantry_order.RULES.after(gantry_order.State(found["state"]), event)
        found["seq"], found["reason"] = row.seq, reason or found["reason"]
        if state != found["state"]:
            found["state"], found["since"] = str(state), row.at
        if state in LIVE:
            self._live[key] = None
        else:
            self._live.pop(key, None)
        return found

    def _changed(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        if body["state"] != gantry["state"]:
            gantry["seq"], gantry["at"] = row.seq, row.at
        gantry["state"], gantry["epoch"], gantry["reason"] = body["state"], body["epoch"], body.get("reason", "")

    def _homing(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        """It says so by its change of state."""

    def _intended(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        self.orders[key_of(gantry["gantry"], body["order"])] = records.intended(row, body)
        self.last_order = max(self.last_order, int(body["order"]))
        self._step(row, gantry["gantry"], body["order"], Event.INTENDED)

    def _fetch_intended(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        order = self._step(row, gantry["gantry"], body["order"], Event.FETCH_INTENDED)
        order["fetches"][body["fetch"]] = records.begun(body, row.seq)
        order["last"] = int(body["fetch"])
        gantry["act"], gantry["handing"] = [[body["order"], body["fetch"]]], False

    def _fetched(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        order = self._step(row, gantry["gantry"], body["order"], Event.FETCHED)
        fetch = order["fetches"][body["fetch"]]
        fetch["state"], fetch["booked"] = records.IN_TRAY, True
        gantry["act"] = None

    def _no_pack(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        event = Event(row.kind.partition(".")[2])
        del self._step(row, gantry["gantry"], body["order"], event)["fetches"][body["fetch"]]
        gantry["act"] = None

    def _hand_over_intended(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        gantry["act"], gantry["handing"] = [list(pack) for pack in body["packs"]], True

    def _not_handed_over(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        gantry["act"] = None

    def _handed_over(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        for order, fetch in body["packs"]:
            found = self._step(row, gantry["gantry"], order, Event.HANDED_OVER)
            found["fetches"][fetch]["state"] = records.GIVEN
        gantry["act"] = None

    def _in_doubt(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        for order in dict.fromkeys(order for order, _ in body["packs"]):
            self._step(row, gantry["gantry"], order, Event.IN_DOUBT, body["reason"])
        for order, fetch in body["packs"]:
            self.orders[key_of(gantry["gantry"], order)]["fetches"][fetch]["state"] = records.IN_DOUBT
        gantry["act"] = None

    def _ended(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        self._step(row, gantry["gantry"], body["order"], Event(body["end"]), body["reason"])

    def _settled(self, gantry: Gantry, row: Row, body: Mapping[str, Any]) -> None:
        order = self._step(row, gantry["gantry"], body["order"], Event.SETTLED)
        order["by"], order["note"] = body["by"], body["note"]
        for fetch in body["in_tote"]:
            order["fetches"][fetch]["state"] = records.GIVEN
        for fetch in body["lost"]:
            order["fetches"][fetch]["state"] = records.LOST

    # --- checkpoints

    def put_away(self) -> Mapping[str, Any]:
        """The orders that have ended, but for the recent."""
        ended = sorted((key for key in self.orders if key not in self._live), key=lambda key: self.orders[key]["seq"])
        self._leaving = {key: self.orders.pop(key) for key in ended[: max(0, len(ended) - RECENT)]}
        return self._leaving

    def dump(self) -> Any:
        """The gantries, the orders in memory and the last id given."""
        return {"gantries": self.gantries, "orders": self.orders, "last": self.last_order}

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.gantries, self.orders, self.last_order = state["gantries"], state["orders"], state["last"]
        self._live = {key: None for key, one in self.orders.items() if gantry_order.State(one["state"]) in LIVE}


_STEPS = {
    "changed": GantriesView._changed,  # noqa: SLF001 - its own
    "home_intended": GantriesView._homing,  # noqa: SLF001
    "order_intended": GantriesView._intended,  # noqa: SLF001
    "fetch_intended": GantriesView._fetch_intended,  # noqa: SLF001
    "fetched": GantriesView._fetched,  # noqa: SLF001
    "not_picked": GantriesView._no_pack,  # noqa: SLF001
    "not_fetched": GantriesView._no_pack,  # noqa: SLF001
    "hand_over_intended": GantriesView._hand_over_intended,  # noqa: SLF001
    "not_handed_over": GantriesView._not_handed_over,  # noqa: SLF001
    "handed_over": GantriesView._handed_over,  # noqa: SLF001
    "in_doubt": GantriesView._in_doubt,  # noqa: SLF001
    "order_ended": GantriesView._ended,  # noqa: SLF001
    "order_settled": GantriesView._settled,  # noqa: SLF001
}
