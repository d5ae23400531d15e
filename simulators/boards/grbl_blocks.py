"""What a line of G-code asks of a GRBL board: its modal state, and the line's meaning or the number of its refusal.

Source: device notes 10.2 (errors 20, 22, 33). That a board begins in mm, absolute, at G0 and without a feed is ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from firmware_protocols.grbl.device import LineError
from firmware_protocols.grbl.messages import Position, Word

AXES = "XYZ"
NO_FEED, BAD_TARGET = 22, 33
RAPID, FEED, DWELL, MACHINE = 0, 1, 4, 53
ABSOLUTE, RELATIVE = 90, 91


@dataclass(frozen=True, slots=True)
class Modes:
    """What stays from line to line."""

    motion: int = RAPID
    relative: bool = False
    feed: Decimal | None = None
    """In mm/min."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one line wants done, in this order: switch, dwell, move."""

    modes: Modes
    switches: tuple[int, ...] = ()
    """M codes."""
    spindle: Decimal | None = None
    dwell_s: Decimal | None = None
    target: Position | None = None
    """In machine coordinates."""
    feed: Decimal | None = None
    """In mm/min; None is as fast as it goes."""


def wish(words: tuple[Word, ...], modes: Modes, at: Position) -> Wish:
    """The meaning of a block for a machine whose last target was `at`. Raises LineError."""
    codes = [int(word.number) for word in words if word.letter == "G"]
    numbers = {word.letter: word.number for word in words if word.letter not in {"G", "M"}}
    motions = [code for code in codes if code in {RAPID, FEED}]
    if len(motions) > 1 or len(numbers) < sum(word.letter not in {"G", "M"} for word in words):
        raise LineError(BAD_TARGET)
    if motions:
        modes = replace(modes, motion=motions[0])
    if {ABSOLUTE, RELATIVE} & set(codes):
        modes = replace(modes, relative=RELATIVE in codes)
    modes = replace(modes, feed=numbers.get("F", modes.feed))
    switches = tuple(int(word.number) for word in words if word.letter == "M")
    if DWELL in codes:
        if "P" not in numbers or set(AXES) & set(numbers):
            raise LineError(BAD_TARGET)
        return Wish(modes, switches, numbers.get("S"), dwell_s=numbers["P"])
    if not set(AXES) & set(numbers):
        return Wish(modes, switches, numbers.get("S"))
    if modes.motion == FEED and not modes.feed:
        raise LineError(NO_FEED)
    relative = modes.relative and MACHINE not in codes
    x, y, z = (_axis(numbers.get(axis), before, relative=relative) for axis, before in zip(AXES, at, strict=True))
    return Wish(modes, switches, numbers.get("S"), target=(x, y, z), feed=modes.feed if modes.motion == FEED else None)


def _axis(given: Decimal | None, before: Decimal, *, relative: bool) -> Decimal:
    if given is None:
        return before
    return before + given if relative else given
