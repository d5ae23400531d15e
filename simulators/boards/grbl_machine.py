"""What a GRBL board does with its motors: its planner, its states, and the ways in which it stops knowing where it is.

Source of states and alarms: device notes 10.2. Ours, where they are silent: 15 planner blocks, each from rest to rest; a door
turns the vacuum off, a reset does not shut it; alarm 7 is a door that opens while homing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from firmware_protocols.grbl.messages import Position, Setting, State
from simulators.boards.grbl_homing import Homing
from simulators.plant.gantry import Gantry
from simulators.plant.motion import Point

PLANNER = 15
MILLI = Decimal("0.001")
HARD, SOFT, WHILE_MOVING, HOMING_RESET, HOMING_DOOR = 1, 2, 3, 6, 7


class Planned(NamedTuple):
    """One block of the planner; `feed` in mm/min, None for as fast as it goes."""

    target: Position
    feed: Decimal | None


class Machine:
    """Counts steps from `_origin` of the frame; only homing makes that the frame's own zero.

    `changed` is called when something has ended that a line may wait for, `alarmed` with the number of each alarm.
    """

    def __init__(self, plant: Gantry, changed: Callable[[], None], alarmed: Callable[[int], None]) -> None:
        self.plant = plant
        self.state: State = State.ALARM
        self.step: int | None = None
        self.planner: deque[Planned] = deque()
        self._changed, self._alarmed = changed, alarmed
        self._homing: Homing | None = None
        self._origin: Point = plant.position
        self.target = self.counted
        plant.tripped = self._tripped

    @property
    def counted(self) -> Position:
        """Where it believes the head to be."""
        x, y, z = (Decimal(at - zero).quantize(MILLI) + 0 for at, zero in zip(self.plant.position, self._origin, strict=True))
        return x, y, z

    @property
    def empty(self) -> bool:
        """Whether everything that was planned has been done."""
        return not self.planner and self.state is State.IDLE

    @property
    def has_room(self) -> bool:
        """Whether the planner takes one more block."""
        return len(self.planner) < PLANNER

    def reaches(self, target: Position) -> bool:
        """Whether the soft limits allow it."""
        return all(axis.low_mm <= at <= axis.high_mm for axis, at in zip(self.plant.part.axes, target, strict=True))

    def settings(self) -> list[Setting]:
        """Limits, rates, accelerations and travel. No driver of ours reads them; their numbers are not in our notes."""
        axes = list(enumerate(self.plant.part.axes))
        plain = [Setting(number, Decimal(1)) for number in (20, 21, 22)]
        rates = [Setting(110 + n, Decimal(60 * axis.speed_mm_s)) for n, axis in axes]
        ramps = [Setting(120 + n, Decimal(axis.acceleration_mm_s2)) for n, axis in axes]
        return plain + rates + ramps + [Setting(130 + n, Decimal(axis.high_mm - axis.low_mm)) for n, axis in axes]

    # --- motion

    def plan(self, target: Position, feed: Decimal | None, state: State = State.RUN) -> None:
        """One more block; it begins at once if nothing moves or is held."""
        self.planner.append(Planned(target, feed))
        self.target = target
        if self.state is State.IDLE:
            self._cycle(state)

    def home(self, done: Callable[[], None]) -> None:
        """Runs to the limit switches; then the frame's own zero is its zero."""

        def homed() -> None:
            self._homing = None
            self._origin = (0.0, 0.0, 0.0)
            self._rest()
            done()

        self.state = State.HOME
        self._homing = Homing(self.plant, homed, self.alarm)

    def unlock(self) -> None:
        """Leaves the alarm, wherever it is."""
        self.state = State.IDLE

    def _cycle(self, state: State = State.RUN) -> None:
        """The next block of the planner, or rest."""
        if not self.planner:
            self._rest()
            return
        self.state, self.step = state, None
        target, feed = self.planner[0]
        x, y, z = (float(at) + zero for at, zero in zip(target, self._origin, strict=True))
        self.plant.drive((x, y, z), None if feed is None else float(feed) / 60, self._arrived)

    def _arrived(self) -> None:
        self.planner.popleft()
        self._cycle()
        self._changed()

    def _rest(self) -> None:
        self.state, self.step = State.IDLE, None
        self.target = self.counted
        self._changed()

    # --- stops

    def hold(self) -> None:
        """Feed hold: slows down and keeps what is planned. A jog is cancelled; homing cannot be held."""
        if self.state in {State.IDLE, State.RUN}:
            self._halt(State.HOLD, 1, 0)
        elif self.state is State.JOG:
            self.cancel_jog()

    def resume(self) -> None:
        """Goes on from a hold or a shut door, once it is at rest."""
        if self.state in {State.HOLD, State.DOOR} and self.step == 0:
            self._cycle()

    def cancel_jog(self) -> None:
        """Slows down and forgets the jog."""
        if self.state is State.JOG:
            self.planner.clear()
            self.plant.brake(self._cycle)

    def door(self) -> None:
        """As a hold, that lasts while the door is open; the vacuum goes off."""
        if self.state is State.HOME:
            self.alarm(HOMING_DOOR)
        elif self.state in {State.IDLE, State.RUN, State.JOG, State.HOLD}:
            self.plant.suck(False)
            if self.state is State.JOG:
                self.planner.clear()
            self._halt(State.DOOR, 2, 1 if self.plant.ails.door_open else 0)

    def shut_door(self) -> None:
        """The door is shut again: ready to go on, and still at rest."""
        if self.state is State.DOOR and self.step == 1:
            self.step = 0

    def _halt(self, state: State, braking: int, at_rest: int) -> None:
        def rested() -> None:
            self.step = at_rest

        self.state, self.step = state, braking
        self.plant.brake(rested)

    # --- the ways in which it stops knowing

    def alarm(self, number: int) -> None:
        """Nothing moves any more, and nothing is planned."""
        self.lose_steps()
        self.state, self.step = State.ALARM, None
        self.planner.clear()
        self._homing = None
        self._alarmed(number)

    def lose_steps(self) -> None:
        """Stops in full motion: what it counts is no longer where the head is."""
        x, y, z = (zero + slip for zero, slip in zip(self._origin, self.plant.let_go(), strict=True))
        self._origin = (x, y, z)

    def reset(self) -> None:
        """A soft reset: an alarm if something moves, else rest with the position kept. An alarm stays one."""
        if self.state is State.HOME:
            self.alarm(HOMING_RESET)
        elif self.state is not State.ALARM and self.plant.moves:
            self.alarm(WHILE_MOVING)
        elif self.state is not State.ALARM:
            self.planner.clear()
            self.state, self.step = (State.DOOR, 1) if self.plant.ails.door_open else (State.IDLE, None)
        self._quiet()

    def power_lost(self) -> None:
        """Motors, vacuum and tray without current."""
        self.lose_steps()
        self._quiet()

    def power_up(self) -> None:
        """Counts from where it stands, and wants to be homed."""
        self._origin = self.plant.position
        self.state, self.step = State.ALARM, None
        self._quiet()

    def _quiet(self) -> None:
        self.planner.clear()
        self._homing = None
        self.target = self.counted
        self.plant.suck(False)
        self.plant.tip(False)

    def _tripped(self, axis: str) -> None:
        if self._homing is not None:
            self._homing.tripped(axis)
        elif self.state is not State.ALARM:
            self.alarm(HARD)
