"""The round in the evening: every pocket of which nobody is sure is counted, as a person counts it."""

from __future__ import annotations

from tests.journey.hand import Hand, Refused
from tests.journey.stations import Node


async def count_all(node: Node, hand: Hand, name: str, holder: str | None = None) -> int:
    """Counts what is unverified, of one holder or of all; how many pockets that were."""
    books = node.world.station.books
    doubted = [one for one in books.stock.pockets.values() if one["unverified"] is not None and one["item"] is not None]
    some = [one for one in doubted if holder is None or one["drawer"] == holder]
    for number, pocket in enumerate(some):
        await _count(node, hand, f"{name}-{number}-{pocket['seq']}", pocket["pocket"], pocket["drawer"])
    return len(some)


async def _count(node: Node, hand: Hand, id_: str, pocket: str, holder: str) -> None:
    house = node.world.house
    drawer = holder in house.plant.drawers
    path = f"/counts/{id_}"
    await hand.done("PUT", path, {"pocket": pocket})
    if drawer:
        await house.plant.open(holder, wait_s=10)
        await hand.until(path, lambda told: told["ask"] is None or told["ask"]["entries"])
    if holder in house.plant.gantries:
        gantry = house.plant.gantries[holder]
        item = next(one["item"] for one in node.world.station.books.stock.pockets.values() if one["pocket"] == pocket)
        pack = next(one.pack for one in node.report.data.items if one.id == item)
        lies = len(gantry.shelf[pocket]) * pack
    else:
        lies = house.plant.pocket(pocket).quantity
    for _ in range(2):  # a count that does not agree is asked for once more
        try:
            told = await hand.done("POST", f"{path}/entries", {"kind": "count", "number": lies})
        except Refused as refused:
            if refused.code not in {"work-ended", "entry-not-expected"}:
                raise
            break
        if not told["ask"] or "count" not in told["ask"]["entries"]:
            break
    if drawer:
        await house.plant.shut(holder)
    await hand.until(path, lambda told: told["state"] not in {"accessing", "counting"})
