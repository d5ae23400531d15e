"""The actor of one robot: what it tells is taken down in the order in which it came, and its state says what may be asked of it.

Everything it holds and everything ordered of it stands in `books.robots`; here is only what lives as long as the daemon. Its
orders are `robot_orders`, what becomes of them `robot_outputs`, its packs `robot_stock`, its belts `robot_inputs`, what was
announced for these `robot_deliveries`.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from controller.actors.actor import Actor
from controller.actors.ground import Ground
from controller.actors.robot_audit import Audits
from controller.actors.robot_deliveries import Deliveries
from controller.actors.robot_inputs import Inputs
from controller.actors.robot_orders import Orders, Picking
from controller.actors.robot_outputs import Outcome
from controller.actors.robot_stock import Stock
from controller.clock import Clock
from controller.formulary.criteria import ANY, Criteria
from controller.ledger.books import Books
from controller.ledger.port import Entry, Posting
from controller.ledger.views.robots import RobotsView
from controller.machines.robot import HOLDS, RULES, TAKES_ORDERS, Event, State
from controller.machines.robot_pick import SENT
from controller.machines.table import IllegalEvent
from controller.policy.roles import Right
from controller.policy.session import Session, Who, require
from drivers.capabilities import Robot
from drivers.faults import LedgerFault, LinkFault, Refused
from drivers.robot_facts import (
    CancelAnswer,
    InputAsked,
    InputEnded,
    OrderPriority,
    OutputEnded,
    OutputProgress,
    RobotEvent,
    RobotLink,
    RobotReadiness,
    StockChanged,
    Unprocessed,
)
from drivers.robot_labels import Label

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Told:
    """One message in a robot's inbox."""

    event: Event
    by: str = "station"
    more: Mapping[str, Any] | None = None
    """Further members of the ledger entry: `reason`, `components`."""
    answer: asyncio.Future[Posting] | None = None


