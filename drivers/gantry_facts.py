"""What the controller and a gantry say to each other, whatever the gantry speaks: grips, halts and looks.

The promises are those of `drivers.capabilities.Gantry`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Grip(StrEnum):
    """What became of one pack, as the vacuum sensor saw it: the only thing that is believed."""

    PICKED = "picked"
    """Attached after the lift and until it was let go in the tray: one pack more lies there. That it was only one, and the
    right one, no gripper can tell: a reader behind the gantry does."""
    NOT_PICKED = "not-picked"
    """Never attached: the pack is where it was, or nothing was there."""
    DROPPED = "dropped"
    """Attached, and lost on the way: where that pack is nobody knows (UNCERTAIN), and it may lie in the head's way."""


class Halt(StrEnum):
    """How a gantry came to rest."""

    HELD = "held"
    """Slowed down; what hangs at the gripper still hangs there."""
    CUT = "cut"
    """Its motors were let go: it slipped, and what hung at the gripper has fallen."""


@dataclass(frozen=True, slots=True)
class GantryLook:
    """What a gantry's board said at one moment. `state` is the board's own word.

    `position` is X, Y, Z in mm, None while nobody knows (`why_unknown` then says since what). `gripped`: the vacuum sensor.
    `at` is the loop's time in seconds when the reply's last byte was read, `epoch` the life of the link it came over.
    """

    state: str
    position: tuple[Decimal, Decimal, Decimal] | None
    why_unknown: str | None
    gripped: bool
    epoch: int
    at: float
