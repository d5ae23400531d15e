"""The truth log of belts: what bodies, eyes, gates and readers really did, in order."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from simulators.plant.log import Log
from simulators.timers import now

Happened = Literal[
    "put", "taken", "swapped", "held", "let_go",
    "entered", "left", "eye_blocked", "eye_clear", "touched", "at_the_end",
    "diverted", "caught", "read", "unread",
    "gate_drawn", "gate_rests", "gate_driven", "motor_runs", "motor_stands",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing that physically happened on a belt. `at` is loop time in seconds; `place` is a zone, a diverter or a reader.

    `read` and `unread` have the body that passed the reader; `caught` one that a gate met on its way; `touched` one that ran
    up against another (`by`).
    """

    number: int
    at: float
    what: Happened
    place: str
    body: str | None = None
    by: str | None = None

    def told(self) -> dict[str, Any]:
        """For JSON, without what does not apply."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class PassageLog(Log[Passage]):
    """Passages in the order in which they happened, numbered from 1."""

    @property
    def passages(self) -> list[Passage]:
        """All of them."""
        return self.entries

    def record(self, what: Happened, place: str, body: str | None = None, by: str | None = None) -> None:
        """Adds one at the present moment and tells the watchers."""
        self.add(Passage(len(self.entries) + 1, now(), what, place, body, by))

    def count(self, what: Happened, place: str) -> int:
        """How often that happened there."""
        return sum(one.what == what and one.place == place for one in self.entries)
