"""What the controller may ask of a device, whatever the device: one protocol per capability, one promise per method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class Answer(StrEnum):
    """What a board said to an act. Politeness, never a fact: only a look says what happened (law 2)."""

    ACCEPTED = "accepted"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Look:
    """What one lock's switches said at one moment; `None` where that switch does not exist.

    `at` is the loop's time in seconds when the reply's last byte was read, `epoch` the life of the link it came over.
    """

    latched: bool | None
    shut: bool | None
    epoch: int
    at: float


class LockBoard(Protocol):
    """One addressed board with locks. Channels count from 1."""

    @property
    def link_id(self) -> str:
        """The link this board hangs on."""

    @property
    def longest_effect_s(self) -> float:
        """The longest time after the last byte of a release in which the latch may still move (pulse, delay, buffer)."""

    async def look(self) -> Mapping[int, Look]:
        """Asks the board for all its locks in one exchange, twice more on silence. Raises LinkFault."""

    async def release(self, channel: int, intent: str, deadline: float) -> Answer:
        """Pulses one lock, with one send and never a second. `deadline` is loop time: past it nothing is sent.

        Raises LinkFault with effect NONE if nothing was written, UNKNOWN if it may have been.
        """


@dataclass(frozen=True, slots=True)
class Pieces:
    """A scale's help in counting: `count` pieces, or None with `why_not` when the weight does not settle it.

    `uncertainty` is in pieces: how far the true number may lie from the computed one.
    """

    count: int | None
    uncertainty: Decimal
    weight: Decimal
    unit: str
    why_not: str | None


class Counter(Protocol):
    """Something that helps a person count and never overrules one."""

    async def count(self, unit_weight: Decimal, spread: Decimal) -> Pieces:
        """Pieces on the pan for items of `unit_weight` grams, each within `spread` grams. Raises LinkFault, DeviceFault."""
