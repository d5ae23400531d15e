"""What stands on a robot's input belt: ruled on, the ruling recorded, and only then answered. Stock changes when the robot says
that it has stored a pack, and by nothing before that (AT11.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controller.actors import robot_entries as entries_of
from controller.ledger.port import Entry, Posting
from controller.ledger.views.robot_records import FREE, HELD, SERIAL
from controller.machines import robot_input
from controller.policy import pack_input
from controller.policy.pack_input import Verdict
from drivers.faults import LedgerFault, LinkLost, Refused
from drivers.robot_facts import InputAsked, InputEnded, InputVerdict

if TYPE_CHECKING:
    from controller.actors.robot import RobotActor

UNKNOWN_ITEM = "unknown"
"""The item of a pack that a robot has stored and does not name."""


class Inputs:
    """The inputs of one robot."""

    __slots__ = ("_actor",)

    def __init__(self, actor: RobotActor) -> None:
        self._actor = actor

    def asked(self, event: InputAsked) -> None:
        """A verdict is wanted. What cannot be recorded is not answered: the robot then keeps the pack out by itself (law 1)."""
        actor = self._actor
        verdict = self._verdict(event)
        body = {
            "robot": actor.id,
            "input": _key(event),
            "belt": event.belt,
            "new_delivery": event.new_delivery,
            "item": verdict.item.id if verdict.item else None,
            "allowed": verdict.allowed,
            "packs": pack_input.told(verdict, event),
        }
        posting = actor.post(Entry("robot.input_ruled", body))
        actor.deliveries.asked(event, verdict.item.id if verdict.item else None)
        actor.ground.spawn(self._answer(event, verdict, posting), f"input {event.input} of {actor.id}")

    def _verdict(self, event: InputAsked) -> Verdict:
        actor = self._actor
        try:
            actor.permit_input()
        except Refused as why:
            return pack_input.refused(event, why.code)
        except LedgerFault as fault:
            if fault.code != "ledger-full":
                raise
            return pack_input.refused(event, fault.code)  # nothing new comes in; what is under way is still recorded
        return pack_input.rule(event, actor.books.formulary.by_gtin, self._serials, actor.today())

    def _serials(self, item: str) -> frozenset[str]:
        packs = self._actor.view.packs(self._actor.id, item)
        return frozenset(held[SERIAL] for held in packs.values() if held[SERIAL] is not None)

    async def _answer(self, event: InputAsked, verdict: Verdict, posting: Posting) -> None:
        await posting.durable
        item = verdict.item
        more: dict[str, Any] = {}
        if item is not None:
            more = {"article": item.id, "name": item.name, "dosage_form": item.form, "fridge": item.refrigerated}
        try:
            await self._actor.device.answer_input(InputVerdict(asked=event, intent=_key(event), packs=verdict.rulings, **more))
        except (LinkLost, ValueError):  # who asked has gone, or has ended it: what it then stores, it tells
            return

    def ended(self, event: InputEnded) -> None:
        """The robot's last word on an input."""
        actor, key = self._actor, _key(event)
        known = actor.view.robots.get(actor.id)
        before = known["inputs"].get(key) if known is not None else None
        allowed = before is not None and before["state"] == robot_input.State.ALLOWED
        stored: dict[str, dict[str, Any]] = {}
        for pack in event.stored:
            item = pack.article or (before["item"] if before is not None else None) or UNKNOWN_ITEM
            stored.setdefault(item, {}).update(entries_of.by_number([pack], FREE if allowed else HELD))
        body = {
            "robot": actor.id,
            "input": key,
            "allowed": allowed,
            "stored": stored,
            "aborted": len(event.aborted),
            "text": event.text[:200],
        }
        actor.post(Entry("robot.input_ended", body), *actor.deliveries.ended(event, before["item"] if before is not None else None))
        actor.stock.moved(stored)


def _key(event: InputAsked | InputEnded) -> str:
    """An input dies with its epoch, and two parts of a robot may use one number."""
    return f"{event.epoch}/{event.source}/{event.input}"
