"""What tracking is told: what devices saw, and what people and workflows decided. Times are microseconds of one clock that only
goes forward; a fact says when it happened, and whoever tells it says when that is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """Something passed a reader's photo-eye. `labels` are the codes read while it did: none, one, or several."""

    reader: str
    labels: tuple[str, ...]
    at: int
    passed_mm: int | None = None
    """How much belt went by while the eye was covered, where an encoder measures it: two totes that touch are one shadow."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The arrival counter of a segment's first zone; 16 bits wide, it comes round (devices.md 7.1)."""

    segment: str
    count: int
    at: int


@dataclass(frozen=True, slots=True)
class Departed:
    """The departure counter of a segment's last zone."""

    segment: str
    count: int
    at: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """A segment's belt stands."""

    segment: str
    at: int


@dataclass(frozen=True, slots=True)
class Started:
    """A segment's belt is seen to move again."""

    segment: str
    at: int


@dataclass(frozen=True, slots=True)
class ReaderLost:
    """A reader does not answer."""

    reader: str
    at: int


@dataclass(frozen=True, slots=True)
class ReaderBack:
    """A reader answers again."""

    reader: str
    at: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Whoever stands at an entry (a robot's output, a person) says that they put this tote there: an expectation, no proof."""

    entry: str
    label: str
    at: int


@dataclass(frozen=True, slots=True)
class Bound:
    """This tote carries that script to that end, and must have been read by these readers in this order before."""

    label: str
    script: str
    to: str
    chain: tuple[str, ...]
    at: int
    proofs: tuple[str, ...] = ()
    """What was read of it before a restart."""
    under_way: bool = False
    """It was on the line before a restart: its place is unknown until it is read."""


@dataclass(frozen=True, slots=True)
class Voided:
    """The script of this tote was closed or cancelled: its label is dead."""

    label: str
    at: int


@dataclass(frozen=True, slots=True)
class Freed:
    """This tote was handed on, or its script was closed: it may be bound again."""

    label: str
    at: int


@dataclass(frozen=True, slots=True)
class Readmitted:
    """A named person looked at a tote that was held or rejected and puts it back at an entry. Every proof is made anew."""

    label: str
    at: int


@dataclass(frozen=True, slots=True)
class WrittenOff:
    """A named person gives up the search for a lost tote."""

    label: str
    at: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """A named person was at a segment and says that it may be fed again."""

    segment: str
    at: int


@dataclass(frozen=True, slots=True)
class Emptied:
    """A lane at an end without a reader was emptied by a person."""

    segment: str
    at: int


@dataclass(frozen=True, slots=True)
class Passed:
    """Nothing happened up to this moment."""

    at: int


Fact = (
    Seen | Arrived | Departed | Stopped | Started | ReaderLost | ReaderBack | Placed | Bound | Voided | Freed | Readmitted
    | WrittenOff | Cleared | Emptied | Passed
)  # fmt: skip
