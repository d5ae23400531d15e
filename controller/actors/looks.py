"""From looks to facts: one look is a rumour, the second that agrees is believed, and bouncing contacts must first hold still."""

from __future__ import annotations

from controller.machines import drawer_one_switch
from controller.machines.drawer import Event, seen
from drivers.capabilities import Look

STEADY_S = 0.6
"""What is more locked than before is believed when it has held so long: longer than contacts bounce."""

_ORDER = {Event.SEEN_NOTHING: 0, Event.SEEN_LOCKED: 0, Event.SEEN_RELEASED: 1, Event.SEEN_OPEN: 2}


class Looks:
    """What is believed of one lock's switches in this epoch."""

    __slots__ = ("_candidate", "_candidate_at", "_one_switch", "believed")

    def __init__(self, *, one_switch: bool) -> None:
        self._one_switch = one_switch
        self.believed: Look | None = None
        self._candidate: Look | None = None
        self._candidate_at = 0.0

    def forget(self) -> None:
        """Nothing is known: a new epoch, or a person has been at it."""
        self.believed = self._candidate = None

    def take(self, look: Look) -> bool:
        """One look; says whether it is believed now and was not before."""
        if self.believed is not None and _same(look, self.believed):
            self._candidate = None
        elif self._candidate is None or not _same(look, self._candidate):
            self._candidate, self._candidate_at = look, look.at
        elif self._steady(look):
            self.believed, self._candidate = look, None
            return True
        return False

    def _steady(self, look: Look) -> bool:
        before = self.believed
        if before is None or _ORDER[self.meaning(look)] >= _ORDER[self.meaning(before)]:
            return True
        return look.at - self._candidate_at >= STEADY_S

    def meaning(self, look: Look) -> Event:
        """The look as an event."""
        return (drawer_one_switch.seen if self._one_switch else seen)(look.latched, look.shut)

    @property
    def wavering(self) -> bool:
        """Whether the last look said something new, so that another is wanted soon."""
        return self._candidate is not None

    @property
    def locked(self) -> bool:
        """Whether it is believed to be shut and latched, and the last look says nothing else."""
        return self.believed is not None and self._candidate is None and self.meaning(self.believed) is Event.SEEN_LOCKED


def _same(one: Look, other: Look) -> bool:
    return one.latched == other.latched and one.shut == other.shut
