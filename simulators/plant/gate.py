"""A diverter's gate: current draws it, a spring brings it back, two switches see its ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulators.plant.passages import PassageLog
from simulators.timers import Timer, Timers, now


@dataclass(slots=True)
class GateAils:
    """What is wrong with a gate at the moment."""

    stuck: bool = False
    """It does not move."""
    half: bool = False
    """It stops half way to being drawn."""
    slow: float = 1.0
    """Its travel takes so many times as long."""
    drawn_switch: bool | None = None
    """The first switch says drawn (True) or not (False), whatever the gate does."""


class Gate:
    """One gate. `where` is its place from 0 (at rest) to 1 (drawn); only its ends part containers, between them it hits them."""

    def __init__(self, id: str, travel_s: float, log: PassageLog, moved: Callable[[], None] = lambda: None) -> None:
        self.id = id
        self.ails = GateAils()
        self.driven = False
        self.moved = moved
        """Called whenever it begins to move or has come to an end."""
        self._travel_s, self._log = travel_s, log
        self._timers = Timers()
        self._arriving: Timer | None = None
        self._from, self._to, self._began, self._speed = 0.0, 0.0, 0.0, 0.0

    @property
    def where(self) -> float:
        """Its place now."""
        gone = (now() - self._began) * self._speed
        return self._to if self._arriving is None else self._from + (gone if self._to > self._from else -gone)

    @property
    def moving(self) -> bool:
        """Whether it moves now."""
        return self._arriving is not None

    @property
    def drawn(self) -> bool:
        """Whether it leads containers away."""
        return not self.moving and self._to == 1.0

    @property
    def rests(self) -> bool:
        """Whether it leads containers straight on."""
        return not self.moving and self._to == 0.0

    def switches(self) -> tuple[bool, bool]:
        """What the two switches say: drawn, at rest."""
        return (self.drawn if self.ails.drawn_switch is None else self.ails.drawn_switch), self.rests

    def drive(self, **frame: Any) -> None:
        """Current into its coil; `frame` says which board, channel and bytes."""
        self._log.record("gate_driven", self.id, by=str(frame.get("frame", "")) or None)
        self.driven = True
        self._go(0.5 if self.ails.half else 1.0)

    def rest(self) -> None:
        """No more current: the spring."""
        if self.driven:
            self.driven = False
            self._go(0.0)

    def settle(self) -> None:
        """It goes where current and spring want it. Call it when an ail has gone."""
        self._go((0.5 if self.ails.half else 1.0) if self.driven else 0.0)

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()

    def _go(self, to: float) -> None:
        here = self.where
        if self.ails.stuck or (here == to and not self.moving):
            return
        self._timers.drop(self._arriving)
        travel_s = max(self._travel_s * self.ails.slow, 1e-6)
        self._from, self._to, self._began, self._speed = here, to, now(), 1 / travel_s
        self._arriving = self._timers.after(abs(to - here) * travel_s, self._arrived)
        self.moved()

    def _arrived(self) -> None:
        self._arriving = None
        if self._to in {0.0, 1.0}:
            self._log.record("gate_drawn" if self._to else "gate_rests", self.id)
        self.moved()
