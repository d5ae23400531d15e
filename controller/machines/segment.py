"""The table of a segment, a stretch of belt between two points (reference lines.md B.3).

It says what may be believed of the totes on it. Nothing of ours starts a belt: `started` is seen, and a jam, or a belt that
somebody reached into, ends by a named person. Whether it moves at this moment is its clock's to know, not this table's.
"""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """What is known of a segment."""

    RUNNING = "running"
    STOPPED = "stopped"
    JAM = "jam"
    """Something left the belt before it and never came. Ends by a named person."""
    UNCERTAIN = "uncertain"
    """Its order is not believed: everything on it is read again, nothing decided by order."""


class Event(StrEnum):
    """What can happen to a segment."""

    STOPPED = "stopped"
    STARTED = "started"
    """Seen to move again; no command of ours leads here."""
    JAMMED = "jammed"
    DISORDERED = "disordered"
    """Two reads after each other came out of order, or its counters cannot be."""
    RE_READ = "re_read"
    """Everything that was on it has been read, or is lost."""
    CLEARED = "cleared"
    """A named person was at it: whatever lies there was perhaps touched."""


TABLE: tuple[tuple[Event, State, State], ...] = (
    (Event.STOPPED, State.RUNNING, State.STOPPED),
    (Event.STOPPED, State.STOPPED, State.STOPPED),  # a second cause
    (Event.STOPPED, State.JAM, State.JAM),
    (Event.STOPPED, State.UNCERTAIN, State.UNCERTAIN),
    (Event.STARTED, State.STOPPED, State.RUNNING),
    (Event.STARTED, State.RUNNING, State.RUNNING),
    (Event.STARTED, State.JAM, State.JAM),  # a belt that moves has not proved that it is free
    (Event.STARTED, State.UNCERTAIN, State.UNCERTAIN),
    (Event.JAMMED, State.RUNNING, State.JAM),
    (Event.JAMMED, State.STOPPED, State.JAM),
    (Event.JAMMED, State.UNCERTAIN, State.JAM),
    (Event.JAMMED, State.JAM, State.JAM),
    (Event.DISORDERED, State.RUNNING, State.UNCERTAIN),
    (Event.DISORDERED, State.STOPPED, State.UNCERTAIN),
    (Event.DISORDERED, State.UNCERTAIN, State.UNCERTAIN),
    (Event.DISORDERED, State.JAM, State.JAM),
    (Event.RE_READ, State.UNCERTAIN, State.RUNNING),
    (Event.CLEARED, State.JAM, State.UNCERTAIN),
    (Event.CLEARED, State.STOPPED, State.UNCERTAIN),
    (Event.CLEARED, State.RUNNING, State.UNCERTAIN),
    (Event.CLEARED, State.UNCERTAIN, State.UNCERTAIN),
)

REFUSED: dict[Event, str] = {
    Event.RE_READ: "its order was not in question",
}

RULES: Rules[State, Event] = Rules(TABLE, REFUSED)
