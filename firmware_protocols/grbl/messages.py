"""What a host and a GRBL board say to each other. Shared by both halves; the bytes are theirs. Lengths are mm, as `Decimal`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

Position = tuple[Decimal, Decimal, Decimal]
"""X, Y and Z in mm."""


class Realtime(StrEnum):
    """What a single byte asks for, at any moment and with no `ok`."""

    STATUS = "status"
    HOLD = "feed-hold"
    """Decelerates and stays; the position is kept."""
    RESUME = "resume"
    RESET = "soft-reset"
    """Throws away everything that waits. While something moves, the position is lost (ALARM:3)."""
    DOOR = "safety-door"
    JOG_CANCEL = "jog-cancel"


class State(StrEnum):
    """The machine's state; the value is the word of the report."""

    IDLE = "Idle"
    RUN = "Run"
    HOLD = "Hold"
    JOG = "Jog"
    ALARM = "Alarm"
    DOOR = "Door"
    CHECK = "Check"
    HOME = "Home"
    SLEEP = "Sleep"


UNKNOWN = "unknown"
"""Why, for a number that is not in our notes."""

ERRORS = {
    1: "letter-expected",
    2: "bad-number",
    3: "invalid-dollar",
    5: "homing-disabled",
    8: "not-idle",
    9: "locked",
    15: "jog-beyond-travel",
    20: "unsupported-command",
    22: "no-feed-rate",
    33: "bad-target",
}
"""`error:n`: the line was refused and did nothing."""

ALARMS = {
    1: "hard-limit",
    2: "soft-limit",
    3: "reset-while-moving",
    4: "probe",
    5: "probe",
    6: "homing",
    7: "homing",
    8: "homing",
    9: "homing",
}
"""`ALARM:n`: nothing moves any more."""


class Word(NamedTuple):
    """One word of a block: a letter and its number, as G53 or X10.500."""

    letter: str
    number: Decimal


@dataclass(frozen=True, slots=True)
class Signal:
    """One real-time byte."""

    realtime: Realtime


@dataclass(frozen=True, slots=True)
class Block:
    """A line of G-code. The host half says G0, G1, G4, G21, G53, G90, G91, M3, M4, M5, M8, M9 and the numbers they need."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Jog:
    """`$J=`: a motion that can be cancelled, with a feed of its own."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """`$H`: runs to the limit switches; answered when that has ended."""


@dataclass(frozen=True, slots=True)
class SettingsQuery:
    """`$$`: all settings, then `ok`."""


@dataclass(frozen=True, slots=True)
class BuildQuery:
    """`$I`: version and options as notes, then `ok`."""


@dataclass(frozen=True, slots=True)
class Banner:
    """The board has just started, after power up or a soft reset."""

    version: str


@dataclass(frozen=True, slots=True)
class Ok:
    """The line was taken in."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`error:n` with its meaning of `ERRORS`."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """`ALARM:n` with its meaning of `ALARMS`."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to `?`. `step` is what stands behind Hold and Door; all else is None or empty where the report lacks it."""

    state: State
    step: int | None = None
    machine: Position | None = None
    work: Position | None = None
    buffers: tuple[int, int] | None = None
    """Free blocks of the planner, free bytes of the receive buffer."""
    line: int | None = None
    feed: tuple[int, int] | None = None
    """Feed in mm/min and spindle speed, as they are now."""
    pins: str = ""
    """Inputs that are active: X, Y, Z limits, P probe (here: the vacuum), D door, H hold, R reset, S start."""
    offset: Position | None = None
    overrides: tuple[int, int, int] | None = None
    accessories: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """`$n=value`."""

    number: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Note:
    """`[KIND:text]`: MSG, VER, OPT and others. Never an answer."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Other:
    """A line of a kind that is not known here: tolerated, never an answer."""

    text: str


Command = Signal | Block | Jog | Home | SettingsQuery | BuildQuery
"""All a host can say."""

Answer = Banner | Ok | Refusal | Alarm | Report | Setting | Note | Other
"""All a board can say."""
