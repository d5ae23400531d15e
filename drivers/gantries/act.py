"""An act of a gantry while it is under way."""

from __future__ import annotations


class Act:
    """One intent under way: the lines it may still send, and what the vacuum sensor has said meanwhile."""

    def __init__(self, intent: str, deadline: float, stops: int) -> None:
        self.intent, self.deadline = intent, deadline
        self.stops = stops
        """How often the gantry had been stopped when this began."""
        self.began = False
        """Whether anything may have happened."""
        self.unseen = False
        """Whether something may move that nobody has seen at rest."""
        self.gripped: bool | None = None
        """What the vacuum sensor said last."""
        self.lost = False
        """Whether it has said yes and then no."""

    def sensed(self, gripped: bool) -> None:
        """The sensor was looked at."""
        self.lost = self.lost or (self.gripped is True and not gripped)
        self.gripped = gripped
