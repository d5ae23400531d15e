"""Split: from where each line of each open pick list is to be picked, and what of it nobody has (reference domain B10).

The plan promises stock of pockets to lists, so that no two lists count on the same units; it opens nothing and decides nothing
that is true. A person at a drawer goes before any list: pulls do not see promises. Whenever stock, a drawer or a list
changes, all is planned anew: urgent lines of any list first, then the oldest list; what is the same is not said again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controller.ledger.port import Entry
from controller.ledger.views.work import LIVE
from controller.workflows.resolve import offers

if TYPE_CHECKING:
    from controller.ledger.views.work_records import Line, PickList, Promise
    from controller.station import Station

_MOVES = (
    "stock.loaded", "stock.counted", "stock.taken", "stock.picked", "pocket.unverified", "pocket.assigned", "item.put",
    "pick.reserved", "pick.committed", "pick.cancelled", "pick.failed", "pick.in_doubt", "pick_list.put", "pick_list.cancelled",
    "drawer.fault", "drawer.forced", "drawer.halted", "drawer.out_of_service", "drawer.locked",
)  # fmt: skip


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
        await station.ledger.wait_for(_MOVES, lambda _body: True, after=head)


def to_pick(station: Station, line: Line) -> int:
    """Units of a line that are neither picked nor being picked now."""
    if line["refused"] is not None:
        return 0
    being = sum(work["quantity"] for work in station.books.work.picks(line) if work["state"] in LIVE)
    return max(line["quantity"] - line["picked"] - being, 0)


def _plan(station: Station) -> dict[str, list[Promise]]:
    lists = [found for found in station.books.work.pick_lists.values() if not found["cancelled"]]
    planned: dict[str, list[Promise]] = {found["id"]: [] for found in station.books.work.pick_lists.values()}
    promised: dict[str, int] = {}
    for found, line in sorted(_lines(lists), key=_turn):
        planned[found["id"]] += _parts(station, line, to_pick(station, line), promised)
    for parts in planned.values():
        parts.sort(key=lambda part: (part["n"], part["pocket"]))
    return planned


def _lines(lists: list[PickList]) -> list[tuple[PickList, Line]]:
    return [(found, line) for found in lists for line in found["lines"].values()]


def _turn(one: tuple[PickList, Line]) -> tuple[Any, ...]:
    found, line = one
    return (not line["urgent"], found["first_seq"], line["n"])


def _parts(station: Station, line: Line, quantity: int, promised: dict[str, int]) -> list[Promise]:
    """The pockets that a line gets, first expired first; what they lack is short and not a part."""
    item = station.books.formulary.item(line["item"])
    if item is None or quantity == 0:
        return []
    parts: list[Promise] = []
    for offer in offers(station, item, promised):
        part = min(quantity, offer.quantity)
        if part > 0 and (part == quantity or not item.controlled):  # part of a controlled pocket would tell its count
            parts.append({"n": line["n"], "pocket": offer.pocket, "drawer": offer.drawer, "quantity": part})
            promised[offer.pocket] = promised.get(offer.pocket, 0) + part
            quantity -= part
    return parts
