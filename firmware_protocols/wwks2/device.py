"""The robot's half: hears the pharmacy system and feeders, and speaks to them. Written from the document, apart from the host's.

Reads event by event with expat: nothing is built of a message but what its table names, however much else stands in it.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from firmware_protocols.errors import MessageError
from firmware_protocols.wwks2 import messages as w
from firmware_protocols.wwks2.messages import Lead, Unreadable
from firmware_protocols.wwks2.stream import MOST_MARKS, MessageStream, overladen
from firmware_protocols.wwks2.table import Attribute, Child, Kind, element_of, once_a_class
from firmware_protocols.wwks2.words import Reason

DIALOGS: tuple[tuple[type[Lead], type[Lead]], ...] = (
    (w.HelloRequest, w.HelloResponse),
    (w.KeepAliveRequest, w.KeepAliveResponse),
    (w.StatusRequest, w.StatusResponse),
    (w.ArticleMasterSetRequest, w.ArticleMasterSetResponse),
    (w.StockDeliverySetRequest, w.StockDeliverySetResponse),
    (w.StockDeliveryInfoRequest, w.StockDeliveryInfoResponse),
    (w.StockInfoRequest, w.StockInfoResponse),
    (w.StockUpdateRequest, w.StockUpdateResponse),
    (w.InitiateInputRequest, w.InitiateInputResponse),
    (w.InfeedInputRequest, w.InfeedInputResponse),
    (w.TaskCancelInfeedInputRequest, w.TaskCancelInfeedInputResponse),
    (w.OutputRequest, w.OutputResponse),
    (w.TaskInfoRequest, w.TaskInfoResponse),
    (w.OutputInfoRequest, w.OutputInfoResponse),
    (w.TaskCancelRequest, w.TaskCancelResponse),
    (w.TaskCancelOutputRequest, w.TaskCancelOutputResponse),
    (w.StockLocationInfoRequest, w.StockLocationInfoResponse),
    (w.ConfigurationGetRequest, w.ConfigurationGetResponse),
    (w.ChannelConfigurationInfoRequest, w.ChannelConfigurationInfoResponse),
    (w.OutputDestinationStateIndicationSetRequest, w.OutputDestinationStateIndicationSetResponse),
)
"""What a robot is asked, and what it answers."""

ASKED: tuple[tuple[type[Lead], type[Lead]], ...] = (
    (w.KeepAliveRequest, w.KeepAliveResponse),
    (w.InputRequest, w.InputResponse),
    (w.InfeedInputPackPlaceRequest, w.InfeedInputPackPlaceResponse),
)
"""What a robot asks, and what it is answered."""

TOLD: tuple[type[Lead], ...] = (
    w.StockInfoMessage,
    w.InputMessage,
    w.InitiateInputMessage,
    w.InfeedInputMessage,
    w.OutputMessage,
    w.OutputDestinationButtonPressedMessage,
    w.UnprocessedMessage,
)
"""What a robot says unasked."""

_SAYS = {answer for _, answer in DIALOGS} | {question for question, _ in ASKED} | set(TOLD)
_HEARS = {one.__name__: one for one in (*(q for q, _ in DIALOGS), *(a for _, a in ASKED), w.UnprocessedMessage)}
# The tables of the manual say "Place", its examples "Placed" (1.12).
_HEARS["InfeedInputPackPlacedResponse"] = w.InfeedInputPackPlaceResponse

RANGES = {
    **dict.fromkeys((Kind.WHOLE, Kind.POSITIVE), range(-(2**31), 2**31)),
    **dict.fromkeys((Kind.LONG, Kind.LONG_POSITIVE), range(-(2**63), 2**63)),
}
ZERO_IS_ABSENT = {Kind.POSITIVE, Kind.LONG_POSITIVE}
REFERENCES = {'"': "&quot;", "'": "&apos;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
LOOKS_ESCAPED, ESCAPED = re.compile(r"\\(?=x[0-9A-Fa-f]{2})"), re.compile(r"\\x([0-9A-Fa-f]{2})")
LACKING = re.compile("[\ud800-\udfff\ufffe\uffff]")
WHOLE, DAY = re.compile("[+-]?[0-9]{1,19}"), re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
DEVICE = re.compile("[0-9]{1,10}")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Signs that XML has not: the first in no way, the second as backslash, x and two digits."""


