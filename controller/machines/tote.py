"""The table of a tote on a line: where it stands, as far as readers have said (reference lines.md B.3).

A label is one tote's, and one script's (a pick list, a prescription) while it is bound. Places are decided by readers; between
two readers a place is an estimate. A label that nobody knows has no row of its own: it is FOREIGN and never learned.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """Where a tote is, as far as anybody knows."""

    FREE = "free"
    BOUND = "bound"
    """It has a script and was not seen on the line since."""
    MOVING = "moving"
    """It left a point and is on a segment: an estimate."""
    AT = "at"
    """A reader saw it there: a fact."""
    IN_STATION = "in_station"
    IN_LANE = "in_lane"
    """Received by the reader of its destination."""
    RELEASED = "released"
    """Handed on; its label is closed."""
    FOREIGN = "foreign"
    """Seen on the line without a script."""
    UNREAD = "unread"
    """Probably the one whose code was not read; nothing is decided by that."""
    LATE = "late"
    """Its window is over, or another came before it."""
    LOST = "lost"
    HELD = "held"
    """A named person must look: it was lost, it has a double, a proof is missing."""
    REJECTED = "rejected"
    """On its way to the reject lane, or in it."""


class Event(StrEnum):
    """What can happen to a tote."""

    # requests
    BOUND = "bound"
    RELEASED = "released"
    FREED = "freed"
    """Empty, and ready for another script."""
    VOIDED = "voided"
    """Its script was closed or cancelled while it was on its way: a dead label."""
    READMITTED = "readmitted"
    """A named person looked and puts it back at an entry."""
    WRITTEN_OFF = "written_off"
    """A named person gives up the search."""
    # facts
    DEPARTED = "departed"
    SEEN = "seen"
    ENTERED = "entered"
    RECEIVED = "received"
    # findings
    NOT_READ = "not_read"
    OVERDUE = "overdue"
    MISSING = "missing"
    HOLD = "hold"
    REJECT = "reject"


ON_THE_LINE = (State.BOUND, State.MOVING, State.AT, State.IN_STATION, State.UNREAD, State.LATE)
"""Bound, and nothing stands against it."""
BY_A_PERSON = (State.LOST, State.HELD, State.REJECTED)
"""What no reader ends: only a named person does."""
DEAD = (State.FREE, State.FOREIGN, State.RELEASED)
"""A label of these is nobody's: whatever carries it is rejected."""

Row = tuple[Event, State, State]


def every(event: Event, states: Iterable[State], to: State) -> list[Row]:
    """The event leads from each of the states to one."""
    return [(event, state, to) for state in states]


TABLE: tuple[Row, ...] = (
    (Event.BOUND, State.FREE, State.BOUND),
    (Event.BOUND, State.FOREIGN, State.BOUND),
    *every(Event.DEPARTED, [State.BOUND, State.MOVING, State.AT, State.IN_STATION], State.MOVING),
    *every(Event.DEPARTED, [State.UNREAD], State.UNREAD),  # unread it goes on, still nobody's for certain
    *every(Event.DEPARTED, [State.LATE], State.LATE),
    *every(Event.SEEN, ON_THE_LINE, State.AT),
    (Event.SEEN, State.IN_LANE, State.HELD),  # a second one with its label
    (Event.SEEN, State.LOST, State.HELD),  # found; a person decides what it is still good for
    *every(Event.SEEN, [State.HELD], State.HELD),
    *every(Event.SEEN, [State.REJECTED], State.REJECTED),
    (Event.SEEN, State.FREE, State.FOREIGN),  # ours, without a script: it carries nothing that anybody asked for
    *every(Event.SEEN, [State.FOREIGN], State.FOREIGN),
    *every(Event.SEEN, [State.RELEASED], State.RELEASED),  # a dead label: the one that was handed on has a double
    (Event.ENTERED, State.AT, State.IN_STATION),
    (Event.RECEIVED, State.AT, State.IN_LANE),
    (Event.RELEASED, State.IN_LANE, State.RELEASED),
    *every(Event.FREED, [State.RELEASED, State.FOREIGN], State.FREE),
    *every(Event.VOIDED, [*ON_THE_LINE, State.IN_LANE, *BY_A_PERSON], State.FOREIGN),
    *every(Event.READMITTED, [State.HELD, State.REJECTED], State.BOUND),
    (Event.WRITTEN_OFF, State.LOST, State.FREE),
    *every(Event.NOT_READ, [State.BOUND, State.MOVING, State.AT, State.UNREAD, State.LATE], State.UNREAD),
    *every(Event.OVERDUE, [State.BOUND, State.MOVING, State.AT, State.IN_STATION, State.UNREAD], State.LATE),
    *every(Event.OVERDUE, [State.LATE], State.LATE),
    *every(Event.MISSING, ON_THE_LINE, State.LOST),
    *every(Event.HOLD, [*ON_THE_LINE, State.IN_LANE, *BY_A_PERSON], State.HELD),
    *every(Event.REJECT, [*ON_THE_LINE, State.REJECTED], State.REJECTED),
)

REFUSED: dict[Event, str] = {
    Event.BOUND: "it has a script already, or was not given back empty",
    Event.RELEASED: "only what its destination received is handed on",
    Event.FREED: "it is still bound to a script",
    Event.VOIDED: "it has no script",
    Event.READMITTED: "nothing is held against it, or it was not found yet",
    Event.WRITTEN_OFF: "only what is lost is written off",
    Event.DEPARTED: "where it stands it does not leave by itself",
    Event.ENTERED: "a station takes only what was read before it",
    Event.RECEIVED: "a destination takes only what was read there",
    Event.NOT_READ: "it is not expected at any reader",
    Event.OVERDUE: "it is not expected anywhere",
    Event.MISSING: "it is not expected anywhere",
    Event.HOLD: "it has no script that could be held",
    Event.REJECT: "it is not on its way, or somebody has to look first",
}

RULES: Rules[State, Event] = Rules(TABLE, REFUSED)
