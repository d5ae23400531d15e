"""The table of an accumulation lane: where the totes of one order meet before they are packed (reference lines.md B.3)."""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """Where a lane stands."""

    FREE = "free"
    RESERVED = "reserved"
    """Promised to an order of which nothing has come."""
    FILLING = "filling"
    COMPLETE = "complete"
    AGED = "aged"
    """Its order has waited too long for the rest: a person is called, then a split is offered."""
    EMPTYING = "emptying"
    BLOCKED = "blocked"
    """Its sensor stays covered, or something of another order is in it. Ends by a named person."""


class Event(StrEnum):
    """What can happen to a lane."""

    RESERVED = "reserved"
    RECEIVED = "received"
    """One more of its order, and not the last."""
    RECEIVED_LAST = "received_last"
    OVERDUE = "overdue"
    SPLIT = "split"
    """A named person ships what is there."""
    EMPTYING = "emptying"
    EMPTIED = "emptied"
    """The lane's own sensor says so."""
    GIVEN_UP = "given_up"
    """The order was cancelled before anything came."""
    BLOCKED = "blocked"
    CLEARED = "cleared"
    """A named person emptied it by hand."""


TABLE: tuple[tuple[Event, State, State], ...] = (
    (Event.RESERVED, State.FREE, State.RESERVED),
    (Event.RECEIVED, State.RESERVED, State.FILLING),
    (Event.RECEIVED, State.FILLING, State.FILLING),
    (Event.RECEIVED, State.AGED, State.AGED),  # it still waits for the rest
    (Event.RECEIVED_LAST, State.RESERVED, State.COMPLETE),  # an order of one
    (Event.RECEIVED_LAST, State.FILLING, State.COMPLETE),
    (Event.RECEIVED_LAST, State.AGED, State.COMPLETE),
    (Event.OVERDUE, State.FILLING, State.AGED),
    (Event.OVERDUE, State.AGED, State.AGED),  # called again, and a split offered
    (Event.SPLIT, State.AGED, State.COMPLETE),
    (Event.EMPTYING, State.COMPLETE, State.EMPTYING),
    (Event.EMPTIED, State.EMPTYING, State.FREE),
    (Event.GIVEN_UP, State.RESERVED, State.FREE),
    *((Event.BLOCKED, state, State.BLOCKED) for state in State),
    (Event.CLEARED, State.BLOCKED, State.FREE),
)

REFUSED: dict[Event, str] = {
    Event.RESERVED: "a lane is one order's at a time",
    Event.RECEIVED: "it waits for nothing",
    Event.RECEIVED_LAST: "it waits for nothing",
    Event.OVERDUE: "nobody in it waits",
    Event.SPLIT: "only an order that waits too long is split, by a named person",
    Event.EMPTYING: "its order is not whole",
    Event.EMPTIED: "nobody is emptying it",
    Event.GIVEN_UP: "something of its order is in it, or it is nobody's",
    Event.CLEARED: "nothing blocks it",
}

RULES: Rules[State, Event] = Rules(TABLE, REFUSED)
