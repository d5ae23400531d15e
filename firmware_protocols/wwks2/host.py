"""The half of whoever speaks to a robot: the pharmacy system, and a feeder. Written from the document, apart from the robot's half.

Reads with ElementTree, which knows no entities here: a DTD is refused, so that none can be declared.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element as Node

from firmware_protocols.errors import MessageError
from firmware_protocols.wwks2 import messages as m
from firmware_protocols.wwks2.messages import Lead, Message, Unreadable
from firmware_protocols.wwks2.stream import MOST_MARKS, MessageStream, overladen
from firmware_protocols.wwks2.table import Attribute, Child, Kind, element_of, name_of, once_a_class
from firmware_protocols.wwks2.words import Reason

SAID: frozenset[type[Lead]] = frozenset({
    m.HelloRequest, m.KeepAliveRequest, m.KeepAliveResponse, m.UnprocessedMessage, m.StatusRequest, m.ArticleMasterSetRequest,
    m.StockDeliverySetRequest, m.StockDeliveryInfoRequest, m.StockInfoRequest, m.StockUpdateRequest, m.InputResponse,
    m.InitiateInputRequest, m.InfeedInputRequest, m.InfeedInputPackPlaceResponse, m.TaskCancelInfeedInputRequest, m.OutputRequest,
    m.TaskInfoRequest, m.OutputInfoRequest, m.TaskCancelRequest, m.TaskCancelOutputRequest, m.StockLocationInfoRequest,
    m.ConfigurationGetRequest, m.ChannelConfigurationInfoRequest, m.OutputDestinationStateIndicationSetRequest,
})  # fmt: skip
"""What a robot is told."""

HEARD: dict[str, type[Lead]] = {name_of(one): one for one in (
    m.HelloResponse, m.KeepAliveRequest, m.KeepAliveResponse, m.UnprocessedMessage, m.StatusResponse, m.ArticleMasterSetResponse,
    m.StockDeliverySetResponse, m.StockDeliveryInfoResponse, m.StockInfoResponse, m.StockInfoMessage, m.StockUpdateResponse,
    m.InputRequest, m.InputMessage, m.InitiateInputResponse, m.InitiateInputMessage, m.InfeedInputResponse,
    m.InfeedInputPackPlaceRequest, m.InfeedInputMessage, m.TaskCancelInfeedInputResponse, m.OutputResponse, m.OutputMessage,
    m.TaskInfoResponse, m.OutputInfoResponse, m.TaskCancelResponse, m.TaskCancelOutputResponse, m.StockLocationInfoResponse,
    m.ConfigurationGetResponse, m.ChannelConfigurationInfoResponse, m.OutputDestinationStateIndicationSetResponse,
    m.OutputDestinationButtonPressedMessage,
)}  # fmt: skip
"""What a robot tells, by the name of its element."""

STEP_BYTES = 65_536
STEP_CHILDREN = 100
"""So much of a message is read in one step."""

MANUAL_OUTPUT = "1"
"""The Id of outputs nobody asked for (1.13)."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_CONTROLS = {code: f"\\x{code:02X}" for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20))}
_WRITTEN = str.maketrans({**_ENTITIES, **{chr(code): text for code, text in _CONTROLS.items()}})
_LOOKS_ESCAPED = re.compile(r"\\(?=x[0-9A-Fa-f]{2})")
_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")
_UNSAYABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_FLAGS = {"true": True, "false": False}
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LIMITS = {
    **dict.fromkeys((Kind.WHOLE, Kind.POSITIVE), range(-(1 << 31), 1 << 31)),
    **dict.fromkeys((Kind.LONG, Kind.LONG_POSITIVE), range(-(1 << 63), 1 << 63)),
}


class IncomingStream(MessageStream):
    """What robots send, cut into messages."""


