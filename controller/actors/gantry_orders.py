"""Orders to one gantry: recorded at once, with its packs promised, and ended with every pack that lies in the tote.

Of an order in doubt nothing more is fetched, and nobody else counts on its packs, until a person has said what lies in the tote.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controller.actors import gantry_entries as entries_of
from controller.ledger.port import Entry, Posting
from controller.ledger.views import gantry_records as records
from controller.ledger.views.gantry_records import Order
from controller.machines.gantry import HOLDS
from controller.machines.gantry_order import LIVE, State
from drivers.faults import Refused

if TYPE_CHECKING:
    from controller.actors.gantry import GantryActor
    from controller.policy.session import Session, Who

MOST_PACKS = 999


@dataclass(frozen=True, slots=True)
class Fetched:
    """How an order ended, with every pack of it that lies in the tote. `state` is one of `gantry_order.ENDED`."""

    order: str
    state: State
    wanted: int
    packs: tuple[Mapping[str, Any], ...]
    """`item`, `lot`, `expiry`, `units` of each; units None: a full one."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class Fetching:
    """An order that has been recorded. `outcome` is done when it has ended and that is on the disk; while it is in doubt it is
    not, however long that takes. `posting` holds the intent."""

    order: str
    posting: Posting
    outcome: asyncio.Future[Fetched]


class Orders:
    """The orders of one gantry."""

    __slots__ = ("_actor", "_outcomes")

    def __init__(self, actor: GantryActor) -> None:
        self._actor = actor
        self._outcomes: dict[str, asyncio.Future[Fetched]] = {}

    def fetch(self, item: str, packs: int, purpose: Mapping[str, Any], who: Who, *, urgent: bool) -> Fetching:
        """See `GantryActor.fetch`."""
        actor = self._actor
        actor.permit()
        if not 1 <= packs <= MOST_PACKS:
            raise Refused("gantry-order-too-large", packs=packs, most=MOST_PACKS)
        known = actor.books.formulary.item(item)
        free = actor.free(item)
        if known is None or packs > free:
            raise Refused("gantry-lacks-packs", gantry=actor.id, item=item, packs=packs, free=free)
        order = actor.view.next_order(actor.ground.ledger.epoch)
        body = {
            "gantry": actor.id,
            "order": order,
            "item": item,
            "packs": packs,
            "pack": known.pack,
            "unit": known.unit,
            "urgent": urgent,
            "purpose": dict(purpose),
            "person": who.person,
            "session": who.id,
            "terminal": who.terminal,
        }
        posting = actor.post(Entry("gantry.order_intended", body, who.person))
        actor.trips.wake()
        return Fetching(order, posting, self.outcome(order))

    def outcome(self, order: str) -> asyncio.Future[Fetched]:
        """Done when the order has ended, which may be long ago. Raises Refused("unknown-gantry-order")."""
        found = self.find(order)
        if order not in self._outcomes:
            future: asyncio.Future[Fetched] = asyncio.get_running_loop().create_future()
            if State(found["state"]) in LIVE:
                self._outcomes[order] = future
            else:
                future.set_result(_fetched(found))
            return future
        return self._outcomes[order]

    def find(self, order: str) -> Order:
        """The order. Raises Refused("unknown-gantry-order")."""
        found = self._actor.view.order(self._actor.id, order)
        if found is None:
            raise Refused("unknown-gantry-order", gantry=self._actor.id, order=order)
        return found

    def settle(self, order: str, who: Session, in_tote: Collection[str], note: str) -> Posting:
        """See `GantryActor.settle`."""
        actor, found = self._actor, self.find(order)
        out = records.those(found, records.IN_TRAY, records.IN_DOUBT)
        if found["state"] != State.IN_DOUBT and not (out and actor.state in HOLDS):
            raise Refused("gantry-order-not-in-doubt", gantry=actor.id, order=order, state=found["state"])
        for name in sorted(set(in_tote) - {fetch["fetch"] for fetch in out}):
            raise Refused("unknown-gantry-pack", gantry=actor.id, order=order, pack=name)
        given = [fetch for fetch in out if fetch["fetch"] in in_tote]
        body = {
            "gantry": actor.id,
            "order": order,
            "by": who.person,
            "note": note,
            "in_tote": [fetch["fetch"] for fetch in given],
            "lost": [fetch["fetch"] for fetch in out if fetch not in given],
        }
        entries = [Entry("gantry.order_settled", body, who.person)]
        for fetch in given:  # it has left the shelf, which no count since has told
            counted = actor.books.stock.pockets[fetch["pocket"]]["counted"]
            if not fetch["booked"] and counted < fetch["seq"]:
                entries.append(entries_of.out_of_shelf(found, fetch, who.person))
        received = actor.ground.received(actor.id, order, found["purpose"], records.packs(found, given))
        posting = actor.post(*entries, *received)
        self.tell([order], posting)
        return posting

    def give_up(self, reason: str) -> None:
        """Ends what nothing is under way of: it is planned anew, here or elsewhere."""
        idle = self._actor.view.idle(self._actor.id)
        self.end(idle, reason)

    def end(self, orders: Sequence[Order], reason: str) -> None:
        """Ends these short."""
        if orders:
            posting = self._actor.post(*entries_of.ended(orders, "incomplete", reason))
            self.tell([order["order"] for order in orders], posting)

    def tell(self, orders: Sequence[str], posting: Posting) -> None:
        """Whoever waits for these is told once their end is on the disk."""
        for order in orders:
            self._actor.ground.spawn(self._told(order, posting), f"end of order {order} of {self._actor.id}")

    async def _told(self, order: str, posting: Posting) -> None:
        await posting.durable
        future = self._outcomes.pop(order, None)
        if future is not None and not future.done():
            future.set_result(_fetched(self.find(order)))


def _fetched(order: Order) -> Fetched:
    given = records.packs(order, records.those(order, records.GIVEN))
    return Fetched(order["order"], State(order["state"]), order["packs"], tuple(given), order["reason"])
