"""The table of a reader at a decision point (reference lines.md B.3): how far it may be trusted to see what passes.

A dirty reader decides nothing wrong, for what it does not read goes to the safe exit; it makes work. So it warns, then stops
the feeding, and when it is down all that arrive take the safe exit.
"""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """How a reader does."""

    OK = "ok"
    DIRTY = "dirty"
    """More than 2 % of the last 200 were not read: somebody should wipe it."""
    BLINDED = "blinded"
    """More than 10 %: nothing more is fed to it."""
    DOWN = "down"
    """It does not answer. All that arrive go to the safe exit."""


class Event(StrEnum):
    """What can be found out about a reader. The shares are those of its last 200 results."""

    FEW_UNREAD = "few_unread"
    SOME_UNREAD = "some_unread"
    MANY_UNREAD = "many_unread"
    LINK_LOST = "link_lost"
    LINK_UP = "link_up"


TABLE: tuple[tuple[Event, State, State], ...] = (
    *((Event.FEW_UNREAD, state, State.OK) for state in (State.OK, State.DIRTY, State.BLINDED)),
    *((Event.SOME_UNREAD, state, State.DIRTY) for state in (State.OK, State.DIRTY, State.BLINDED)),
    *((Event.MANY_UNREAD, state, State.BLINDED) for state in (State.OK, State.DIRTY, State.BLINDED)),
    *((Event.LINK_LOST, state, State.DOWN) for state in State),
    *((Event.LINK_UP, state, State.OK) for state in (State.OK, State.DIRTY, State.BLINDED, State.DOWN)),  # counted anew
)

REFUSED: dict[Event, str] = {
    Event.FEW_UNREAD: "a reader that does not answer has no results",
    Event.SOME_UNREAD: "a reader that does not answer has no results",
    Event.MANY_UNREAD: "a reader that does not answer has no results",
}

RULES: Rules[State, Event] = Rules(TABLE, REFUSED)