def encode(message: Lead, *, timestamp: str = "", packing_unit: bool = False) -> bytes:
    """The bytes of a message to a robot. `timestamp` is UTC as `2024-11-26T16:26:41Z`; `packing_unit` writes PackingUnit.

    Raises MessageError for what cannot be said: by this half, to everybody at once, as an order with the Id of manual outputs,
    or in 32 or 64 bits or in XML.
    """
    if type(message) not in SAID:
        raise MessageError(f"a {type(message).__name__} is not for a robot")
    if isinstance(message, Message) and min(message.source, message.destination) < 1:
        raise MessageError(f"devices have numbers from 1, not {message.source} and {message.destination}")
    if isinstance(message, m.OutputRequest) and message.id == MANUAL_OUTPUT:
        raise MessageError("an order has another Id than outputs that nobody asked for")
    when = f' TimeStamp="{_text(timestamp)}"' if timestamp else ""
    lead = "".join(_element(name_of(type(message)), message, packing_unit))
    return f'<WWKS Version="2.0"{when}>{lead}</WWKS>'.encode()


def _element(name: str, value: Any, packing_unit: bool) -> Iterator[str]:
    table = element_of(type(value))
    yield f"<{name}"
    for attribute in table.attributes:
        held = getattr(value, attribute.field)
        if attribute.needed or held != attribute.default:
            called = next(iter(attribute.also)) if packing_unit and "PackingUnit" in attribute.also else attribute.name
            yield f' {called}="{_value(attribute, held)}"'
    inner: list[str] = []
    for child in table.children:
        for one in _many(getattr(value, child.field)):
            inner += _element(child.name, one, packing_unit)
    text = "" if table.text is None else _quoted(getattr(value, table.text))
    if inner or text:
        yield ">"
        yield from inner
        yield f"{text}</{name}>"
    else:
        yield "/>"


def _many(held: Any) -> tuple[Any, ...]:
    return held if isinstance(held, tuple) else () if held is None else (held,)


def _value(attribute: Attribute, held: Any) -> str:
    if isinstance(held, bool):
        return "True" if held else "False"
    if isinstance(held, date):
        return held.isoformat()
    if isinstance(held, int):
        if held not in _LIMITS[attribute.kind]:
            raise MessageError(f"{attribute.name} does not hold {held}")
        return str(held)
    return _text(held)


def _text(held: str) -> str:
    """A backslash that would be read as the begin of a control character is written as one."""
    _check(held)
    return _LOOKS_ESCAPED.sub(r"\\x5C", held).translate(_WRITTEN)


def _quoted(held: str) -> str:
    _check(held)
    return f"<![CDATA[{held.translate(_CONTROLS).replace(']]>', ']]]]><![CDATA[>')}]]>" if held else ""


def _check(held: str) -> None:
    if unsayable := _UNSAYABLE.search(held):
        raise MessageError(f"XML has no {unsayable[0]!r}")


def decode(frame: bytes) -> Lead:
    """The message of a robot in this frame. Raises Unreadable, which says as much of its head as there is."""
    steps = decoding(frame)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            message: Lead = end.value
            return message


def decoding(frame: bytes) -> Generator[None, None, Lead]:
    """`decode`, for who has others to serve meanwhile: a long message takes many steps of a few milliseconds each."""
    lead = yield from _lead(frame)
    shape = HEARD.get(lead.tag)
    if shape is None:
        raise _about(lead, Reason.NOT_SUPPORTED, f"{lead.tag[:80]} is no message of a robot")
    held: dict[str, Any] = {}
    try:
        while len(lead) > STEP_CHILDREN:
            _take(shape, lead[:STEP_CHILDREN], held)
            del lead[:STEP_CHILDREN]
            yield
        message: Lead = _built(shape, lead, held)
    except ValueError as wrong:
        raise _about(lead, Reason.DATA_ERROR, str(wrong)) from wrong
    return message


def _about(lead: Node, reason: Reason, why: str) -> Unreadable:
    source, destination = (_number_or_none(lead.get(name)) for name in ("Source", "Destination"))
    return Unreadable(reason, why, name=lead.tag, id=lead.get("Id"), source=source, destination=destination)


