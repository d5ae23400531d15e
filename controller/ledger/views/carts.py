"""Cart fills: which doses belong into which patient's bag, and what of them lies in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from controller.formulary import lots as lotting
from controller.formulary.lots import Lot
from controller.ledger.port import Row

LIST = "cart-"
"""What the id of a fill's pick list begins with; the fill's own id follows."""


class Dose(TypedDict):
    """One dose of one order, due at one time: `quantity` units of an item, of which `put` lie in the bag."""

    n: int
    bag: str
    patient: str
    order: str
    item: str
    due: str
    dose: dict[str, str]
    quantity: int
    waste: dict[str, str] | None
    line: int
    put: int
    lots: list[Lot]
    said: dict[str, str]
    """The ids of the entries by which units were put in or taken out, with what each said."""


class Bag(TypedDict):
    """One patient's bag; its id is what its bar code says."""

    bag: str
    patient: str
    closed: bool


class LeftOut(TypedDict):
    """An order, or one dose of it, that is not filled ahead, and why."""

    patient: str
    order: str
    item: str
    due: str | None
    why: str


class Fill(TypedDict):
    """A cart fill. Its pick list brings what the bags need; `doses` by number, as JSON keys are text."""

    id: str
    seq: int
    revision: int
    area: str
    since: str
    to: str
    ward: str
    pick_list: str
    request_hash: str
    by: str
    at: str
    bags: dict[str, Bag]
    doses: dict[str, Dose]
    left_out: list[LeftOut]
    sent: bool


class CartsView:
    """Folds `cart_fill.*`."""

    name = "carts"
    version = 1
    families = frozenset({"cart_fill"})

    def __init__(self) -> None:
        self.fills: dict[str, Fill] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if row.kind == "cart_fill.put":
            self._put(row, body)
            return
        if family != "cart_fill":
            return
        fill = self.fills[body["cart_fill"]]
        fill["seq"] = row.seq
        if what in {"bagged", "taken_out"}:
            _moved(fill["doses"][str(body["dose"])], body, 1 if what == "bagged" else -1)
        elif what in {"bag_closed", "bag_opened"}:
            fill["bags"][body["bag"]]["closed"] = what == "bag_closed"
        elif what == "sent":
            fill["sent"] = True

    def _put(self, row: Row, body: Mapping[str, Any]) -> None:
        """A newer revision keeps what lies in the bags; a bag that another dose belongs into is open again."""
        before = self.fills.get(body["cart_fill"])
        doses: dict[str, Dose] = {}
        grown = set()
        for told in body["doses"]:
            old = before["doses"].get(str(told["n"])) if before else None
            if old is None:
                grown.add(told["bag"])
            kept = (old["put"], old["lots"], old["said"]) if old else (0, [], {})
            doses[str(told["n"])] = cast("Dose", {**told, "put": kept[0], "lots": kept[1], "said": kept[2]})
        bags = {}
        for bag in body["bags"]:
            known = before["bags"].get(bag["bag"]) if before else None
            closed = known is not None and known["closed"] and bag["bag"] not in grown
            bags[bag["bag"]] = cast("Bag", {**bag, "closed": closed})
        self.fills[body["cart_fill"]] = Fill(
            id=body["cart_fill"],
            seq=row.seq,
            revision=body["revision"],
            area=body["area"],
            since=body["from"],
            to=body["to"],
            ward=body["ward"],
            pick_list=body["pick_list"],
            request_hash=body["request_hash"],
            by=row.actor,
            at=row.at,
            bags=bags,
            doses=doses,
            left_out=list(body["left_out"]),
            sent=False,
        )

    def of_list(self, pick_list: str) -> Fill | None:
        """The cart fill that a pick list was made for, or None."""
        fill = self.fills.get(pick_list.removeprefix(LIST))
        return fill if fill is not None and fill["pick_list"] == pick_list else None

    def dump(self) -> Any:
        """All of them."""
        return {"fills": self.fills}

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.fills = state["fills"]


def _moved(dose: Dose, body: Mapping[str, Any], sign: int) -> None:
    lots = lotting.together if sign > 0 else lotting.without
    dose["put"] += sign * body["quantity"]
    dose["lots"] = lots(dose["lots"], body["lots"])
    if body["entry"] is not None:
        dose["said"][body["entry"]] = body["said"]
