"""The balance's half: lines to commands, answers to lines. Written from the document, apart from the host's half."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from firmware_protocols.errors import FrameError, MessageError
from firmware_protocols.framing import LineFramer
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
    Underload,
    Weight,
    WeightError,
    WrongParameter,
    ZeroedNow,
)

WEIGHT_WIDTH = 10
LONGEST_COMMAND = 64


def decode(line: bytes) -> Command:
    """The command in this line, CR LF included. Raises FrameError on any other; the balance then answers ES."""
    if line.endswith(b"\r\n"):
        for command in Command:
            if line[:-2] == command.value.encode():
                return command
    raise FrameError(f"no command of this balance: {line[:40]!r}")


def encode(answer: Answer) -> bytes:
    """The answer's line. Raises MessageError on what the line cannot hold."""
    text = " ".join(_words(answer))
    if not (text.isascii() and text.isprintable()):
        raise MessageError(f"an answer is printable ASCII, not {text!r}")
    return f"{text}\r\n".encode("ascii")


def _words(answer: Answer) -> list[str]:
    match answer:
        case GeneralError(trouble):
            return [trouble.value]
        case Weight(stable, value, unit):
            return ["S", _stability(stable), *_amount(value, unit)]
        case Tared(now, stable, value, unit):
            return ["TI" if now else "T", _stability(stable), *_amount(value, unit)]
        case TareMemory(value, unit):
            return ["TA", "A", *_amount(value, unit)]
        case WeightError(number, part):
            return ["S", "S", "Error", f"{number}{part}"]
        case ZeroedNow(stable):
            return ["ZI", _stability(stable)]
        case Identity(serial):
            return ["I4", "A", _quoted(serial)]
        case About(command, texts):
            return [command, "A", *(_quoted(text) for text in texts)]
        case Implemented(level, command, last):
            return ["I0", "A" if last else "B", str(level), _quoted(command)]
        case _:
            return _short(answer)


def _short(answer: NotExecutable | Overload | Underload | WrongParameter | Done) -> list[str]:
    match answer:
        case NotExecutable(command):
            return [command, "I"]
        case Overload(command):
            return [command, "+"]
        case Underload(command):
            return [command, "-"]
        case WrongParameter(command):
            return [command, "L"]
        case Done(command):
            return [command, "A"]
        case _:
            assert_never(answer)


def _stability(stable: bool) -> str:
    return "S" if stable else "D"


def _amount(value: Decimal, unit: str) -> tuple[str, str]:
    printed = f"{value:f}".rjust(WEIGHT_WIDTH)
    if not value.is_finite() or len(printed) > WEIGHT_WIDTH:
        raise MessageError(f"a weight is at most ten characters, not {value}")
    return printed, unit


def _quoted(text: str) -> str:
    if '"' in text:
        raise MessageError(f"a text holds no double quote: {text}")
    return f'"{text}"'


class CommandFramer(LineFramer):
    """Command lines, with their CR LF, out of whatever arrives."""

    def __init__(self) -> None:
        super().__init__(b"\r\n", LONGEST_COMMAND)
