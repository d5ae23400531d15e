"""Seeded people: whenever a board frees a latch, somebody comes, pulls, takes or puts, and mostly shuts the drawer again.

They see the plant alone, never the daemon; a hint tells them what their next visit to a drawer is for.
"""

from __future__ import annotations

import asyncio
from collections import deque
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
    walks_away: float = 0.0
    """Never pulls."""
    miscounts: float = 0.0
    """Takes one more than meant, if it is there."""
    puts_back: float = 0.0
    """Takes, and puts one back."""
    forgets_to_shut: float = 0.0
    comes_back_s: tuple[float, float] = (70.0, 120.0)
    """A forgotten drawer is shut this much later."""


CAREFUL = Habits()
HURRIED = Habits(walks_away=0.02, miscounts=0.02, puts_back=0.03, forgets_to_shut=0.02)


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
        self._chance = Random(f"{seed} people")
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
                        visit = visits.create_task(self._visit(drawer), name=f"visit {drawer}")
                        visit.add_done_callback(lambda _, gone=drawer: visited.discard(gone))  # type: ignore[misc]
        finally:
            unwatch()

    async def _visit(self, drawer: str) -> None:
        habits = self.habits
        if self._slips(habits.walks_away):
            return
        await self._spend(habits.pull_s)
        try:
            await self._plant.open(drawer)
        except CannotDo:
            return  # it fell back, jammed, or somebody else was quicker
        await self._spend(habits.work_s)
        self._work(drawer)
        if self._slips(habits.forgets_to_shut):
            await self._spend(habits.comes_back_s)
        try:
            await self._plant.shut(drawer)
        except CannotDo:
            return  # somebody else shut it, or it jammed: this person leaves it

    def _work(self, drawer: str) -> None:
        hint = self._next(drawer)
        if hint is None or hint.do == "look":
            return
        try:
            if hint.do == "put":
                self._plant.put(hint.pocket, Lot(hint.lot or "", hint.expiry, hint.quantity))
                return
            held = self._plant.take(hint.pocket, hint.quantity, hint.lot)
            if self._slips(self.habits.miscounts):
                self._plant.take(hint.pocket, 1)
            if self._slips(self.habits.puts_back):
                self._plant.put(hint.pocket, replace(held[0], quantity=1))
        except CannotDo:
            return  # not so many there: they leave what they have not got

    def _next(self, drawer: str) -> Hint | None:
        """The hint for this visit, or one unit of some pocket that holds any."""
        hints = self._hints.get(drawer)
        if hints:
            return hints.popleft()
        full = [id for id, pocket in self._plant.pockets.items() if pocket.drawer == drawer and pocket.quantity]
        return Hint("take", self._chance.choice(full)) if full else None

    def _slips(self, how_often: float) -> bool:
        return self._chance.random() < how_often

    async def _spend(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*between))
