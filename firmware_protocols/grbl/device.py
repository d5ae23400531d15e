"""The board's half: bytes to commands, answers to lines. Written from the notes, apart from the host's half."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import assert_never

from firmware_protocols.errors import FrameError, MessageError
from firmware_protocols.grbl.messages import (
    Alarm,
    Answer,
    Banner,
    Block,
    BuildQuery,
    Command,
    Home,
    Jog,
    Note,
    Ok,
    Other,
    Position,
    Realtime,
    Refusal,
    Report,
    Setting,
    SettingsQuery,
    Signal,
    Word,
)

LONGEST_COMMAND = 80
"""Ours; a longer line is dropped whole."""

SIGNALS = {
    0x3F: Realtime.STATUS,
    0x21: Realtime.HOLD,
    0x7E: Realtime.RESUME,
    0x18: Realtime.RESET,
    0x84: Realtime.DOOR,
    0x85: Realtime.JOG_CANCEL,
}
OVERRIDES = range(0x90, 0x9E)
SPOKEN = {"G": (0, 1, 4, 21, 53, 90, 91), "M": (3, 4, 5, 8, 9)}
NUMBERS = ("X", "Y", "Z", "F", "P", "S")
"""The words of this board: codes that it knows, and letters that carry a number."""


@dataclass(frozen=True, slots=True)
class Unlock:
    """`$X`: leaves the alarm without homing. A person at a terminal of their own may say it; the host half cannot."""


@dataclass(frozen=True, slots=True)
class Override:
    """A real-time byte from 90 to 9D: feed, rapid or spindle override."""

    code: int


Heard = Command | Unlock | Override


class LineError(FrameError):
    """A line that is answered with `error:number`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def decode(frame: bytes) -> Heard:
    """The command in this byte or line, its LF or CR included. Raises FrameError, LineError where the number is known."""
    byte = int.from_bytes(frame, "big") if len(frame) == 1 else None
    if byte in SIGNALS:
        return Signal(SIGNALS[byte])
    if byte is not None and byte in OVERRIDES:
        return Override(byte)
    if not frame.endswith((b"\n", b"\r")) or not frame.isascii():
        raise FrameError(f"no line: {frame[:40]!r}")
    text = frame[:-1].decode("ascii").replace(" ", "").upper()
    if not text.startswith("$"):
        return Block(_words(text))
    if text.startswith("$J="):
        return Jog(_words(text[3:]))
    plain: dict[str, Heard] = {"$H": Home(), "$$": SettingsQuery(), "$I": BuildQuery(), "$X": Unlock()}
    if text not in plain:
        raise LineError(3)
    return plain[text]


_PIECE = re.compile(r"[^A-Z]+|[A-Z][^A-Z]*")
_NUMBER = re.compile(r"[-+]?[0-9]*\.?[0-9]*")


def _words(text: str) -> tuple[Word, ...]:
    return tuple(_word(piece[0], piece[1:]) for piece in _PIECE.findall(text))


def _word(letter: str, digits: str) -> Word:
    if not letter.isalpha():
        raise LineError(1)
    if _NUMBER.fullmatch(digits) is None:
        raise LineError(2)
    try:
        number = Decimal(digits)
    except InvalidOperation as wrong:  # a sign or a point alone
        raise LineError(2) from wrong
    if letter not in NUMBERS and number not in SPOKEN.get(letter, ()):
        raise LineError(20)
    return Word(letter, number)


def encode(answer: Answer) -> bytes:
    """The answer's line. Raises MessageError on what no line can hold."""
    text = _text(answer)
    if not (text.isascii() and text.isprintable()):
        raise MessageError(f"an answer is printable ASCII, not {text!r}")
    return f"{text}\r\n".encode("ascii")


def _text(answer: Answer) -> str:
    match answer:
        case Ok():
            return "ok"
        case Refusal(number):
            return f"error:{number}"
        case Alarm(number):
            return f"ALARM:{number}"
        case Banner(version):
            return f"Grbl {version} ['$' for help]"
        case Setting(number, value):
            return f"${number}={value}"
        case Note(kind, text):
            return f"[{kind}:{text}]"
        case Other(text):
            return text
        case Report():
            return f"<{'|'.join(_fields(answer))}>"
        case _:
            assert_never(answer)


def _fields(report: Report) -> list[str]:
    """In the order in which this board prints them."""
    told: list[str] = [report.state.value if report.step is None else f"{report.state.value}:{report.step}"]
    if report.machine is not None:
        told.append(f"MPos:{_xyz(report.machine)}")
    if report.work is not None:
        told.append(f"WPos:{_xyz(report.work)}")
    if report.buffers is not None:
        told.append(f"Bf:{report.buffers[0]},{report.buffers[1]}")
    if report.line is not None:
        told.append(f"Ln:{report.line}")
    if report.feed is not None:
        told.append(f"FS:{report.feed[0]},{report.feed[1]}")
    if report.pins:
        told.append(f"Pn:{report.pins}")
    if report.offset is not None:
        told.append(f"WCO:{_xyz(report.offset)}")
    if report.overrides is not None:
        told.append("Ov:" + ",".join(map(str, report.overrides)))
    if report.accessories:
        told.append(f"A:{report.accessories}")
    return told


def _xyz(position: Position) -> str:
    return ",".join(f"{axis:.3f}" for axis in position)


class CommandFramer:
    """Lines with their end, and real-time bytes alone, taken out of the stream wherever they stand."""

    def __init__(self) -> None:
        self.noise = 0
        self._kept = bytearray()
        self._overlong = False

    def feed(self, data: bytes) -> list[bytes]:
        """Frames that are now whole, in the order of their last byte. High bytes that mean nothing are noise."""
        frames: list[bytes] = []
        for byte in data:
            if byte in SIGNALS or byte in OVERRIDES:
                frames.append(bytes((byte,)))
            elif byte > 0x7F:
                self.noise += 1
            elif byte in b"\r\n":
                self._end(byte, frames)
            elif self._overlong or len(self._kept) + 1 >= LONGEST_COMMAND:
                self.noise += len(self._kept) + 1
                self._kept.clear()
                self._overlong = True
            else:
                self._kept.append(byte)
        return frames

    def _end(self, byte: int, frames: list[bytes]) -> None:
        if self._overlong:
            self.noise += 1
        else:
            frames.append(bytes(self._kept) + bytes((byte,)))
        self._kept.clear()
        self._overlong = False

    def reset(self) -> None:
        """Drops a line that has begun."""
        self.noise += len(self._kept)
        self._kept.clear()
        self._overlong = False
