"""The host's half: commands to bytes, bytes to replies. Open-all and the address of all boards have no message here."""

from __future__ import annotations

from typing import assert_never

from firmware_protocols.checksums import sum8
from firmware_protocols.errors import FrameError, MessageError
from firmware_protocols.framing import FixedFramer
from firmware_protocols.kerong_cu16.messages import (
    BAUDS,
    PULSE_STEP_MS,
    Baud,
    BaudSet,
    Bits,
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

STX = 0x02
ETX = 0x03
ASK_STATUS = 0x30
UNLOCK = 0x31
PULSE = 0x37
DELAY = 0x39
BAUD = 0x40
STATUS_REPLY = 0x35
PULSE_REPLY = 0x38
REPLY_LENGTH = 9


def encode(command: Command) -> bytes:
    """The command's frame, 5 to 7 bytes."""
    match command:
        case StatusQuery(board):
            return _frame(board, 1, ASK_STATUS)
        case Unlock(board, lock):
            return _frame(board, lock, UNLOCK)
        case PulseQuery(board):
            return _frame(board, 1, PULSE)
        case PulseSet(board, pulse_ms):
            return _frame(board, 1, PULSE, *divmod(pulse_ms // PULSE_STEP_MS, 256))
        case DelaySet(board, delay_s):
            return _frame(board, 1, DELAY, delay_s)
        case BaudSet(board, baud):
            return _frame(board, 1, BAUD, BAUDS.index(baud))
        case _:
            assert_never(command)


def _frame(board: int, lock: int, opcode: int, *data: int) -> bytes:
    body = bytes((STX, board << 4 | lock - 1, opcode, *data, ETX))
    return body + bytes((sum8(body),))


def decode(frame: bytes) -> Reply:
    """The reply in these nine bytes. Raises FrameError on any other bytes, of any length."""
    if not _is_whole(frame):
        raise FrameError(f"no reply frame: {frame[:16].hex(' ')}")
    _, address, opcode, d1, d2, d3, d4, _, _ = frame
    board, nibble = divmod(address, 16)
    if nibble:
        raise FrameError(f"boards answer, locks do not: {address:02X}")
    hooks = _bits(d1, d2)
    try:
        if opcode == STATUS_REPLY:
            return Status(board, hooks, _bits(d3, d4))
        if opcode == PULSE_REPLY:
            return Pulse(board, hooks, (d3 << 8 | d4) * PULSE_STEP_MS)
        if opcode == DELAY:
            return Delay(board, hooks, d4)
        if opcode == BAUD and d4 < len(BAUDS):
            return Baud(board, hooks, BAUDS[d4])
    except MessageError as wrong:
        raise FrameError(str(wrong)) from wrong
    # 36 lands here too: it answers a question to all boards, which no host of ours asks.
    raise FrameError(f"no answer to any question of ours: {frame.hex(' ')}")


def _bits(first: int, second: int) -> Bits:
    both = first | second << 8
    return tuple(bool(both >> lock & 1) for lock in range(16))


def _is_whole(frame: bytes) -> bool:
    return len(frame) == REPLY_LENGTH and frame[0] == STX and frame[7] == ETX and frame[8] == sum8(frame[:8])


class ReplyFramer(FixedFramer):
    """Nine-byte replies with a right sum, out of whatever arrives."""

    def __init__(self) -> None:
        super().__init__(REPLY_LENGTH, bytes((STX,)), _is_whole)
