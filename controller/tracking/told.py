"""What tracking says: events for the ledger and for people, and decisions for whoever drives the belts.

No decision starts a belt.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an event says about a tote, a point or a segment (the words of lines.md B.1 and B.2)."""

    ROUTED = "routed"
    CONFIRMED = "confirmed"
    """The exit that was decided counted an arrival."""
    STRAYED = "strayed"
    """Another exit than the decided one counted it: where it goes is told by the next reader."""
    UNREAD = "unread"
    UNREAD_TWICE = "unread_twice"
    OUT_OF_ORDER = "out_of_order"
    SKIPPED = "skipped"
    """A proof is missing."""
    DEAD = "dead"
    FOREIGN = "foreign"
    DOUBLE_READ = "double_read"
    CLONE = "clone"
    LATE = "late"
    LOST = "lost"
    FOUND = "found"
    VANISHED = "vanished"
    """Something that was never read is no longer there."""
    SURPLUS = "surplus"
    """More came than went in."""
    JAM = "jam"
    UNCERTAIN = "uncertain"
    CERTAIN = "certain"
    LATE_DECISION = "late_decision"
    RECEIVED = "received"
    REFUSED = "refused"
    RELEASED = "released"
    READER = "reader"
    LAPS = "laps"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that is known now. `at` is when it happened; `label` is empty where no label is known."""

    kind: Kind
    where: str
    at: int
    label: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """Set this diverter for the tote that comes next, and for no other: not to be sent after `until` (silence is safe), and back to
    its default exit when one has passed, or at `over`."""

    diverter: str
    exit: str
    label: str
    until: int
    over: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop this segment's belt. A person starts it."""

    segment: str
    why: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Whether entries may let anything more onto the line; `why` names what speaks against it."""

    allowed: bool
    why: tuple[str, ...]


Decision = Route | Stop | Feed


@dataclass(frozen=True, slots=True)
class Step:
    """What one fact led to."""

    events: tuple[Event, ...]
    decisions: tuple[Decision, ...]
