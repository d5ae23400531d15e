"""The audit of a robot: all that it holds compared with the books, pack by pack, while it has nothing else to do (domain A13, 109).

It asks and moves nothing: no message of WWKS 2 makes a robot read its packs. What a robot finds when it reads them by itself, it
tells (devices.md 1.9); an audit finds what was told while nobody listened, and what was never told. Between two slices the
robot must be idle: an order waits for no more than the slice that is being read.
"""

from __future__ import annotations

import asyncio
import datetime
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.actors.robot_stock import SLICE, Slice
from controller.ledger.port import Entry
from controller.machines import robot_input, robot_pick
from controller.machines.robot import State

if TYPE_CHECKING:
    from controller.actors.robot import RobotActor
    from controller.policy.session import Session


@dataclass(slots=True)
class Progress:
    """An audit under way, as far as it has come. `items` are those that it goes through."""

    items: list[str]
    done: int = 0
    packs: int = 0
    differing: int = 0
    left: int = 0

    def add(self, read: Slice) -> None:
        """One more slice has been compared."""
        self.packs += read.packs
        self.differing += read.differing
        self.left += read.left


class Audits:
    """The audits of one robot."""

    __slots__ = ("_actor", "_every_s", "_woken", "progress")

    def __init__(self, actor: RobotActor, every_s: float) -> None:
        self._actor, self._every_s = actor, every_s
        self._woken = asyncio.Event()
        self.progress: Progress | None = None
        """Kept over a break of the link; after a restart it begins anew."""

    def ask(self, who: Session) -> None:
        """A person wants one now: it begins as soon as the robot is idle. One that has begun is that one.

        Raises Refused("robot-not-ready") while the robot is held by a person, LedgerFault.
        """
        actor = self._actor
        actor.permit_input()
        if actor.view.robots[actor.id]["audit"] is None:
            self._begin(who.person, "asked")
            self.wake()

    def wake(self) -> None:
        """Something has changed that an audit may wait for."""
        self._woken.set()

    def due(self) -> datetime.datetime | None:
        """When the next one begins by itself; None: never, or only after the first comparison."""
        since = self._actor.view.robots[self._actor.id]["audit_from"]
        if since is None or not self._every_s:
            return None
        return datetime.datetime.fromisoformat(since) + datetime.timedelta(seconds=self._every_s)

    def waits_for(self) -> str | None:
        """What keeps an audit from going on: `orders`, `inputs` or the state that the robot is in; None: nothing."""
        actor = self._actor
        if actor.state is not State.READY:
            return str(actor.state)
        if any(pick["state"] in robot_pick.SENT for pick in actor.view.live(actor.id)):
            return "orders"
        inputs = actor.view.robots[actor.id]["inputs"].values()
        return "inputs" if any(known["state"] == robot_input.State.ALLOWED for known in inputs) else None

    async def run(self) -> None:
        """For ever: one audit after another, each when it is due or asked for. Ends by LinkFault only when the link has."""
        actor = self._actor
        while True:
            while actor.view.robots[actor.id]["audit"] is None:
                await self._until_due()
            await self._audit()

    async def _until_due(self) -> None:
        """Begins one if it is due and the robot is idle; else returns when that, or anything else, may have changed."""
        due = self.due()
        left_s = None if due is None else (due - self._actor.clock.now()).total_seconds()
        if left_s is not None and left_s <= 0:
            if self.waits_for() is None:
                self._begin("station", "due")
                return
            left_s = None
        self._woken.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await self._woken.wait()

    def _begin(self, by: str, why: str) -> None:
        self._actor.post(Entry("robot.audit_begun", {"robot": self._actor.id, "by": by, "why": why}, by))

    async def _audit(self) -> None:
        actor = self._actor
        await self._until_idle()
        if self.progress is None:
            self.progress = Progress(await actor.stock.every_item())
        progress = self.progress
        while progress.done < len(progress.items):
            some = progress.items[progress.done : progress.done + SLICE]
            progress.add(await actor.stock.read_again(some))
            progress.done += len(some)
            await self._until_idle()
        self.progress = None
        known = actor.view.robots[actor.id]["audit"]
        body = {
            "robot": actor.id,
            "by": known["by"] if known is not None else "station",
            "articles": len(progress.items),
            "packs": progress.packs,
            "differing": progress.differing,
            "left": progress.left,
        }
        actor.post(Entry("robot.audited", body))

    async def _until_idle(self) -> None:
        while self.waits_for() is not None:
            self._woken.clear()
            await self._woken.wait()