RequestStream = MessageStream
"""Cuts what comes in at a robot into messages."""


def encode(message: Lead, *, timestamp: str = "", packing_unit: bool = False) -> bytes:
    """The bytes of a robot's message. `timestamp` is UTC as `2024-11-26T16:26:41Z`; `packing_unit` writes PackingUnit.

    Raises MessageError for what a robot does not say, and for what a number or XML does not hold.
    """
    if type(message) not in _SAYS:
        raise MessageError(f"no robot says {type(message).__name__}")
    out = ['<WWKS Version="2.0"', f' TimeStamp="{timestamp}">' if timestamp else ">"]
    _write(out, type(message).__name__, message, packing_unit)
    out.append("</WWKS>")
    return "".join(out).encode()


def _write(out: list[str], name: str, value: Any, packing_unit: bool) -> None:
    table = element_of(type(value))
    out.append("<" + name)
    for one in table.attributes:
        said = getattr(value, one.field)
        if said != one.default or one.needed:
            called = next(iter(one.also)) if packing_unit and "PackingUnit" in one.also else one.name
            out.append(f' {called}="{_said(one, said)}"')
    out.append(">")
    before = len(out)
    for child in table.children:
        inner = getattr(value, child.field)
        for each in inner if child.many else () if inner is None else (inner,):
            _write(out, child.name, each, packing_unit)
    if table.text is not None and (text := getattr(value, table.text)):
        out.append("<![CDATA[" + "]]]]><![CDATA[>".join(_legal(text).split("]]>")) + "]]>")
    out.append(f"</{name}>")
    if len(out) == before + 1:
        out[-2:] = ["/>"]


def _said(one: Attribute, said: Any) -> str:
    match one.kind:
        case Kind.FLAG:
            return str(bool(said))
        case Kind.DATE:
            return str(said)
        case Kind.WHOLE | Kind.LONG | Kind.POSITIVE | Kind.LONG_POSITIVE:
            if said not in RANGES[one.kind]:
                raise MessageError(f"{said} is no {one.name}")
            return str(said)
        case _:
            return str(said) if said.isalnum() else escape(_legal(LOOKS_ESCAPED.sub(r"\\x5C", said)), REFERENCES)


def _legal(text: str) -> str:
    """Control characters that XML has not, as backslash, x and two digits."""
    if LACKING.search(text):
        raise MessageError("this text has signs that XML has not")
    return CONTROLS.sub(lambda sign: f"\\x{ord(sign[0]):02X}", text)


def decode(frame: bytes) -> Lead:
    """The message to a robot in this frame. Raises Unreadable, which says as much of its head as there is."""
    if overladen(frame):
        raise Unreadable(Reason.DATA_ERROR, f"a message has at most {MOST_MARKS} tags and attributes")
    reader = _Reader()
    try:
        reader.read(frame)
    except expat.ExpatError as wrong:
        raise reader.unreadable(Reason.SYNTAX_ERROR, str(wrong)) from wrong
    if reader.message is None:
        raise reader.unreadable(Reason.DATA_ERROR, "there is no message in this envelope")
    return reader.message


@dataclass(slots=True)
class _Open:
    """An element that has begun, with what is known of it so far."""

    shape: type[Any]
    child: Child | None
    held: dict[str, Any] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)


