"""Records of the gantries' view: one gantry with its tray, one order with each of its fetches."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from controller.formulary import lots as lotting
from controller.formulary.lots import Lot
from controller.ledger.port import Row
from controller.ledger.views.stock import Pocket
from controller.machines import gantry_order

FETCHING, IN_TRAY, IN_DOUBT, GIVEN, LOST = "fetching", "in_tray", "in_doubt", "given", "lost"
"""Where the pack of a fetch is: on its way, in the tray, nobody knows, in the tote, or not in the tote by a person's word."""


class Fetch(TypedDict):
    """One pack of an order. `seq` is the row that intended it."""

    fetch: str
    state: str
    seq: int
    pocket: str
    tray: int
    lot: str
    expiry: str | None
    booked: bool
    """Whether it was taken off what should lie in its place."""


class Order(TypedDict):
    """One order: `packs` are wanted, each of `pack` units."""

    order: str
    gantry: str
    state: str
    seq: int
    asked_at: str
    since: str
    item: str
    packs: int
    pack: int
    unit: str
    urgent: bool
    purpose: dict[str, Any]
    person: str
    session: str
    fetches: dict[str, Fetch]
    """By their number. A fetch that got no pack is not kept."""
    last: int
    """The last number given to a fetch."""
    reason: str | None
    by: str | None
    """Who settled it."""
    note: str | None


class Gantry(TypedDict):
    """One gantry. `act` are the packs (order, fetch) of the act under way, None when there is none; `handing` whether it hands
    them over."""

    gantry: str
    state: str
    seq: int
    at: str
    epoch: int
    reason: str
    act: list[list[str]] | None
    handing: bool


def new(id_: str) -> Gantry:
    """A gantry of which nothing is known."""
    return Gantry(gantry=id_, state="down", seq=0, at="", epoch=0, reason="", act=None, handing=False)


def intended(row: Row, body: Mapping[str, Any]) -> Order:
    """A new order."""
    return Order(
        order=body["order"],
        gantry=body["gantry"],
        state=str(gantry_order.State.NONE),
        seq=row.seq,
        asked_at=row.at,
        since=row.at,
        item=body["item"],
        packs=body["packs"],
        pack=body["pack"],
        unit=body["unit"],
        urgent=body["urgent"],
        purpose=dict(body["purpose"]),
        person=body["person"],
        session=body["session"],
        fetches={},
        last=0,
        reason=None,
        by=None,
        note=None,
    )


def begun(body: Mapping[str, Any], seq: int) -> Fetch:
    """A new fetch, intended by this row."""
    (lot,) = body["lots"]
    return Fetch(
        fetch=body["fetch"],
        state=FETCHING,
        seq=seq,
        pocket=body["pocket"],
        tray=body["tray"],
        lot=lot["lot"],
        expiry=lot["expiry"],
        booked=False,
    )


def those(order: Mapping[str, Any] | Order, *states: str) -> list[Fetch]:
    """The fetches of an order whose packs are there."""
    return [fetch for fetch in order["fetches"].values() if fetch["state"] in states]


def to_fetch(order: Order) -> int:
    """Packs of an order that are still to be taken from the shelf."""
    if gantry_order.State(order["state"]) not in gantry_order.LIVE:
        return 0
    return max(order["packs"] - len(order["fetches"]), 0)


def packs(order: Order, fetches: Iterable[Fetch]) -> list[dict[str, Any]]:
    """These packs, as `Ground.received` takes them."""
    return [{"item": order["item"], "lot": one["lot"], "expiry": one["expiry"], "units": None} for one in fetches]


def front(pocket: Pocket) -> Lot | None:
    """The lot that lies in a place, the only one; None where nobody knows which the front pack is of."""
    lying = [lot for lot in pocket["lots"] if lot["quantity"] > 0]
    return lying[0] if len(lying) == 1 and pocket["unverified"] is None else None


def may_give(pocket: Pocket, pack: int, today: datetime.date) -> int:
    """Full packs that may be fetched from a place: counted on, of one known lot, in date (I6)."""
    lot = front(pocket)
    if lot is None or lot["expiry"] is None or lotting.expired(lot["expiry"], today):
        return 0
    return lot["quantity"] // pack
