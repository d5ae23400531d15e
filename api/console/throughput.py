"""How much went through the station hour by hour over the last day: folded from the ledger, each row read once.

Hours are those of the wall clock; a wrong clock moves a bar and nothing else.
"""

from __future__ import annotations

import datetime
import json
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from controller.ledger.port import Row
from controller.station import Station

HOURS = 24
PAGE = 500
KINDS = ("tote.filled", "tote.packed", "pick.committed", "robot.pick_intended", "robot.pick_ended")
BOUNDS_S = (15, 30, 60, 120, 300, 600)
"""How long an order took, in steps whose ends are these; the last step has none."""


@dataclass(frozen=True, slots=True)
class Day:
    """Figures by hour, the present hour last: `hours` are their beginnings. `took` counts orders by how long they took, in the
    steps of BOUNDS_S and one more."""

    hours: tuple[datetime.datetime, ...]
    packs: tuple[int, ...]
    picks: tuple[int, ...]
    totes: tuple[int, ...]
    took: tuple[int, ...]


def day(station: Station) -> Day:
    """The last 24 hours of this station."""
    fold = _folds.get(station)
    if fold is None:
        fold = _folds[station] = _Fold(_began(station))
    fold.read_on(station)
    return fold.day(station.clock.now())


class _Fold:
    """What has been read so far, by hour."""

    def __init__(self, after: int) -> None:
        self._after = after
        self._by_hour: dict[str, Counter[datetime.datetime]] = {"packs": Counter(), "picks": Counter(), "totes": Counter()}
        self._asked: dict[tuple[str, str], datetime.datetime] = {}
        self._took: deque[tuple[datetime.datetime, float]] = deque(maxlen=100_000)

    def read_on(self, station: Station) -> None:
        head = station.ledger.durable_seq
        while rows := station.ledger.read(self._after, PAGE, KINDS):
            self._take(rows)
            self._after = rows[-1].seq
        self._after = max(self._after, head)

    def _take(self, rows: Iterable[Row]) -> None:
        for row in rows:
            at, body = datetime.datetime.fromisoformat(row.at), json.loads(row.body)
            hour = _hour(at)
            if row.kind == "tote.filled":
                self._by_hour["packs"][hour] += body["packs"]
            elif row.kind == "tote.packed":
                self._by_hour["totes"][hour] += 1
            elif row.kind == "pick.committed":
                self._by_hour["picks"][hour] += 1
            elif row.kind == "robot.pick_intended":
                self._asked[body["robot"], body["pick"]] = at
            elif (asked := self._asked.pop((body["robot"], body["pick"]), None)) is not None:
                self._took.append((at, (at - asked).total_seconds()))

    def day(self, now: datetime.datetime) -> Day:
        hours = tuple(_hour(now) - datetime.timedelta(hours=back) for back in reversed(range(HOURS)))
        packs, picks, totes = (tuple(counts[hour] for hour in hours) for counts in self._by_hour.values())
        steps = Counter(bisect_left(BOUNDS_S, took) for at, took in self._took if at >= hours[0])
        return Day(hours, packs, picks, totes, tuple(steps[step] for step in range(len(BOUNDS_S) + 1)))


_folds: WeakKeyDictionary[Station, _Fold] = WeakKeyDictionary()


def _hour(at: datetime.datetime) -> datetime.datetime:
    return at.astimezone(datetime.UTC).replace(minute=0, second=0, microsecond=0)


def _began(station: Station) -> int:
    """A ledger number before which nothing of the last day stands, as the wall times say."""
    low, high = 0, station.ledger.durable_seq
    since = _hour(station.clock.now()) - datetime.timedelta(hours=HOURS)
    while low < high:
        middle = (low + high) // 2
        (row,) = station.ledger.read(middle, 1)
        if datetime.datetime.fromisoformat(row.at) < since:
            low = middle + 1
        else:
            high = middle
    return low
