"""The far end of a link in memory, with weather: what a driver test dials instead of a port.

`FarEnd.dial` is what a `drivers.link.Link` takes. The device is a table or a function from bytes to bytes, so that a driver is
judged by literal frames from its paper and by nothing of ours. A weather is a function from the bytes of one send to what
arrives of them: pieces, each with its delay in seconds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, ItemsView, Iterable

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
            "doubled": [(0.0, data), (chance.uniform(0.0, 0.004), data)],
            "garbled": [(0.0, garbled(data))],
            "split": [(0.0, data[:cut]), (chance.uniform(0.0, 0.02), data[cut:])],
        }[kind]

    return weather


def together(pieces: Iterable[tuple[float, bytes]]) -> ItemsView[float, list[bytes]]:
    """Pieces by their delay: what arrives at one moment arrives in order, which timers of one moment do not promise."""
    moments: dict[float, list[bytes]] = {}
    for delay, piece in pieces:
        moments.setdefault(delay, []).append(piece)
    return moments.items()


class HostEnd:
    """The host's end of one connection: a `drivers.transports.Transport`."""

    def __init__(self, far: FarEnd) -> None:
        self._far = far
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self.ended = False

    def feed(self, data: bytes) -> None:
        """Bytes arrive at the host."""
        if data and not self.ended:
            self._arrived.put_nowait(data)

    async def read(self) -> bytes:
        """The next bytes, or b"" after the end."""
        return b"" if self.ended and self._arrived.empty() else await self._arrived.get()

    def arrived(self) -> bool:
        """Whether there is something to read."""
        return not self._arrived.empty()

    def write(self, data: bytes) -> None:
        """The host sends."""
        if self.ended:
            raise ConnectionResetError("the cable is out")
        self._far.heard(self, data)

    def close(self) -> None:
        """Ends this connection."""
        if not self.ended:
            self.ended = True
            self._arrived.put_nowait(b"")


class FarEnd:
    """A scripted device: `answers` maps the bytes of one send to the bytes of its reply (`b""` is silence).

    `written` holds every send with its loop time, as it left the host. `thinks` is how long a reply takes; `echoes` gives
    the host its own bytes back, as RS-485 does with the receiver left on.
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
        self.dialled: list[float] = []
        self.ends: list[HostEnd] = []

    async def dial(self) -> HostEnd:
        """Connects. Raises OSError while the cable is out."""
        self.dialled.append(asyncio.get_running_loop().time())
        if not self.plugged:
            raise ConnectionRefusedError("the cable is out")
        self.ends.append(HostEnd(self))
        return self.ends[-1]

    def heard(self, end: HostEnd, data: bytes) -> None:
        """The host has sent this."""
        loop = asyncio.get_running_loop()
        self.written.append((loop.time(), data))
        if self.echoes:
            end.feed(data)
        for delay, pieces in together(self.outward(data)):
            loop.call_later(delay, lambda pieces=pieces: [self._answer(end, piece) for piece in pieces])

    def say(self, data: bytes) -> None:
        """Sends unasked, to the connection of now, through no weather."""
        self.ends[-1].feed(data)

    def unplug(self) -> None:
        """The cable is out: every connection ends and no other can be made."""
        self.plugged = False
        for end in self.ends:
            end.close()

    def plug_in(self) -> None:
        """The cable is back."""
        self.plugged = True

    def sent(self, data: bytes) -> list[float]:
        """When the host sent exactly this."""
        return [at for at, one in self.written if one == data]

    def _answer(self, end: HostEnd, data: bytes) -> None:
        reply = self.answers(data) if self.plugged else b""
        if reply:
            for delay, pieces in together(self.inward(reply)):
                asyncio.get_running_loop().call_later(
                    self.thinks + delay, lambda pieces=pieces: [end.feed(piece) for piece in pieces]
                )
