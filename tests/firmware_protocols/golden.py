"""Golden vectors held against the two halves of a protocol: `faults` names every vector that a half gets wrong.

The halves are given as modules, so that the same judgement serves the shipped codec and its mutants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any

from firmware_protocols.errors import FrameError, MessageError
from firmware_protocols.vectors import RefusedVector, Unsayable, Vector, Vectors, load
from tests.firmware_protocols import wwks2

PARTS = ("messages", "host", "device")
MORE_PARTS = {"wwks2": ("words", "table", "stock", "orders", "parts", "stock_messages", "task_messages", *PARTS)}
"""Where a protocol has other modules, all of them, each before those that use it."""
PROTOCOLS = ("kerong_cu16", "mt_sics", "scanner_lines", "grbl", "wwks2")

Modules = Mapping[str, ModuleType]

QUERY, SET = bytes.fromhex("02 00 37 03 3C"), bytes.fromhex("02 00 37 03 3C 03 7B")
STATUS, UNLOCK = bytes.fromhex("02 00 30 03 35"), bytes.fromhex("02 02 31 03 38")
IDLE, RESET = "idle", "reset"

FRAMING: dict[str, list[tuple[str, list[bytes | str], list[bytes], int]]] = {
    # What the board's framer is fed, what it must give, and the noise it must have counted.
    "kerong_cu16": [
        ("a question, then another command", [QUERY + STATUS], [QUERY, STATUS], 0),
        ("a setting that begins like the question", [SET + STATUS], [SET, STATUS], 0),
        ("a question, then silence, then what would have made it a setting", [QUERY, IDLE, SET[5:]], [QUERY], 2),
        ("a question, then a damaged byte that is ETX", [QUERY + b"\x03" + STATUS], [QUERY, STATUS], 1),
        ("a question waits as long as it may become a setting", [QUERY], [], 0),
        ("a question with ETX behind it still waits", [QUERY + b"\x03"], [], 0),
        ("a question with anything else behind it is one", [QUERY + b"\x02"], [QUERY], 0),
        ("noise before a command", [b"\x00\xff" + UNLOCK], [UNLOCK], 2),
        ("a start byte before a command", [b"\x02" + UNLOCK], [UNLOCK], 1),
        ("a start byte and a byte before a command", [b"\x02\x00" + UNLOCK], [UNLOCK], 2),
        ("a command cut short, then silence", [UNLOCK[:4], IDLE, UNLOCK], [UNLOCK], 4),
        ("a command cut short, then given up", [UNLOCK[:4], RESET, UNLOCK], [UNLOCK], 4),
        ("an unknown command is noise at once", [bytes.fromhex("02 00 34")], [], 3),
        ("a wrong ETX is noise at once", [bytes.fromhex("02 00 30 04")], [], 4),
        ("a wrong sum is noise at once", [bytes.fromhex("02 00 30 03 36")], [], 5),
        ("two bytes may become anything", [bytes.fromhex("02 00")], [], 0),
        ("no start byte is noise at once", [bytes.fromhex("00 30")], [], 2),
    ],
    "grbl": [
        ("a byte in the middle of a line comes first", [b"G0 X1?0\n"], [b"?", b"G0 X10\n"], 0),
        ("every byte of meaning and none beside", [bytes((0x8F, 0x90, 0x9D, 0x9E))], [b"\x90", b"\x9d"], 2),
        ("the last byte of a line and the first of none", [b"\x7f\x80\n"], [b"\x7f\n"], 1),
        ("a line at its limit", [b"G" * 79 + b"\n"], [b"G" * 79 + b"\n"], 0),
        ("a line over its limit, and the next", [b"G" * 80 + b"\n$H\n"], [b"$H\n"], 81),
        ("a byte within a line over its limit", [b"G" * 90 + b"!" + b"G" * 9 + b"\r"], [b"!"], 100),
        ("a line given up", [b"G0", RESET, b"$H\r"], [b"$H\r"], 2),
    ],
    "wwks2": wwks2.FRAMING,
}


def shipped(protocol: str) -> dict[str, ModuleType]:
    """The modules of a protocol as they are."""
    return {part: import_module(f"firmware_protocols.{protocol}.{part}") for part in parts(protocol)}


def parts(protocol: str) -> tuple[str, ...]:
    """The names of a protocol's modules, each before those that use it."""
    return MORE_PARTS.get(protocol, PARTS)


def paper(protocol: str) -> Vectors:
    """The golden bytes of a protocol."""
    return load(f"{protocol}/vectors")


def build(modules: Modules, message: str, fields: Mapping[str, Any]) -> Any:
    """The message that a vector names."""
    if "table" in modules:
        return wwks2.build(modules, message, fields)
    made = {name: _field(modules, name, value) for name, value in fields.items()}
    if message == "Command":
        return modules["messages"].Command(made["value"])
    unsaid = {"OpenAll": "board", "Scan": "aim"}  # TOML has no null
    if message in unsaid:
        made.setdefault(unsaid[message], None)
    kind = getattr(modules["messages"], message, None) or getattr(modules["device"], message)
    return kind(**made)


def _field(modules: Modules, name: str, value: Any) -> Any:
    if hasattr(modules["messages"], "Realtime"):
        return _grbl_field(modules["messages"], name, value)
    if name in {"hooks", "articles"}:
        return modules["messages"].bits(value)
    if name == "texts":
        return tuple(value)
    if name == "trouble":
        return modules["messages"].Trouble(value)
    if name == "value" and not _is_command(value):
        return Decimal(value)
    return value


