"""What physically happened in a robot, in order: who moved which pack from where to where, doors, stops and jams."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from simulators.plant.log import Log
from simulators.timers import now

What = Literal["moved", "slipped", "stopped", "running", "door_opened", "door_shut", "box_placed", "box_taken", "pressed"]
Mover = Literal["gripper", "belt", "box", "hand", "fault", "robot"]


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happened, `at` loop time in seconds. Places are written as `Steel.where` says them."""

    number: int
    at: float
    robot: str
    what: What
    by: Mover
    pack: int | None = None
    left: str | None = None
    reached: str | None = None
    why: str | None = None

    def told(self) -> dict[str, Any]:
        """The move for JSON, without what does not apply to it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class Moves(Log[Move]):
    """Moves of one robot, numbered from 1."""

    def __init__(self, robot: str) -> None:
        super().__init__()
        self._robot = robot

    def record(self, what: What, by: Mover, **more: Any) -> Move:
        """Adds one at the present loop time."""
        return self.add(Move(len(self.entries) + 1, now(), self._robot, what, by, **more))
