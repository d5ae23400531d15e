"""Somebody at the cabinet: eyes and hands in the plant, a voice over REST, and a diary of both that the laws compare.

An honest person says what was done and counts what lies there. A slip is done on purpose by the night: it moves more or
less than is said, or says another number than lies there, and the diary has both.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulators.plant.pocket import CannotDo, Lot
from tests.kit.station import World
from tests.simulated.desk import Desk, Gone
from tests.simulated.evidence import Did
from tests.simulated.places import EXPIRY, PLAN, drug_of, package, problem

LIVE = frozenset({"authorised", "reserved", "accessing", "counting"})
PATIENCE_S = 75.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a visit is meant to go. `slip` units more than said are taken (or put in); `miscount` is said beside the truth."""

    slip: int = 0
    miscount: int = 0
    insists: bool = True
    """Says the same wrong number twice; else counts right the second time."""
    walks_away: str = ""
    """At which question: `open`, `answer`, `shut`; nothing is said or done from then on."""
    cancels: str = ""
    """At which question: `open` or `answer`."""
    doubles: bool = False
    """Every request is sent twice at once, as an impatient finger does."""
    scans: str = ""
    """`right`, or `wrong` first: then it is put back."""
    counts_at_once: bool = False
    """Where a count follows, says it without saying first what was taken."""
    slow_s: float = 1.0


class Person:
    """One person. Everything they do with hands is in `diary`, everything they are told with the desk."""

    def __init__(self, name: str, world: World, desk: Desk, diary: list[Did], chance: random.Random) -> None:
        self.name, self.world, self.desk, self.diary, self.chance = name, world, desk, diary, chance
        self._pulled: dict[str, int] = {}
        """Drawers pulled by this person, with the number of the truth's edge at that moment."""

    # --- hands

    async def pull_open(self, drawer: str, wait_s: float) -> bool:
        """Pulls a drawer; whether it stands open now by this person's hand."""
        if self.reaches(drawer):
            return True
        try:
            await self.world.plant.open(drawer, wait_s)
        except CannotDo:
            return False
        if self.world.plant.drawers[drawer].shut:
            return False
        self._pulled[drawer] = len(self.world.plant.truth.edges)
        return True

    def reaches(self, drawer: str) -> bool:
        """Whether the drawer that this person opened still stands open."""
        since = self._pulled.get(drawer)
        if since is None or self.world.plant.drawers[drawer].shut:
            return False
        return not any(edge.what == "shut" and edge.drawer == drawer for edge in self.world.plant.truth.after(since))

    async def push_shut(self, drawer: str) -> None:
        """Pushes a drawer home, as far as it goes."""
        try:
            await self.world.plant.shut(drawer)
        except CannotDo:
            return

    def moves(self, pocket: str, moved: int, said: int, work: tuple[str, str] | None) -> None:
        """Takes (negative) or puts in, and notes it with what is meant to be said of it."""
        try:
            if moved < 0:
                self.world.plant.take(pocket, -moved)
            elif moved > 0:
                self.world.plant.put(pocket, Lot(PLAN[pocket][1], EXPIRY, moved))
        except CannotDo:
            moved = 0
        self._note(pocket, work, moved=moved, said=said)

    def lies_in(self, pocket: str) -> int:
        """What the eyes see."""
        return self.world.plant.pockets[pocket].quantity

    def _note(self, pocket: str, work: tuple[str, str] | None, **what: int) -> None:
        self.diary.append(Did(asyncio.get_running_loop().time(), self.name, work, pocket, **what))

    # --- voice

    async def ask(self, method: str, path: str, body: Any = None, wait_s: int = 0, *, twice: bool = False) -> tuple[int, Any]:
        """One request, or the same one twice at once. Raises Gone."""
        if not twice:
            return await self.desk.ask(self.name, method, path, body, wait_s)
        both = [asyncio.create_task(self.desk.ask(self.name, method, path, body, wait_s)) for _ in range(2)]
        try:
            await asyncio.wait(both)
        finally:
            for task in both:
                task.cancel()
        first, second = (task.exception() for task in both)
        if first is not None and second is not None:
            raise first
        return both[0].result() if first is None else both[1].result()

    async def visit(self, kind: str, name: str, asked: Mapping[str, Any], plan: Plan) -> str:
        """One piece of work from its request to its end; how it ended as far as this person knows."""
        path = f"/v1/{kind}s/{name}"
        visit = Visit(self, kind, name, path, plan)
        try:
            status, answer = await self.ask("PUT", path, dict(asked), twice=plan.doubles)
            return await visit.live(answer) if status in {200, 202} else problem(answer)
        except Gone:
            await visit.left_alone()
            return "gone"


