"""What a drawer can be told and asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from controller.actors.intent import Unlocking
from controller.ledger.port import Entry, Posting
from controller.machines.drawer import Event, State
from controller.policy.session import Session
from drivers.capabilities import Look
from drivers.faults import Refused

Decide = Callable[[str], Sequence[Entry]]
"""Run inside the drawer's step with the new intent's id: looks once more whether this may be, raises Refused if not, and
gives the entries that belong in the same commit."""


class Recovery(StrEnum):
    """The steps by which a named person leads a drawer out (B0.1)."""

    RETRY = "retry"
    """A test opening, where the latch is seen engaged."""
    PUSH_PULL = "push_pull"
    POWER_CYCLE = "power_cycle"
    KEY = "key"
    INSPECTED = "inspected"
    """Looked at and in order: it is looked at again, and its pockets are counted before they are used."""
    OUT_OF_SERVICE = "out_of_service"
    RETURN_TO_SERVICE = "return_to_service"
    """A test opening from out of service; open and shut again it is in service, its pockets to be counted."""


STEPS: Mapping[Recovery, Event] = {
    Recovery.RETRY: Event.TEST,
    Recovery.PUSH_PULL: Event.RECOVER,
    Recovery.POWER_CYCLE: Event.RECOVER,
    Recovery.KEY: Event.RECOVER,
    Recovery.INSPECTED: Event.INSPECTED,
    Recovery.OUT_OF_SERVICE: Event.TAKE_OUT,
    Recovery.RETURN_TO_SERVICE: Event.TEST,
}


@dataclass(slots=True)
class Opening:
    """A request for one pulse. `answer` is the Unlocking, or why not."""

    decide: Decide
    purpose: Mapping[str, Any]
    session: Session
    pockets: tuple[str, ...]
    answer: asyncio.Future[Unlocking]


@dataclass(slots=True)
class Told:
    """One message in a drawer's inbox: an event with what belongs to it."""

    event: Event
    look: Look | None = None
    opening: Opening | None = None
    by: str = "station"
    more: Mapping[str, Any] | None = None
    """Further members of the ledger entry: `reason`, `step`, `frames`."""
    answer: asyncio.Future[Posting] | None = None


_IN_USE = {State.UNLOCKING, State.UNLOCKED, State.OPEN, State.AJAR, State.CLOSING}
_CODES = {
    State.OFFLINE: "drawer-offline",
    State.UNKNOWN: "drawer-unknown",
    State.OUT_OF_SERVICE: "drawer-out-of-service",
    **dict.fromkeys(_IN_USE, "drawer-in-use"),
}


def cannot_open(drawer: str, state: State) -> Refused:
    """Why a drawer in this state is not unlocked."""
    return Refused(_CODES.get(state, "drawer-held"), drawer=drawer, state=str(state))


def not_now(drawer: str, state: State, event: Event) -> Refused:
    """Why this step of a recovery means nothing in this state."""
    return Refused("recovery-step-not-now", drawer=drawer, state=str(state), step=str(event))


def refuse(told: Told, fault: Exception) -> None:
    """Tells whoever asked. What nobody asked for is dropped: the table has said why it means nothing here."""
    for answer in (told.answer, told.opening.answer if told.opening else None):
        if answer is not None and not answer.done():
            answer.set_exception(fault)
