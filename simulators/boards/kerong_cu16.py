"""A line of KERONG CU16 boards over drawers of the plant (protocol V1.6, November 2024; `firmware_protocols/kerong_cu16`).

The host's frames are told apart by 5 ms of silence. A frame with a wrong sum, or to a board that is not here, meets silence.
An unlock is answered only by boards that were made to (`answers_unlock`): no reply is documented. Not modelled: a board
hearing its neighbours' answers, the F5 firmware frames, and a line speed that no longer fits after command 40.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firmware_protocols.errors import FrameError
from firmware_protocols.kerong_cu16 import device
from firmware_protocols.kerong_cu16.messages import (
    Baud,
    BaudSet,
    Delay,
    DelaySet,
    Pulse,
    PulseQuery,
    PulseSet,
    Status,
    StatusQuery,
    Unlock,
)
from simulators.boards.board import Board, Wiring
from simulators.plant.drawer import Drawer
from simulators.plant.truth import TruthLog
from simulators.timers import Timer, Timers, now
from sites.models import Cu16BoardPart, Lock

GAP_S = 0.005
"""V1.6: a command ends with this much silence."""
ANSWER_S = 0.010
"""Declared reply delay: ours, the paper prints none. After a broadcast each board waits its turn, so many times this."""
WRITING_S = 0.5
"""V1.6: leave 500 ms after 37, 39 and 40. A board that writes its memory hears nothing."""
FACTORY_PULSE_MS, FACTORY_BAUD = 550, 19200
PRESSES, PRESSED_S = 10, 10.0
"""The TEST button so often resets to the factory's settings; that it must be within ten seconds is ours."""
LOCKS = range(1, 17)


class Cu16(Board):
    """One board. `wired` are its locks that hold a drawer."""

    def __init__(self, part: Cu16BoardPart, wired: Mapping[int, tuple[Lock, Drawer]], truth: TruthLog | None = None) -> None:
        super().__init__(part.id)
        self.part, self.address = part, part.address
        self.pulse_ms, self.delay_s, self.baud = part.pulse_ms, part.delay_s, FACTORY_BAUD
        self.answers_unlock = part.answers_unlock
        self.wiring = Wiring(part.id, wired, truth)
        self._writing_until = float("-inf")
        self._presses: list[float] = []

    @property
    def listens(self) -> bool:
        """Whether it heeds a frame now: not while it writes its settings, though it still answers the one that set them."""
        return self.hears and now() >= self._writing_until

    def press_test(self) -> None:
        """One press of the TEST button."""
        self._presses = [at for at in self._presses if now() - at < PRESSED_S] + [now()]
        if len(self._presses) >= PRESSES:
            self._presses.clear()
            self.pulse_ms, self.delay_s, self.baud = FACTORY_PULSE_MS, 0, FACTORY_BAUD

    def status(self) -> Status:
        """What the switches of all sixteen locks say now, as the wires carry it."""
        bits = [self.wiring.bits(channel) for channel in LOCKS]
        return Status(self.address, tuple(hook for hook, _ in bits), tuple(article for _, article in bits))

    def unlock(self, lock: int, frame: bytes) -> None:
        """Pulses one lock, after the commissioned delay."""
        self._after(self.delay_s, lambda: self._pulse(lock, frame))

    def answer(self, heard: device.BoardCommand, frame: bytes) -> bytes | None:
        """Does what was asked, and gives the reply's bytes or None for silence."""
        match heard:
            case StatusQuery():
                return device.encode(self.status())
            case device.AllStatusQuery():
                return device.encode(self.status(), to_all=True)
            case Unlock(lock=lock):
                reply = device.encode(self.status()) if self.answers_unlock else None
                self.unlock(lock, frame)
                return reply
            case device.OpenAll():
                for place, lock in enumerate(LOCKS):
                    self._open_next(place, lock, frame)
                return device.encode(self.status())
        return device.encode(self._set(heard))

    def _open_next(self, place: int, lock: int, frame: bytes) -> None:
        self._after(place * self.pulse_ms / 1000, lambda: self.unlock(lock, frame))

    def _after(self, seconds: float, do: Callable[[], None]) -> None:
        if seconds:
            self._timers.after(seconds, do)
        else:
            do()

    def _pulse(self, lock: int, frame: bytes) -> None:
        self.wiring.drive(lock, frame)
        self._timers.after(self.pulse_ms / 1000, lambda: self.wiring.rest(lock))

    def _power_lost(self) -> None:
        self.wiring.rest_all()

    def _set(self, heard: device.BoardCommand) -> Pulse | Delay | Baud:
        hooks = self.status().hooks
        if not isinstance(heard, PulseQuery):
            self._writing_until = now() + WRITING_S
        match heard:
            case PulseSet(pulse_ms=pulse_ms) | device.AllPulseSet(pulse_ms=pulse_ms):
                self.pulse_ms = pulse_ms
            case DelaySet(delay_s=delay_s) | device.AllDelaySet(delay_s=delay_s):
                self.delay_s = delay_s
                return Delay(self.address, hooks, delay_s)
            case BaudSet(baud=baud) | device.AllBaudSet(baud=baud):
                self.baud = baud
                return Baud(self.address, hooks, baud)
        return Pulse(self.address, hooks, self.pulse_ms)


class Cu16Line:
    """The boards on one line. `hear` takes the host's bytes; what they say goes to `say`."""

    def __init__(self, boards: list[Cu16], say: Callable[[bytes], None], answer_s: float = ANSWER_S) -> None:
        self.boards = sorted(boards, key=lambda board: board.address)
        self.answer_s = answer_s
        self._say = say
        self._framer = device.CommandFramer()
        self._fed = self._framed = 0
        self._timers = Timers()
        self._gap: Timer | None = None

    def hear(self, data: bytes) -> None:
        """Bytes from the host, however they are split."""
        self._timers.drop(self._gap)
        self._fed += len(data)
        self._obey(self._framer.feed(data))
        if self._fed > self._framed + self._framer.noise:  # the framer holds a frame that only silence will end
            self._gap = self._timers.after(GAP_S, lambda: self._obey(self._framer.idle()))

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()
        for board in self.boards:
            board.clear()

    def _obey(self, frames: list[bytes]) -> None:
        for frame in frames:
            self._framed += len(frame)
            try:
                heard = device.decode(frame)
            except FrameError:
                continue  # a board that does not understand is silent
            address = getattr(heard, "board", None)
            called = [board for board in self.boards if address in {None, board.address} and board.listens]
            for turn, board in enumerate(called, start=1):
                reply = board.answer(heard, frame)
                if reply is not None:
                    self._reply(board, turn * self.answer_s, reply)

    def _reply(self, board: Cu16, after_s: float, reply: bytes) -> None:
        self._timers.after(after_s, lambda: self._say(reply) if board.speaks else None)
