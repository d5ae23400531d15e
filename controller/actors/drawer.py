"""The drawer's actor: what it was told goes through the table into the ledger, and the state it is in has one duty.

Idle, a drawer costs some hundred bytes and no task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from controller.actors import drawer_entries as entries_of
from controller.actors.actor import Actor
from controller.actors.board import BoardWatch
from controller.actors.cabinet import Turn
from controller.actors.drawer_duties import DEADLINE_S, DUTIES, ONE_SWITCH_DUTIES
from controller.actors.drawer_entries import Step
from controller.actors.ground import DrawerStatus, Ground
from controller.actors.intent import Intent, Unlocking
from controller.actors.looks import Looks
from controller.actors.requests import STEPS, Decide, Opening, Recovery, Told, cannot_open, not_now, refuse
from controller.ledger.port import Entry, Posting
from controller.machines.drawer import HOLDS, RULES, Event, State
from controller.machines.drawer_one_switch import ONE_SWITCH_RULES
from controller.machines.table import IllegalEvent
from controller.policy.roles import Right
from controller.policy.session import Session, require
from drivers.capabilities import Look
from drivers.faults import LedgerFault, Refused
from sites import models

TURN_S = 10.0
"""A request waits so long for its cabinet's turn, and for the coil's rest; then it is refused."""

_MOVING = frozenset({State.UNKNOWN, State.UNLOCKING, State.UNLOCKED, State.OPEN, State.CLOSING})
ENDS_AN_INTENT = frozenset({State.FAULT, State.HALTED, State.OUT_OF_SERVICE})


class Drawer(Actor[Told]):
    """One drawer, as what holds pockets (`Holder`) and as what opens. Only its own step writes `state`."""

    bare, by_hand = False, True
    __slots__ = (
        "_last_seen", "_since", "alarms", "coil_rested_at", "ground", "intent", "last_intent", "looks", "one_switch",
        "part", "place", "pockets", "state", "turn", "watch", "within",
    )  # fmt: skip

    def __init__(self, part: models.Drawer, watch: BoardWatch, turn: Turn, ground: Ground) -> None:
        super().__init__(part.id, ground.spawn)
        self.part, self.within, self.place = part, part.cabinet, part.place
        self.pockets = tuple(pocket.id for pocket in part.pockets)
        self.watch = watch
        self.turn = turn
        self.ground = ground
        self.one_switch = part.lock.senses == "one-switch"
        self.looks = Looks(one_switch=self.one_switch)
        self.state = State.OFFLINE
        self.intent: Intent | None = None
        self.last_intent: tuple[str, float] | None = None
        """The intent closed last, and when: an opening soon after is a late one of its, and said to be."""
        self.coil_rested_at = float("-inf")
        self._since = 0.0
        self.alarms: dict[str, str] = {}
        """The id of each alarm that is not cleared, by kind."""
        self._last_seen: Event | None = None
        watch.show(part.lock.channel, self)

    def restore(self, state: State, alarms: Mapping[str, str], intent: Intent | None) -> None:
        """Back to what the ledger says, before anything runs: a hold, the alarms (id by kind), an intent left open."""
        self.state, self.alarms, self.intent = state, dict(alarms), intent

    @property
    def held(self) -> bool:
        """Whether a person must look at it first."""
        return self.state in HOLDS

    @property
    def shut_off(self) -> bool:
        """What lies in such a drawer is not available; reference domain B0.1."""
        return self.held or self.state is State.OFFLINE

    # --- asked by people and workflows

    async def unlock(self, decide: Decide, purpose: Mapping[str, Any], session: Session, pockets: Sequence[str]) -> Unlocking:
        """Asks for one opening. `decide` runs inside the step with the new intent's id and may raise Refused.

        When this returns, `decide`'s entries and the intent are one posting; its byte leaves only once that is durable.
        Raises Refused (nothing recorded, nothing moved) and LedgerFault.
        """
        return await self._ask(Event.UNLOCK, decide, purpose, session, tuple(pockets))

    async def recover(self, step: Recovery, session: Session) -> Posting:
        """One step of B0.1 by a named person at a terminal. Raises Refused, LedgerFault."""
        require(session, Right.RECOVER_DRAWERS)
        event = STEPS[step]
        if event is Event.TEST:
            if (step is Recovery.RETURN_TO_SERVICE) is not (self.state is State.OUT_OF_SERVICE):
                raise not_now(self.id, self.state, event)
            purpose = {"kind": "recovery", "id": str(step)}
            return (await self._ask(event, partial(self._test, session), purpose, session, self.pockets)).posting
        return await self.order(Told(event, by=session.person, more={"step": str(step)}))

    def order(self, told: Told) -> asyncio.Future[Posting]:
        """Tells it what somebody has decided. Awaited, it gives the posting, or raises Refused or LedgerFault."""
        told.answer = asyncio.get_running_loop().create_future()
        self.tell(told)
        return told.answer

    def status(self) -> DrawerStatus:
        """What is known now."""
        now, look = asyncio.get_running_loop().time(), self.looks.believed
        return DrawerStatus(
            state=self.state,
            since_s=now - self._since,
            latched=look.latched if look else None,
            shut=look.shut if look else None,
            age_s=self.watch.age_s,
            alarms=tuple(self.alarms),
            intent=self.intent.id if self.intent else None,
        )

    # --- told by its board and by its own duty

    @property
    def moving(self) -> bool:
        """Whether something is expected to happen, so that it is worth looking more often."""
        return self.state in _MOVING or self.looks.wavering

    def look(self, look: Look) -> None:
        """One look of this epoch."""
        if self.intent is not None and not self.one_switch:  # one switch sees no hand, however often it is looked at
            self.intent.looked(look.at)
        if self.looks.take(look):
            self.tell(Told(self.looks.meaning(look), look))

    def link_up(self) -> None:
        """A new epoch: nothing is known of it."""
        self.looks.forget()
        self.tell(Told(Event.LINK_UP))

    def link_lost(self, reason: str) -> None:
        """The board does not answer any more."""
        self.looks.forget()
        self.tell(Told(Event.LINK_LOST, more={"reason": reason}))

    def found_out(self, told: Told) -> None:
        """What the running duty has found out and does not end with."""
        self.tell(told, duty=self._duty_number)

    # --- asking for a pulse

    async def _ask(
        self, event: Event, decide: Decide, purpose: Mapping[str, Any], session: Session, pockets: tuple[str, ...]
    ) -> Unlocking:
        if not self.turn.free or self._coil_rests_s() > 0:
            self._check_open(event)  # refused now, what would be refused after the wait
        try:
            await self.turn.take(self.id, TURN_S)
        except TimeoutError:
            raise Refused("cabinet-busy", drawer=self.id, other=self.turn.holder) from None
        answer: asyncio.Future[Unlocking] = asyncio.get_running_loop().create_future()
        try:
            await self._coil_at_rest()
            self.tell(Told(event, opening=Opening(decide, purpose, session, pockets, answer), by=session.person))
            return await answer
        finally:
            granted = answer.done() and not answer.cancelled() and answer.exception() is None
            if not granted:
                answer.cancel()
                self.turn.give_back(self.id)

    def _check_open(self, event: Event) -> None:
        """Asked in the step. Raises Refused, LedgerFault."""
        self.ground.permit()
        if event is Event.UNLOCK and self.state is not State.LOCKED:
            raise cannot_open(self.id, self.state)
        if not self.looks.locked:
            raise Refused("latch-not-seen-engaged", drawer=self.id, state=str(self.state))

    def _coil_rests_s(self) -> float:
        """Seconds for which it must not be pulsed: never two coils of a board at once, and each rests after its pulse."""
        return max(self.watch.coil_free_at, self.coil_rested_at) - asyncio.get_running_loop().time()

    async def _coil_at_rest(self) -> None:
        """Raises Refused when that is too long."""
        wait_s = self._coil_rests_s()
        if wait_s > TURN_S:
            raise Refused("coil-resting", drawer=self.id, seconds=int(wait_s) + 1)
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    def _test(self, session: Session, intent: str) -> list[Entry]:
        self.ground.still(session)  # she may have gone while the cabinet's turn was waited for
        return entries_of.unverified(self.pockets, "recovery", intent)

    # --- the step

    def _take(self, told: Told) -> bool:
        opening, was, now = told.opening, self.state, asyncio.get_running_loop().time()
        if opening is not None and opening.answer.done():
            return False  # who asked has gone, and nothing opens for nobody
        event: Event | None = told.event
        if self.intent is not None:
            event = self.intent.meaning(told.event, was, now, one_switch=self.one_switch)
        if event is None:
            return False
        try:
            after = (ONE_SWITCH_RULES if self.one_switch else RULES).after(was, event)
        except IllegalEvent:
            refuse(told, cannot_open(self.id, was) if event is Event.UNLOCK else not_now(self.id, was, event))
            return False
        if not (self._record(told, event, after) if opening is None else self._open(told, event, opening)):
            return False
        self.state, self._since = after, now if after is not was else self._since
        self._look_again(was)
        return after is not was

    def _open(self, told: Told, event: Event, opening: Opening) -> bool:
        """A request that the table allows: decided, and recorded with its reasons in one commit; False: refused."""
        try:
            self._check_open(event)
            unlocking = self._intend(event, opening)
        except Exception as fault:  # noqa: BLE001 - whatever the decision raised is the asker's, and nothing was recorded
            refuse(told, fault)
            return False
        opening.answer.set_result(unlocking)
        return True

    def _intend(self, event: Event, opening: Opening) -> Unlocking:
        lock, watch, session = self.part.lock, self.watch, opening.session
        intent = Intent(self.ground.ids.new(), opening.pockets, opening.purpose, session.person)
        intent.test = event is Event.TEST
        intent.deadline = asyncio.get_running_loop().time() + DEADLINE_S
        where = {"board": lock.board, "channel": lock.channel, "link": watch.board.link_id, "link_epoch": watch.epoch}
        step = entries_of.unlock_intended(
            intent, self.id, session=session.id, terminal=session.terminal, lock=where, deadline_s=DEADLINE_S
        )
        posting = self.ground.ledger.post(*opening.decide(intent.id), step)
        intent.durable = posting.durable
        self.intent = intent
        return Unlocking(intent.id, posting)

    def _record(self, told: Told, event: Event, after: State) -> bool:
        """Posts what this step has to say; False where there is nothing to be remembered."""
        now, intent = asyncio.get_running_loop().time(), self.intent
        if intent is not None:
            intent.learn(event, now, self.watch.board.longest_effect_s)
        step = Step(told, self.state, event, after, self._last_seen, now)
        if told.look is not None:
            self._last_seen = told.event
        if not step.tells:
            return False
        posting = self.ground.ledger.post(*entries_of.of_step(step, self))
        if step.settles:
            self._forget_intent()
        if told.answer is not None and not told.answer.done():
            told.answer.set_result(posting)
        if step.strayed:
            self.ground.strayed(self.id)
        return True

    def _look_again(self, was: State) -> None:
        """Whatever led out of a hold or a lost link: two new looks decide."""
        if self.state is State.UNKNOWN and not self.watch.up:
            self.link_lost("no-answer")
        elif self.state is State.UNKNOWN and was in HOLDS:
            self.looks.forget()

    def _left(self) -> None:
        if self.state is not State.UNLOCKING:
            self.turn.give_back(self.id)
        intent = self.intent
        if intent is None:
            return
        if self.state in ENDS_AN_INTENT or (intent.unsent and self.state is not State.UNLOCKING):
            self._forget_intent()
            self.ground.ledger.post(*entries_of.closed(intent, self.id, *intent.outcome(None, None)))

    def _forget_intent(self) -> None:
        if self.intent is not None:
            self.last_intent = (self.intent.id, asyncio.get_running_loop().time())
            self.intent = None

    def _duty_of_state(self) -> Callable[[], Coroutine[Any, Any, Told | None]] | None:
        duty = (ONE_SWITCH_DUTIES if self.one_switch else DUTIES).get(self.state)
        return None if duty is None else partial(duty, self)

    def broken(self, defect: Exception) -> Told:
        """A defect of its own or of its driver, as the table is told."""
        return Told(Event.DEFECT, more={"reason": f"{type(defect).__name__}: {defect}"})

    def _hopeless(self, defect: Exception) -> None:
        self.ground.defect(f"drawer {self.id}", defect)

    def _faulted(self, fault: LedgerFault) -> None:
        """Nothing can be recorded, so nothing is done: halted, in memory alone (law 1)."""
        self.state = State.HALTED
        self.ground.unrecordable(fault)