class Visit:
    """One person at one piece of work."""

    def __init__(self, person: Person, kind: str, name: str, path: str, plan: Plan) -> None:
        self.person, self.plan, self.path = person, plan, path
        self.work = (kind, name)
        self.drawer, self.pocket, self.quantity = "", "", 0
        self.taken: int | None = None
        self.counts = 0
        self.scanned = False

    async def live(self, answer: Any) -> str:
        """Does what is asked until there is nothing more to do, or patience ends."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while answer["state"] in LIVE and loop.time() < until:
            ask = answer["ask"]
            if ask is not None:
                self._at(answer, ask)
                if self.plan.walks_away == ask["do"]:
                    return "walked away"
                if self.plan.cancels == ask["do"] and await self._cancelled():
                    self.plan = Plan(slow_s=self.plan.slow_s)
                else:
                    await self._do(ask)
            _, answer = await self.person.ask("GET", self.path, wait_s=3)
        if self.drawer and self.person.reaches(self.drawer):
            await self.person.push_shut(self.drawer)
        return str(answer["state"])

    async def left_alone(self) -> None:
        """The screen is dead: a drawer that gives is used all the same, and shut."""
        person = self.person
        if self.work[0] == "pull" and self.pocket and not self.taken and await person.pull_open(self.drawer, 2.0):
            await asyncio.sleep(self.plan.slow_s)
            if person.reaches(self.drawer):
                self._takes()
        if self.drawer and person.reaches(self.drawer):
            await asyncio.sleep(self.plan.slow_s)
            await person.push_shut(self.drawer)

    def _at(self, answer: Any, ask: Any) -> None:
        if self.pocket != ask["pocket"]:
            self.taken, self.counts, self.scanned = None, 0, False
        self.drawer, self.pocket = ask["drawer"], ask["pocket"]
        self.quantity = next(leg["quantity"] for leg in answer["legs"] if leg["pocket"] == self.pocket)

    async def _do(self, ask: Any) -> None:
        person = self.person
        if ask["do"] == "open":
            await asyncio.sleep(self.plan.slow_s)
            await person.pull_open(self.drawer, 2.0)
        elif ask["do"] == "answer":
            await asyncio.sleep(self.plan.slow_s)
            if not person.reaches(self.drawer) and not await person.pull_open(self.drawer, 0.0):
                await self._from_memory(ask["entries"])
            else:
                await self._answer(ask["entries"], again=ask["again"])
        elif ask["do"] == "shut":
            await asyncio.sleep(self.plan.slow_s)
            await person.push_shut(self.drawer)
        elif ask["do"] == "put-back":
            await self._says("put-back", data=package(_another(drug_of(self.pocket)), "LOT"))

    async def _cancelled(self) -> bool:
        if self.taken:
            return False
        status, _ = await self.person.ask("POST", f"{self.path}/cancellation")
        return status in {200, 202}

    async def _from_memory(self, entries: list[str]) -> None:
        """The drawer is shut, and something is still asked: what was done is said, and nothing that was not seen."""
        if "taken" in entries:
            if self.taken is None:
                self.taken = 0
                self.person.moves(self.pocket, 0, 0, self.work)
            await self._says("taken", quantity=self.taken)
        elif "placed" in entries:
            self.person.moves(self.pocket, 0, 0, self.work)
            await self._says("placed", quantity=0)

    async def _answer(self, entries: list[str], *, again: bool) -> None:
        if self.plan.scans and not self.scanned and self.work[0] == "pull":
            self.scanned = True
            drug = drug_of(self.pocket)
            seen = _another(drug) if self.plan.scans == "wrong" else drug
            return await self._says("scan", data=package(seen, PLAN[self.pocket][1]))
        if "taken" in entries:
            if self.taken is None:
                self._takes()
            if not (self.plan.counts_at_once and "count" in entries and self.taken == self.quantity):
                return await self._says("taken", quantity=self.taken)
        if "count" in entries:
            return await self._count(again=again)
        if "placed" in entries:
            put = self.person.chance.randint(1, 9)
            self.person.moves(self.pocket, put + self.plan.slip, put, self.work)
            await self._says("placed", quantity=put)
        return None

    def _takes(self) -> None:
        """Takes what is asked, as far as it lies there, and the slip with it."""
        self.taken = min(self.quantity, self.person.lies_in(self.pocket))
        slip = min(self.plan.slip, self.person.lies_in(self.pocket) - self.taken)
        self.person.moves(self.pocket, -(self.taken + slip), -self.taken, self.work)

    async def _count(self, *, again: bool) -> None:
        lies = self.person.lies_in(self.pocket)
        wrong = self.plan.miscount if self.plan.insists or not again else 0
        number = max(lies + wrong, 0)
        self.person._note(self.pocket, self.work, number=number, lies=lies)
        await self._says("count", number=number)

    async def _says(self, kind: str, **facts: Any) -> None:
        await self.person.ask("POST", f"{self.path}/entries", {"kind": kind, **facts}, twice=self.plan.doubles and kind == "scan")


def _another(drug: str) -> str:
    return "amoxicillin-250" if drug != "amoxicillin-250" else "prednisone-5"
