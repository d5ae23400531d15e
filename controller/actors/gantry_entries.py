"""What a gantry's actor writes into the ledger about packs: each entry says where one is now, or that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from controller.formulary.lots import Lot
from controller.ledger.port import Entry
from controller.ledger.views.gantry_records import Fetch, Order

Packs = Sequence[tuple[Order, Fetch]]


def names(packs: Packs) -> list[list[str]]:
    """Order and fetch of each, as rows hold them."""
    return [[order["order"], fetch["fetch"]] for order, fetch in packs]


def doubted(gantry: str, packs: Packs, reason: str, *, from_shelf: bool) -> list[Entry]:
    """Nobody knows where these packs are. `from_shelf`: nor what lies in the places they were fetched from."""
    entries = [Entry("gantry.in_doubt", {"gantry": gantry, "packs": names(packs), "reason": reason})]
    if from_shelf:
        entries += [unverified(fetch["pocket"], "fetch-in-doubt", order, fetch) for order, fetch in packs]
    return entries


def unverified(pocket: str, reason: str, order: Order, fetch: Fetch) -> Entry:
    """Nobody knows what lies in a place until a person has counted."""
    return Entry("pocket.unverified", {"pocket": pocket, "reason": reason, "intent": f"{order['order']}-{fetch['fetch']}"})


def out_of_shelf(order: Order, fetch: Fetch, actor: str = "station") -> Entry:
    """One pack less lies in its place."""
    body = {
        "pocket": fetch["pocket"],
        "drawer": order["gantry"],
        "item": order["item"],
        "quantity": order["pack"],
        "unit": order["unit"],
        "lots": [Lot(lot=fetch["lot"], expiry=fetch["expiry"], quantity=order["pack"])],
        "work": {"kind": "gantry", "id": order["order"]},
    }
    return Entry("stock.fetched", body, actor)


def ended(orders: Iterable[Order], end: str, reason: str | None) -> list[Entry]:
    """These orders have ended."""
    return [
        Entry("gantry.order_ended", {"gantry": one["gantry"], "order": one["order"], "end": end, "reason": reason})
        for one in orders
    ]
