"""Trips of one gantry: planned from what is true now, fetched pack by pack, handed over into one tote, and planned anew.

Each act has its intent on the disk before its first byte, and exactly one outcome. Whichever way an act is broken off, its packs
are in doubt: nothing is fetched or handed over a second time (laws 1, 3 and 4).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from controller.actors import gantry_entries as entries_of
from controller.actors import gantry_plan
from controller.actors.gantry_plan import HAND_OVER, order_of
from controller.formulary.criteria import Criteria
from controller.formulary.lots import Lot
from controller.ledger.port import Entry
from controller.ledger.views import gantry_records as records
from controller.ledger.views.gantry_records import Fetch, Order
from controller.ledger.views.stock import Pocket
from controller.machines.gantry import Event
from controller.planning.problem import Trip
from drivers.faults import Effect, Fault, LedgerFault, LinkFault, Refused
from drivers.gantry_facts import Grip

if TYPE_CHECKING:
    from controller.actors.gantry import GantryActor
    from controller.actors.gantry_told import Told

ACT_S = 120.0
"""No act of a gantry takes so long; past it none of its lines is sent any more."""
LOOK_S = 5.0
"""A gantry with nothing to do is looked at so often: an alarm at rest is told by nobody else."""
_BROKEN = (asyncio.CancelledError, Exception)
"""Every way in which an act can end without an outcome."""


class Trips:
    """The work of one gantry."""

    __slots__ = ("_actor", "_rack", "_trip", "_waker")

    def __init__(self, actor: GantryActor) -> None:
        self._actor = actor
        self._rack = gantry_plan.rack(actor.part)
        self._trip: Trip | None = None
        self._waker = asyncio.Event()

    def wake(self) -> None:
        """There may be something to do."""
        self._waker.set()

    # --- what is to be done

    async def next(self) -> Told:
        """Waits until there is something to do: a tray to hand over, or a trip."""
        while True:
            self._waker.clear()
            if self._may():
                tray = list(self._actor.view.in_tray(self._actor.id))
                if tray and {order["purpose"]["tote"] for order, _ in tray} <= self._actor.standing().keys():
                    return self._actor.told(Event.LOADED)
                if not tray and await self._planned():
                    return self._actor.told(Event.TRIP)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._waker.wait()
            except TimeoutError:
                if (why := await self._unknown()) is not None:
                    return self._actor.told(Event.LOST, why)

    def _may(self) -> bool:
        """Whether anything may be begun now."""
        try:
            self._actor.ground.permit()
        except (Refused, LedgerFault):
            return False
        return True

    async def _planned(self) -> bool:
        """Plans the next trip, if there is one. Orders that nothing is left for end."""
        actor = self._actor
        orders = [one for one in actor.view.open(actor.id) if one["purpose"]["tote"] in actor.standing()]
        if not orders:
            return False
        problem = gantry_plan.problem(
            actor.part, self._rack, orders, actor.books.stock, actor.today(), len(actor.part.tray), actor.fresh_days
        )
        plan = await actor.planner().plan(problem)
        actor.orders.end(gantry_plan.lacking(actor.view.open(actor.id), plan.short), "no-pack")
        self._trip = plan.trips[0] if plan.trips else None
        return self._trip is not None

    async def _unknown(self) -> str | None:
        """Why nobody knows where the head is, if that is so; None also where it does not answer, which its link tells."""
        try:
            look = await self._actor.device.look()
        except LinkFault:
            return None
        return look.why_unknown

    # --- packs into the tray

    async def fetch(self) -> Told:
        """The trip, pack by pack. What the books do not allow any more is left out."""
        actor, trip = self._actor, self._trip
        self._trip = None
        for planned in trip.fetches if trip is not None else ():
            begun = self._begun(order_of(planned.pick), planned.pack.place)
            if begun is not None:
                event, reason = await self._fetched(*begun)
                if event is not None:
                    return actor.told(event, reason)
        return actor.told(Event.LOADED if any(actor.view.in_tray(actor.id)) else Event.NOTHING_DONE)

    def _begun(self, number: str, place: str) -> tuple[Order, Fetch, Entry] | None:
        """The next fetch as it is to be recorded, if everything that it rests on is still so."""
        actor = self._actor
        order = next((one for one in actor.view.open(actor.id) if one["order"] == number), None)
        pocket = actor.books.stock.pockets[place]
        taken = {fetch["tray"] for _, fetch in actor.view.in_tray(actor.id)}
        tray = next((at for at in range(1, len(actor.part.tray) + 1) if at not in taken), None)
        lot = records.front(pocket)
        if order is None or tray is None or lot is None or not (self._may() and self._still(order, pocket)):
            return None
        body = {
            "gantry": actor.id,
            "order": number,
            "fetch": str(order["last"] + 1),
            "pocket": place,
            "tray": tray,
            "item": order["item"],
            "lots": [Lot(lot=lot["lot"], expiry=lot["expiry"], quantity=order["pack"])],
            "link": actor.device.link_id,
            "link_epoch": actor.epoch,
            "deadline_s": int(ACT_S),
        }
        return order, records.begun(body, 0), Entry("gantry.fetch_intended", body, order["person"])

    def _still(self, order: Order, pocket: Pocket) -> bool:
        """Whether this place may still give a pack of this order, whose tote still stands here."""
        actor = self._actor
        lot, criteria = records.front(pocket), Criteria.of(order["purpose"].get("criteria"))
        mine = pocket["item"] == order["item"] and order["purpose"]["tote"] in actor.standing()
        return (
            mine
            and lot is not None
            and criteria.fits(lot)
            and min(records.to_fetch(order), records.may_give(pocket, order["pack"], actor.today())) > 0
        )

    async def _fetched(self, order: Order, fetch: Fetch, intent: Entry) -> tuple[Event | None, str]:
        """One fetch. What follows if the trip ends with it, and why."""
        actor, sent = self._actor, False
        posting = actor.post(intent)
        deadline = asyncio.get_running_loop().time() + ACT_S
        try:
            await posting.durable
            sent = True
            grip = await actor.device.pick(fetch["pocket"], fetch["tray"], f"{order['order']}-{fetch['fetch']}", deadline)
        except LedgerFault:
            raise
        except Fault as fault:
            if fault.effect is Effect.NONE:
                self._not_fetched(order, fetch, fault.code)
                return Event.LOST, fault.code
            self._doubt(order, fetch, fault.code)
            return Event.IN_DOUBT, fault.code
        except _BROKEN:
            if sent:
                self._doubt(order, fetch, "broken-off")
            else:
                self._not_fetched(order, fetch, "broken-off")
            raise
        return self._gripped(order, fetch, grip)

    def _gripped(self, order: Order, fetch: Fetch, grip: Grip) -> tuple[Event | None, str]:
        actor = self._actor
        about = {"gantry": actor.id, "order": order["order"], "fetch": fetch["fetch"]}
        if grip is Grip.DROPPED:
            self._doubt(order, fetch, "dropped")
            return Event.IN_DOUBT, "dropped"
        if grip is Grip.PICKED:
            actor.post(Entry("gantry.fetched", about), entries_of.out_of_shelf(order, fetch))
        else:
            doubt = entries_of.unverified(fetch["pocket"], "not-picked", order, fetch)
            actor.post(Entry("gantry.not_picked", {**about, "pocket": fetch["pocket"]}), doubt)
        return None, ""

    def _not_fetched(self, order: Order, fetch: Fetch, reason: str) -> None:
        body = {"gantry": self._actor.id, "order": order["order"], "fetch": fetch["fetch"], "reason": reason}
        self._actor.post(Entry("gantry.not_fetched", body))

    def _doubt(self, order: Order, fetch: Fetch, reason: str) -> None:
        self._actor.post(*entries_of.doubted(self._actor.id, [(order, fetch)], reason, from_shelf=True))

    # --- the tray into the tote

    async def hand_over(self) -> Told:
        """Tips the tray into the one tote that all of it is for."""
        actor = self._actor
        packs = list(actor.view.in_tray(actor.id))
        totes = {order["purpose"]["tote"] for order, _ in packs}
        at = actor.standing().get(next(iter(totes))) if len(totes) == 1 else None
        if at is None:
            return actor.told(Event.NOTHING_DONE, "no-tote")
        body = {"gantry": actor.id, "tote": next(iter(totes)), "at": at, "packs": entries_of.names(packs)}
        link = {"link": actor.device.link_id, "link_epoch": actor.epoch, "deadline_s": int(ACT_S)}
        posting = actor.post(Entry("gantry.hand_over_intended", {**body, **link}))
        sent, deadline = False, asyncio.get_running_loop().time() + ACT_S
        try:
            await posting.durable
            sent = True
            await actor.device.hand_over(f"{HAND_OVER}-{posting.first}", deadline)
        except LedgerFault:
            raise
        except Fault as fault:
            return self._not_handed_over(packs, fault)
        except _BROKEN:
            if sent:
                actor.post(*entries_of.doubted(actor.id, packs, "broken-off", from_shelf=False))
            else:
                actor.post(Entry("gantry.not_handed_over", {"gantry": actor.id, "reason": "broken-off"}))
            raise
        self._handed_over(body["tote"], packs)
        return actor.told(Event.HANDED_OVER)

    def _not_handed_over(self, packs: list[tuple[Order, Fetch]], fault: Fault) -> Told:
        actor = self._actor
        if fault.effect is Effect.NONE:
            actor.post(Entry("gantry.not_handed_over", {"gantry": actor.id, "reason": fault.code}))
            return actor.told(Event.LOST, fault.code)
        actor.post(*entries_of.doubted(actor.id, packs, fault.code, from_shelf=False))
        return actor.told(Event.IN_DOUBT, fault.code)

    def _handed_over(self, tote: str, packs: list[tuple[Order, Fetch]]) -> None:
        """One commit: the tray is empty, the tote has it, and orders that have got all of theirs have ended."""
        actor = self._actor
        entries = [Entry("gantry.handed_over", {"gantry": actor.id, "tote": tote, "packs": entries_of.names(packs)})]
        orders = {order["order"]: order for order, _ in packs}
        for number, order in orders.items():
            mine = [fetch for one, fetch in packs if one["order"] == number]
            entries += actor.ground.received(actor.id, number, order["purpose"], records.packs(order, mine))
        done = [order for order in orders.values() if not records.to_fetch(order)]
        posting = actor.post(*entries, *entries_of.ended(done, "completed", None))
        actor.orders.tell([order["order"] for order in done], posting)
