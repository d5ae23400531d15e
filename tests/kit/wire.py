"""The far end of a link in memory, with weather: what a driver test dials instead of a port.

`FarEnd.dial` is what a `drivers.link.Link` takes. Each connection it gives passes the host's bytes through `outward` to
`answers`, and the answers back through `inward`. A weather is a function from the bytes of one send to what arrives of
them: pieces, each with its delay in seconds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable

from drivers.faults import Effect, LinkLost
from drivers.transports import Inlet

Weather = Callable[[bytes], Iterable[tuple[float, bytes]]]


def calm(data: bytes) -> Iterable[tuple[float, bytes]]:
    """Everything arrives at once and whole."""
    return [(0.0, data)]


def lost(data: bytes) -> Iterable[tuple[float, bytes]]:
    """Nothing arrives."""
    return []


def late(seconds: float) -> Weather:
    """Everything arrives whole, that much later."""
    return lambda data: [(seconds, data)]


def byte_by_byte(gap: float) -> Weather:
    """One byte at a time."""
    return lambda data: [(gap * index, data[index : index + 1]) for index in range(len(data))]


def repeated(times: int, gap: float = 0.0) -> Weather:
    """The same several times."""
    return lambda data: [(gap * index, data) for index in range(times)]


def changed(change: Callable[[bytes], bytes]) -> Weather:
    """Whole and at once, but not the same bytes."""
    return lambda data: [(0.0, change(data))]


def in_turn(*weathers: Weather) -> Weather:
    """The first send has the first weather, and so on; the last one stays."""
    left = list(weathers)
    return lambda data: (left.pop(0) if len(left) > 1 else left[0])(data)


def storm(seed: int, bad: float = 0.2, latest: float = 0.35) -> Weather:
    """Each send may be lost, cut, late, doubled, garbled or split, with the chance `bad` in all."""
    chance = random.Random(seed)

    def garbled(data: bytes) -> bytes:
        spoilt = bytearray(data)
        for _ in range(chance.randint(1, 3)):
            spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        return bytes(spoilt)

    def weather(data: bytes) -> Iterable[tuple[float, bytes]]:
        if chance.random() >= bad:
            return [(0.0, data)]
        kind = chance.choice(("lost", "cut", "late", "doubled", "garbled", "split"))
        cut = chance.randrange(len(data))
        return {
            "lost": [],
            "cut": [(0.0, data[:cut])],
            "late": [(chance.uniform(0.0, latest), data)],
            "doubled": [(0.0, data), (chance.uniform(0.0, 0.05), data)],
            "garbled": [(0.0, garbled(data))],
            "split": [(0.0, data[:cut]), (chance.uniform(0.0, 0.02), data[cut:])],
        }[kind]

    return weather


class _Connection:
    """One connection, the host's side (a `drivers.transports.Transport`)."""

    def __init__(self, far: FarEnd) -> None:
        self._far = far
        self.inlet = Inlet()
        self.closed = False

    async def read(self) -> bytes:
        return await self.inlet.read()

    def write(self, data: bytes) -> None:
        if self.inlet.ended:
            raise LinkLost("link-lost", reason="unplugged", effect=Effect.NONE)
        self._far.heard(self, data)

    async def close(self) -> None:
        self.closed = True
        self.inlet.end()


class FarEnd:
    """A scripted device: `answers` maps the bytes of one send to the bytes of its reply (`b""` is silence).

    `written` holds every send with its loop time, as it left the host. `thinks` is how long a reply takes.
    """

    def __init__(
        self,
        answers: Callable[[bytes], bytes] = lambda data: b"",
        *,
        outward: Weather = calm,
        inward: Weather = calm,
        thinks: float = 0.01,
        echoes: bool = False,
    ) -> None:
        self.answers, self.outward, self.inward, self.thinks, self.echoes = answers, outward, inward, thinks, echoes
        self.written: list[tuple[float, bytes]] = []
        self.plugged = True
        self.refused = 0
        self.connections: list[_Connection] = []

    async def dial(self) -> _Connection:
        if not self.plugged:
            self.refused += 1
            raise LinkLost("link-lost", reason="nothing there", effect=Effect.NONE)
        connection = _Connection(self)
        self.connections.append(connection)
        return connection

    def heard(self, connection: _Connection, data: bytes) -> None:
        """The host has sent this."""
        loop = asyncio.get_running_loop()
        self.written.append((loop.time(), data))
        if self.echoes:
            connection.inlet.feed(data)
        for delay, piece in self.outward(data):
            loop.call_later(delay, self._answer, connection, piece)

    def say(self, data: bytes) -> None:
        """Sends unasked, to the connection of now, through no weather."""
        self.connections[-1].inlet.feed(data)

    def unplug(self) -> None:
        """The cable is out: the connection ends and no other can be made."""
        self.plugged = False
        for connection in self.connections:
            connection.inlet.end()

    def plug_in(self) -> None:
        """The cable is back."""
        self.plugged = True

    def _answer(self, connection: _Connection, data: bytes) -> None:
        reply = self.answers(data) if self.plugged else b""
        if reply:
            for delay, piece in self.inward(reply):
                asyncio.get_running_loop().call_later(self.thinks + delay, self._deliver, connection, piece)

    def _deliver(self, connection: _Connection, data: bytes) -> None:
        if not connection.inlet.ended:
            connection.inlet.feed(data)
