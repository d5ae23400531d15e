"""The device's half: command bytes to what is asked, replies to bytes. Open-all and broadcasts live here and only here.

Source: KERONG CU16 protocol V1.6, command table ("length", "meaning") and the worked frames under it.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware_protocols.errors import FrameError
from firmware_protocols.kerong_cu16.messages import (
    Baud,
    BaudSet,
    Command,
    Delay,
    DelaySet,
    Pulse,
    PulseQuery,
    PulseSet,
    Reply,
    Status,
    StatusQuery,
    Unlock,
)

ALL_BOARDS = 15
"""High nibble of F0: every board on the line."""

_SHORT, _ONE, _TWO = 5, 6, 7
_LENGTHS = {0x30: (5,), 0x31: (5,), 0x32: (5,), 0x33: (5,), 0x37: (5, 7), 0x39: (6,), 0x40: (6,)}
MOST_HELD = 64


@dataclass(frozen=True, slots=True)
class OpenAll:
    """Command 33: pulse every lock of the board, one after the other."""

    board: int


@dataclass(frozen=True, slots=True)
class AllStatusQuery:
    """Command 32 to F0: every board tells its status in turn."""


Heard = Command | OpenAll | AllStatusQuery


def decode(frame: bytes) -> Heard:
    """What is asked; `board` is 15 where all boards are meant. Raises FrameError: a board stays silent then."""
    if len(frame) < _SHORT or frame[:1] != b"\x02" or frame[-2] != 0x03:
        raise FrameError("no frame")
    total = 0
    for byte in frame[:-1]:
        total = (total + byte) % 256
    if total != frame[-1]:
        raise FrameError("wrong sum")
    address, code, data = frame[1], frame[2], frame[3:-2]
    if len(frame) not in _LENGTHS.get(code, ()):
        raise FrameError("wrong length")
    board, lock = address // 16, address % 16
    if board >= 10 and board != ALL_BOARDS:
        raise FrameError("no such board")
    return _meaning(board, lock, code, data)


def _meaning(board: int, lock: int, code: int, data: bytes) -> Heard:
    match code, len(data):
        case 0x30, 0:
            return StatusQuery(board)
        case 0x31, 0:
            return Unlock(board, lock + 1)
        case 0x32, 0:
            return AllStatusQuery()
        case 0x33, 0:
            return OpenAll(board)
        case 0x37, 0:
            return PulseQuery(board)
        case 0x37, 2:
            return PulseSet(board, data[0] * 256 + data[1])
        case 0x39, 1:
            return DelaySet(board, data[0])
        case _:
            return BaudSet(board, data[0])


def encode(reply: Reply) -> bytes:
    """The reply's nine bytes, as the board sends them."""
    match reply:
        case Status():
            tail = _pack(reply.articles)
            code = 0x36 if reply.broadcast else 0x35
        case Pulse():
            code, tail = 0x38, reply.tens_of_ms.to_bytes(2, "big")
        case Delay():
            code, tail = 0x39, bytes([0, reply.seconds])
        case Baud():
            code, tail = 0x40, bytes([0, reply.code])
    frame = bytes([2, reply.board * 16, code]) + _pack(reply.hooks) + tail + b"\x03"
    return frame + bytes([sum(frame) % 256])


def _pack(bits: tuple[bool, ...]) -> bytes:
    value = 0
    for number, bit in enumerate(bits):
        value += int(bit) * 2**number
    return value.to_bytes(2, "little")


class CommandFramer:
    """Collects a command until the line falls silent: `37` may be five or seven bytes, so only the gap can tell.

    The caller feeds what arrives and calls `idle` after 5 ms of silence (V1.6, remark on inter-byte gaps).
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self.noise = 0

    def feed(self, data: bytes) -> None:
        """Takes bytes in. More than the longest burst of a sane host is dropped as noise."""
        self._held += data
        if len(self._held) > MOST_HELD:
            self.noise += len(self._held) - MOST_HELD
            del self._held[:-MOST_HELD]

    def idle(self) -> list[bytes]:
        """The frames that stood in what was collected; everything else was noise."""
        held, frames, at = bytes(self._held), [], 0
        self._held.clear()
        while at < len(held):
            frame = next((f for n in (_TWO, _ONE, _SHORT) if (f := held[at : at + n]) and _whole(f, n)), None)
            if frame is None:
                self.noise += 1
                at += 1
            else:
                frames.append(frame)
                at += len(frame)
        return frames


def _whole(frame: bytes, length: int) -> bool:
    if len(frame) != length:
        return False
    try:
        decode(frame)
    except FrameError:
        return False
    return True
