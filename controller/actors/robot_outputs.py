"""What comes of a robot's orders: every word the robot says about one, and every pack, each counted once.

A step that the table does not allow means nothing any more and is not written. Packs that no live order accounts for are
written down as what they are: out of the robot, and not asked for by us.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controller.actors import robot_entries as entries_of
from controller.ledger.port import Entry, Posting
from controller.ledger.views.robot_records import FREE, STANDING, PackOut, Pick
from controller.machines.robot_pick import LIVE, RULES, SENT, Event, State
from controller.machines.table import IllegalEvent
from drivers.faults import LinkFault, Refused
from drivers.robot_facts import OutputEnded, OutputProgress, RobotPack, TaskState, TaskStatus

if TYPE_CHECKING:
    from controller.actors.ground import Pair
    from controller.actors.robot import RobotActor


QUIET_S = 120.0
"""An order of which nothing was heard for so long is asked for: a question, which moves nothing."""
ROUNDS = 3
"""An order of which the robot says nothing is asked for so often; then the robot's other orders wait no longer for it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an order ended, with every pack that came out of it, each once. `state` is one of `robot_pick.ENDED`."""

    order: str
    state: State
    wanted: int
    packs: tuple[PackOut, ...]
    reason: str | None


class Outputs:
    """The orders of one robot, as far as the robot tells of them."""

    __slots__ = ("_actor", "_outcomes")

    def __init__(self, actor: RobotActor) -> None:
        self._actor = actor
        self._outcomes: dict[str, asyncio.Future[Outcome]] = {}

    def outcome(self, order: str) -> asyncio.Future[Outcome]:
        """Done when the order has ended, which may be long ago. Raises Refused("unknown-robot-pick")."""
        pick = self.find(order)
        if order not in self._outcomes:
            future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
            if State(pick["state"]) in LIVE:
                self._outcomes[order] = future
            else:
                future.set_result(_outcome(pick))
            return future
        return self._outcomes[order]

    def find(self, order: str) -> Pick:
        """The order. Raises Refused("unknown-robot-pick")."""
        pick = self._actor.view.pick(self._actor.id, order)
        if pick is None:
            raise Refused("unknown-robot-pick", robot=self._actor.id, order=order)
        return pick

    # --- told by the robot

    def progress(self, event: OutputProgress) -> None:
        """Packs have come out, and the order goes on."""
        out = self._out(event.packs)
        if not self._step(event.order, Event.IN_PROCESS, "in_process", out=out, boxes=list(event.boxes)):
            self._unasked(event.order, "in-process", out)

    def ended(self, event: OutputEnded) -> None:
        """An order has ended, ours or somebody else's."""
        out = self._out(event.packs)
        if not self._end(event.order, Event(str(event.end)), out, event.boxes, "message"):
            self._unasked(event.order, str(event.end), out)

    async def ask(self, order: str) -> bool:
        """Asks how far an order is. False: no answer; what has no link to be asked over is asked after the next Hello."""
        try:
            state = await self._actor.device.task(order)
        except LinkFault:
            return False
        self._task(state)
        return True

    async def ask_quiet(self) -> None:
        """For ever: asks for each order of which nothing was heard for a while. Its end may have been lost on the way (I-39)."""
        before: set[tuple[str, int]] = set()
        while True:
            await asyncio.sleep(QUIET_S)
            now = {(pick["order"], pick["seq"]) for pick in self._actor.view.live(self._actor.id) if pick["state"] in SENT}
            for order, _ in sorted(now & before):
                await self.ask(order)
            before = now

    async def ask_all(self) -> None:
        """Asks for every order that has not ended, those in doubt too: the robot may know them after all."""
        left = [pick["order"] for pick in self._actor.view.live(self._actor.id)]
        for _ in range(ROUNDS):
            left = [order for order in left if not await self.ask(order)]

    def _task(self, told: TaskState) -> None:
        out = self._out(told.packs)
        match told.status:
            case TaskStatus.NOT_FOUND:  # which does not prove that nothing came out (law 3)
                self._doubt(told.order, "not-found")
            case TaskStatus.QUEUED:
                self._step(told.order, Event.QUEUED, "queued")
            case TaskStatus.IN_PROCESS | TaskStatus.ABORTING:
                self._step(told.order, Event.IN_PROCESS, "in_process", out=out, boxes=list(told.boxes))
            case TaskStatus.COMPLETED if self._fewer(told.order, out):
                self._doubt(told.order, "packs-not-told")
            case ended:
                self._end(told.order, Event(str(ended)), out, told.boxes, "task-info")

    def _fewer(self, order: str, out: Sequence[PackOut]) -> bool:
        """Whether a robot that says it has completed an order has not told all of its packs: which they are is not known."""
        pick = self.find(order)
        return len({one["pack"] for one in (*pick["out"], *out)}) < pick["packs"]

    # --- steps

    def _out(self, packs: Sequence[RobotPack]) -> list[PackOut]:
        out = [entries_of.pack_out(pack) for pack in packs]
        self._actor.stock.moved({one["item"] for one in out if one["item"] is not None})
        return out

    def _may(self, pick: Pick, event: Event) -> bool:
        try:
            RULES.after(State(pick["state"]), event)
        except IllegalEvent:
            return False
        return True

    def _step(self, order: str, event: Event, what: str, **facts: Any) -> bool:
        """Records a step that the table allows, unless it says nothing new; False where it means nothing (any more)."""
        pick = self._actor.view.pick(self._actor.id, order)
        if pick is None or not self._may(pick, event):
            return False
        if pick["state"] != event or facts.get("out"):
            posting = self._actor.post(entries_of.order_entry(what, pick, **facts))
            self._actor.stock.wake()
            if event in {Event.REJECTED, Event.NOT_SENT}:
                self._ended(order, posting)
        return True

    def _end(self, order: str, event: Event, out: Sequence[PackOut], boxes: Sequence[str], source: str) -> bool:
        """Records how an order of ours ended, with all its packs. False where it is not ours, or has ended before."""
        actor, pick = self._actor, self._actor.view.pick(self._actor.id, order)
        if pick is None or not self._may(pick, event):
            return False
        known = {one["pack"] for one in out}
        all_out = [*(one for one in pick["out"] if one["pack"] not in known), *out]
        entries = [entries_of.order_entry("ended", pick, end=str(event), out=all_out, boxes=list(boxes), source=source)]
        entries += actor.ground.received(actor.id, order, pick["purpose"], all_out)
        entries += self._lost(pick, {one["pack"] for one in all_out}, None)
        if len(all_out) < pick["packs"]:
            entries += self.uncertain([pick["item"]], "ended-short", but_for=known)
            actor.stock.ended_short(pick["item"], order)
        posting = actor.post(*entries)
        actor.stock.doubtful([pick["item"]])
        self._ended(order, posting)
        return True

    def _doubt(self, order: str, reason: str) -> None:
        pick = self.find(order)
        if self._may(pick, Event.IN_DOUBT):
            in_doubt = entries_of.order_entry("in_doubt", pick, reason=reason)
            self._actor.post(in_doubt, *self.uncertain([pick["item"]], "in-doubt"))
            self._actor.stock.doubtful([pick["item"]])

    def _lost(self, pick: Pick, out: Collection[str | None], finder: str | None) -> list[Entry]:
        """The entries of what left the books under an order that ends now, has not come out of it, and is not in the robot."""
        here = self._actor.view.packs(self._actor.id, pick["item"])
        lost: dict[str, Pair] = {
            pack: (held, None) for pack, held in pick["suspects"].items() if pack not in out and pack not in here
        }
        return self._actor.ground.differs(self._actor.id, pick["item"], lost, finder)

    def uncertain(self, items: Sequence[str], reason: str, but_for: Collection[str | None] = ()) -> list[Entry]:
        """The entry that makes the free packs of these items uncertain; none where there are none."""
        actor = self._actor
        some = [item for item in dict.fromkeys(items) if self._has_free(item, but_for)]
        actor.stock.doubtful(items)
        if not some:
            return []
        return [Entry("robot.stock_uncertain", {"robot": actor.id, "items": some, "reason": reason})]

    def _has_free(self, item: str, but_for: Collection[str | None]) -> bool:
        packs = self._actor.view.packs(self._actor.id, item)
        return any(held[STANDING] == FREE and pack not in but_for for pack, held in packs.items())

    def _unasked(self, order: str, end: str, out: Sequence[PackOut]) -> None:
        """Packs that came out and that no order of ours accounts for: somebody asked for them at the robot itself, or they are
        late ones of an order that has ended. They are not in the robot any more, whoever has them."""
        pick = self._actor.view.pick(self._actor.id, order)
        known = {one["pack"] for one in pick["out"]} if pick is not None else set()
        fresh = [one for one in out if one["pack"] not in known]
        if fresh:
            body = {"robot": self._actor.id, "pick": order, "ours": pick is not None, "end": end, "out": fresh}
            self._actor.post(Entry("robot.output_unasked", body), *self._actor.ground.came_out(self._actor.id, fresh))
            self._actor.stock.doubtful({one["item"] for one in fresh if one["item"] is not None})

    def _ended(self, order: str, posting: Posting) -> None:
        self._actor.ground.spawn(self._tell(order, posting), f"end of order {order} of {self._actor.id}")

    async def _tell(self, order: str, posting: Posting) -> None:
        """Whoever waits is told once it is on the disk."""
        await posting.durable
        future = self._outcomes.pop(order, None)
        if future is not None and not future.done():
            future.set_result(_outcome(self.find(order)))


def _outcome(pick: Pick) -> Outcome:
    return Outcome(pick["order"], State(pick["state"]), pick["packs"], tuple(pick["out"]), pick["reason"])
