"""Seeded people: whenever a board frees a latch, somebody comes, pulls, takes or puts, and mostly shuts the drawer again.

They see the plant alone, never the daemon; a hint tells them what their next visit to a drawer is for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from simulators.plant.plant import Plant
from simulators.plant.pocket import CannotDo, Lot
from simulators.plant.truth import Edge


@dataclass(frozen=True, slots=True)
class Habits:
    """How long people take, in seconds (evenly spread between the two), and how often they slip, from 0 to 1."""

    pull_s: tuple[float, float] = (0.5, 3.0)
    work_s: tuple[float, float] = (1.0, 4.0)
    dawdles: float = 0.0
    dawdle_s: tuple[float, float] = (10.0, 40.0)
    """Somebody was called: it takes this much longer until the pull."""
    walks_away: float = 0.0
    """Never pulls."""
    miscounts: float = 0.0
    """Takes one more than meant, if it is there."""
    puts_back: float = 0.0
    """Takes, and puts one back."""
    forgets_to_shut: float = 0.0
    comes_back_s: tuple[float, float] = (70.0, 120.0)
    """A forgotten drawer is shut this much later."""
    reopens: float = 0.0
    """Pushes it home and pulls it again before the hook has caught, to look once more."""


CAREFUL = Habits()
HURRIED = Habits(dawdles=0.02, walks_away=0.02, miscounts=0.02, puts_back=0.03, forgets_to_shut=0.02, reopens=0.02)


@dataclass(frozen=True, slots=True)
class Hint:
    """What one visit is for."""

    do: Literal["take", "put", "look"]
    pocket: str
    quantity: int = 1
    lot: str | None = None
    expiry: str = ""


class People:
    """The people of one plant. `run` lets them come and go until it is cancelled."""

    def __init__(self, plant: Plant, seed: int | str = 0, habits: Habits = CAREFUL) -> None:
        self.habits = habits
        self._plant = plant
        self._seed = seed
        self._visits: dict[str, int] = {}
        self._hints: dict[str, deque[Hint]] = {}

    def hint(self, hint: Hint) -> None:
        """The next visit to this pocket's drawer that has no other hint is for this. Raises CannotDo."""
        pocket = self._plant.pocket(hint.pocket)
        self._hints.setdefault(pocket.drawer, deque()).append(hint)

    async def run(self) -> None:
        """Comes whenever a board has freed a latch. Ends only by cancellation."""
        freed: asyncio.Queue[str] = asyncio.Queue()
        visited: set[str] = set()

        def see(edge: Edge) -> None:
            if edge.what == "unlatched" and edge.cause == "pulse":
                freed.put_nowait(edge.drawer)

        unwatch = self._plant.truth.watch(see)
        try:
            async with asyncio.TaskGroup() as visits:
                while True:
                    drawer = await freed.get()
                    if drawer not in visited:
                        visited.add(drawer)
                        self._visits[drawer] = number = self._visits.get(drawer, 0) + 1
                        somebody = Visitor(self._plant, drawer, self.habits, Random(f"{self._seed} {drawer} {number}"), self._next)
                        visit = visits.create_task(somebody.visit(), name=f"visit {drawer}")
                        visit.add_done_callback(lambda _, gone=drawer: visited.discard(gone))  # type: ignore[misc]
        finally:
            unwatch()

    def _next(self, drawer: str) -> Hint | None:
        """The oldest hint for this drawer, if there is one."""
        hints = self._hints.get(drawer)
        return hints.popleft() if hints else None


class Visitor:
    """Somebody at one drawer. Their chance is their own, so what one does changes nothing for the others."""

    def __init__(self, plant: Plant, drawer: str, habits: Habits, chance: Random, next_hint: Callable[[str], Hint | None]) -> None:
        self._plant, self._drawer, self._habits, self._chance, self._next_hint = plant, drawer, habits, chance, next_hint

    async def visit(self) -> None:
        """Pulls, works, shuts; or whatever their habits make of it."""
        habits = self._habits
        if self._slips(habits.walks_away):
            return
        if self._slips(habits.dawdles):
            await self._spend(habits.dawdle_s)
        await self._spend(habits.pull_s)
        try:
            await self._plant.open(self._drawer)
        except CannotDo:
            return  # it fell back, jammed, or somebody else was quicker
        await self._spend(habits.work_s)
        self._work()
        if self._slips(habits.forgets_to_shut):
            await self._spend(habits.comes_back_s)
        try:
            if self._slips(habits.reopens) and await self._plant.reopen(self._drawer):
                await self._spend(habits.work_s)
            await self._plant.shut(self._drawer)
        except CannotDo:
            return  # somebody else shut it, or it jammed: this person leaves it

    def _work(self) -> None:
        hint = self._next_hint(self._drawer) or self._belief()
        if hint is None or hint.do == "look":
            return
        try:
            if hint.do == "put":
                self._plant.put(hint.pocket, Lot(hint.lot or "", hint.expiry, hint.quantity))
                return
            held = self._plant.take(hint.pocket, hint.quantity, hint.lot)
            if self._slips(self._habits.miscounts):
                self._plant.take(hint.pocket, 1)
            if self._slips(self._habits.puts_back):
                self._plant.put(hint.pocket, replace(held[0], quantity=1))
        except CannotDo:
            return  # not so many there, or somebody shut it: they leave what they have not got

    def _belief(self) -> Hint | None:
        """What somebody without a hint believes: one unit of some pocket that holds any."""
        full = [id for id, pocket in self._plant.pockets.items() if pocket.drawer == self._drawer and pocket.quantity]
        return Hint("take", self._chance.choice(full)) if full else None

    def _slips(self, how_often: float) -> bool:
        return self._chance.random() < how_often

    async def _spend(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*between))