class RobotActor(Actor[Told]):
    """One robot."""

    __slots__ = ("_orders", "audits", "books", "clock", "deliveries", "device", "epoch", "ground", "inputs", "state", "stock")

    def __init__(self, device: Robot, ground: Ground, books: Books, clock: Clock, audit_s: float) -> None:
        """`audit_s` is the spacing of its audits, 0: only when somebody asks."""
        super().__init__(device.id, ground.spawn)
        self.device, self.ground, self.books, self.clock = device, ground, books, clock
        self.state = State.DOWN
        self.epoch = 0
        self.inputs, self.stock, self._orders, self.deliveries = Inputs(self), Stock(self), Orders(self), Deliveries(self)
        self.audits = Audits(self, audit_s)
        device.watch(self.hear)

    @property
    def view(self) -> RobotsView:
        """What the ledger says of robots."""
        return self.books.robots

    def restore(self) -> Entry:
        """Back to what the ledger says, before anything runs: a hold stays, everything else is unknown until it says Hello.

        Returns the entry that says so. Orders that were open stay open: they are asked for, and never sent again.
        """
        known = self.view.robots.get(self.id)
        was = State(known["state"]) if known is not None else State.DOWN
        self.state = was if was in HOLDS else State.DOWN
        return self._entry(was, Event.LINK_LOST, self.state, Told(Event.LINK_LOST, more={"reason": "restart"}))

    # --- asked by people and workflows

    def pick(
        self,
        item: str,
        packs: int,
        purpose: Mapping[str, Any],
        who: Who,
        output: int,
        *,
        priority: OrderPriority = OrderPriority.NORMAL,
        box: str | None = None,
        labels: Sequence[Label] = (),
        criteria: Criteria = ANY,
    ) -> Picking:
        """Orders so many full packs of an item to one of the robot's outputs, for a person or a program.

        Decided and recorded in one breath: when this returns the intent is posted, and `Picking.outcome` will be done when it
        has ended, with every pack that came out (fewer than wanted, or none, is an ordinary end). None of them has expired.
        `purpose` is `{"kind": …, "id": …}` and what else the ledger is to keep; each pack is to fit the `criteria` and to bear
        the `labels`.
        Raises Refused: `robot-not-ready`, `robot-pick-too-large` and those of the station; LedgerFault. Nothing has moved then.
        """
        return self._orders.pick(item, packs, purpose, who, output, priority=priority, box=box, labels=labels, criteria=criteria)

    def outcome(self, order: str) -> asyncio.Future[Outcome]:
        """Done when this order has ended: for who waited before a restart. Raises Refused("unknown-robot-pick")."""
        return self._orders.outcome(order)

    async def cancel(self, order: str, who: Session) -> CancelAnswer:
        """Wants an order back, with one send. The answer is politeness: `outcome` tells what really came out.

        Raises Refused (`unknown-robot-pick`, `robot-pick-not-now`), LinkFault where nothing was written, LedgerFault.
        """
        return await self._orders.cancel(order, who)

    def settle(self, order: str, who: Session, packs: Sequence[Mapping[str, Any]], note: str) -> Posting:
        """A person who has looked says which packs of an order in doubt came out: `pack`, `lot`, `expiry`, `serial` of each, as
        far as they can be read. Raises Refused: `not-allowed`, `presence-required`, `unknown-robot-pick`,
        `robot-pick-not-in-doubt`."""
        require(who, Right.PICK)
        return self._orders.settle(order, who, packs, note)

    def order(self, told: Told) -> asyncio.Future[Posting]:
        """Tells it what somebody has decided. Awaited, it gives the posting, or raises Refused or LedgerFault."""
        told.answer = asyncio.get_running_loop().create_future()
        self.tell(told)
        return told.answer

    def permit(self) -> None:
        """Whether an order may go out now. Raises Refused, LedgerFault."""
        self.ground.permit()
        if self.state not in TAKES_ORDERS:
            raise Refused("robot-not-ready", robot=self.id, state=str(self.state))

    def permit_input(self) -> None:
        """Whether a pack may be let in now. Raises Refused, LedgerFault."""
        self.ground.permit()
        if self.state in HOLDS:
            raise Refused("robot-not-ready", robot=self.id, state=str(self.state))

    def today(self) -> datetime.date:
        """The day by which expiries are judged."""
        return self.clock.now().date()

    def post(self, *entries: Entry) -> Posting:
        """Records. Raises LedgerFault."""
        return self.ground.ledger.post(*entries)

    # --- told by its driver

    def hear(self, event: RobotEvent) -> None:
        """One event, at once and in its turn. A defect of ours is this robot's alone."""
        try:
            self._hear(event)
        except LedgerFault as fault:
            self._faulted(fault)
        except Exception as defect:
            log.exception("defect in %s", self.id)
            self.tell(self.broken(defect))

    def _hear(self, event: RobotEvent) -> None:
        match event:
            case RobotLink():
                self.epoch = event.epoch
                self.tell(Told(Event.GREETED if event.up else Event.LINK_LOST, more={"reason": event.reason}))
            case RobotReadiness():
                parts = [{"kind": p.kind, "name": p.name, "ready": p.ready, "text": p.text[:200]} for p in event.components]
                more = {"reason": event.text[:200], "components": parts}
                self.tell(Told(Event.RUNNING if event.ready else Event.NOT_READY, more=more))
            case StockChanged():
                self.stock.told(event)
            case InputAsked():
                self.inputs.asked(event)
            case InputEnded():
                self.inputs.ended(event)
            case OutputProgress():
                self._orders.progress(event)
            case OutputEnded():
                self._orders.ended(event)
            case Unprocessed():
                log.warning("%s: not processed (%s, ours: %s): %s", self.id, event.reason, event.ours, event.text[:200])

    # --- the step

    def _take(self, told: Told) -> bool:
        was = self.state
        try:
            after = RULES.after(was, told.event)
        except IllegalEvent:
            if told.answer is not None and not told.answer.done():
                told.answer.set_exception(Refused("robot-step-not-now", robot=self.id, state=str(was), step=str(told.event)))
            return False
        if after is was and told.event is not Event.GREETED and told.answer is None and not self._parts_differ(told):
            return False
        entries = [self._entry(was, told.event, after, told)]
        if after is State.STOPPED is not was:  # what it was moving may be anywhere
            moving = [pick["item"] for pick in self.view.live(self.id) if pick["state"] in SENT]
            entries += self._orders.uncertain(moving, "stopped")
        posting = self.post(*entries)
        self.state = after
        if told.answer is not None and not told.answer.done():
            told.answer.set_result(posting)
        if told.event in {Event.RESUME, Event.RETURN} and self.device.up:
            self.tell(Told(Event.GREETED, more={"reason": str(told.event)}))
        return after is not was or told.event is Event.GREETED

    def _parts_differ(self, told: Told) -> bool:
        known = self.view.robots.get(self.id)
        told_parts = (told.more or {}).get("components")
        return told_parts is not None and (known is None or told_parts != known["components"])

    def _entry(self, was: State, event: Event, after: State, told: Told) -> Entry:
        body = {"robot": self.id, "state": str(after), "was": str(was), "event": str(event), "epoch": self.epoch}
        return Entry("robot.changed", {**body, **(told.more or {})}, told.by)

    def _left(self) -> None:
        """Nothing to be known late."""

    def _duty_of_state(self) -> Callable[[], Coroutine[Any, Any, Told | None]] | None:
        duties = {State.ASKING: self._ask, State.SYNCING: self._sync, State.READY: self._keep, State.STOPPED: self._ask_only}
        return duties.get(self.state)

    async def _ask(self) -> Told:
        await self._orders.ask_all()
        return Told(Event.ASKED)

    async def _ask_only(self) -> None:
        await self._orders.ask_all()

    async def _sync(self) -> Told | None:
        with suppress(LinkFault):  # the link's end is told by itself
            await self.stock.sync()
            return Told(Event.SYNCED)
        return None

    async def _keep(self) -> None:
        async with asyncio.TaskGroup() as all_of_it:
            all_of_it.create_task(self._keep_stock())
            all_of_it.create_task(self._orders.ask_quiet())
            all_of_it.create_task(self._audit())
            all_of_it.create_task(self.deliveries.keep())

    async def _keep_stock(self) -> None:
        with suppress(LinkFault):
            await self.stock.keep()

    async def _audit(self) -> None:
        with suppress(LinkFault):
            await self.audits.run()

    def broken(self, defect: Exception) -> Told:
        """A defect of its own or of its driver, as the table is told."""
        return Told(Event.DEFECT, more={"reason": f"{type(defect).__name__}: {defect}"})

    def _hopeless(self, defect: Exception) -> None:
        self.ground.defect(f"robot {self.id}", defect)

    def _faulted(self, fault: LedgerFault) -> None:
        """Nothing can be recorded, so nothing is ordered: halted, in memory alone (law 1)."""
        self.state = State.HALTED
        self.ground.unrecordable(fault)