class _Reader:
    """Takes expat's events in. Raises Unreadable at the first thing that is wrong with the content."""

    def __init__(self) -> None:
        self.message: Lead | None = None
        self._head: tuple[str, dict[str, str]] | None = None
        self._in_envelope = False
        self._open: list[_Open] = []
        self._passed_over = 0
        """How deep in an element that nobody knows."""

    def read(self, frame: bytes) -> None:
        """Raises ExpatError for what is not well-formed."""
        parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(frame, True)

    def unreadable(self, reason: Reason, why: str) -> Unreadable:
        """The error, with what is known of the head."""
        name, said = self._head or (None, {})
        source, destination = (_device(said.get(key)) for key in ("Source", "Destination"))
        return Unreadable(reason, why, name=name, id=said.get("Id"), source=source, destination=destination)

    def _doctype(self, name: str, *_rest: object) -> None:
        raise self.unreadable(Reason.SYNTAX_ERROR, f"no DTD is taken: {name[:80]}")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._passed_over:
            self._passed_over += 1
        elif not self._in_envelope:
            self._in_envelope = True
            if name != "WWKS":
                raise self.unreadable(Reason.DATA_ERROR, f"an envelope is not called {name[:80]}")
        elif not self._open:
            self._lead(name, attributes)
        elif (child := _children(self._open[-1].shape).get(name)) is not None:
            self._begin(child.shape, child, attributes)
        else:
            self._passed_over += 1

    def _lead(self, name: str, attributes: dict[str, str]) -> None:
        if self._head is not None:
            raise self.unreadable(Reason.DATA_ERROR, "an envelope holds one message")
        self._head = name, attributes
        if name not in _HEARS:
            raise self.unreadable(Reason.NOT_SUPPORTED, f"no robot knows {name[:80]}")
        self._begin(_HEARS[name], None, attributes)

    def _begin(self, shape: type[Any], child: Child | None, attributes: dict[str, str]) -> None:
        one = _Open(shape, child)
        known = _attributes(shape)
        for name, said in attributes.items():
            if name in known:
                try:
                    value = _meant(known[name], said)
                except ValueError as wrong:
                    raise self.unreadable(Reason.DATA_ERROR, f"{name} cannot be {said[:40]!r}") from wrong
                if value is not None:
                    one.held[known[name].field] = value
        self._open.append(one)

    def _characters(self, text: str) -> None:
        if self._open and not self._passed_over:
            self._open[-1].text.append(text)

    def _end(self, _name: str) -> None:
        if self._passed_over:
            self._passed_over -= 1
        elif self._open:
            self._close(self._open.pop())

    def _close(self, one: _Open) -> None:
        table = element_of(one.shape)
        if table.text is not None:
            one.held[table.text] = "".join(one.text)
        if missing := table.needed - one.held.keys():
            raise self.unreadable(Reason.DATA_ERROR, f"there is no {', '.join(sorted(missing))}")
        value = one.shape(**{key: tuple(held) if isinstance(held, list) else held for key, held in one.held.items()})
        if one.child is None:
            self.message = value
        else:
            above = self._open[-1].held
            above.setdefault(one.child.field, []).append(value) if one.child.many else above.setdefault(one.child.field, value)


@once_a_class
def _children(shape: type[Any]) -> dict[str, Child]:
    return {one.name: one for one in element_of(shape).children}


@once_a_class
def _attributes(shape: type[Any]) -> dict[str, Attribute]:
    return {name: one for one in element_of(shape).attributes for name in (one.name, *one.also)}


def _device(said: str | None) -> int | None:
    return int(said) if said is not None and DEVICE.fullmatch(said) else None


def _meant(one: Attribute, said: str) -> Any:
    """What an attribute says; None for what is as good as absent. Raises ValueError."""
    match one.kind:
        case Kind.TEXT:
            return _unguarded(said)
        case Kind.FILTER:
            return _unguarded(said) if said else None
        case _ if not said:
            return None
        case Kind.FLAG:
            return ("false", "true").index(said.lower()) == 1
        case Kind.DATE:
            return _day(said)
        case Kind.WORD:
            return one.word(said)
        case _:
            return _counted(one.kind, said)


def _day(said: str) -> date:
    if not DAY.fullmatch(said):
        raise ValueError(said)
    return date(*map(int, said.split("-")))


def _counted(kind: Kind, said: str) -> int | None:
    if not WHOLE.fullmatch(said) or int(said) not in RANGES[kind]:
        raise ValueError(said)
    return None if kind in ZERO_IS_ABSENT and not int(said) else int(said)


def _unguarded(said: str) -> str:
    first, *rest = ESCAPED.split(said)
    return first + "".join(chr(int(code, 16)) + text for code, text in zip(rest[::2], rest[1::2], strict=True))
