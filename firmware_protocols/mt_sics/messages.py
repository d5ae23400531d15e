"""What a host and a balance say to each other. Shared by both halves; the bytes are theirs.

Answers carry the ID they were printed with, because several commands share one ID and some lines come unasked.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Command(StrEnum):
    """The commands spoken here, all without parameters; the value is the line."""

    RESET = "@"
    """Cancels all that runs; answers `I4 A`. Neither zeroes nor clears the tare."""
    COMMANDS = "I0"
    LEVELS = "I1"
    DEVICE = "I2"
    SOFTWARE = "I3"
    SERIAL = "I4"
    SOFTWARE_NUMBER = "I5"
    STABLE_WEIGHT = "S"
    """Waits until the weight is stable, or says `S I` after the instrument's own time-out."""
    WEIGHT_NOW = "SI"
    REPEAT = "SIR"
    """Weights several times a second, until S, SI or @."""
    ZERO = "Z"
    ZERO_NOW = "ZI"
    TARE = "T"
    TARE_NOW = "TI"
    TARE_MEMORY = "TA"
    CLEAR_TARE = "TAC"


class Trouble(StrEnum):
    """The general errors; the value is the whole line."""

    SYNTAX = "ES"
    TRANSMISSION = "ET"
    LOGICAL = "EL"


@dataclass(frozen=True, slots=True)
class GeneralError:
    """The command was not understood (ES), arrived damaged (ET) or cannot be executed (EL)."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Weight:
    """A net weight. Only a stable one may be booked."""

    stable: bool
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class WeightError:
    """A hardware fault in place of a weight, as in `Error 10b`: `part` b is the balance, t the terminal."""

    number: int
    part: str


@dataclass(frozen=True, slots=True)
class NotExecutable:
    """Status I: understood, not now (no stability in time, another command runs). `command` is the printed ID."""

    command: str


@dataclass(frozen=True, slots=True)
class Overload:
    """Status +: above the range. `command` is the printed ID."""

    command: str


@dataclass(frozen=True, slots=True)
class Underload:
    """Status -: below the range. `command` is the printed ID."""

    command: str


@dataclass(frozen=True, slots=True)
class WrongParameter:
    """Status L: logical error. `command` is the printed ID."""

    command: str


@dataclass(frozen=True, slots=True)
class Done:
    """Status A without data: `Z A`, `TAC A`."""

    command: str


@dataclass(frozen=True, slots=True)
class ZeroedNow:
    """ZI was executed, on a stable or a moving weight."""

    stable: bool


@dataclass(frozen=True, slots=True)
class Tared:
    """T (`now` False) or TI (`now` True) was executed: the tare as it now is."""

    now: bool
    stable: bool
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class TareMemory:
    """The tare in memory."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Identity:
    """`I4 A "serial"`: the answer to I4 and to @, and unasked after power up."""

    serial: str


@dataclass(frozen=True, slots=True)
class About:
    """I1, I2, I3 or I5: the texts the balance tells of itself. `command` is the printed ID."""

    command: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Implemented:
    """One line of I0: `command` of `level` exists; more lines follow unless `last`."""

    level: int
    command: str
    last: bool


Answer = (
    GeneralError
    | Weight
    | WeightError
    | NotExecutable
    | Overload
    | Underload
    | WrongParameter
    | Done
    | ZeroedNow
    | Tared
    | TareMemory
    | Identity
    | About
    | Implemented
)
"""All a balance can say."""
