"""One input at a robot's belt (reference domain.md B11, input): asked, ruled on, and then stored or not.

A refusal for something that was missing may be followed by the same question with more data, so an input ends only with the
robot's last word, or with the epoch in which it was asked: then what the robot holds is asked for anew.
"""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """Where an input stands."""

    ASKED = "asked"
    ALLOWED = "allowed"
    REFUSED = "refused"
    STORED = "stored"
    ABORTED = "aborted"
    LOST = "lost"


class Event(StrEnum):
    """What happens to it."""

    ASKED = "asked"
    ALLOWED = "allowed"
    """At least one of its packs may be stored."""
    REFUSED = "refused"
    STORED = "stored"
    """The robot holds packs of it: the one event that changes stock."""
    ABORTED = "aborted"
    LINK_LOST = "link_lost"


TABLE = [
    (Event.ASKED, State.ASKED, State.ASKED),
    (Event.ASKED, State.REFUSED, State.ASKED),  # with the datum that was missing
    (Event.ASKED, State.ALLOWED, State.ASKED),
    (Event.ALLOWED, State.ASKED, State.ALLOWED),
    (Event.REFUSED, State.ASKED, State.REFUSED),
    (Event.STORED, State.ALLOWED, State.STORED),
    (Event.ABORTED, State.ASKED, State.ABORTED),
    (Event.ABORTED, State.ALLOWED, State.ABORTED),
    (Event.ABORTED, State.REFUSED, State.ABORTED),
    *((Event.LINK_LOST, state, State.LOST) for state in (State.ASKED, State.ALLOWED, State.REFUSED)),
]

REFUSED = {
    Event.ASKED: "it has ended",
    Event.ALLOWED: "it is ruled on once for each question",
    Event.REFUSED: "it is ruled on once for each question",
    Event.STORED: "nobody has allowed it: what was stored all the same is held back",
    Event.ABORTED: "it has ended",
    Event.LINK_LOST: "it has ended",
}

RULES = Rules(TABLE, REFUSED)
