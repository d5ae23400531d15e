"""Zero-pressure accumulation as a module does it for one zone: a carton goes on only when the next zone is free (devices.md 7.1).

Counting is by the eye: it blocks, one has arrived; it clears, one has left. A carton that left and is not seen at the next eye
within the jam time is an arrival jam, held for the auto-clear time. An eye that stays blocked while its zone sends is a sensor
jam: three tries by itself, then it stands until the carton is gone or the host clears it. Zones to which no zone sends have an
eye at their mouth that wakes them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulators.plant.belt import Belt
from simulators.timers import Timer, Timers

JAM_S = 5.0
CLEAR_S = 5.0
TRIES = 3
CLEAR, ACCEPTING, DISCHARGING, BLOCKED, BUSY = 1, 2, 4, 5, 6
COUNTER = 0x10000
HOLD, HOLD_UPSTREAM, CONFIRM, WAKE = 1 << 0, 1 << 8, 1 << 9, 1 << 12


class Owner(Protocol):
    """The module of a zone."""

    @property
    def stands(self) -> bool:
        """Whether it may move nothing now: ConveyStop, or no power."""


class ZoneControl:
    """The logic of one zone. `before` are those that send to it, `after` the one it sends to."""

    def __init__(self, belt: Belt, owner: Owner, run: Callable[[Belt, bool], None]) -> None:
        self.belt = belt
        self.arrivals = self.departures = 0
        self.control = 0
        """The accumulation word."""
        self.release_count = 0
        self.before: list[ZoneControl] = []
        self.after: ZoneControl | None = None
        self.sensor_jam = False
        self.arrival_jam = False
        self.wakes = True
        """Its mouth's eye wakes it."""
        self._owner, self._run = owner, run
        self._timers = Timers()
        self._expected: Timer | None = None
        self._sending: Timer | None = None
        self._accepting = self._discharging = self._handing = False
        self._one_more = False
        self._tries = 0
        belt.on_eye = self._eye
        belt.on_entry = self._entry

    @property
    def state(self) -> int:
        """The code of its state."""
        if self._owner.stands:
            return BUSY
        if self.belt.eye:
            return DISCHARGING if self._discharging else BLOCKED
        return ACCEPTING if self.belt.runs else CLEAR

    @property
    def ready(self) -> bool:
        """Whether a carton may be sent to it."""
        free = not (self.belt.eye or self._accepting or self.arrival_jam or self.sensor_jam)
        return free and not self._owner.stands

    # --- what the host does

    def write_control(self, word: int) -> None:
        """The accumulation word; confirmation and waking act when their bit comes."""
        new, self.control = word & ~self.control, word
        if new & CONFIRM and self._accepting:
            self._arrived()
        if new & WAKE and self.ready:
            self._expect(or_jam=False)
        self.update()
        for sender in self.before:
            sender.update()

    def write_release(self, count: int) -> None:
        """Another value lets the carton that stands here go. Without one nothing happens (ours: the manuals are silent)."""
        if count != self.release_count:
            self.release_count = count
            self._one_more = self.belt.eye
            self.update()

    def clear_jam(self) -> None:
        """The host's edge."""
        self._no_jam()
        self.update()

    # --- what the module does

    def update(self) -> None:
        """Sends if it may, and switches the motor as it must be."""
        if self._owner.stands:
            self._timers.clear()
            self._accepting = self._discharging = self._handing = self.arrival_jam = False
            self._run(self.belt, False)
            return
        if not self._discharging and self._may_send():
            self._send()
        if self.wakes and self.ready and self.belt.mouth():
            self._expect()
        self._run(self.belt, self._accepting or self._discharging or (self._handing and not self.belt.eye))

    def stop(self) -> None:
        """Without power: nothing is known afterwards."""
        self._timers.clear()
        self.arrivals = self.departures = self.control = self.release_count = 0
        self._one_more = False
        self._no_jam()
        self.update()

    def resume(self) -> None:
        """After a stop: whatever lies between two eyes is run on."""
        if self.ready:
            self._expect(or_jam=False)
        self.update()

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()

    def _may_send(self) -> bool:
        after = self.after
        held = self.control & HOLD or (after is not None and after.control & HOLD_UPSTREAM)
        wants = self.belt.eye and not self.sensor_jam and (not held or self._one_more)
        return bool(wants and after is not None and after.ready)

    def _send(self) -> None:
        assert self.after is not None  # noqa: S101 - for the types; _may_send has looked
        self._discharging = True
        self.after.accept()
        self._sending = self._timers.after(JAM_S, self._does_not_clear)

    def accept(self) -> None:
        """A carton is sent here."""
        self._accepting = True
        self.update()

    def expect(self) -> None:
        """It has left the zone before: from now it must come within the jam time."""
        self._expect()

    def _entry(self) -> None:
        if self.wakes:
            self.update()

    def _expect(self, or_jam: bool = True) -> None:
        """Runs for a carton that must come within the jam time."""
        self._accepting = True
        self._timers.drop(self._expected)
        self._expected = self._timers.after(JAM_S, self._does_not_come if or_jam else self.not_coming)
        self.update()

    def _eye(self, blocked: bool) -> None:
        self._count(blocked)
        if self._owner.stands:
            return
        if blocked:
            self._arrived()
        else:
            self._gone()
        self.update()
        for sender in self.before:
            sender.update()

    def _count(self, blocked: bool) -> None:
        if blocked:
            self.arrivals = (self.arrivals + 1) % COUNTER
        else:
            self.departures = (self.departures + 1) % COUNTER

    def _arrived(self) -> None:
        self._timers.drop(self._expected)
        self._accepting = self.arrival_jam = False
        for sender in self.before:
            sender.handed_over()

    def handed_over(self) -> None:
        """The next zone has it."""
        self._handing = False
        self.update()

    def _gone(self) -> None:
        """The eye is clear: sent on, or taken away by a hand."""
        self._timers.drop(self._sending)
        self._no_jam()
        if self._discharging and self.after is not None:
            self._discharging, self._handing, self._one_more = False, True, False
            self.after.expect()

    def _does_not_come(self) -> None:
        """Arrival jam: both sides stand for the auto-clear time, then go on as if nothing had been sent."""
        self._accepting, self.arrival_jam = False, True
        for sender in self.before:
            sender.handed_over()
        self._timers.after(CLEAR_S, self._forget_arrival)
        self.update()

    def _forget_arrival(self) -> None:
        self.arrival_jam = False
        self.update()
        for sender in self.before:
            sender.update()

    def _does_not_clear(self) -> None:
        """Sensor jam: the carton does not leave the eye."""
        self.sensor_jam, self._discharging = True, False
        if self.after is not None:
            self.after.not_coming()
        if self._tries < TRIES:
            self._tries += 1
            self._timers.after(CLEAR_S, self._try_again)
        self.update()

    def not_coming(self) -> None:
        """What was to be sent here stays where it is."""
        self._timers.drop(self._expected)
        self._accepting = False
        self.update()
        for sender in self.before:
            sender.update()

    def _try_again(self) -> None:
        if self.sensor_jam and not self._owner.stands:
            self.sensor_jam = False
            self.update()

    def _no_jam(self) -> None:
        self.sensor_jam, self._tries = False, 0
