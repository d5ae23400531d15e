"""The host's half: commands to lines, lines to answers. A frame is a whole line with its CR LF."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from firmware_protocols.errors import FrameError
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
    Trouble,
    Underload,
    Weight,
    WeightError,
    WrongParameter,
    ZeroedNow,
)

END = b"\r\n"
LONGEST_LINE = 256
"""Ours: the longest documented line (I1 with its levels) is far below."""

# Ten characters, right-aligned, the sign directly before the first digit.
_AMOUNT = r"(?=.{10} \S)(?P<value> *-?[0-9]+(?:\.[0-9]+)?) (?P<unit>[A-Za-z%/]{1,5})"
_TEXT = r'"[^"]*"'


def _measured(seen: re.Match[str]) -> tuple[bool, Decimal, str]:
    return seen["status"] == "S", Decimal(seen["value"].strip()), seen["unit"]


def _tared(seen: re.Match[str]) -> Tared:
    return Tared(seen["id"] == "TI", *_measured(seen))


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Answer]], ...] = tuple(
    (re.compile(shape), build)
    for shape, build in (
        (r"E[STL]", lambda seen: GeneralError(Trouble(seen[0]))),
        (rf"S (?P<status>[SD]) {_AMOUNT}", lambda seen: Weight(*_measured(seen))),
        (r"S S Error (?P<number>[0-9]{1,2})(?P<part>[bt])", lambda seen: WeightError(int(seen["number"]), seen["part"])),
        (r"(S|Z|ZI|T|TI) I", lambda seen: NotExecutable(seen[1])),
        (r"(S|Z|ZI|T|TI) \+", lambda seen: Overload(seen[1])),
        (r"(S|Z|ZI|T|TI) -", lambda seen: Underload(seen[1])),
        (r"(TA) L", lambda seen: WrongParameter(seen[1])),
        (r"(Z|TAC) A", lambda seen: Done(seen[1])),
        (r"ZI ([SD])", lambda seen: ZeroedNow(seen[1] == "S")),
        (rf"(?P<id>TI?) (?P<status>[SD]) {_AMOUNT}", _tared),
        (rf"TA A {_AMOUNT}", lambda seen: TareMemory(Decimal(seen["value"].strip()), seen["unit"])),
        (r'I4 A "([^"]*)"', lambda seen: Identity(seen[1])),
        (rf"(I[1235]) A {_TEXT}(?: {_TEXT})*", lambda seen: About(seen[1], tuple(re.findall('"([^"]*)"', seen[0])))),
        (r'I0 ([AB]) ([0-3]) "([^"]+)"', lambda seen: Implemented(int(seen[2]), seen[3], seen[1] == "A")),
    )
)


def encode(command: Command) -> bytes:
    """The command's line."""
    return command.value.encode("ascii") + END


def decode(line: bytes) -> Answer:
    """The answer in this line, CR LF included. Raises FrameError on any other bytes."""
    try:
        text = line.decode("ascii")
    except UnicodeDecodeError as wrong:
        raise FrameError(f"not ASCII: {line[:40]!r}") from wrong
    text, end = text[:-2], text[-2:]
    if end == "\r\n" and text.isprintable():
        for shape, build in _SHAPES:
            if seen := shape.fullmatch(text):
                return build(seen)
    raise FrameError(f"no answer of a balance: {line[:40]!r}")


class AnswerFramer(LineFramer):
    """Answer lines, with their CR LF, out of whatever arrives."""

    def __init__(self) -> None:
        super().__init__(END, LONGEST_LINE)
