"""What golden vectors of WWKS 2 need beside those of other protocols: elements in elements, heads of errors, streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import ModuleType, UnionType
from typing import Any, get_args, get_origin

from firmware_protocols.vectors import RefusedVector

STAMP = "2024-11-26T16:26:41Z"
"""The time stamp of vectors that say none."""

KEEP = b'<WWKS Version="2.0"><KeepAliveRequest Id="11" Source="100" Destination="777"/></WWKS>'
BOM = b"\xef\xbb\xbf"
RESET = "reset"

FRAMING: list[tuple[str, list[bytes | str], list[bytes], int]] = [
    ("one behind the other", [KEEP + KEEP], [KEEP, KEEP], 0),
    ("white space between", [b" \t\r\n" + KEEP + b"\n\r\t " + KEEP], [KEEP, KEEP], 0),
    ("a mark and a prolog before", [BOM + b"<?xml version='1.0' <WWKS> ?>" + KEEP + BOM + KEEP], [KEEP, KEEP], 0),
    ("a mark in pieces", [BOM[:1], BOM[1:2], BOM[2:] + KEEP], [KEEP], 0),
    ("a comment between", [b"<!--> <WWKS></WWKS> -- -> <![CDATA[ -->" + KEEP], [KEEP], 0),
    ("a begin in pieces", [b"<", b"WWK", b"S", b"/", b">", b"<!", b"-", b"--->" + KEEP, b"<", b"?", b"?>"], [b"<WWKS/>", KEEP], 0),
    ("an opening that holds ends", [b"<WWKS a='>\"/>' b=\">'\" />" + KEEP], [b"<WWKS a='>\"/>' b=\">'\" />", KEEP], 0),
    ("a forgotten quote", [b'<WWKS a="><X/></WWKS>' + KEEP], [b'<WWKS a="><X/></WWKS>', KEEP], 0),
    ("another forgotten quote", [b"<WWKS a='><X/></WWKS>" + KEEP], [b"<WWKS a='><X/></WWKS>", KEEP], 0),
    ("a tag in the opening", [b"<WWKS <X/></WWKS>" + KEEP], [b"<WWKS <X/></WWKS>", KEEP], 0),
    ("an end in CDATA", [b"<WWKS><![CDATA[</WWKS> ]] > ]>]]]></WWKS>" + KEEP],
     [b"<WWKS><![CDATA[</WWKS> ]] > ]>]]]></WWKS>", KEEP], 0),
    ("an end between two brackets and the end of CDATA", [b"<WWKS><![CDATA[]] </WWKS> ]]></WWKS>"],
     [b"<WWKS><![CDATA[]] </WWKS> ]]></WWKS>"], 0),
    ("CDATA in the opening", [b"<WWKS a='<![CDATA[</WWKS>]]></WWKS>"], [b"<WWKS a='<![CDATA[</WWKS>]]></WWKS>"], 0),
    ("CDATA in a comment", [b"<WWKS><!-- <![CDATA[ </WWKS>--></WWKS>" + KEEP],
     [b"<WWKS><!-- <![CDATA[ </WWKS>--></WWKS>", KEEP], 0),
    ("a comment in CDATA", [b"<WWKS><![CDATA[ <!-- ]]></WWKS>" + KEEP], [b"<WWKS><![CDATA[ <!-- ]]></WWKS>", KEEP], 0),
    ("an end in an instruction", [b"<WWKS><?p </WWKS> > ?></WWKS>" + KEEP], [b"<WWKS><?p </WWKS> > ?></WWKS>", KEEP], 0),
    ("what is like the end", [b"<WWKS></WWKSX></wwks></WWKS\n\t\r ></WWKS<!--</WWKS>--></WWKS>"],
     [b"<WWKS></WWKSX></wwks></WWKS\n\t\r >"], 27),
    ("what begins like CDATA", [b"<WWKS><![CDATA<!-</WWK</WWKS>" + KEEP], [b"<WWKS><![CDATA<!-</WWK</WWKS>", KEEP], 0),
    ("garbage before", [b"x" + KEEP], [], 1 + len(KEEP)),
    ("garbage between", [KEEP + b"<WWKSX>", KEEP], [KEEP], 7 + len(KEEP)),
    ("a DTD", [b"<!DOCTYPE WWKS>", KEEP], [], 15 + len(KEEP)),
    ("garbage, then another connection", [b"<wwks>", RESET, KEEP], [KEEP], 6),
    ("a message that had begun, then another connection", [b"<WWKS><![CDATA[", RESET, KEEP], [KEEP], 15),
    ("a quote that had begun, then another connection", [b'<WWKS a="', RESET, b"<WWKS/>" + KEEP], [b"<WWKS/>", KEEP], 9),
]  # fmt: skip
"""What a robot's stream is fed, what it must give, and the bytes that it must have dropped."""


def build(modules: Mapping[str, ModuleType], message: str, told: Mapping[str, Any]) -> Any:
    """The message that a vector names."""
    return _built(getattr(modules["messages"], message), told)


def _built(shape: Any, told: Any) -> Any:
    if is_dataclass(shape):
        kinds = {one.name: one.type for one in fields(shape)}
        return shape(**{name: _built(kinds[name], value) for name, value in told.items()})
    if get_origin(shape) is UnionType:
        return _built(get_args(shape)[0], told)
    if get_origin(shape) is tuple:
        return tuple(_built(get_args(shape)[0], one) for one in told)
    return shape(told) if isinstance(shape, type) and issubclass(shape, StrEnum) else told


def is_refused(modules: Mapping[str, ModuleType], vector: RefusedVector) -> bool:
    """Refused with exactly these things known of the head, where the vector says any."""
    try:
        modules[vector.to].decode(vector.frame)
    except modules["messages"].Unreadable as wrong:
        head = {"name": None, "source": None, "destination": None} if "name" in vector.options else {}
        return all(getattr(wrong, name) == value for name, value in {**head, **vector.options}.items())
    return False
