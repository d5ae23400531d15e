"""What differs in a robot becomes a discrepancy: one of an item while it is unresolved, with every pack that is not what the books
said (reference domain.md A13 row 109, B9).

The robot is believed from then on, so the books hold what it tells. A discrepancy says that a person has to find out why. What
is not in a robot because an order in doubt may have given it out is that order's, until a person has settled it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controller.ledger.port import Entry
from controller.ledger.views.discrepancies import DifferentPack
from controller.ledger.views.robot_records import UNITS
from controller.workflows.discrepancy import Where, opened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from controller.actors.ground import Pair
    from controller.ledger.views.discrepancies import Discrepancy
    from controller.ledger.views.robot_records import Held, PackOut
    from controller.station import Station


def differs(station: Station, robot: str, item: str, packs: Mapping[str, Pair], finder: str | None) -> list[Entry]:
    """The entry for packs of an item, as they were in the books and as they are: it opens a discrepancy, or adds to the one that
    is unresolved. None where that says all of it already. To be posted with the row that corrects the books, and asked for
    before it. `finder` is the person who has found it out; None: the robot."""
    if not packs:
        return []
    found = _unresolved(station, robot, item)
    if found is None:
        different = {pack: DifferentPack(was=was, now=now, output=None) for pack, (was, now) in packs.items()}
        return [_opened(station, robot, item, different, finder)]
    known = found["packs"]
    news = {
        pack: DifferentPack(was=known[pack]["was"] if pack in known else was, now=now, output=None)
        for pack, (was, now) in packs.items()
        if pack not in known or known[pack]["now"] != now
    }
    return [_changed(station, found, news)] if news else []


def came_out(station: Station, robot: str, packs: Sequence[PackOut]) -> list[Entry]:
    """The entries for packs that came out though no order of ours accounts for them, where a discrepancy misses one: it says so,
    and stays open until a person has explained it."""
    entries = []
    for found in station.books.discrepancies.unsettled_of(robot):
        missed = {pack: known for pack, known in found["packs"].items() if known["now"] is None and known["output"] is None}
        news = {
            pack: DifferentPack(was=missed[pack]["was"], now=None, output=one["output"])
            for one in packs
            if (pack := one["pack"]) is not None and pack in missed and one["output"] is not None
        }
        entries += [_changed(station, found, news)] if news else []
    return entries


def _unresolved(station: Station, robot: str, item: str) -> Discrepancy | None:
    """The latest, where a reviewer has opened an earlier one again."""
    return next(reversed([one for one in station.books.discrepancies.unsettled_of(robot) if one["item"] == item]), None)


def _opened(station: Station, robot: str, item: str, packs: Mapping[str, DifferentPack], finder: str | None) -> Entry:
    record = station.books.robots.robots[robot]
    before = {**station.books.robots.packs(robot, item), **{pack: one["was"] for pack, one in packs.items()}}
    expected = sum(_units(station, item, held) for held in before.values())
    delta = _delta(station, item, packs)
    known = station.books.formulary.item(item)
    return opened(
        station,
        Where(robot=robot, packs=dict(packs)),
        item=item,
        unit=known.unit if known is not None else "pack",
        figures=(expected, expected + delta),
        finder=finder or robot,
        by=finder or "station",
        since=record["since"],
        accesses=record["looks"],
        linked=_linked(station, robot, item, packs, delta),
    )


def _changed(station: Station, found: Discrepancy, news: Mapping[str, DifferentPack]) -> Entry:
    delta = _delta(station, found["item"], {**found["packs"], **news})
    figures = {"counted": found["expected"] + delta, "delta": delta}
    return Entry("discrepancy.changed", {"discrepancy": found["discrepancy"], "packs": dict(news), **figures})


def _linked(station: Station, robot: str, item: str, packs: Mapping[str, DifferentPack], delta: int) -> list[str]:
    """Those that may be the other side of it: of another item with one of these packs, or of a tote with more or less of the item
    where here is less or more."""

    def other_side(one: Discrepancy) -> bool:
        if one["robot"] == robot:
            return not packs.keys().isdisjoint(one["packs"])
        return one["tote"] is not None and one["item"] == item and one["delta"] * delta < 0

    return [one["discrepancy"] for one in station.books.discrepancies.unsettled() if other_side(one)]


def _delta(station: Station, item: str, packs: Mapping[str, DifferentPack]) -> int:
    return sum(_units(station, item, one["now"]) - _units(station, item, one["was"]) for one in packs.values())


def _units(station: Station, item: str, held: Held | None) -> int:
    """Units of a pack that is there; of an item that nobody knows, packs."""
    if held is None:
        return 0
    known = station.books.formulary.item(item)
    left: Any = held[UNITS]
    return 1 if known is None else known.pack if left is None else int(left)
