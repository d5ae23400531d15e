"""The actor of one gantry: a head that fetches packs from its shelf into totes, one act at a time.

Everything it holds and everything ordered of it stands in `books.gantries` and `books.stock`; here is only what lives as long as
the daemon. Its orders are `gantry_orders`, its work `gantry_trips`. To workflows it is also the holder of its shelf's pockets.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any

from controller.actors import gantry_entries as entries_of
from controller.actors import gantry_plan
from controller.actors.actor import Actor
from controller.actors.gantry_homing import MARGIN_S, homed
from controller.actors.gantry_orders import Fetched, Fetching, Orders
from controller.actors.gantry_told import Told
from controller.actors.gantry_trips import Trips
from controller.actors.ground import Ground
from controller.actors.intent import Unlocking
from controller.actors.requests import Decide
from controller.clock import Clock
from controller.ledger.books import Books
from controller.ledger.port import Entry, Posting
from controller.ledger.views import gantry_records as records
from controller.ledger.views.gantries import GantriesView
from controller.machines.gantry import HOLDS, RULES, TAKES_ORDERS, WORKS, Event, State
from controller.machines.table import IllegalEvent
from controller.planning.planner import Planner
from controller.policy.roles import Right
from controller.policy.session import Session, Who, require
from drivers.capabilities import Gantry
from drivers.faults import Fault, LedgerFault, Refused
from drivers.link import Link, LinkChange
from sites.gantry import GrblGantry
from sites.pockets import Place


class GantryActor(Actor[Told]):
    """One gantry. `places` are the loading places at its hand-over, `planner` gives the planner that runs now."""

    __slots__ = (
        "_homing", "books", "clock", "device", "epoch", "fresh_days", "ground", "link", "orders", "part", "places", "planner",
        "state", "trips",
    )  # fmt: skip
    bare, by_hand, one_switch = True, False, False

    def __init__(
        self,
        part: GrblGantry,
        device: Gantry,
        link: Link,
        ground: Ground,
        books: Books,
        clock: Clock,
        places: Collection[str],
        planner: Callable[[], Planner],
        fresh_days: int,
    ) -> None:
        super().__init__(part.id, ground.spawn)
        self.part, self.device, self.link, self.ground, self.books, self.clock = part, device, link, ground, books, clock
        self.places, self.planner, self.fresh_days = frozenset(places), planner, fresh_days
        self.state, self.epoch = State.DOWN, 0
        self._homing: tuple[str, Posting] | None = None
        """What it was last ordered to home under; None once a stop has been asked for since."""
        self.orders, self.trips = Orders(self), Trips(self)
        link.watch(self._link_changed)

    @property
    def view(self) -> GantriesView:
        """What the ledger says of gantries."""
        return self.books.gantries

    def restore(self) -> list[Entry]:
        """Back to what the ledger says, before anything runs: a hold stays, an act that was under way is in doubt, and nobody
        knows where the head is. Returns the entries that say so; nothing is fetched or handed over again."""
        known = self.view.gantries.get(self.id) or records.new(self.id)
        was = State(known["state"])
        self.state = was if was in HOLDS else State.DOWN
        entries = [self._entry(was, Event.LINK_LOST, self.state, Told(Event.LINK_LOST, more={"reason": "restart"}))]
        packs = [
            (order, fetch)
            for order, fetch in self.view.in_tray(self.id)
            if [order["order"], fetch["fetch"]] in (known["act"] or [])
        ]
        if packs:
            entries += entries_of.doubted(self.id, packs, "restart", from_shelf=not known["handing"])
        doubted = {order["order"] for order, _ in packs}
        idle = [order for order in self.view.idle(self.id) if order["order"] not in doubted]
        entries += entries_of.ended(idle, "incomplete", "restart")
        if doubted or self.view.doubtful(self.id):
            was, self.state = self.state, RULES.after(self.state, Event.IN_DOUBT)
            entries.append(self._entry(was, Event.IN_DOUBT, self.state, Told(Event.IN_DOUBT, more={"reason": "restart"})))
        return entries

    # --- asked by people and workflows

    def fetch(self, item: str, packs: int, purpose: Mapping[str, Any], who: Who, *, urgent: bool = False) -> Fetching:
        """Orders so many full packs of an item into a tote, for a person or a program.

        Decided and recorded in one breath: when this returns the intent is posted and the packs are promised, and
        `Fetching.outcome` will be done when it has ended, with every pack that lies in the tote (fewer than wanted, or none, is
        an ordinary end). `purpose` names the `tote`, and what else the ledger is to keep; nothing is fetched until that tote
        stands at one of this gantry's places. Raises Refused: `gantry-not-ready`, `gantry-order-too-large`,
        `gantry-lacks-packs` and those of the station; LedgerFault. Nothing has moved then.
        """
        return self.orders.fetch(item, packs, purpose, who, urgent=urgent)

    def outcome(self, order: str) -> asyncio.Future[Fetched]:
        """Done when this order has ended: for who waited before a restart. Raises Refused("unknown-gantry-order")."""
        return self.orders.outcome(order)

    def settle(self, order: str, who: Session, in_tote: Collection[str], note: str) -> Posting:
        """A person who has looked, and has emptied the tray of this order, says which of its packs (fetches that lie in the tray
        or are in doubt) now lie in the tote; the others do not. The last one ends the gantry's doubt.

        Raises Refused: `not-allowed`, `presence-required`, `unknown-gantry-order`, `unknown-gantry-pack`,
        `gantry-order-not-in-doubt`.
        """
        require(who, Right.PICK)
        posting = self.orders.settle(order, who, in_tote, note)
        if self.state is State.IN_DOUBT and not self.view.doubtful(self.id):
            self.tell(Told(Event.SETTLED, by=who.person, more={"reason": note}))
        return posting

    def home(self, who: Session) -> asyncio.Future[Posting]:
        """A named person who stands by has it run to its limit switches. Returns what `order` does; how it ended, the state says.

        Raises Refused: `not-allowed`, `presence-required` and those of the station; LedgerFault.
        """
        require(who, Right.RECOVER_DRAWERS)
        self.ground.permit()
        seconds = int(self.part.home_s + MARGIN_S)
        body = {"gantry": self.id, "by": who.person, "session": who.id, "terminal": who.terminal, "deadline_s": seconds}
        return self.order(Told(Event.HOME, by=who.person, first=(Entry("gantry.home_intended", body, who.person),)))

    async def stop(self, who: Session) -> Posting:
        """Stops whatever moves, at once, and then records it; it must be homed again. An act that was under way is in doubt, and
        a homing that was ordered and has not begun does not begin.

        Raises LinkFault (effect UNKNOWN) when nobody can say that it stands, which is recorded as well; LedgerFault.
        """
        self._homing = None
        fault: Fault | None = None
        try:
            halt = str(await self.device.stop())
        except Fault as unknown:
            fault, halt = unknown, "unknown"
        posting = await self.order(Told(Event.STOPPED, by=who.person, more={"reason": "stopped", "halt": halt}))
        if fault is not None:
            raise fault
        return posting

    def order(self, told: Told) -> asyncio.Future[Posting]:
        """Tells it what somebody has decided. Awaited, it gives the posting, or raises Refused or LedgerFault."""
        told.answer = asyncio.get_running_loop().create_future()
        self.tell(told)
        return told.answer

    def permit(self) -> None:
        """Whether an order may be taken now. Raises Refused, LedgerFault."""
        self.ground.permit()
        if self.state not in TAKES_ORDERS:
            raise Refused("gantry-not-ready", gantry=self.id, state=str(self.state))

    def free(self, item: str) -> int:
        """Packs of an item that may be fetched and are promised to no order."""
        known = self.books.formulary.item(item)
        pack = known.pack if known is not None else 1
        here = gantry_plan.places(self.id, self.books.stock, item)
        return max(sum(records.may_give(pocket, pack, self.today()) for pocket in here) - self.view.promised(self.id, item), 0)

    def standing(self) -> dict[str, str]:
        """The totes that stand at its hand-over, each with its place."""
        return {tote["tote"]: at for at, tote in self.books.totes.standing().items() if at in self.places}

    def today(self) -> datetime.date:
        """The day by which expiries are judged."""
        return self.clock.now().date()

    def post(self, *entries: Entry) -> Posting:
        """Records. Raises LedgerFault."""
        return self.ground.ledger.post(*entries)

    def told(self, event: Event, reason: str = "") -> Told:
        """What a duty of its own has found out."""
        return Told(event, more={"reason": reason})

    # --- the holder of its shelf's pockets

    @property
    def within(self) -> str:
        """Itself."""
        return self.id

    @property
    def place(self) -> Place | None:
        """None: it is beside the cabinets."""
        return None

    @property
    def held(self) -> bool:
        """Whether a person must look at it, repair it or put it back into service first."""
        return self.state in HOLDS

    @property
    def waits(self) -> bool:
        """Whether it is to be homed, or not there at the moment: what it has is wanted when nothing else has it."""
        return self.state not in WORKS

    @property
    def shut_off(self) -> bool:
        """Hands reach its shelf only while it is out of service."""
        return self.state is not State.OUT_OF_SERVICE

    async def unlock(self, decide: Decide, purpose: Mapping[str, Any], session: Session, pockets: Sequence[str]) -> Unlocking:
        """See `Holder.unlock`. Raises Refused("gantry-in-service") unless it is out of service."""
        self.ground.permit()
        if self.shut_off:
            raise Refused("gantry-in-service", gantry=self.id, state=str(self.state))
        access = self.ground.ids.new()
        return Unlocking(access, self.post(*decide(access)))

    # --- the step

    def _link_changed(self, change: LinkChange) -> None:
        self.epoch = change.epoch
        self.tell(Told(Event.LINK_UP if change.up else Event.LINK_LOST, more={"reason": change.reason}))

    def _take(self, told: Told) -> bool:
        was = self.state
        try:
            after = RULES.after(was, told.event)
        except IllegalEvent:
            self._answer(told, Refused("gantry-step-not-now", gantry=self.id, state=str(was), step=str(told.event)))
            return False
        if after is was and told.answer is None:
            return False
        try:
            posting = self.post(*told.first, self._entry(was, told.event, after, told))
        except LedgerFault as fault:
            self._answer(told, fault)
            raise
        self.state = after
        if told.event is Event.HOME:
            self._homing = self.ground.ids.new(), posting
        if told.answer is not None and not told.answer.done():
            told.answer.set_result(posting)
        return after is not was

    def _answer(self, told: Told, fault: Fault) -> None:
        if told.answer is not None and not told.answer.done():
            told.answer.set_exception(fault)

    def _entry(self, was: State, event: Event, after: State, told: Told) -> Entry:
        body = {"gantry": self.id, "state": str(after), "was": str(was), "event": str(event), "epoch": self.epoch}
        return Entry("gantry.changed", {**body, **(told.more or {})}, told.by)

    def _left(self) -> None:
        """The act that was under way has its outcome now: what nobody has begun ends, and what is in doubt holds it."""
        if self.state in WORKS:
            return
        self.orders.give_up(f"gantry-{self.state}")
        if self.state in HOLDS:
            return
        if self.view.doubtful(self.id):
            self.tell(self.told(Event.IN_DOUBT, "not-settled"))
        elif (self.state is State.DOWN) is self.link.up:
            self.tell(self.told(Event.LINK_UP if self.link.up else Event.LINK_LOST))

    def _duty_of_state(self) -> Callable[[], Coroutine[Any, Any, Told | None]] | None:
        duties = {
            State.HOMING: self._home,
            State.READY: self.trips.next,
            State.FETCHING: self.trips.fetch,
            State.HANDING_OVER: self.trips.hand_over,
        }
        return duties.get(self.state)

    async def _home(self) -> Told:
        if self._homing is None:
            return self.told(Event.NOT_HOMED, "gantry-stopped")
        intent, posting = self._homing
        await posting.durable
        why = await homed(self.device, intent, self.part.home_s + MARGIN_S, lambda: self._homing is None)
        return self.told(Event.HOMED) if why is None else self.told(Event.NOT_HOMED, why)

    def broken(self, defect: Exception) -> Told:
        """A defect of its own or of its driver, as the table is told."""
        return self.told(Event.DEFECT, f"{type(defect).__name__}: {defect}")

    def _hopeless(self, defect: Exception) -> None:
        self.ground.defect(f"gantry {self.id}", defect)

    def _faulted(self, fault: LedgerFault) -> None:
        """Nothing can be recorded, so nothing moves: halted, in memory alone (law 1)."""
        self.state = State.HALTED
        self.ground.unrecordable(fault)
