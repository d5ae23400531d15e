"""What a line does to its belts and gates: each act is recorded before its one byte leaves, and its end after (laws 1 and 4). A
stop is no motion: it is recorded too, and leaves at once.

An answer of a module is politeness; what came of an act is told by counters and end switches. An act that failed is not sent
again: whoever still wants it records a new one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.actors.ground import Ground
from controller.ledger.port import Entry, Posting
from drivers.capabilities import Answer
from drivers.faults import DeviceFault, Effect, Fault, LedgerFault, LinkFault

ACT_S = 3.0
"""An act that cannot be sent within this is not sent."""

Do = Callable[[str, float], Awaitable[Answer | bool]]
"""Does it, under an intent, not after a loop time."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act, decided and not yet done. `deadline` is loop time."""

    intent: str
    about: Mapping[str, Any]
    by: str
    do: Do
    deadline: float

    @property
    def stops(self) -> bool:
        """Whether it waits for nothing but its turn on the wire."""
        return str(self.about["act"]) == "stop"

    @property
    def entry(self) -> Entry:
        """What must be durable before it is done."""
        return Entry("line.act_intended", {"intent": self.intent, **self.about}, self.by)


class Acts:
    """All acts of one line."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.stops = 0
        """How many stops were decided: a start that takes several acts goes on with none of them after a stop."""

    def act(self, about: Mapping[str, Any], do: Do, *, by: str = "station", deadline: float | None = None) -> Act:
        """An act to be recorded: `about` says `act`, `at` (a zone, a gate, a group of modules) and what else is to be kept."""
        until = asyncio.get_running_loop().time() + ACT_S if deadline is None else deadline
        act = Act(self._ground.ids.new(), about, by, do, until)
        self.stops += act.stops
        return act

    def post(self, *acts: Act) -> Posting:
        """Records acts by themselves. Raises LedgerFault."""
        return self._ground.ledger.post(*(act.entry for act in acts))

    def begin(self, act: Act, posting: Posting, then: Callable[[str], None] = lambda outcome: None) -> None:
        """Does it when it is durable, in its own time. `then` is told how it ended."""

        async def run() -> None:
            then(await (self.now(act) if act.stops else self.done(act, posting)))

        self._ground.spawn(run(), f"{act.about['act']} of {act.about['at']}")

    async def done(self, act: Act, posting: Posting) -> str:
        """Does it and records how it ended: `accepted`, `shown` (its end switch said so), `silent`, `unconfirmed` (the switch did
        not), `not_sent`, or `unknown`. Raises LedgerFault."""
        await posting.durable
        outcome, reason = await _do(act)
        self._ended(act, outcome, reason)
        return outcome

    async def now(self, act: Act) -> str:
        """The same for a stop, which waits for no disk and needs none."""
        outcome, reason = await _do(act)
        try:
            self._ended(act, outcome, reason)
        except LedgerFault as fault:
            self._ground.unrecordable(fault)
        return outcome

    def _ended(self, act: Act, outcome: str, reason: str) -> None:
        body = {"intent": act.intent, **act.about, "outcome": outcome, "reason": reason}
        self._ground.ledger.post(Entry("line.act_ended", body, act.by))


async def _do(act: Act) -> tuple[str, str]:
    """How it ended, and why if it failed."""
    try:
        return _said(await act.do(act.intent, act.deadline)), ""
    except (LinkFault, DeviceFault) as fault:
        return failed(fault), fault.code


def failed(fault: Fault) -> str:
    """How an act ended that raised: nothing has left, or nobody knows."""
    return "not_sent" if fault.effect is Effect.NONE else "unknown"


def _said(answer: Answer | bool) -> str:
    if isinstance(answer, bool):
        return "shown" if answer else "unconfirmed"
    return str(answer)
