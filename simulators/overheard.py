"""What went over the wires, as it arrived at either end: the last chunks of each link, in words where there are some."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial

from firmware_protocols.errors import FrameError
from firmware_protocols.kerong_cu16 import device as cu16
from simulators.house import House
from simulators.timers import now
from simulators.wire import Towards

KEPT, RECENT = 200, 12
"""Chunks kept of each link; how many different ones make up a round of questions that repeats."""
CU16_REPLIES = {0x35: "status", 0x36: "status, asked of all", 0x38: "pulse time", 0x39: "delay", 0x40: "speed"}
"""What a KERONG CU16 answers with (devices.md 2.2)."""
FUNCTIONS = {
    1: "read coils",
    2: "read inputs",
    3: "read registers",
    4: "read input registers",
    5: "write coil",
    6: "write register",
}
FUNCTIONS |= {15: "write coils", 16: "write registers", 23: "write and read registers"}
"""Modbus Application Protocol 1.1b3, section 6."""
EXCEPTION = 0x80
"""Added to the function's code in an answer that declines."""
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
MESSAGE = re.compile(r"<WWKS\b[^>]*>\s*<(\w+)")
TEXT = 120
"""Characters of a line that are told."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that arrived at once, at loop time `at`. `again`: the same bytes came a moment ago, as in a round of polls."""

    number: int
    at: float
    towards: Towards
    data: bytes
    again: bool
    protocol: str

    @property
    def means(self) -> str:
        """The bytes in words, put together only when somebody looks."""
        return means(self.protocol, self.towards, self.data)


class Overheard:
    """The last chunks of every wire of a house, from now on. `watchers` are called with the link at each."""

    def __init__(self, house: House) -> None:
        self.watchers: list[Callable[[str], None]] = []
        self.all: dict[str, deque[Chunk]] = {}
        self.fresh: dict[str, deque[Chunk]] = {}
        """Without those that came a moment ago already."""
        self._numbers = 0
        self._recent: dict[str, deque[tuple[Towards, bytes]]] = {}
        for link, part in house.site.links.items():
            self.all[link], self.fresh[link] = deque(maxlen=KEPT), deque(maxlen=KEPT)
            self._recent[link] = deque(maxlen=RECENT)
            house.wires[link].overhear = partial(self._hear, link, part.protocol)

    def _hear(self, link: str, protocol: str, towards: Towards, data: bytes) -> None:
        self._numbers += 1
        recent = self._recent[link]
        key = towards, data[2:] if protocol == "modbus-tcp" else data  # the first two count transactions
        again = key in recent
        if again:
            recent.remove(key)  # so that a round of so many questions is remembered whole, however often it comes
        recent.append(key)
        chunk = Chunk(self._numbers, now(), towards, data, again, protocol)
        self.all[link].append(chunk)
        if not again:
            self.fresh[link].append(chunk)
        for watcher in tuple(self.watchers):
            watcher(link)


def means(protocol: str, towards: Towards, data: bytes) -> str:
    """Bytes in words, as far as the device's side knows them; empty where it does not. Raises nothing."""
    match protocol:
        case "kerong-cu16":
            return _cu16(towards, data)
        case "modbus-tcp":
            return _modbus(data[6:])
        case "modbus-rtu":
            return _modbus(data)
        case "wwks2":
            return ", ".join(MESSAGE.findall(data.decode(errors="replace")))
    return data.decode("ascii", "replace").strip("\r\n").replace("\x1d", "<GS>")[:TEXT]


def _cu16(towards: Towards, data: bytes) -> str:
    if towards == "host":
        return CU16_REPLIES.get(data[2], "") if len(data) > 2 else ""
    try:
        command = cu16.decode(data)
    except FrameError:
        return ""
    name = CAMEL.sub(" ", type(command).__name__).lower()
    return ", ".join([name, *(f"{one.name.replace('_', ' ')} {getattr(command, one.name)}" for one in fields(command))])


def _modbus(data: bytes) -> str:
    if len(data) < 2:
        return ""
    name = FUNCTIONS.get(data[1] & ~EXCEPTION, "")
    return f"unit {data[0]}, {name}{' declined' if data[1] & EXCEPTION else ''}" if name else ""
