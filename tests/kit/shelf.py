"""A shelf with a picker in a world that does not stand still: what a plan meets between two trips, and who judges what was fetched.

Everything here is drawn from one seed. Between any two trips lines come and are cancelled, some of them urgent; packs are put in,
promised to somebody else and let go, touched in a jam and seen again; days pass and packs expire. The judge knows the shelf itself
and uses nothing of the planner's.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass, replace

from controller.planning.eligible import Stored, free
from controller.planning.horizon import ahead
from controller.planning.planner import Planner
from controller.planning.problem import Pick, Plan, Problem, Trip, cost
from controller.planning.travel import Axis, Rack

ITEMS, DEEP, CARRIES = 40, 8, 4
PICK_US, TRIP_US = 3_000_000, 4_000_000
AXES = (Axis(3_000_000, 2_000_000), Axis(1_000_000, 1_000_000))
LONG_UM, HIGH_UM = 12_000_000, 2_600_000
OUTPUTS = {"counter": (0, 900_000), "cellar": (6_000_000, 0)}
BEGINS = datetime.date(2027, 3, 1)


@dataclass(frozen=True)
class Line:
    """One pack of an item, wanted at an output."""

    id: str
    item: int
    output: str
    urgent: bool


class Shelf:
    """`tolerance_days` and `outputs` are the site's; `wrong` is what the judge found."""

    def __init__(self, seed: str, tolerance_days: int, outputs: int = 2) -> None:
        self.chance, self.tolerance_days = random.Random(seed), tolerance_days
        self.outputs = dict(list(OUTPUTS.items())[:outputs])
        self.places: dict[str, tuple[int, ...]] = dict(self.outputs)
        self.rack = Rack(AXES, self.places)
        self.today = BEGINS
        self.packs: dict[str, Stored] = {}
        self.item_of: dict[str, int] = {}
        self.promised: set[str] = set()
        self.waiting: dict[str, Line] = {}
        self.filled: set[str] = set()
        self.gone: set[str] = set()
        self.lines = self.number = self.trips = self.picked = self.took_us = 0
        self.at: str | None = None
        self.wrong: list[str] = []
        for item in range(ITEMS):
            for _ in range(DEEP):
                self._put(item)

    async def work(self, planner: Planner, picks: int) -> None:
        """Until so many packs have been fetched: plan, one trip, and the world goes on."""
        while self.picked < picks:
            self._world()
            plan = await planner.plan(problem := self.problem(self.chance.randint(8, 50)))
            if not plan.trips:
                continue
            trip = plan.trips[0]
            self._judge(trip)
            self.took_us += cost(problem, Plan((trip,)))
            for fetch in trip.fetches:
                self.filled.add(fetch.pick.id)
                self.gone.add(fetch.pack.id)
                del self.waiting[fetch.pick.id]
                del self.packs[fetch.pack.id]
                self.promised.discard(fetch.pack.id)
            self.at, self.trips, self.picked = trip.output, self.trips + 1, self.picked + len(trip.fetches)
            if self.chance.random() < 0.1:
                self._meanwhile(trip)

    def problem(self, most: int, running: Trip | None = None) -> Problem:
        """What the books say now."""
        by_item: dict[int, list[Stored]] = {}
        for id, pack in self.packs.items():
            by_item.setdefault(self.item_of[id], []).append(pack)
        packs = {item: free(stored, self.promised, self.today) for item, stored in by_item.items()}
        queue = [Pick(line.id, line.output, packs.get(line.item, ()), line.urgent) for line in self.waiting.values()]
        picks = ahead(queue, running, most)
        places = {name: name for name in self.outputs}
        return Problem(picks, self.rack.time, places, CARRIES, PICK_US, TRIP_US, self.tolerance_days, self.at)

    def _meanwhile(self, trip: Trip) -> None:
        """Planned again while a trip is under way: nothing of it may be in what is planned."""
        had = {fetch.pick.id for fetch in trip.fetches}, {fetch.pack.id for fetch in trip.fetches}
        for pick in self.problem(50, trip).picks:
            if pick.id in had[0] or any(pack.id in had[1] for pack in pick.packs):
                self.wrong.append(f"pick {pick.id} is planned again")

    def _world(self) -> None:
        chance = self.chance
        for _ in range(chance.randint(0, 8) if len(self.waiting) < 60 else 0):
            self.lines += 1
            line = Line(f"L{self.lines}", chance.randrange(ITEMS), chance.choice(list(self.outputs)), chance.random() < 0.05)
            self.waiting[line.id] = line
            self._put(line.item)
        for id in chance.sample(sorted(self.packs), 10):
            match chance.randrange(8):
                case 0:
                    self.packs[id] = replace(self.packs[id], uncertain=True)
                case 1:
                    self.promised.add(id)
        for id in chance.sample(sorted(self.promised), len(self.promised) // 5):
            self.promised.discard(id)
        for id in sorted(id for id, pack in self.packs.items() if pack.uncertain and chance.random() < 0.1):
            self.packs[id] = replace(self.packs[id], uncertain=False)
        if self.waiting and chance.random() < 0.1:
            del self.waiting[chance.choice(list(self.waiting))]
        if chance.random() < 0.02:
            self.today += datetime.timedelta(days=1)
            for id in [id for id, pack in self.packs.items() if self._day(pack) < self.today]:
                del self.packs[id]

    def _put(self, item: int) -> None:
        self.number += 1
        id, chance = f"P{self.number}", self.chance
        place = f"at {id}"
        self.places[place] = (chance.randrange(LONG_UM + 1), chance.randrange(HIGH_UM + 1))
        day = self.today + datetime.timedelta(days=chance.choice((30, 60, 65, 70, 90, 95, 180)) + chance.choice((0, 0, 0, 1, 7)))
        self.packs[id] = Stored(id, place, f"{day:%Y-%m}" if chance.random() < 0.1 else f"{day:%Y-%m-%d}")
        self.item_of[id] = item

    def _day(self, pack: Stored) -> datetime.date:
        """The day from which it may not be given out: for a month without a day, its last."""
        year, month, day = [*map(int, str(pack.expiry).split("-")), 0][:3]
        first_of_next = datetime.date(year + month // 12, month % 12 + 1, 1)
        return datetime.date(year, month, day) if day else first_of_next - datetime.timedelta(days=1)

    def _may(self, id: str) -> bool:
        return not self.packs[id].uncertain and id not in self.promised and self._day(self.packs[id]) > self.today

    def _judge(self, trip: Trip) -> None:
        """At the moment at which the trip starts."""
        said, lines = self.wrong, [self.waiting.get(fetch.pick.id) for fetch in trip.fetches]
        packs = [fetch.pack.id for fetch in trip.fetches]
        if len(packs) > CARRIES or len(set(packs)) < len(packs) or len({line.id for line in lines if line}) < len(packs):
            said.append(f"a trip of {packs} for {lines}")
        for id, line in zip(packs, lines, strict=True):
            if line is None or line.id in self.filled or id in self.gone or id not in self.packs or not self._may(id):
                said.append(f"{id} may not be fetched for {line}")
                continue
            if line.output != trip.output or self.item_of[id] != line.item:
                said.append(f"{id} is not what {line} wants")
            latest = self._day(self.packs[id]) - datetime.timedelta(days=self.tolerance_days)
            for other, pack in self.packs.items():
                if self.item_of[other] == line.item and other not in packs and self._may(other) and self._day(pack) < latest:
                    said.append(f"{other} expires before {id}")
        urgent = [line for line in self.waiting.values() if line.urgent and self._has_any(line.item)]
        if urgent and not all(line and line.urgent for line in lines):
            said.append(f"{urgent[0]} was not fetched first")

    def _has_any(self, item: int) -> bool:
        return any(self.item_of[id] == item and self._may(id) for id in self.packs)