class _WithoutDtd(ET.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise Unreadable(Reason.SYNTAX_ERROR, f"a document type, {name[:80]}, has no place here")


def _lead(frame: bytes) -> Generator[None, None, Node]:
    if overladen(frame):
        raise Unreadable(Reason.DATA_ERROR, f"more than {MOST_MARKS} tags and attributes")
    # No DTD, so no entity of anybody's making, and the bytes are in memory already.
    parser = ET.XMLParser(target=_WithoutDtd(), encoding="utf-8")  # noqa: S314
    try:
        for at in range(0, len(frame), STEP_BYTES):
            if at:
                yield
            parser.feed(frame[at : at + STEP_BYTES])
        envelope = parser.close()
    except ET.ParseError as wrong:
        raise Unreadable(Reason.SYNTAX_ERROR, str(wrong)) from wrong
    if envelope.tag != "WWKS" or len(envelope) != 1:
        raise Unreadable(Reason.DATA_ERROR, "an envelope is called WWKS and holds one message")
    (lead,) = envelope
    return lead


@dataclass(frozen=True, slots=True)
class _Reading:
    attributes: dict[str, tuple[str, Callable[[str], Any]]]
    children: dict[str, Child]
    many: frozenset[str]
    text: str | None
    needed: frozenset[str]


@once_a_class
def _reading(shape: type[Any]) -> _Reading:
    table = element_of(shape)
    return _Reading(
        {name: (one.field, _reader(one)) for one in table.attributes for name in (one.name, *one.also)},
        {child.name: child for child in table.children},
        frozenset(child.field for child in table.children if child.many),
        table.text,
        table.needed,
    )


def _built(shape: type[Any], node: Node, held: dict[str, Any]) -> Any:
    """What this element is, its first children `held` already. Raises ValueError. What the table does not know is passed over."""
    reading = _reading(shape)
    for name, text in node.items():
        if (known := reading.attributes.get(name)) is not None and (value := known[1](text)) is not None:
            held[known[0]] = value
    _take(shape, node, held)
    for field in reading.many & held.keys():
        held[field] = tuple(held[field])
    if reading.text is not None:
        held[reading.text] = node.text or ""
    if missing := reading.needed - held.keys():
        raise ValueError(f"{node.tag} lacks {', '.join(sorted(missing))}")
    return shape(**held)


def _take(shape: type[Any], nodes: Iterable[Node], held: dict[str, Any]) -> None:
    """These children go into `held`, where there may be many of them in a list; else the first stands. Raises ValueError."""
    children = _reading(shape).children
    for node in nodes:
        if (child := children.get(node.tag)) is None:
            continue
        if child.many:
            held.setdefault(child.field, []).append(_built(child.shape, node, {}))
        elif child.field not in held:
            held[child.field] = _built(child.shape, node, {})


def _reader(attribute: Attribute) -> Callable[[str], Any]:
    """What reads this attribute: gives None for what is as good as absent, raises ValueError for what it cannot be."""
    name, limits = attribute.name, _LIMITS.get(attribute.kind, ())

    def whole(text: str) -> int | None:
        if not text:
            return None
        if not _INTEGER.fullmatch(text) or (value := int(text)) not in limits:
            raise ValueError(f"{name} is no such number: {text[:40]!r}")
        return value

    def flag(text: str) -> bool | None:
        if text and text.lower() not in _FLAGS:
            raise ValueError(f"{name} is True or False, not {text[:40]!r}")
        return _FLAGS.get(text.lower())

    def day(text: str) -> date | None:
        if text and not _DAY.fullmatch(text):
            raise ValueError(f"{name} is no day: {text[:40]!r}")
        return date.fromisoformat(text) if text else None

    readers: dict[Kind, Callable[[str], Any]] = {
        Kind.TEXT: _unescaped,
        Kind.FILTER: lambda text: _unescaped(text) or None,
        Kind.WHOLE: whole,
        Kind.LONG: whole,
        Kind.POSITIVE: lambda text: whole(text) or None,
        Kind.LONG_POSITIVE: lambda text: whole(text) or None,
        Kind.FLAG: flag,
        Kind.DATE: day,
        Kind.WORD: lambda text: attribute.word(text) if text else None,
    }
    return readers[attribute.kind]


def _unescaped(text: str) -> str:
    return text if text.isalnum() else _ESCAPED.sub(lambda seen: chr(int(seen[1], 16)), text)


def _number_or_none(text: str | None) -> int | None:
    return int(text) if text is not None and _INTEGER.fullmatch(text) else None
