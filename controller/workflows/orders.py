"""Orders: what robots and gantries are to give out for pick lists, as long as it has not ended."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from controller.formulary.criteria import Criteria
from controller.ledger.views.gantry_records import GIVEN, those
from controller.ledger.views.work import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from controller.ledger.views.work_records import Line
    from controller.station import Station

KIND = "fill"
"""Of the purpose of an order that fills a tote; its other members are `list`, `line`, `tote` and `at`."""


def orders(station: Station) -> Iterator[Mapping[str, Any]]:
    """The orders to robots and gantries that fill totes and have not ended, those in doubt too."""
    live: list[Mapping[str, Any]] = [order for robot in station.robots for order in station.books.robots.live(robot)]
    live += [order for gantry in station.gantries for order in station.books.gantries.live(gantry)]
    yield from (order for order in live if order["purpose"].get("kind") == KIND)


def orders_into(station: Station, tote: str) -> list[Mapping[str, Any]]:
    """Those that fill this tote."""
    return [order for order in orders(station) if order["purpose"]["tote"] == tote]


def ordered(station: Station) -> Counter[tuple[str, int]]:
    """Units that machines are fetching, or may have given out without anybody knowing, by list and line."""
    units: Counter[tuple[str, int]] = Counter()
    for order in orders(station):
        line = order["purpose"]["list"], order["purpose"]["line"]
        units[line] += (order["packs"] - _given(order)) * pack_of(station, order["item"])
    return units


def on_order(station: Station, list_: str, n: int) -> int:
    """The same of one line."""
    return ordered(station)[list_, n]


def criteria_of(station: Station, list_: str, line: Line) -> Criteria:
    """What a line wants. Where all is to be of one lot, that of what was picked of it or is being picked, once there is any."""
    criteria = Criteria.of(line["criteria"])
    if not criteria.one_lot or criteria.lot is not None:
        return criteria
    mine = [order for order in orders(station) if (order["purpose"]["list"], order["purpose"]["line"]) == (list_, line["n"])]
    chosen = [(order["purpose"].get("criteria") or {}).get("lot") for order in mine]
    chosen += [work["about"].get("lot") for work in station.books.work.picks(line) if work["state"] in LIVE]
    return criteria.in_lot(next((lot for lot in (*line["lots"], *chosen) if lot), None))


def _given(order: Mapping[str, Any]) -> int:
    """Packs that lie in the tote already: a gantry hands over trip by trip."""
    return len(those(order, GIVEN)) if "gantry" in order else 0


def pack_of(station: Station, item: str) -> int:
    """Units in a full pack of an item."""
    known = station.books.formulary.item(item)
    return known.pack if known is not None else 1
