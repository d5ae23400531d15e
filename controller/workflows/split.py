"""Split: from where each line of each open pick list is to be picked, and what of it nobody has (reference domain B10).

The plan promises stock to lists, so that no two lists count on the same units; it opens nothing and decides nothing that is true.
Of what expires within `policy.fresh_days` of the earliest, a robot's comes first, then a gantry's, in full packs, then what
people fetch. A person at a drawer goes before any list: pulls do not see promises. Whenever stock, a drawer, a machine or a
list changes, all is planned anew: urgent lines of any list first, then lists that are due now or do not say when, the oldest
first, then by when they are due; what is the same is not said again.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from controller.formulary.criteria import the_one_lot
from controller.ledger.port import Entry
from controller.ledger.views.work import LIVE
from controller.workflows import fill, orders, sources
from controller.workflows.stage import EARLIEST, due_later, opens_in_s

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from controller.ledger.views.work_records import Line, PickList, Promise
    from controller.station import Station

_MOVES = (
    "stock.loaded", "stock.counted", "stock.taken", "stock.picked", "pocket.unverified", "pocket.assigned", "item.put",
    "pick.reserved", "pick.committed", "pick.cancelled", "pick.failed", "pick.in_doubt", "pick_list.put", "pick_list.cancelled",
    "pick_list.closed",
    "drawer.fault", "drawer.forced", "drawer.halted", "drawer.out_of_service", "drawer.locked", "tote.placed", "tote.filled",
    "tote.checked",
    "robot.changed", "robot.pick_intended", "robot.pick_ended", "robot.pick_not_sent", "robot.pick_rejected",
    "robot.pick_settled", "robot.stock_seen", "robot.stock_uncertain", "robot.stock_differs", "robot.input_ended",
    "line.left", "line.arrived", "line.send_ended", "line.taken_off", "line.feeding", "line.module_changed", "line.reader_changed",
    "line.gate_changed", "line.resumed", "robot.output_unasked", "robot.synced", "station.ready",
    "gantry.changed", "gantry.order_intended", "gantry.order_ended",
    "gantry.order_settled", "gantry.in_doubt", "stock.fetched",
)  # fmt: skip

AGAIN_S = 1.0
"""A tote that is to go on and does not yet is tried again after this: no row tells when an eye sees it."""


def replan(station: Station) -> None:
    """Posts the plan of every list for which it has changed."""
    planned = _plan(station)
    for id_, parts in planned.items():
        if parts != station.books.work.pick_lists[id_]["parts"]:
            station.ledger.post(Entry("pick_list.planned", {"pick_list": id_, "parts": parts}))


async def watch(station: Station) -> None:
    """Plans anew whenever something has changed on which a plan rests, for as long as the station runs."""
    while True:
        head = station.ledger.head[0]
        replan(station)
        again_s = AGAIN_S if fill.go_on(station) else opens_in_s(station)
        with suppress(TimeoutError):
            async with asyncio.timeout(again_s):
                await station.ledger.wait_for(_MOVES, lambda _body: True, after=head)


def to_pick(station: Station, line: Line, ordered: int) -> int:
    """Units of a line that are neither picked nor being picked now, by people or, as `ordered`, by machines."""
    if line["refused"] is not None:
        return 0
    being = sum(work["quantity"] for work in station.books.work.picks(line) if work["state"] in LIVE)
    return max(line["quantity"] - line["picked"] - being - ordered, 0)


def stocked(station: Station, item: str) -> bool:
    """Whether an item has a place at this station: a pocket, or a robot that gives out into totes, which stores whatever it is
    given. What nobody has at the moment is lacking, and not refused."""
    return bool(station.books.stock.holding(item)) or bool(sources.robots(station))


def _plan(station: Station) -> dict[str, list[Promise]]:
    open_ = station.books.work.open_lists()
    planned: dict[str, list[Promise]] = {found["id"]: [] for found in open_}
    lists = [found for found in open_ if not found["cancelled"] and not found["closed"]]
    promised = sources.Promises()
    ordered = orders.ordered(station)
    later = {found["id"]: due_later(station, found) for found in lists}
    for found, line in sorted(_lines(lists), key=lambda one: _turn(one, later)):
        quantity = to_pick(station, line, ordered[found["id"], line["n"]])
        planned[found["id"]] += _parts(station, found["id"], line, quantity, promised)
    for parts in planned.values():
        parts.sort(key=lambda part: (part["n"], part["drawer"], part["pocket"] or ""))
    return planned


def _lines(lists: list[PickList]) -> list[tuple[PickList, Line]]:
    return [(found, line) for found in lists for line in found["lines"].values()]


def _turn(one: tuple[PickList, Line], later: Mapping[str, datetime.datetime | None]) -> tuple[Any, ...]:
    found, line = one
    return (not line["urgent"], later[found["id"]] or EARLIEST, found["first_seq"], line["n"])


def _parts(station: Station, list_: str, line: Line, quantity: int, promised: sources.Promises) -> list[Promise]:
    """Where a line is picked; what all of it lacks is short and not a part."""
    item = station.books.formulary.item(line["item"])
    if item is None or quantity == 0:
        return []
    parts: list[Promise] = []
    criteria = orders.criteria_of(station, list_, line)
    if criteria.one_lot and criteria.lot is None:
        lots = [lot for offer in sources.offers(station, item, promised, criteria) for lot in offer.lots]
        criteria = criteria.in_lot(the_one_lot(lots, quantity))
    for offer in sources.offers(station, item, promised, criteria):
        part = min(quantity, offer.quantity)
        part -= part % offer.whole
        counted = item.controlled and offer.pocket is not None
        if part > 0 and (part == quantity or not counted):  # part of a controlled pocket would tell its count
            parts.append({"n": line["n"], "pocket": offer.pocket, "drawer": offer.holder, "quantity": part})
            if criteria.lot is not None:
                parts[-1]["lot"] = criteria.lot
            promised.add(offer.key, part, criteria)
            quantity -= part
    return parts
