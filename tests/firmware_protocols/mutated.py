"""Streams of WWKS 2 hurt in many ways, and what must come of them: messages or declared errors, in bounded memory."""

from __future__ import annotations

import random
from collections.abc import Iterator
from types import ModuleType

from firmware_protocols.wwks2 import device, host
from firmware_protocols.wwks2.messages import Unreadable
from firmware_protocols.wwks2.stream import MessageStream
from tests.firmware_protocols import golden

HALVES: dict[str, ModuleType] = {"host": host, "device": device}
BOUND = 65_536
"""Bytes of a message here."""
HOSTILE = (
    b"<![CDATA[", b"]]>",
    b"<!--", b"-->", b"<?", b"?>", b"</WWKS>", b"<WWKS>", b"<WWKS", b"/>", b"&amp;", b"&#x1D;", b"&x;", b"\\x1d",
    b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"\xe2\x82", b"\xff", b"\x00", b"\xef\xbb\xbf", b'"', b"'", b"<", b">", b"=",
    b"9" * 30, b"<a>" * 50,
)  # fmt: skip

_FRAMES = {half: [vector.frame for vector in golden.paper("wwks2").vectors if vector.to == half] for half in ("host", "device")}


def hurt(chance: random.Random, half: str) -> bytes:
    """One to three golden messages behind each other, with one to six hurts."""
    stream = bytearray(b"".join(chance.choices(_FRAMES[half], k=chance.randint(1, 3))))
    for _ in range(chance.randint(1, 6)):
        at, piece = chance.randrange(len(stream) + 1), chance.randint(1, 40)
        match chance.randrange(6):
            case 0:
                stream[at : at + 1] = bytes((chance.randrange(256),))
            case 1:
                del stream[at : at + piece]
            case 2:
                stream[at:at] = chance.choice(HOSTILE)
            case 3:
                other = chance.choice(_FRAMES[half])
                begin = chance.randrange(len(other))
                stream[at:at] = other[begin : begin + piece]
            case 4:
                stream[at:at] = stream[at : at + piece] * chance.randint(1, 5)
            case _:
                stream[at : at + 1] = chance.choice(HOSTILE)
    return bytes(stream)


def pieces(chance: random.Random, stream: bytes) -> Iterator[bytes]:
    """The stream in reads of any size."""
    most = chance.choice((1, 3, 17, 200, len(stream) + 1))
    while stream:
        size = chance.randint(1, most)
        yield stream[:size]
        stream = stream[size:]


def play(half: str, stream: bytes, chance: random.Random) -> int:
    """The messages that a half takes out of a stream. Raises what it must not raise; AssertionError if the splitting matters."""
    cut = MessageStream(BOUND)
    frames = [frame for piece in pieces(chance, stream) for frame in cut.feed(piece)]
    whole = MessageStream(BOUND)
    assert whole.feed(stream) == frames
    assert (whole.lost is None) == (cut.lost is None)
    taken = 0
    for frame in frames:
        try:
            HALVES[half].decode(frame)
        except Unreadable:
            continue
        taken += 1
    return taken
