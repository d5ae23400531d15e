"""One order to a robot (reference domain.md B11, pick): sent once, and then whatever the robot tells of it.

An event is the last word of the ledger kind that records it: `robot.pick_queued` is the event `queued`, so that the fold and
the actor cannot disagree. Nothing leads back to REQUESTED: an order is never sent a second time (law 4).
"""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """Where an order stands."""

    NONE = "none"
    REQUESTED = "requested"
    """Its intent is on the disk; it is being sent, or was sent and is not answered."""
    QUEUED = "queued"
    IN_PROCESS = "in_process"
    ABORTING = "aborting"
    """Somebody wants it back; what came out of it is not known yet."""
    IN_DOUBT = "in_doubt"
    """The robot does not know it: that does not prove that nothing came out. A person looks."""
    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    ABORTED = "aborted"
    SETTLED = "settled"
    """A named person has said what came out."""


class Event(StrEnum):
    """What happens to it."""

    INTENDED = "intended"
    NOT_SENT = "not_sent"
    """Nothing was written, and that is certain."""
    SILENT = "silent"
    """Written, or perhaps written, and not answered."""
    QUEUED = "queued"
    REJECTED = "rejected"
    IN_PROCESS = "in_process"
    """Packs have come out, or the robot says that it is at it."""
    CANCEL_INTENDED = "cancel_intended"
    CANCEL_ANSWERED = "cancel_answered"
    """Politeness: how it ended is told by its end."""
    CANCEL_REFUSED = "cancel_refused"
    """The robot goes on with it, or nothing of the cancellation was written."""
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    ABORTED = "aborted"
    IN_DOUBT = "in_doubt"
    SETTLED = "settled"


SENT = (State.REQUESTED, State.QUEUED, State.IN_PROCESS, State.ABORTING)
"""In these something may still come out of it."""
LIVE = frozenset({*SENT, State.IN_DOUBT})
"""In these its packs are promised to it."""
ENDED = frozenset(State) - LIVE - {State.NONE}

TABLE = [
    (Event.INTENDED, State.NONE, State.REQUESTED),
    (Event.NOT_SENT, State.REQUESTED, State.NOT_SENT),
    *((Event.SILENT, state, state) for state in SENT),
    (Event.QUEUED, State.REQUESTED, State.QUEUED),
    *((Event.QUEUED, state, state) for state in (State.QUEUED, State.IN_PROCESS, State.ABORTING)),  # a late answer
    (Event.QUEUED, State.IN_DOUBT, State.QUEUED),  # the robot knows it after all
    (Event.REJECTED, State.REQUESTED, State.REJECTED),
    *((Event.IN_PROCESS, state, State.IN_PROCESS) for state in (State.REQUESTED, State.QUEUED, State.IN_PROCESS, State.IN_DOUBT)),
    (Event.IN_PROCESS, State.ABORTING, State.ABORTING),
    *((Event.CANCEL_INTENDED, state, State.ABORTING) for state in SENT),
    (Event.CANCEL_ANSWERED, State.ABORTING, State.ABORTING),
    (Event.CANCEL_REFUSED, State.ABORTING, State.IN_PROCESS),
    *((Event.COMPLETED, state, State.COMPLETED) for state in (*SENT, State.IN_DOUBT)),
    *((Event.INCOMPLETE, state, State.INCOMPLETE) for state in (*SENT, State.IN_DOUBT)),
    *((Event.ABORTED, state, State.ABORTED) for state in (*SENT, State.IN_DOUBT)),
    *((Event.IN_DOUBT, state, State.IN_DOUBT) for state in SENT),
    (Event.SETTLED, State.IN_DOUBT, State.SETTLED),
]

REFUSED = {
    Event.INTENDED: "an order's id is used once",
    Event.NOT_SENT: "it was sent, or may have been",
    Event.SILENT: "it has ended, or is in doubt already",
    Event.QUEUED: "it has ended, or was never ordered",
    Event.REJECTED: "the robot has taken it, or it has ended",
    Event.IN_PROCESS: "it has ended, or was never ordered",
    Event.CANCEL_INTENDED: "only what is under way is cancelled",
    Event.CANCEL_ANSWERED: "nobody has cancelled it",
    Event.CANCEL_REFUSED: "nobody has cancelled it",
    Event.COMPLETED: "it has ended, or was never ordered",
    Event.INCOMPLETE: "it has ended, or was never ordered",
    Event.ABORTED: "it has ended, or was never ordered",
    Event.IN_DOUBT: "it has ended, or nothing was sent",
    Event.SETTLED: "only what is in doubt is settled by a person",
}

RULES = Rules(TABLE, REFUSED)
