"""Which lane a merge takes from (lines.md B.2): longest-waiting first, the fuller lane weighs more, none waits for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STARVED = 8
"""No lane of up to eight is passed over more often than this, for each of those that starve with it has its turn before."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A tote stands at the end of a lane."""

    lane: str
    since: int
    load: int
    """Totes in the lane, of `places`."""
    places: int


@dataclass(frozen=True, slots=True)
class Turns:
    """How often each lane was passed over while something waited in it."""

    passed_over: Mapping[str, int] = field(default_factory=dict)


def grant(turns: Turns, waiting: Sequence[Waiting], room: int, now: int) -> tuple[str | None, Turns]:
    """The lane that may let one go, if the segment behind has room for it, and the turns after it. Waiting counts the more the
    fuller the lane: in a full one it weighs twice."""
    if not waiting or room <= 0:
        return None, turns

    def weight(one: Waiting) -> tuple[int, int, int, str]:
        over = turns.passed_over.get(one.lane, 0)
        return (over if over > STARVED - len(waiting) else 0, (now - one.since) * (one.places + one.load), one.places, one.lane)

    taken = max(waiting, key=weight).lane
    passed = {one.lane: turns.passed_over.get(one.lane, 0) + 1 for one in waiting if one.lane != taken}
    return taken, Turns(passed)
