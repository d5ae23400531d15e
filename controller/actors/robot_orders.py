"""Orders to one robot: the intent on the disk, one send, and then every word and every pack that comes of it.

Nothing is ever sent again. What was not answered is asked for (`task`); what the robot does not know is in doubt until a
person has looked, and keeps its packs promised until then, so that nobody picks them a second time (RB-02).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from controller.actors import robot_entries as entries_of
from controller.actors.robot_outputs import Outcome, Outputs
from controller.formulary.criteria import Criteria
from controller.ledger.port import Entry, Posting
from controller.ledger.views.robot_records import LOT, SERIAL, Held, PackOut, Pick
from controller.machines.robot import TAKES_ORDERS
from controller.machines.robot_pick import Event
from drivers.faults import Effect, LinkFault, Refused
from drivers.robot_facts import CancelAnswer, OrderAnswer, OrderPriority, PickLine, PickOrder
from drivers.robot_labels import Label

if TYPE_CHECKING:
    from controller.actors.robot import RobotActor
    from controller.policy.session import Session, Who

DEADLINE_S = 10.0
"""An order that could not be sent for so long is not sent: whoever wanted it has gone elsewhere by then."""
MOST_PACKS = 999


@dataclass(frozen=True, slots=True)
class Picking:
    """An order that has been recorded. `outcome` is done when it has ended and that is on the disk; while it is in doubt it is
    not, however long that takes. `posting` holds the intent."""

    order: str
    posting: Posting
    outcome: asyncio.Future[Outcome]


class Orders(Outputs):
    """The orders of one robot."""

    __slots__ = ("_sending",)

    def __init__(self, actor: RobotActor) -> None:
        super().__init__(actor)
        self._sending: dict[str, asyncio.Task[None]] = {}

    # --- asked by workflows

    def pick(
        self,
        item: str,
        packs: int,
        purpose: Mapping[str, Any],
        who: Who,
        output: int,
        *,
        priority: OrderPriority,
        box: str | None,
        labels: Sequence[Label],
        criteria: Criteria,
    ) -> Picking:
        """See `RobotActor.pick`."""
        actor = self._actor
        actor.permit()
        if not 1 <= packs <= MOST_PACKS:
            raise Refused("robot-pick-too-large", packs=packs, most=MOST_PACKS)
        tomorrow = actor.today() + timedelta(days=1)  # from its expiry day on nothing is given out
        order = actor.view.next_order(actor.ground.ledger.epoch)
        first = tomorrow if criteria.expires_from is None else max(tomorrow, date.fromisoformat(criteria.expires_from))
        line = PickLine(
            article=item,
            packs=packs,
            batch=criteria.lot,
            expires_from=first,
            one_batch=criteria.one_lot,
            labels=tuple(labels),
        )
        asked = PickOrder(id=order, output=output, lines=(line,), priority=priority, box=box)
        body = {
            "robot": actor.id,
            "pick": order,
            "item": item,
            "packs": packs,
            "output": output,
            "box": box,
            "labels": [{"template": label.template, "data": label.data} for label in labels],
            "priority": str(priority),
            "expires_from": first.isoformat(),
            "lot": criteria.lot,
            "one_lot": criteria.one_lot,
            "purpose": dict(purpose),
            "person": who.person,
            "session": who.id,
            "terminal": who.terminal,
            "link": actor.device.link_id,
            "link_epoch": actor.epoch,
            "deadline_s": int(DEADLINE_S),
        }
        posting = actor.ground.ledger.post(Entry("robot.pick_intended", body, who.person))
        outcome = self.outcome(order)
        deadline = asyncio.get_running_loop().time() + DEADLINE_S
        sending = actor.ground.spawn(self._send(asked, posting, deadline), f"order {order} to {actor.id}")
        self._sending[order] = sending
        sending.add_done_callback(lambda _: self._sending.pop(order, None))
        return Picking(order, posting, outcome)

    async def cancel(self, order: str, who: Session) -> CancelAnswer:
        """See `RobotActor.cancel`."""
        actor, pick = self._actor, self.find(order)
        if order in self._sending:
            await asyncio.wait([self._sending[order]])  # never before the order itself
        if not actor.device.up or not self._may(pick, Event.CANCEL_INTENDED):
            raise Refused("robot-pick-not-now", robot=actor.id, order=order, state=pick["state"])
        posting = actor.ground.ledger.post(entries_of.order_entry("cancel_intended", pick, who.person, by=who.person))
        await posting.durable
        try:
            answer = await actor.device.cancel(order, order, asyncio.get_running_loop().time() + DEADLINE_S)
        except LinkFault as fault:
            answer = CancelAnswer.SILENT
            if fault.effect is Effect.NONE:
                self._step(order, Event.CANCEL_REFUSED, "cancel_refused", reason=fault.code)
                await actor.ground.ledger.settled()
                raise
        if answer is CancelAnswer.REFUSED:
            self._step(order, Event.CANCEL_REFUSED, "cancel_refused", reason="on-its-way")
        else:
            self._step(order, Event.CANCEL_ANSWERED, "cancel_answered", answer=str(answer))
        if answer in {CancelAnswer.NOT_FOUND, CancelAnswer.SILENT}:
            actor.ground.spawn(self._ask_later(order), f"asking for order {order} of {actor.id}")
        await actor.ground.ledger.settled()
        return answer

    def settle(self, order: str, who: Session, packs: Sequence[Mapping[str, Any]], note: str) -> Posting:
        """See `RobotActor.settle`."""
        pick = self.find(order)
        if not self._may(pick, Event.SETTLED):
            raise Refused("robot-pick-not-in-doubt", robot=self._actor.id, order=order, state=pick["state"])
        out = _matched(pick, packs)
        said = {one["pack"] for one in out}
        lost = sorted(pack for pack in pick["suspects"] if pack not in said)
        entry = entries_of.order_entry("settled", pick, who.person, by=who.person, note=note, out=out, lost=lost)
        known = {one["pack"] for one in out}
        all_out = [*(one for one in pick["out"] if one["pack"] not in known), *out]
        received = self._actor.ground.received(self._actor.id, order, pick["purpose"], all_out)
        gone = self._lost(pick, {one["pack"] for one in all_out}, who.person)
        posting = self._actor.ground.ledger.post(entry, *received, *gone)
        self._ended(order, posting)
        return posting

    async def _ask_later(self, order: str) -> None:
        await self.ask(order)

    # --- the one send

    async def _send(self, asked: PickOrder, posting: Posting, deadline: float) -> None:
        await posting.durable
        actor = self._actor
        if actor.state not in TAKES_ORDERS:
            self._not_sent(asked.id, f"robot-{actor.state}")
            return
        try:
            answer = await actor.device.order(asked, asked.id, deadline)
        except LinkFault as fault:
            if fault.effect is Effect.NONE:
                self._not_sent(asked.id, fault.code)
            else:
                self._step(asked.id, Event.SILENT, "silent", reason=fault.code)
            return
        if answer is OrderAnswer.QUEUED:
            self._step(asked.id, Event.QUEUED, "queued")
        elif answer is OrderAnswer.REJECTED:
            self._step(asked.id, Event.REJECTED, "rejected")
        else:
            self._step(asked.id, Event.SILENT, "silent", reason="no-reply")
            await self.ask(asked.id)

    def _not_sent(self, order: str, reason: str) -> None:
        self._step(order, Event.NOT_SENT, "not_sent", reason=reason)


def _matched(pick: Pick, said: Sequence[Mapping[str, Any]]) -> list[PackOut]:
    """What a person says came out, each with the number of the suspect that it must be, where one fits: by number, serial, lot."""
    left: dict[str, Held] = dict(pick["suspects"])
    out = []
    for one in said:
        fits = [pack for pack, held in left.items() if _fits(one, pack, held)]
        number = fits[0] if fits else one.get("pack")
        if fits:
            del left[fits[0]]
        data = {name: one.get(name) for name in ("lot", "expiry", "serial")}
        place = {"units": None, "output": pick["output"], "box": pick["box"], "label": None}
        out.append(PackOut(pack=number, item=pick["item"], **data, **place))  # type: ignore[typeddict-item]
    return out


def _fits(one: Mapping[str, Any], pack: str, held: Held) -> bool:
    if one.get("pack") is not None:
        return bool(one["pack"] == pack)
    if one.get("serial") is not None:
        return bool(one["serial"] == held[SERIAL])
    return one.get("lot") is None or one["lot"] == held[LOT]
