"""Codes that a scanner could read here: GS1 element strings of what the site's formulary and shelves name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulators.house import House
from simulators.twin import words

AIM = "]d2"
"""GS1 DataMatrix, as most packages bear it."""


class Code(NamedTuple):
    """One code, and what it is of."""

    data: str
    aim: str
    what: str


def ready(house: House) -> list[Code]:
    """A code for each lot of an item with a GTIN, in pockets and robots: GTIN, expiry and lot (GS1 AI 01, 17, 10)."""
    found = {}
    for item, lot, expiry in _lots(house):
        one = house.items.get(item)
        if one is not None and one.gtins and lot and expiry:
            data = f"01{one.gtins[0]}17{expiry[2:4]}{expiry[5:7]}{expiry[8:10]}10{lot}"
            found[data] = Code(data, AIM, f"{words.item(house.items, item)}, lot {lot}, expires {expiry}")
    return sorted(found.values(), key=lambda code: code.what)


def _lots(house: House) -> Iterator[tuple[str, str, str]]:
    items = {pocket.id: pocket.item for holder in house.site.holders for pocket in holder.pockets}
    for pocket in house.plant.pockets.values():
        item = items[pocket.id]
        for lot in pocket.lots:
            if item is not None:
                yield item, lot.lot, lot.expiry
    for station in house.robots.values():
        for pack in station.robot.steel.packs.values():
            yield pack.article, pack.batch, pack.expiry
