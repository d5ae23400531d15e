"""What all simulated boards share: power, a line driver that may be dead, and the wiring from channels to drawers."""

from __future__ import annotations

from collections.abc import Mapping

from simulators.plant.drawer import Drawer
from simulators.plant.gate import Gate
from simulators.plant.truth import TruthLog
from simulators.timers import Timers
from sites.models import Lock

BOOT_S = 0.5
"""Power back until a board listens; ours."""


class Board:
    """One device on a line. A subclass says what it does when it loses power (`_power_lost`) and has it back (`_booted`)."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.deaf = False
        """It neither hears nor speaks: a dead line driver."""
        self.mute = False
        """It hears and obeys, and its answers never leave it."""
        self._timers = Timers()
        self._powered = True

    @property
    def hears(self) -> bool:
        """Whether a frame on the line reaches it now."""
        return self._powered and not self.deaf

    @property
    def speaks(self) -> bool:
        """Whether its answer would leave it now."""
        return self.hears and not self.mute

    def reboot(self, down_s: float = BOOT_S) -> None:
        """Power lost, and back after so long: coils at rest, what was waiting forgotten; settings stay."""
        self._timers.clear()
        self._powered = False
        self._power_lost()
        self._timers.after(down_s, self._boot)

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()

    def _boot(self) -> None:
        self._powered = True
        self._booted()

    def _power_lost(self) -> None:
        """What goes with the power."""

    def _booted(self) -> None:
        """What a board does unasked when it has power again."""


class Wiring:
    """The drawers (and diverters' gates) on a board's channels, counted from 1. A channel without a drawer pulses into the air."""

    def __init__(self, board: str, wired: Mapping[int, tuple[Lock, Drawer | Gate]], truth: TruthLog | None = None) -> None:
        self.crossed: dict[int, Drawer] = {}
        """Channels whose coil wire leads to another drawer than the plan says. The switches are wired right."""
        self._board, self._wired, self._truth = board, wired, truth
        self._driven: dict[int, Drawer | Gate] = {}

    def drive(self, channel: int, frame: bytes) -> None:
        """Current into a channel's coil, because of these bytes."""
        why = {"board": self._board, "channel": channel, "frame": frame.hex(" ")}
        drawer = self.crossed.get(channel) or (self._wired[channel][1] if channel in self._wired else None)
        if drawer is not None:
            self._driven[channel] = drawer
            drawer.drive(**why)
        elif self._truth is not None:
            self._truth.record("pulse", "", "pulse", **why)

    def rest(self, channel: int) -> None:
        """No more current into that coil."""
        drawer = self._driven.pop(channel, None)
        if drawer is not None:
            drawer.rest()

    def rest_all(self) -> None:
        """No more current anywhere: the power is gone."""
        for channel in tuple(self._driven):
            self.rest(channel)

    def bits(self, channel: int) -> tuple[bool, bool]:
        """The raw bits of a channel's latch switch and drawer switch; an open input is 0."""
        if channel not in self._wired:
            return False, False
        lock, drawer = self._wired[channel]
        latched, shut = drawer.switches()
        return latched == lock.latched_bit, shut == lock.shut_bit and lock.senses == "latch-and-drawer"
