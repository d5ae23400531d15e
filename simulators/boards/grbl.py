"""A GRBL 1.1 board over a gantry of the plant (`firmware_protocols/grbl`; device notes 10.2).

Lines are taken in one by one, real-time bytes at once. A motion is answered when the planner has it, everything that must wait
for motions (M3 to M9, G4, homing) when it is done. Ours, where the notes are silent: after a hard or soft limit nothing is
answered until a soft reset, which turns the vacuum off. Not modelled: work offsets, parking, look-ahead over junctions,
overrides (heard, without effect).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from firmware_protocols.grbl import device
from firmware_protocols.grbl.messages import (
    ALARMS,
    ERRORS,
    UNKNOWN,
    Alarm,
    Answer,
    Banner,
    Block,
    BuildQuery,
    Home,
    Jog,
    Note,
    Ok,
    Realtime,
    Refusal,
    Report,
    SettingsQuery,
    Signal,
    State,
)
from simulators.boards.board import Board
from simulators.boards.grbl_blocks import BAD_TARGET, FEED, NO_FEED, Modes, Wish, wish
from simulators.boards.grbl_machine import HARD, PLANNER, SOFT, Machine
from simulators.plant.gantry import Gantry
from simulators.timers import Timer

RECEIVE = 128
"""Bytes of the receive buffer (notes); what finds it full is lost."""
ANSWER_S = 0.002
"""A line or `?` until its answer leaves; ours."""
START_S = 0.05
"""A soft reset until the banner; ours."""
VERSION = "1.1h"
NOT_IDLE, LOCKED, JOG_BEYOND = 8, 9, 15
STILL, SUCK, LET_GO = 5, 8, 9
MOVING = {State.RUN, State.JOG, State.HOME}
EACH = 10
"""Every so many reports tell the offset, the next one the overrides; ours."""
NOWHERE = (Decimal("0.000"),) * 3


@dataclass(slots=True)
class Waiting:
    """A line that is answered later: what it waits for, and what it does then."""

    ready: Callable[[], bool]
    do: Callable[[], None]


class Grbl(Board):
    """One board. `tells_buffers` is a setting of it: whether its reports have the field Bf."""

    def __init__(self, plant: Gantry, say: Callable[[bytes], None]) -> None:
        super().__init__(plant.id)
        self.plant = plant
        self.tells_buffers = True
        self.lost = 0
        """Bytes that found the receive buffer full."""
        self.lines: list[bytes] = []
        """Every line that was taken up, in order."""
        self.machine = Machine(plant, self._changed, self._alarmed)
        self._say = say
        self._dwelling: Timer | None = None
        self._starting: Timer | None = None
        self._forget()

    def _forget(self) -> None:
        """What a reset throws away."""
        self._framer = device.CommandFramer()
        self._queue: deque[bytes] = deque()
        self._begun = 0
        self._busy = self._dead = False
        self._waiting: Waiting | None = None
        self._timers.drop(self._dwelling)
        self._modes = Modes()
        self._spindle = 0
        self._reports = 0

    # --- what it hears

    def hear(self, data: bytes) -> None:
        """Bytes from the host, however they are split."""
        for number in data if self.hears else b"":
            if self._received >= RECEIVE and number not in device.SIGNALS:
                self.lost += 1
                continue
            for frame in self._framer.feed(bytes((number,))):
                self._take(frame)
            if number in b"\r\n":
                self._begun = 0
            elif number < 0x80 and number not in device.SIGNALS:
                self._begun += 1
            self._next()

    @property
    def _received(self) -> int:
        return sum(map(len, self._queue)) + self._begun

    def _take(self, frame: bytes) -> None:
        if frame[-1:] in {b"\r", b"\n"}:
            self._queue.append(frame)
            return
        heard = device.decode(frame)
        if isinstance(heard, Signal):
            self._signalled(heard.realtime)

    def _signalled(self, asked: Realtime) -> None:
        if asked is Realtime.RESET:
            self.machine.reset()
            self._forget()
            self._busy = True
            self._timers.drop(self._starting)
            self._starting = self._timers.after(START_S, self._started)
        elif not self._dead:
            match asked:
                case Realtime.STATUS:
                    self._answer(self._report())
                case Realtime.HOLD:
                    self.machine.hold()
                case Realtime.RESUME:
                    self.machine.resume()
                case Realtime.DOOR:
                    self.machine.door()
                case Realtime.JOG_CANCEL:
                    self.machine.cancel_jog()

    def open_door(self, is_open: bool) -> None:
        """The door's switch changes."""
        self.plant.ails.door_open = is_open
        if self.hears:
            if is_open:
                self.machine.door()
            else:
                self.machine.shut_door()

    # --- lines

    def _next(self) -> None:
        """Takes up lines until one has to wait."""
        while self._queue and not self._busy and not self._dead:
            line = self._queue.popleft()
            self.lines.append(line)
            try:
                self._obey(device.decode(line))
            except device.LineError as wrong:
                self._refuse(wrong.number)

    def _obey(self, heard: device.Heard) -> None:
        machine = self.machine
        at_rest = machine.state in {State.IDLE, State.ALARM}
        match heard:
            case Block(words):
                self._block(wish(words, self._modes, machine.target))
            case Jog(words):
                self._jog(wish(words, Modes(motion=FEED), machine.target))
            case Home() if at_rest and not self.plant.ails.door_open:
                self._busy = True
                machine.home(self._homed)
            case device.Unlock() if at_rest:
                self._answer(*([Note("MSG", "Caution: Unlocked")] if machine.state is State.ALARM else []), Ok())
                machine.unlock()
            case SettingsQuery() if at_rest:
                self._answer(*machine.settings(), Ok())
            case BuildQuery() if at_rest:
                self._answer(Note("VER", f"{VERSION}.20190830:"), Note("OPT", f"V,{PLANNER},{RECEIVE}"), Ok())
            case _:
                self._refuse(NOT_IDLE)

    def _block(self, asked: Wish) -> None:
        machine = self.machine
        if machine.state in {State.ALARM, State.JOG}:
            self._refuse(LOCKED)
        elif asked.target is not None and not machine.reaches(asked.target):
            machine.alarm(SOFT)
        elif asked.switches or asked.dwell_s is not None:
            self._when(lambda: machine.empty, lambda: self._switch(asked))
        else:
            self._when(lambda: machine.has_room, lambda: self._move(asked))

    def _jog(self, asked: Wish) -> None:
        if self.machine.state is not State.IDLE:
            self._refuse(LOCKED if self.machine.state is State.ALARM else NOT_IDLE)
        elif asked.target is None or asked.feed is None:
            self._refuse(BAD_TARGET if asked.target is None else NO_FEED)
        elif not self.machine.reaches(asked.target):
            self._refuse(JOG_BEYOND)
        else:
            self.machine.plan(asked.target, asked.feed, State.JOG)
            self._answer(Ok())

    def _when(self, ready: Callable[[], bool], do: Callable[[], None]) -> None:
        if ready():
            do()
        else:
            self._busy, self._waiting = True, Waiting(ready, do)

    def _switch(self, asked: Wish) -> None:
        for code in asked.switches:
            if code in {SUCK, LET_GO}:
                self.plant.suck(code == SUCK)
            else:
                self._spindle = 0 if code == STILL else int(asked.spindle or self._spindle)
                self.plant.tip(code != STILL)
        if asked.dwell_s:
            self._busy = True
            self._dwelling = self._timers.after(float(asked.dwell_s), lambda: self._dwelt(asked))
        else:
            self._move(asked)

    def _dwelt(self, asked: Wish) -> None:
        self._busy = False
        self._move(asked)
        self._next()

    def _move(self, asked: Wish) -> None:
        self._modes = asked.modes
        if asked.target is not None and asked.target != self.machine.target:
            self.machine.plan(asked.target, asked.feed)
        self._answer(Ok())

    # --- what comes back from the machine

    def _changed(self) -> None:
        """Something has ended: a line that waited for it goes on, and those behind it."""
        waiting = self._waiting
        if waiting is not None and waiting.ready():
            self._busy, self._waiting = False, None
            waiting.do()
        self._next()

    def _homed(self) -> None:
        self._busy = False
        self._answer(Ok())
        self._next()

    def _alarmed(self, number: int) -> None:
        """The line that was being done is never answered; after a limit nothing is, until the next reset."""
        self._dead = number in {HARD, SOFT}
        self._busy, self._waiting = False, None
        self._timers.drop(self._dwelling)
        self._answer(Alarm(number, ALARMS[number]))

    def _started(self) -> None:
        self._busy = False
        locked = [Note("MSG", "'$H'|'$X' to unlock")] if self.machine.state is State.ALARM else []
        self._answer(Banner(VERSION), *locked)
        self._next()

    def _power_lost(self) -> None:
        self.machine.power_lost()
        self._forget()

    def _booted(self) -> None:
        self.machine.power_up()
        self._forget()
        self._started()

    # --- what it says

    def _answer(self, *answers: Answer) -> None:
        data = b"".join(map(device.encode, answers))
        self._timers.after(ANSWER_S, lambda: self._say(data) if self.speaks else None)

    def _refuse(self, number: int) -> None:
        self._answer(Refusal(number, ERRORS.get(number, UNKNOWN)))

    def _report(self) -> Report:
        machine = self.machine
        self._reports += 1
        pins = [axis for axis in "XYZ" if self.plant.pressed(axis)]
        pins += ["P"] * self.plant.sensed + ["D"] * self.plant.ails.door_open
        free = PLANNER - len(machine.planner), RECEIVE - self._received
        return Report(
            machine.state,
            machine.step,
            machine=machine.counted,
            buffers=free if self.tells_buffers else None,
            feed=(round(60 * self.plant.speed) if machine.state in MOVING else 0, self._spindle),
            pins="".join(pins),
            offset=NOWHERE if self._reports % EACH == 1 else None,
            overrides=(100, 100, 100) if self._reports % EACH == 2 else None,
        )
