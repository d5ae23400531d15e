"""A line of KERONG CU16 boards over drawers of the plant (protocol V1.6, November 2024; `firmware_protocols/kerong_cu16`).

The host's frames are told apart by 5 ms of silence. A frame with a wrong sum, or to a board that is not here, meets silence.
An unlock is answered only by boards that were made to (`answers_unlock`): no reply is documented.
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
from simulators.plant.drawer import Drawer
from simulators.timers import Timers
from sites.models import Cu16BoardPart, Lock

GAP_S = 0.005
"""V1.6: a command ends with this much silence."""
ANSWER_S = 0.010
"""Ours: the paper gives none for its answers beyond "within 200 ms"."""
NEXT_LOCK_S = 1.0
"""Open-all fires one lock after the other; ours."""


class Cu16:
    """One board. `wired` are its locks that hold a drawer; a lock without one pulses into the air."""

    def __init__(self, part: Cu16BoardPart, wired: Mapping[int, tuple[Lock, Drawer]]) -> None:
        self.part, self.address = part, part.address
        self.pulse_ms, self.delay_s, self.baud = part.pulse_ms, part.delay_s, 19200
        self._wired = wired
        self._timers = Timers()

    def status(self) -> Status:
        """What the switches of all sixteen locks say now, as the wires carry it."""
        hooks, articles = [], []
        for number in range(1, 17):
            lock, drawer = self._wired.get(number, (None, None))
            if lock is None or drawer is None:
                hooks.append(False)
                articles.append(False)
                continue
            latched, shut = drawer.switches()
            hooks.append(latched == lock.latched_bit)
            articles.append(shut == lock.shut_bit and lock.senses == "latch-and-drawer")
        return Status(self.address, tuple(hooks), tuple(articles))

    def unlock(self, number: int, frame: bytes) -> None:
        """Pulses one lock, after the commissioned delay."""
        drawer = self._wired[number][1] if number in self._wired else None
        if drawer is None:
            return

        def drive() -> None:
            drawer.drive(board=self.part.id, channel=number, frame=frame.hex())
            self._timers.after(self.pulse_ms / 1000, drawer.rest)

        self._timers.after(self.delay_s, drive)

    def reboot(self) -> None:
        """Power lost and back: coils at rest, what was waiting forgotten; the settings stay."""
        self._timers.clear()
        for _, drawer in self._wired.values():
            drawer.rest()

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()

    def answer(self, heard: device.BoardCommand, frame: bytes) -> bytes | None:
        """Does what was asked, and gives the reply's bytes or None for silence."""
        match heard:
            case StatusQuery():
                return device.encode(self.status())
            case device.AllStatusQuery():
                return device.encode(self.status(), to_all=True)
            case Unlock(lock=lock):
                self.unlock(lock, frame)
                return device.encode(self.status()) if self.part.answers_unlock else None
            case device.OpenAll():
                for place, number in enumerate(sorted(self._wired)):
                    self._timers.after(place * NEXT_LOCK_S, lambda n=number: self.unlock(n, frame))  # type: ignore[misc]
                return device.encode(self.status())
        return device.encode(self._set(heard))

    def _set(self, heard: device.BoardCommand) -> Pulse | Delay | Baud:
        hooks = self.status().hooks
        match heard:
            case PulseSet(pulse_ms=pulse_ms) | device.AllPulseSet(pulse_ms=pulse_ms):
                self.pulse_ms = pulse_ms
            case DelaySet(delay_s=delay_s) | device.AllDelaySet(delay_s=delay_s):
                self.delay_s = delay_s
                return Delay(self.address, hooks, delay_s)
            case BaudSet(baud=baud) | device.AllBaudSet(baud=baud):
                self.baud = baud
                return Baud(self.address, hooks, baud)
            case PulseQuery():
                pass
        return Pulse(self.address, hooks, self.pulse_ms)


class Cu16Line:
    """The boards on one line. `hear` takes the host's bytes; what they say goes to `say`."""

    def __init__(self, boards: list[Cu16], say: Callable[[bytes], None]) -> None:
        self.boards = {board.address: board for board in boards}
        self._say = say
        self._framer = device.CommandFramer()
        self._timers = Timers()
        self._gap = self._timers.after(0, lambda: None)

    def hear(self, data: bytes) -> None:
        """Bytes from the host, however they are split."""
        self._timers.drop(self._gap)
        self._obey(self._framer.feed(data))
        self._gap = self._timers.after(GAP_S, lambda: self._obey(self._framer.idle()))

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()
        for board in self.boards.values():
            board.clear()

    def _obey(self, frames: list[bytes]) -> None:
        for frame in frames:
            try:
                heard = device.decode(frame)
            except FrameError:
                continue
            address = getattr(heard, "board", None)
            called = list(self.boards.values()) if address is None else [b for a, b in self.boards.items() if a == address]
            for place, board in enumerate(sorted(called, key=lambda one: one.address), start=1):
                reply = board.answer(heard, frame)
                if reply is not None:
                    self._timers.after(place * ANSWER_S, lambda said=reply: self._say(said))  # type: ignore[misc]
