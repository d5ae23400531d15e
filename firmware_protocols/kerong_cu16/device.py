"""The board's half: bytes to commands, replies to bytes. Written from the document, apart from the host's half.

Here, and only here, stand the commands that no host of ours can say: all locks of a board, and the address of all
boards. A simulated board must understand them, because a real one does.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware_protocols.checksums import sum8
from firmware_protocols.errors import FrameError, MessageError
from firmware_protocols.kerong_cu16.messages import (
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
    check_baud,
    check_board,
    check_delay,
    check_pulse,
)

LENGTHS = {b"\x30": (5,), b"\x31": (5,), b"\x32": (5,), b"\x33": (5,), b"\x37": (7, 5), b"\x39": (6,), b"\x40": (6,)}
"""How long each command may be, longest first: a setting may begin like the question."""
LONGEST = max(max(lengths) for lengths in LENGTHS.values())
EVERY_BOARD = 0xF0
SPEEDS = {0: 9600, 1: 19200, 2: 57600, 3: 115200}


@dataclass(frozen=True, slots=True)
class OpenAll:
    """33: every lock, one after the other. `board` None is every board (F0), as the document's sentence on F0 reads."""

    board: int | None

    def __post_init__(self) -> None:
        if self.board is not None:
            check_board(self.board)


@dataclass(frozen=True, slots=True)
class AllStatusQuery:
    """32 to F0: each board answers in turn with 36."""


@dataclass(frozen=True, slots=True)
class AllPulseSet:
    """37 to F0: the pulse of every board."""

    pulse_ms: int

    def __post_init__(self) -> None:
        check_pulse(self.pulse_ms)


@dataclass(frozen=True, slots=True)
class AllDelaySet:
    """39 to F0: the delay of every board."""

    delay_s: int

    def __post_init__(self) -> None:
        check_delay(self.delay_s)


@dataclass(frozen=True, slots=True)
class AllBaudSet:
    """40 to F0: the speed of every board."""

    baud: int

    def __post_init__(self) -> None:
        check_baud(self.baud)


BoardCommand = Command | OpenAll | AllStatusQuery | AllPulseSet | AllDelaySet | AllBaudSet
"""All a board understands."""


def decode(frame: bytes) -> BoardCommand:
    """The command in exactly these bytes. Raises FrameError on any other; the board then stays silent."""
    if not _holds(frame):
        raise FrameError(f"no command frame: {frame[:16].hex(' ')}")
    address, data = frame[1], int.from_bytes(frame[3:-2], "big")
    try:
        command = _to_all(frame, data) if address == EVERY_BOARD else _to_one(frame, data)
    except (MessageError, KeyError) as wrong:
        raise FrameError(f"ignored by the board, {wrong}: {frame.hex(' ')}") from wrong
    if command is None:
        raise FrameError(f"no command to this address: {frame.hex(' ')}")
    return command


def _to_one(frame: bytes, data: int) -> BoardCommand | None:
    board, lock = frame[1] >> 4, (frame[1] & 0x0F) + 1
    if frame[2] == 0x31:
        return Unlock(board, lock)
    # All other commands are to a board. Nothing is written on their low nibble, so the worst is taken: it is not looked at.
    match frame[2], len(frame):
        case 0x30, _:
            return StatusQuery(board)
        case 0x33, _:
            return OpenAll(board)
        case 0x37, 5:
            return PulseQuery(board)
        case 0x37, _:
            return PulseSet(board, data * 10)
        case 0x39, _:
            return DelaySet(board, data)
        case 0x40, _:
            return BaudSet(board, SPEEDS[data])
    return None


def _to_all(frame: bytes, data: int) -> BoardCommand | None:
    match frame[2], len(frame):
        case 0x32, _:
            return AllStatusQuery()
        case 0x33, _:
            return OpenAll(None)
        case 0x37, 7:
            return AllPulseSet(data * 10)
        case 0x39, _:
            return AllDelaySet(data)
        case 0x40, _:
            return AllBaudSet(SPEEDS[data])
    return None


def _holds(frame: bytes) -> bool:
    return len(frame) in LENGTHS.get(frame[2:3], ()) and frame[0] == 0x02 and frame[-2] == 0x03 and frame[-1] == sum8(frame[:-1])


def encode(reply: Reply, *, to_all: bool = False) -> bytes:
    """The reply's nine bytes. `to_all` is a status that answers the question to all boards: 36 in place of 35."""
    match reply:
        case Status(articles=articles):
            opcode, tail = 0x36 if to_all else 0x35, _mask(articles)
        case Pulse(pulse_ms=pulse_ms):
            opcode, tail = 0x38, (pulse_ms // 10).to_bytes(2, "big")
        case Delay(delay_s=delay_s):
            opcode, tail = 0x39, bytes((0, delay_s))
        case Baud(baud=baud):
            opcode, tail = 0x40, bytes((0, next(code for code, speed in SPEEDS.items() if speed == baud)))
    frame = bytes((0x02, 16 * reply.board, opcode)) + _mask(reply.hooks) + tail + b"\x03"
    return frame + sum8(frame).to_bytes(1, "big")


def _mask(locks: Bits) -> bytes:
    """Locks 1 to 8 in the first byte, 9 to 16 in the second, the lowest lock in the lowest bit."""
    return sum(1 << place for place, on in enumerate(locks) if on).to_bytes(2, "little")


class CommandFramer:
    """Commands of 5 to 7 bytes out of whatever arrives. Keeps at most 7 bytes.

    A command whose length is certain comes out of `feed` at once. A 37 of five bytes may still become one of seven: it
    waits for the next byte that decides, or for `idle`.
    """

    def __init__(self) -> None:
        self.noise = 0
        self._kept = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Commands that are now certain, in order."""
        self._kept += data
        return self._take(ended=False)

    def idle(self) -> list[bytes]:
        """The line has been silent for 5 ms or more, so what is there has ended; an incomplete frame is noise."""
        return self._take(ended=True)

    def reset(self) -> None:
        """Drops a command that has begun."""
        self.noise += len(self._kept)
        self._kept = b""

    def _take(self, *, ended: bool) -> list[bytes]:
        frames: list[bytes] = []
        taken = 0
        for at in range(len(self._kept)):
            if taken:
                taken -= 1
                continue
            candidate = self._kept[at : at + LONGEST]
            length = _length_at_start(candidate, ended=ended)
            if length is None:
                self._kept = self._kept[at:]
                return frames
            if length:
                frames.append(candidate[:length])
                taken = length - 1
            else:
                self.noise += 1
        self._kept = b""
        return frames


def _length_at_start(kept: bytes, *, ended: bool) -> int | None:
    """The length of the command at the start, 0 if there is none, None if more bytes must decide."""
    opcode = kept[2:3]
    for length in LENGTHS.get(opcode, ()) if opcode else (LONGEST,):
        if not ended and _may_become(kept, length):
            return None
        if len(kept) >= length and _holds(kept[:length]):
            return length
    return 0


def _may_become(kept: bytes, length: int) -> bool:
    """Whether bytes yet to come could make a frame of this length of it."""
    return len(kept) < length and kept.startswith(b"\x02") and kept[length - 2 :] in {b"", b"\x03"}
