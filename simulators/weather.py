"""Hostile wire, seeded: what may happen to bytes on their way. One seed, one storm."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal, NamedTuple

NOISE_BYTES = 24
"""The longest burst of noise."""


class Piece(NamedTuple):
    """Bytes that travel together, so long after the piece before them."""

    after_s: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Weather:
    """Of one direction. All chances are from 0 to 1, for each chunk (what one side wrote at once) unless said."""

    lose: float = 0.0
    corrupt: float = 0.0
    """For each byte: one or two of its bits flip."""
    cut: float = 0.0
    """The chunk's end is missing."""
    split: float = 0.0
    """It arrives byte by byte."""
    gap_s: float = 0.002
    """The longest gap between such bytes. Boards that end a frame at 4 ms of silence hear longer gaps as two frames."""
    delay: float = 0.0
    delay_s: float = 0.5
    """The longest delay. Nothing overtakes: what comes behind waits too, and then arrives merged with it."""
    duplicate: float = 0.0
    noise: float = 0.0
    """Random bytes in front of the chunk."""
    echo: float = 0.0
    """Towards the board only: the host hears its own bytes, as on RS-485 with its receiver left on."""


CALM = Weather()


@dataclass(frozen=True, slots=True)
class Storm:
    """Both directions of a wire, and a cable that falls out every `flap_every_s` (mean) for up to `flap_s`."""

    to_board: Weather = CALM
    to_host: Weather = CALM
    flap_every_s: float | None = None
    flap_s: float = 5.0


def _bad(gap_s: float) -> Weather:
    return Weather(lose=0.02, corrupt=0.001, cut=0.01, split=0.2, gap_s=gap_s, delay=0.02, delay_s=1.0, duplicate=0.01, noise=0.02)


STORMS: dict[str, Storm] = {
    "calm": Storm(),
    "splitting": Storm(Weather(split=1.0), Weather(split=1.0, gap_s=0.01)),
    "noisy": Storm(Weather(corrupt=0.01, noise=0.05), Weather(corrupt=0.01, noise=0.05)),
    "lossy": Storm(Weather(lose=0.05), Weather(lose=0.05, cut=0.02)),
    "slow": Storm(Weather(delay=0.1, delay_s=1.0), Weather(delay=0.1, delay_s=1.0)),
    "echoing": Storm(Weather(echo=1.0), CALM),
    "flapping": Storm(flap_every_s=120.0, flap_s=20.0),
    "hostile": Storm(replace(_bad(0.002), echo=0.01), _bad(0.02), flap_every_s=600.0, flap_s=20.0),
}
"""By name, for command lines, fault requests and campaigns."""


@dataclass(slots=True, eq=False)
class Mishap:
    """Something that happens on demand to the next `count` chunks of one direction."""

    kind: Literal["lose", "garble", "late", "duplicate"]
    count: int = 1
    seconds: float = 0.5
    """For `late`: how much later. Towards a board this is a frame parked in an adapter, still delivered to a dead host's board."""
    copies: int = 2
    """For `duplicate`: how often it arrives in all."""


@dataclass(slots=True)
class Sky:
    """What one direction of a wire goes through at the moment."""

    chance: Random
    weather: Weather = CALM
    mishaps: list[Mishap] = field(default_factory=list)
    baud: int | None = None
    """Bytes take ten bits' time at this speed; None: none at all."""

    def through(self, data: bytes) -> list[Piece]:
        """What becomes of one chunk. An empty list: nothing arrives."""
        pieces = blow(self.weather, data, self.chance) if self.weather is not CALM else [Piece(0.0, data)]
        for mishap in tuple(self.mishaps):
            if not pieces:
                break  # it is lost already: the rest befalls the next
            pieces = _befall(mishap, pieces, self.chance)
            mishap.count -= 1
            if mishap.count < 1:
                self.mishaps.remove(mishap)
        return pieces


def _befall(mishap: Mishap, pieces: list[Piece], chance: Random) -> list[Piece]:
    match mishap.kind:
        case "lose":
            return []
        case "garble":
            return [Piece(piece.after_s, flipped(piece.data, 1, chance)) for piece in pieces]
        case "late":
            return [Piece(piece.after_s + (0.0 if place else mishap.seconds), piece.data) for place, piece in enumerate(pieces)]
        case "duplicate":
            return pieces * mishap.copies


def blow(weather: Weather, data: bytes, chance: Random) -> list[Piece]:
    """What one chunk becomes in this weather."""
    if chance.random() < weather.lose:
        return []
    if weather.corrupt:
        data = bytes(_corrupted(byte, chance) if chance.random() < weather.corrupt else byte for byte in data)
    if chance.random() < weather.cut:
        data = data[: chance.randrange(len(data))]
    if chance.random() < weather.noise:
        data = chance.randbytes(chance.randint(1, NOISE_BYTES)) + data
    delay_s = chance.uniform(0, weather.delay_s) if chance.random() < weather.delay else 0.0
    if chance.random() < weather.split:
        pieces = [Piece(chance.uniform(0, weather.gap_s), data[place : place + 1]) for place in range(len(data))]
    else:
        pieces = [Piece(0.0, data)] if data else []
    if pieces:
        pieces[0] = Piece(pieces[0].after_s + delay_s, pieces[0].data)
    return pieces * 2 if chance.random() < weather.duplicate else pieces


def _corrupted(byte: int, chance: Random) -> int:
    return byte ^ 1 << chance.randrange(8) ^ chance.choice((0, 1 << chance.randrange(8)))


def flipped(data: bytes, bits: int, chance: Random) -> bytes:
    """The bytes with exactly so many of their bits flipped."""
    changed = bytearray(data)
    for place in chance.sample(range(8 * len(data)), bits):
        changed[place // 8] ^= 1 << place % 8
    return bytes(changed)
