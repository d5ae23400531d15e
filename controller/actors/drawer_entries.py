"""What a drawer writes into the ledger at each of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controller.actors.intent import Intent, Outcome
from controller.actors.requests import Told
from controller.ledger.port import Entry
from controller.ledger.views.drawers import KIND_OF_STATE
from controller.machines.drawer import HOLDS, Event, State

if TYPE_CHECKING:
    from controller.actors.drawer import Drawer

ALARMS: Mapping[Event, str] = {
    Event.LEFT_OPEN: "ajar",
    Event.LEFT_UNLOCKED: "left_unlocked",
    Event.NOT_LATCHED: "not_latched",
    Event.IN_DOUBT: "in_doubt",
    Event.TEST_FAILED: "test_failed",
    Event.WRONG_DRAWER: "wrong_drawer",
    Event.DEFECT: "defect",
}
"""Which event is an alarm, and of what kind. Openings without us are `forced` or `uncommanded`, whatever saw them; with
them goes `sensor_conflict` where the latch is seen engaged and the drawer open, which cannot both be so."""

PASSING = ("ajar", "left_unlocked")
"""Alarms that end when the drawer is shut again; the others end by a named person."""

FALL_BACK_EARLY_S, FALL_BACK_LATE_S = 0.5, 2.0
"""How far from its declared time a latch may fall back: looks are apart, and a shut drawer must hold still."""

LATE_S = 60.0
"""An opening without us so soon after an intent was closed names that intent: it may be its late effect (PW-05)."""

_FREE = frozenset({State.UNLOCKING, State.UNLOCKED, State.OPEN, State.AJAR, State.CLOSING})
"""States in which the latch is not known to hold the drawer."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the table. `last_seen` is what the switches had said before, `now` the loop's time."""

    told: Told
    was: State
    event: Event
    after: State
    last_seen: Event | None
    now: float

    @property
    def changes(self) -> bool:
        """Whether the state is another one."""
        return self.after is not self.was

    @property
    def noted(self) -> bool:
        """A held drawer's switches have changed: it stays held, and that is remembered."""
        return self.was in HOLDS and self.told.look is not None and self.told.event is not self.last_seen

    @property
    def tells(self) -> bool:
        """Whether there is anything to be remembered."""
        return self.changes or self.noted or self.told.answer is not None or self.event in ALARMS

    @property
    def strayed(self) -> bool:
        """It opened without us. A drawer that a person is recovering opens by that person's hand."""
        if self.was is State.LOCKED:
            return self.after is State.FORCED
        opened = self.noted and self.last_seen is Event.SEEN_LOCKED
        return opened and self.told.event is not Event.SEEN_NOTHING and self.was is not State.RECOVERING

    @property
    def settles(self) -> bool:
        """The switches have said how the open intent ended."""
        return self.after is State.LOCKED or self.event is Event.TEST_FAILED

    @property
    def opened(self) -> bool:
        """It is open, or free, and nobody's."""
        return self.strayed or (self.after is State.FORCED and self.changes)

    @property
    def alarms(self) -> list[str]:
        """The kinds of alarm that this is, if it is any; the first says why its pockets are to be counted."""
        if not self.opened:
            return [ALARMS[self.event]] if self.event in ALARMS else []
        kind = "forced" if self.after is State.FORCED and self.changes else "uncommanded"
        look = self.told.look
        conflict = look is not None and look.latched is True and look.shut is False
        return [kind, "sensor_conflict"] if conflict else [kind]


def of_step(step: Step, drawer: Drawer) -> list[Entry]:
    """Everything that one step writes, in one commit; the drawer's alarms are brought up to it."""
    intent, event, after = drawer.intent, step.event, step.after
    entries = [_moved(step, drawer)]
    if intent is not None and step.settles:
        lock, slack = drawer.part.lock, drawer.watch.board.longest_effect_s + FALL_BACK_LATE_S
        span = None if drawer.one_switch else (lock.relatch_s - FALL_BACK_EARLY_S, lock.relatch_s + slack)
        entries += closed(intent, drawer.id, *intent.outcome(step.now, span))
    if step.opened or (after is State.FAULT and step.was in _FREE):
        entries += unverified(drawer.pockets, step.alarms[0] if step.alarms else str(event), None)
    if event is Event.INSPECTED:
        entries += unverified(drawer.pockets, "recovery", None)
    tested = after is State.LOCKED and intent is not None and intent.test
    ended = [kind for kind in drawer.alarms if _ends(kind, after) or tested or event is Event.INSPECTED]
    by = intent.person if tested and intent else step.told.by
    entries += [Entry("alarm.cleared", {"alarm": drawer.alarms.pop(kind), "by": by}, by) for kind in ended]
    for kind in [kind for kind in step.alarms if kind not in drawer.alarms]:
        alarm = drawer.alarms[kind] = drawer.ground.ids.new()
        about = {"alarm": alarm, "kind": kind, "drawer": drawer.id, "pockets": list(drawer.pockets)}
        entries.append(Entry("alarm.raised", about))
    return entries


def _ends(kind: str, after: State) -> bool:
    return kind in PASSING and after in {State.LOCKED, State.CLOSING}


def _moved(step: Step, drawer: Drawer) -> Entry:
    look = step.told.look or drawer.looks.believed
    body: dict[str, Any] = {
        "drawer": drawer.id,
        "was": str(step.was),
        "event": str(step.event),
        "intent": drawer.intent.id if drawer.intent else None,
        "seen": {"latched": look.latched, "shut": look.shut, "epoch": look.epoch} if look else None,
        **(step.told.more or {}),
    }
    if step.strayed and drawer.last_intent is not None and step.now - drawer.last_intent[1] <= LATE_S:
        body["after_intent"] = drawer.last_intent[0]
    if step.after is State.FAULT and step.changes:
        body["frames"] = drawer.ground.frames(drawer.watch.board.link_id)
    return Entry(KIND_OF_STATE[step.after], body, step.told.by)


def unlock_intended(
    intent: Intent, drawer: str, *, session: str, terminal: str | None, lock: Mapping[str, Any], deadline_s: int
) -> Entry:
    """The intent, which is also the step to UNLOCKING: durable before the byte. `lock` says board, channel, link, epoch."""
    body = {
        "intent": intent.id,
        "drawer": drawer,
        **lock,
        "purpose": dict(intent.purpose),
        "person": intent.person,
        "session": session,
        "terminal": terminal,
        "pockets": list(intent.pockets),
        "deadline_s": deadline_s,
    }
    return Entry("drawer.unlock_intended", body, intent.person)


def released(intent: Intent, drawer: str, answer: str) -> Entry:
    """The board's politeness after the one send, or the fault that came instead."""
    return Entry("drawer.released", {"intent": intent.id, "drawer": drawer, "answer": answer})


def closed(intent: Intent, drawer: str, outcome: Outcome, evidence: str) -> list[Entry]:
    """The intent's end; what nobody knows leaves its pockets unverified."""
    end = {"intent": intent.id, "drawer": drawer, "outcome": str(outcome), "evidence": evidence}
    entries = [Entry("drawer.intent_closed", end)]
    if outcome is Outcome.UNKNOWN:
        entries += unverified(intent.pockets, evidence, intent.id)
    return entries


def unverified(pockets: Iterable[str], reason: str, intent: str | None) -> list[Entry]:
    """These pockets are believed again once a person has counted them."""
    return [Entry("pocket.unverified", {"pocket": pocket, "reason": reason, "intent": intent}) for pocket in pockets]
