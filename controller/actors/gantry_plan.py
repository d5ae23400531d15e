"""What a gantry is to fetch next: its open orders whose tote stands before it, as a problem for the planner.

All of it is made anew before each trip, from what the books say then; a plan is never kept. Source: lines reference D.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from controller.formulary.criteria import Criteria
from controller.ledger.views import gantry_records as records
from controller.ledger.views.gantry_records import Order
from controller.ledger.views.stock import Pocket, StockView
from controller.planning.eligible import Stored, free
from controller.planning.horizon import AHEAD, ahead
from controller.planning.problem import Pack, Pick, Problem
from controller.planning.travel import Axis, Rack
from sites.gantry import GrblGantry

HAND_OVER = "hand-over"
_UM, _US = 1000, 1_000_000
"""Micrometres in a millimetre, microseconds in a second."""


def rack(part: GrblGantry) -> Rack:
    """Its places and its hand-over. X and Y move with the gripper out of the shelf: Z is the pack's own time."""
    axes = tuple(Axis(axis.speed_mm_s * _UM, axis.acceleration_mm_s2 * _UM) for axis in (part.x, part.y))
    places = {place.id: (place.x_mm * _UM, place.y_mm * _UM) for place in part.shelf}
    return Rack(axes, {**places, HAND_OVER: (part.hand_over.x_mm * _UM, part.hand_over.y_mm * _UM)})


def pick_us(part: GrblGantry) -> int:
    """What a pack takes by itself: into the shelf and out, into the tray and out, gripped and let go."""
    z = Axis(part.z.speed_mm_s * _UM, part.z.acceleration_mm_s2 * _UM)
    ways = sum(2 * z.time((part.safe_z_mm - to) * _UM) for to in (min(place.z_mm for place in part.shelf), part.tray[0].z_mm))
    return ways + 2 * part.grip_ms * (_US // 1000)


def problem(
    part: GrblGantry, times: Rack, orders: Sequence[Order], stock: StockView, today: datetime.date, carries: int, fresh_days: int
) -> Problem:
    """These orders pack by pack, urgent ones first; `carries` places of the tray are free. A trip serves one tote."""
    packs: dict[tuple[str, Criteria], tuple[Pack, ...]] = {}
    picks = []
    for order in orders:
        criteria = Criteria.of(order["purpose"].get("criteria"))
        if (order["item"], criteria) not in packs:
            packs[order["item"], criteria] = _packs(part.id, stock, order, criteria, today)
        mine = packs[order["item"], criteria]
        picks += [
            Pick(f"{order['order']}/{number}", order["purpose"]["tote"], mine, order["urgent"])
            for number in range(records.to_fetch(order))
        ]
    return Problem(
        picks=ahead(picks),
        times=times.time,
        hand_overs={order["purpose"]["tote"]: HAND_OVER for order in orders},
        carries=carries,
        pick_us=pick_us(part),
        trip_us=2 * part.tip_ms * (_US // 1000),
        tolerance_days=fresh_days,
    )


def order_of(pick: Pick) -> str:
    """The order that a pick is for."""
    return pick.id.partition("/")[0]


def lacking(orders: Sequence[Order], short: Sequence[Pick]) -> list[Order]:
    """Orders of which nothing lies in the tray and not one pack more is to be had."""
    without: Mapping[str, int] = {one["order"]: sum(order_of(pick) == one["order"] for pick in short) for one in orders}
    return [
        one
        for one in orders
        if records.to_fetch(one) and without[one["order"]] == records.to_fetch(one) and not records.those(one, records.IN_TRAY)
    ]


def _packs(gantry: str, stock: StockView, order: Order, criteria: Criteria, today: datetime.date) -> tuple[Pack, ...]:
    stored = [
        Stored(f"{pocket['pocket']}/{number}", pocket["pocket"], lot["expiry"])
        for pocket in places(gantry, stock, order["item"])
        if (lot := records.front(pocket)) is not None and criteria.fits(lot)
        for number in range(min(records.may_give(pocket, order["pack"], today), AHEAD))
    ]
    return free(stored, (), today)


def places(gantry: str, stock: StockView, item: str) -> list[Pocket]:
    """The places of a gantry that an item is assigned to."""
    return [pocket for pocket in stock.holding(item) if pocket["drawer"] == gantry]
