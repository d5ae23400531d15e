"""The host's half: commands to bytes, replies to messages. Broadcasts, lock 0 and open-all cannot be said here.

Source: KERONG CU16 protocol V1.6, command table and reply layout.
"""

from __future__ import annotations

from firmware_protocols.checksums import sum8
from firmware_protocols.errors import FrameError, MessageError
from firmware_protocols.framing import FixedLengthFramer
from firmware_protocols.kerong_cu16.messages import (
    BOARDS,
    LOCKS,
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

STX, ETX = 0x02, 0x03
REPLY_LENGTH = 9
LONGEST_PULSE = 0x1770
LONGEST_DELAY_S = 250


def encode(command: Command) -> bytes:
    """The command's bytes. Raises MessageError, naming the field, for what the board cannot be told."""
    board = _within("board", command.board, 0, BOARDS - 1)
    match command:
        case StatusQuery():
            return _frame(board << 4, 0x30)
        case Unlock():
            return _frame(board << 4 | _within("lock", command.lock, 1, LOCKS) - 1, 0x31)
        case PulseQuery():
            return _frame(board << 4, 0x37)
        case PulseSet():
            pulse = _within("tens_of_ms", command.tens_of_ms, 0, LONGEST_PULSE)
            return _frame(board << 4, 0x37, pulse >> 8, pulse & 0xFF)
        case DelaySet():
            return _frame(board << 4, 0x39, _within("seconds", command.seconds, 0, LONGEST_DELAY_S))
        case BaudSet():
            return _frame(board << 4, 0x40, _within("code", command.code, 0, 3))


def decode(frame: bytes) -> Reply:
    """The reply's meaning. Raises FrameError for anything that is not a reply of this board family."""
    if len(frame) != REPLY_LENGTH or frame[0] != STX or frame[7] != ETX:
        raise FrameError(f"not a CU16 reply: {frame.hex(' ')}")
    if frame[8] != sum8(frame[:8]):
        raise FrameError(f"sum is {frame[8]:02X}, should be {sum8(frame[:8]):02X}")
    board, rest = divmod(frame[1], 16)
    if board >= BOARDS or rest:
        raise FrameError(f"no board has the address {frame[1]:02X}")
    d1, d2, d3, d4 = frame[3:7]
    hooks = _bits(d1, d2)
    match frame[2]:
        case 0x35 | 0x36 as kind:
            return Status(board, hooks, _bits(d3, d4), broadcast=kind == 0x36)
        case 0x38:
            return Pulse(board, hooks, d3 << 8 | d4)
        case 0x39:
            return Delay(board, hooks, d4)
        case 0x40:
            return Baud(board, hooks, d4)
    raise FrameError(f"no reply has the code {frame[2]:02X}")


def reply_framer() -> FixedLengthFramer:
    """Cuts a line's bytes into replies whose sum is right."""
    return FixedLengthFramer(STX, REPLY_LENGTH, lambda f: f[7] == ETX and f[8] == sum8(f[:8]))


def _frame(address: int, code: int, *data: int) -> bytes:
    body = bytes((STX, address, code, *data, ETX))
    return body + bytes((sum8(body),))


def _within(field: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise MessageError(f"{field} is {value}, must be {low} to {high}")
    return value


def _bits(low: int, high: int) -> tuple[bool, ...]:
    both = high << 8 | low
    return tuple(bool(both >> n & 1) for n in range(LOCKS))
