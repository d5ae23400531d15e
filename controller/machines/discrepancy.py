"""The life of a discrepancy (reference domain.md B9). Escalation is an alert beside it and changes no state."""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """Where a discrepancy stands."""

    NONE = "none"
    OPEN = "open"
    CLAIMED = "claimed"
    EXPLAINED = "explained"
    RESOLVED = "resolved"
    REVIEWED = "reviewed"
    CLOSED = "closed"


class Event(StrEnum):
    """What happens to it."""

    OPENED = "opened"
    CLAIMED = "claimed"
    EXPLAINED = "explained"
    RESOLVED = "resolved"
    """With a witness."""
    REJECTED = "rejected"
    """By the reviewer: it is open again, with everything said so far."""
    REVIEWED = "reviewed"
    CLOSED = "closed"


TABLE = [  # event,             from,              to
    (Event.OPENED, State.NONE, State.OPEN),
    (Event.CLAIMED, State.OPEN, State.CLAIMED),
    (Event.CLAIMED, State.CLAIMED, State.CLAIMED),  # somebody else takes it over
    (Event.EXPLAINED, State.CLAIMED, State.EXPLAINED),
    (Event.EXPLAINED, State.EXPLAINED, State.EXPLAINED),  # a better explanation; both stay in the ledger
    (Event.RESOLVED, State.EXPLAINED, State.RESOLVED),
    (Event.REJECTED, State.RESOLVED, State.OPEN),
    (Event.REVIEWED, State.RESOLVED, State.REVIEWED),
    (Event.CLOSED, State.REVIEWED, State.CLOSED),
]

REFUSED = {
    Event.OPENED: "it is there already",
    Event.CLAIMED: "only an open one is claimed",
    Event.EXPLAINED: "it is claimed first, and explained before it is resolved",
    Event.RESOLVED: "it is explained first, and resolved once",
    Event.REJECTED: "only a resolved one is reviewed",
    Event.REVIEWED: "only a resolved one is reviewed",
    Event.CLOSED: "only a reviewed one is closed",
}

RULES = Rules(TABLE, REFUSED)
