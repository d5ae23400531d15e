"""A balance that speaks MT-SICS levels 0 and 1 (`firmware_protocols/mt_sics`) over a pan on which a hand lays things."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from firmware_protocols.errors import FrameError
from firmware_protocols.mt_sics import device
from firmware_protocols.mt_sics.messages import (
    About,
    Answer,
    Command,
    Done,
    GeneralError,
    Identity,
    Implemented,
    NotExecutable,
    Overload,
    Tared,
    TareMemory,
    Trouble,
    Underload,
    Weight,
    WeightError,
    ZeroedNow,
)
from simulators.boards.board import Board
from simulators.timers import Timer, now
from sites.models import Scale

SETTLE_S = 0.8
"""The pan was touched until the weight is stable; ours."""
PATIENCE_S = 3.0
"""How long S, Z and T wait for a stable weight: a setting of the instrument, here ours."""
REPEAT_S = 0.2
"""SIR sends about this often."""
ANSWER_S = 0.02
CAPACITY_G = Decimal(3200)
ZERO_RANGE = Decimal("0.02")
"""Of the capacity: how far from its first zero a balance may be set to zero."""
UNITS = {"g": Decimal(1), "kg": Decimal("0.001"), "oz": 1 / Decimal("28.349523125"), "lb": 1 / Decimal("453.59237")}
TEXTS = {
    Command.LEVELS: ("01", "2.30", "2.20"),
    Command.DEVICE: ("Simulated balance 3200 g",),
    Command.SOFTWARE: ("0.1 simulated",),
    Command.SOFTWARE_NUMBER: ("00000000A",),
}

Unit = Literal["g", "kg", "oz", "lb"]


class Balance(Board):
    """One balance. Faults of the pan are attributes: `restless` is never stable, `error` a broken cell."""

    def __init__(self, part: Scale, say: Callable[[bytes], None]) -> None:
        super().__init__(part.id)
        self.restless = False
        self.error: WeightError | None = None
        self.unit: Unit = "g"
        """The unit somebody chose at the balance."""
        self.gross = Decimal(0)
        self._step = Decimal(part.readability_g)
        self._say = say
        self._framer = device.CommandFramer()
        self._was = self._zero = self._tare = Decimal(0)
        self._touched_at = float("-inf")
        self._waiting: Timer | None = None
        self._repeating: Timer | None = None

    def lay(self, grams: Decimal) -> None:
        """A hand makes the load on the pan this much. It swings before it rests."""
        self._was, self.gross, self._touched_at = self._now_on_pan(), grams, now()

    @property
    def stable(self) -> bool:
        """Whether the pan is at rest."""
        return not self.restless and now() >= self._touched_at + SETTLE_S

    def hear(self, data: bytes) -> None:
        """Bytes from the host, however they are split."""
        for line in self._framer.feed(data):
            if self.hears:
                try:
                    self._obey(device.decode(line))
                except FrameError:
                    self._answer(GeneralError(Trouble.SYNTAX))

    def _obey(self, command: Command) -> None:
        if command in {Command.RESET, Command.STABLE_WEIGHT, Command.WEIGHT_NOW, Command.REPEAT}:
            self._timers.drop(self._repeating)
        if command is Command.RESET:
            self._timers.drop(self._waiting)
            self._waiting = None
        if self._waiting is not None:
            self._answer(NotExecutable(command.value))
        elif command in {Command.STABLE_WEIGHT, Command.ZERO, Command.TARE}:
            self._when_stable(command, now() + PATIENCE_S)
        elif command is Command.REPEAT:
            self._repeat()
        else:
            for answer in self._at_once(command):
                self._answer(answer)

    def _when_stable(self, command: Command, until: float) -> None:
        """S, Z and T wait for rest, as long as the instrument's patience lasts. A pan touched again swings again."""
        self._waiting = None
        if self.stable:
            self._answer(self._rested(command))
        elif now() >= until:
            self._answer(NotExecutable(command.value))
        else:
            at_rest = until if self.restless else min(until, self._touched_at + SETTLE_S)
            self._waiting = self._timers.at(at_rest, lambda: self._when_stable(command, until))

    def _rested(self, command: Command) -> Answer:
        match command:
            case Command.ZERO:
                return self._zeroed() or Done(command.value)
            case Command.TARE:
                return self._tared(now_=False)
            case _:
                return self._weight()

    def _repeat(self) -> None:
        self._answer(self._weight())
        self._repeating = self._timers.after(REPEAT_S, self._repeat)

    def _at_once(self, command: Command) -> list[Answer]:
        match command:
            case Command.WEIGHT_NOW:
                return [self._weight()]
            case Command.ZERO_NOW:
                return [self._zeroed() or ZeroedNow(self.stable)]
            case Command.TARE_NOW:
                return [self._tared(now_=True)]
            case Command.TARE_MEMORY:
                return [TareMemory(self._shown(self._tare), self.unit)]
            case Command.CLEAR_TARE:
                self._tare = Decimal(0)
                return [Done(command.value)]
            case Command.COMMANDS:
                known = list(Command)
                return [Implemented(_level(one), one.value, last=one is known[-1]) for one in known]
            case Command.RESET | Command.SERIAL:
                return [Identity(f"sim-{self.id}")]
        return [About(command.value, TEXTS[command])]

    def _weight(self) -> Answer:
        if self.error is not None:
            return self.error
        on_pan = self._now_on_pan() - self._zero
        if on_pan > CAPACITY_G:
            return Overload("S")
        if on_pan < -CAPACITY_G * ZERO_RANGE:
            return Underload("S")
        return Weight(self.stable, self._shown(on_pan - self._tare), self.unit)

    def _zeroed(self) -> Answer | None:
        """Makes what is on the pan the zero; the refusal if that is too far from the first one."""
        on_pan = self._now_on_pan()
        if abs(on_pan) > CAPACITY_G * ZERO_RANGE:
            return Overload("Z") if on_pan > 0 else Underload("Z")
        self._zero, self._tare = on_pan, Decimal(0)
        return None

    def _tared(self, *, now_: bool) -> Answer:
        on_pan = self._now_on_pan() - self._zero
        if on_pan < 0:
            return Underload("TI" if now_ else "T")
        self._tare = on_pan
        return Tared(now_, self.stable, self._shown(on_pan), self.unit)

    def _now_on_pan(self) -> Decimal:
        """While it swings, the weight is between what was there and what is."""
        swung = min(1.0, (now() - self._touched_at) / SETTLE_S)
        return self._was + (self.gross - self._was) * Decimal(str(round(swung, 3)))

    def _shown(self, grams: Decimal) -> Decimal:
        step = self._step * UNITS[self.unit]
        return (grams * UNITS[self.unit]).quantize(Decimal(1).scaleb(step.adjusted()))

    def _answer(self, answer: Answer) -> None:
        line = device.encode(answer)
        self._timers.after(ANSWER_S, lambda: self._say(line) if self.speaks else None)

    def _power_lost(self) -> None:
        self._waiting = self._repeating = None
        self._zero = self._tare = Decimal(0)
        self._framer.reset()

    def _booted(self) -> None:
        self._answer(Identity(f"sim-{self.id}"))


def _level(command: Command) -> int:
    return 1 if command in {Command.TARE, Command.TARE_NOW, Command.TARE_MEMORY, Command.CLEAR_TARE} else 0
