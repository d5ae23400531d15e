"""A drawer behind an electric latch: coil, hook, slide and the two switches that look at them.

The coil frees the hook; a freed hook moves nothing. A hand must pull before the hook falls back (`relatch_s` after the
coil is at rest), and a drawer pushed home is held again only once the hook has caught (`latching_s`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulators.plant.truth import Cause, TruthLog
from simulators.timers import Timer, Timers, now


@dataclass(frozen=True, slots=True)
class Make:
    """How one kind of latch and slide behaves, in seconds. The figures are ours: no document gives them."""

    release_s: float = 0.04
    """Coil driven until the hook is free; a shorter pulse frees nothing."""
    latching_s: float = 0.15
    """Drawer home until the hook has caught."""
    travel_s: float = 0.1
    """A hand's pull or push until the drawer switch changes."""
    relatch_s: float | None = 12.0
    """Coil at rest until the hook of a drawer that nobody pulled falls back; None where it stays free until a push."""


@dataclass(slots=True)
class Ails:
    """What is wrong with one drawer at the moment. All None: nothing."""

    latch: bool | None = None
    """The hook cannot leave this position: True engaged, False free."""
    latch_switch: bool | None = None
    """The latch's switch says engaged (True) or free (False), whatever the hook does."""
    drawer_switch: bool | None = None
    """The drawer's switch says shut (True) or open (False), whatever the drawer does."""
    late_s: float | None = None
    """The hook sticks and comes free only this long after the coil was driven."""
    slow_s: float | None = None
    """Added to every travel."""
    jammed: bool | None = None
    """The slide does not move."""
    chatter_hz: float | None = None
    """The contacts bounce at this rate for `chatter_s` after each edge."""
    chatter_s: float = 0.2


class Drawer:
    """One drawer. `latched` and `shut` are the truth; `switches()` is what its wires say."""

    def __init__(self, id: str, truth: TruthLog, make: Make | None = None) -> None:
        self.id = id
        self.make = make or Make()
        self.ails = Ails()
        self.latched = True
        self.shut = True
        self.driven = False
        """Whether current flows in the coil."""
        self._truth = truth
        self._timers = Timers()
        self._hook: Timer | None = None
        self._slide: Timer | None = None
        self._pushed_home = False
        self._freed_by: Cause = "pulse"
        self._latch_edge = self._drawer_edge = float("-inf")

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()

    def switches(self) -> tuple[bool, bool]:
        """What the switches say now: (hook engaged, drawer shut)."""
        ails = self.ails
        latched = self._bounced(self.latched, self._latch_edge) if ails.latch_switch is None else ails.latch_switch
        shut = self._bounced(self.shut, self._drawer_edge) if ails.drawer_switch is None else ails.drawer_switch
        return latched, shut

    def _bounced(self, level: bool, edge: float) -> bool:
        if self.ails.chatter_hz is None or now() - edge >= self.ails.chatter_s:
            return level
        return level ^ bool(int((now() - edge) * 2 * self.ails.chatter_hz) % 2)

    # --- the coil: what a board does

    def drive(self, **frame: Any) -> None:
        """Current into the coil. Each call is one pulse in the truth log; `frame` says which board, lock and bytes."""
        self._truth.record("pulse", self.id, "pulse", **frame)
        self.driven = True
        self._timers.drop(self._hook)
        late_s = self.ails.late_s
        self._hook = self._timers.after(self.make.release_s if late_s is None else late_s, lambda: self.free("pulse"))

    def rest(self) -> None:
        """No more current."""
        if not self.driven:
            return
        self.driven = False
        self._truth.record("pulse_end", self.id, "pulse")
        if self.latched:
            if self.ails.late_s is None:
                self._timers.drop(self._hook)
        else:
            self.settle()

    # --- the hook

    def free(self, cause: Cause) -> None:
        """The hook lets go, if it can."""
        if self.ails.latch is True or not self.latched:
            return
        self.latched = False
        self._pushed_home = False
        self._freed_by = cause
        self._latch_edge = now()
        self._truth.record("unlatched", self.id, cause)
        if not self.driven:
            self.settle()

    def hold(self, cause: Cause) -> None:
        """The hook catches, if it can."""
        if self.ails.latch is False or self.latched:
            return
        self.latched = True
        self._latch_edge = now()
        self._truth.record("latched", self.id, cause)

    def settle(self) -> None:
        """The hook catches after a while, if the coil is at rest and the drawer home. Call it when an ail has gone."""
        self._timers.drop(self._hook)
        wait_s = self.make.latching_s if self._pushed_home else self.make.relatch_s
        if self.latched or self.driven or not self.shut or self._slide is not None or wait_s is None:
            return
        cause: Cause = "hand" if self._pushed_home else "relatch"
        self._hook = self._timers.after(wait_s, lambda: self.hold(cause))

    # --- the slide: what a hand does

    @property
    def can_be_pulled(self) -> bool:
        """Whether a pull would open it: home, hook free and nothing in the way."""
        return self.shut and not self.latched and not self.ails.jammed

    def pull(self) -> bool:
        """A hand pulls; False when the drawer does not give."""
        if not self.can_be_pulled:
            return False
        if self._slide is None:
            self._timers.drop(self._hook)
            self._slide = self._timers.after(self.slide_s, lambda: self._opened(self._freed_by))
        return True

    def push(self) -> bool:
        """A hand pushes it home; False when it is home already or does not move."""
        if self.shut or self.ails.jammed:
            return False
        if self._slide is None:
            self._slide = self._timers.after(self.slide_s, self._home)
        return True

    def force(self) -> None:
        """Torn open against the hook, at once."""
        if self.shut:
            self._timers.drop(self._slide)
            self._timers.drop(self._hook)
            if self.latched:
                self.latched = False
                self._latch_edge = now()
                self._truth.record("unlatched", self.id, "force")
            self._opened("force")

    @property
    def slide_s(self) -> float:
        """A hand's pull or push until the drawer switch changes, as things are."""
        return self.make.travel_s + (self.ails.slow_s or 0.0)

    def _opened(self, cause: Cause) -> None:
        self._slide = None
        self.shut = False
        self._pushed_home = False
        self._drawer_edge = now()
        self._truth.record("opened", self.id, cause)

    def _home(self) -> None:
        self._slide = None
        self.shut = True
        self._pushed_home = True
        self._drawer_edge = now()
        self._truth.record("shut", self.id, "hand")
        self.settle()