def _grbl_field(messages: ModuleType, name: str, value: Any) -> Any:
    match name:
        case "words":
            return tuple(messages.Word(word[0], Decimal(word[1:])) for word in value)
        case "machine" | "work" | "offset":
            return tuple(map(Decimal, value))
        case "buffers" | "feed" | "overrides":
            return tuple(value)
        case "realtime":
            return messages.Realtime(value)
        case "state":
            return messages.State(value)
        case "value":
            return Decimal(value)
    return value


def _is_command(value: str) -> bool:
    return value[0] in "@ISTZ"


def faults(modules: Modules, vectors: Vectors, rank: Mapping[str, int] = MappingProxyType({})) -> Iterator[str]:
    """The names of the vectors that do not hold, as they are found. Any exception not called for is a fault too.

    All are tried, those of a lower `rank` first, where none is said 0.
    """
    checks: list[tuple[str, Callable[[], bool]]] = [
        *((v.name, lambda v=v: _holds(modules, v)) for v in vectors.vectors),
        *((r.name, lambda r=r: _is_refused(modules, r)) for r in vectors.refused),
        *((case[0], lambda case=case: _is_cut(modules, *case[1:])) for case in FRAMING.get(protocol_of(modules), ())),
        *((u.name, lambda u=u: _is_unsayable(modules, u)) for u in vectors.unsayable),
    ]
    checks.sort(key=lambda check: rank.get(check[0], 0))
    return (name for name, check in checks if not _passes(check))


def protocol_of(modules: Modules) -> str:
    """The protocol these modules are of, by their name."""
    return modules["messages"].__name__.split(".")[1]


def _is_cut(modules: Modules, fed: list[bytes | str], frames: list[bytes], noise: int) -> bool:
    cut = framer(modules, "device", {})
    given: list[bytes] = []
    for piece in fed:
        given += (cut.feed(piece) if isinstance(piece, bytes) else getattr(cut, piece)()) or []
    return given == frames and cut.noise == noise


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 - a mutant may fail in any way at all
        return False


def _raises(kind: type[Exception], act: Callable[[], object]) -> bool:
    try:
        act()
    except kind:
        return True
    return False


def _holds(modules: Modules, vector: Vector) -> bool:
    message = build(modules, vector.message, vector.fields)
    speaker, hearer = ("host", "device") if vector.to == "device" else ("device", "host")
    told = vector.only in {None, hearer}
    said = vector.only in {None, speaker}
    return (
        (not said or encode(modules, speaker, message, vector.options) == vector.frame)
        and (not told or decode(modules, hearer, vector.frame, vector.options) == message)
        and (told or _raises(FrameError, lambda: decode(modules, hearer, vector.frame, vector.options)))
        and (not told or _is_framed(modules, hearer, vector))
    )


def _is_refused(modules: Modules, vector: RefusedVector) -> bool:
    if "table" in modules:
        return wwks2.is_refused(modules, vector)
    return _raises(FrameError, lambda: decode(modules, vector.to, vector.frame, vector.options))


def _is_unsayable(modules: Modules, one: Unsayable) -> bool:
    return _raises(MessageError, lambda: encode(modules, one.by, build(modules, one.message, one.fields), one.options))


def form(modules: Modules, options: Mapping[str, Any]) -> Any:
    """A scanner's settings, out of a vector's options."""
    made = {
        name: value.encode() if name != "group_separator" else value for name, value in options.items() if name != "leading_fnc1"
    }
    return modules["messages"].Form(**made)


def _is_scanner(modules: Modules) -> bool:
    return hasattr(modules["messages"], "Form")


def encode(modules: Modules, half: str, message: object, options: Mapping[str, Any]) -> bytes:
    """What a half says."""
    if _is_scanner(modules):
        first = {"leading_fnc1": True} if "leading_fnc1" in options else {}
        return modules[half].encode(message, form(modules, options), **first)  # type: ignore[no-any-return]
    if "table" in modules:
        options = {"timestamp": wwks2.STAMP, **options}
    return modules[half].encode(message, **options)  # type: ignore[no-any-return]


def decode(modules: Modules, half: str, frame: bytes, options: Mapping[str, Any]) -> object:
    """What a half hears."""
    return modules[half].decode(frame, form(modules, options)) if _is_scanner(modules) else modules[half].decode(frame)


def framer(modules: Modules, half: str, options: Mapping[str, Any]) -> Any:
    """A half's framer, fresh."""
    if _is_scanner(modules):
        return modules["host"].ScanFramer(form(modules, options))
    names = {"host": ("ReplyFramer", "AnswerFramer", "IncomingStream"), "device": ("CommandFramer", "RequestStream")}[half]
    return next(getattr(modules[half], name) for name in names if hasattr(modules[half], name))()


def _is_framed(modules: Modules, half: str, vector: Vector) -> bool:
    """Whole and byte by byte, the framer gives exactly this frame and hears no noise."""
    step = 64 if "table" in modules else 1  # test_wwks2 does byte by byte, where it takes long
    for pieces in ([vector.frame], [vector.frame[at : at + step] for at in range(0, len(vector.frame), step)]):
        cut = framer(modules, half, vector.options)
        frames = [frame for piece in pieces for frame in cut.feed(piece)]
        if hasattr(cut, "idle"):
            frames += cut.idle()
        if frames != [vector.frame] or cut.noise:
            return False
    return True
