"""The table every piece of work goes by: pull, restock, count and pick are transactions over one or more pockets.

States are those of reference domain.md B0. An event is the last word of the ledger kind that records it: `pull.reserved`
is the event `reserved` of a pull, so that the fold and the workflow cannot disagree about what a row does.
"""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """Where a piece of work stands."""

    DRAFT = "draft"
    AUTHORISED = "authorised"
    RESERVED = "reserved"
    ACCESSING = "accessing"
    COUNTING = "counting"
    COMMITTED = "committed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


class Event(StrEnum):
    """What happens to it."""

    REQUESTED = "requested"
    RESERVED = "reserved"
    ACCESSING = "accessing"
    COUNTING = "counting"
    """The drawer is shut and a question is still open."""
    POCKET_DONE = "pocket_done"
    SKIPPED = "skipped"
    """A pocket that could not be opened is left out; the work goes on with what it has."""
    COMMITTED = "committed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


LIVE = frozenset({State.AUTHORISED, State.RESERVED, State.ACCESSING, State.COUNTING})
ENDED = frozenset({State.COMMITTED, State.CANCELLED, State.FAILED, State.IN_DOUBT})

TABLE = [  # event,             from,              to
    (Event.REQUESTED, State.DRAFT, State.AUTHORISED),
    (Event.RESERVED, State.AUTHORISED, State.RESERVED),
    (Event.ACCESSING, State.RESERVED, State.ACCESSING),
    (Event.COUNTING, State.ACCESSING, State.COUNTING),
    (Event.POCKET_DONE, State.ACCESSING, State.RESERVED),
    (Event.POCKET_DONE, State.COUNTING, State.RESERVED),
    (Event.SKIPPED, State.RESERVED, State.RESERVED),
    (Event.SKIPPED, State.ACCESSING, State.RESERVED),  # unlocked and never opened: nothing was taken
    (Event.COMMITTED, State.RESERVED, State.COMMITTED),
    (Event.CANCELLED, State.RESERVED, State.CANCELLED),
    (Event.CANCELLED, State.ACCESSING, State.CANCELLED),
    (Event.FAILED, State.RESERVED, State.FAILED),
    (Event.FAILED, State.ACCESSING, State.FAILED),
    (Event.IN_DOUBT, State.ACCESSING, State.IN_DOUBT),
    (Event.IN_DOUBT, State.COUNTING, State.IN_DOUBT),
]

REFUSED = {
    Event.REQUESTED: "it was asked for already",
    Event.RESERVED: "stock is reserved once, after the checks",
    Event.ACCESSING: "a pocket is opened for reserved stock, one at a time",
    Event.COUNTING: "a question stays open only after a pocket was opened",
    Event.POCKET_DONE: "no pocket is being worked",
    Event.SKIPPED: "only a pocket that nobody has opened is left out",
    Event.COMMITTED: "something is still open, or it has ended",
    Event.CANCELLED: "an open pocket is answered for first, and what has ended stays ended",
    Event.FAILED: "after a pocket was opened it is answered for, or in doubt",
    Event.IN_DOUBT: "nothing has been opened that could be in doubt, or it has ended",
}

RULES = Rules(TABLE, REFUSED)
