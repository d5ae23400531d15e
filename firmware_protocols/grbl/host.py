"""The host's half: commands to lines and single bytes, lines to answers. Written from the notes, apart from the device's half."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from firmware_protocols.errors import FrameError, MessageError
from firmware_protocols.framing import LineFramer
from firmware_protocols.grbl.messages import (
    ALARMS,
    ERRORS,
    UNKNOWN,
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
    State,
    Word,
)

END = b"\n"
LONGEST_LINE = 256
"""Ours: the longest report is far below."""

BYTES = {
    Realtime.STATUS: b"?",
    Realtime.HOLD: b"!",
    Realtime.RESUME: b"~",
    Realtime.RESET: b"\x18",
    Realtime.DOOR: b"\x84",
    Realtime.JOG_CANCEL: b"\x85",
}

CODES = {"G": (0, 1, 4, 21, 53, 90, 91), "M": (3, 4, 5, 8, 9)}
"""What may be said: no offset is ever changed (G10, G92), no tool, no probe, no end of program."""
SIGNED, UNSIGNED = "XYZ", "FPS"
MILLI = Decimal("0.001")


def encode(command: Command) -> bytes:
    """The command's byte or line. Raises MessageError on what is not said by us, or not exactly in thousandths."""
    match command:
        case Signal(realtime):
            return BYTES[realtime]
        case Home():
            text = "$H"
        case SettingsQuery():
            text = "$$"
        case BuildQuery():
            text = "$I"
        case Jog(words):
            text = "$J=" + _said(words)
        case Block(words):
            text = _said(words)
    return text.encode("ascii") + END


def _said(words: tuple[Word, ...]) -> str:
    numbers = [word.letter for word in words if word.letter not in CODES]
    if not words or len(set(numbers)) < len(numbers):
        raise MessageError(f"a block has words, and each number once: {words}")
    return " ".join(map(_word, words))


def _word(word: Word) -> str:
    letter, number = word
    if letter in CODES and number in CODES[letter]:
        return f"{letter}{int(number)}"
    if len(letter) == 1 and (letter in SIGNED or (letter in UNSIGNED and number >= 0)):
        exact = number.quantize(MILLI)
        if exact == number:
            return f"{letter}{exact + 0}"  # no minus before a zero
    raise MessageError(f"this word is never said: {letter}{number}")


# --- what a board says

_NUMBER = r"-?[0-9]+\.[0-9]{3}"
_STATE = re.compile(r"(Idle|Run|Jog|Alarm|Check|Home|Sleep)|(?:(Hold):([01])|(Door):([0-3]))")
_PIN = "XYZPDHRS"


def _position(text: str) -> Position:
    if not re.fullmatch(f"{_NUMBER},{_NUMBER},{_NUMBER}", text):
        raise FrameError(f"no position: {text}")
    x, y, z = map(Decimal, text.split(","))
    return x, y, z


def _counts(text: str, how_many: int) -> tuple[int, ...]:
    counts = text.split(",")
    if len(counts) != how_many or not all(count.isdecimal() for count in counts):
        raise FrameError(f"not {how_many} numbers: {text}")
    return tuple(map(int, counts))


def _pins(text: str) -> str:
    if not text or len(set(text)) < len(text) or not set(text) <= set(_PIN):
        raise FrameError(f"no pins: {text}")
    return text


def _letters(text: str) -> str:
    if not re.fullmatch(r"[A-Z]+", text):
        raise FrameError(f"no accessories: {text}")
    return text


_FIELDS: dict[str, tuple[str, Callable[[str], object]]] = {
    "MPos": ("machine", _position),
    "WPos": ("work", _position),
    "WCO": ("offset", _position),
    "Bf": ("buffers", lambda text: _counts(text, 2)),
    "Ln": ("line", lambda text: sum(_counts(text, 1))),
    "FS": ("feed", lambda text: _counts(text, 2)),
    "Ov": ("overrides", lambda text: _counts(text, 3)),
    "Pn": ("pins", _pins),
    "A": ("accessories", _letters),
}
"""A report's fields: the name in `Report`, and what reads the value."""


def _report(seen: re.Match[str]) -> Report:
    word, *fields = seen[1].split("|")
    state = _STATE.fullmatch(word)
    if state is None:
        raise FrameError(f"no state: {word}")
    name, step = state[1] or state[2] or state[4], state[3] or state[5]
    found: dict[str, object] = {}
    for field in fields:
        key, _, text = field.partition(":")
        if key not in _FIELDS or _FIELDS[key][0] in found:
            raise FrameError(f"no field, or twice: {field}")
        into, read = _FIELDS[key]
        found[into] = read(text)
    if ("machine" in found) == ("work" in found):
        raise FrameError(f"a report has one position: {seen[0]}")
    return Report(State(name), None if step is None else int(step), **found)  # type: ignore[arg-type]


def _refusal(seen: re.Match[str]) -> Refusal:
    return Refusal(int(seen[1]), ERRORS.get(int(seen[1]), UNKNOWN))


def _alarm(seen: re.Match[str]) -> Alarm:
    return Alarm(int(seen[1]), ALARMS.get(int(seen[1]), UNKNOWN))


_SHAPES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], Answer]], ...] = tuple(
    (begins, re.compile(shape), build)
    for begins, shape, build in (
        ("ok", r"ok", lambda seen: Ok()),
        ("<", r"<([^<>]*)>", _report),
        ("error", r"error:([0-9]{1,2})", _refusal),
        ("ALARM", r"ALARM:([0-9]{1,2})", _alarm),
        ("Grbl", r"Grbl ([0-9]\.[0-9][a-z]?) \['\$' for help\]", lambda seen: Banner(seen[1])),
        ("$", r"\$([0-9]{1,3})=(-?[0-9]+(?:\.[0-9]+)?)", lambda seen: Setting(int(seen[1]), Decimal(seen[2]))),
        ("[", r"\[([A-Z][A-Z0-9]{1,2}):([^\[\]]*)\]", lambda seen: Note(seen[1], seen[2])),
    )
)
"""How a line of each kind begins, its whole shape, and what it says."""


def decode(line: bytes) -> Answer:
    """The answer in this line, its LF (and the CR before it, if any) included. Raises FrameError on any other bytes."""
    if not line.endswith(END) or not line.isascii():
        raise FrameError(f"no line: {line[:40]!r}")
    text = line.decode("ascii")[:-1].removesuffix("\r")
    if not text.isprintable():
        raise FrameError(f"not printable: {line[:40]!r}")
    for begins, shape, build in _SHAPES:
        if text.startswith(begins):
            seen = shape.fullmatch(text)
            if seen is None:
                raise FrameError(f"begins like an answer and is none: {line[:40]!r}")
            return build(seen)
    return Other(text)


class AnswerFramer(LineFramer):
    """Lines, with their LF, out of whatever arrives."""

    def __init__(self) -> None:
        super().__init__(END, LONGEST_LINE)
