"""The last frames of every link, always kept, in a bounded ring: they travel with each fault. Decoded when somebody looks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

KEPT = 200

Direction = Literal["out", "in", "noise"]
ARROWS: dict[Direction, str] = {"out": ">", "in": "<", "noise": "?"}


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes that went out, came in, or came in and were nobody's; `at` is loop time, `means` the decoded text."""

    epoch: int
    at: float
    direction: Direction
    data: bytes
    means: str

    def line(self) -> str:
        """The frame as one line for a person."""
        return f"{self.at:.3f} #{self.epoch} {ARROWS[self.direction]} {self.data.hex(' ')}  {self.means}".rstrip()


class WireLog:
    """One ring for each link."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._rings: dict[str, deque[tuple[int, float, Direction, bytes, str]]] = {}
        self._meanings: dict[str, Callable[[bytes], str]] = {}
        self._hidden: set[str] = set()

    def understand(self, link: str, means: Callable[[bytes], str]) -> None:
        """What comes in on this link is put into words by `means`, which never raises."""
        self._meanings[link] = means

    def hide(self, link: str) -> None:
        """Of this link only that something came is kept, and how many bytes: badges are read on it."""
        self._hidden.add(link)
        self._meanings[link] = _hidden

    def record(self, link: str, epoch: int, at: float, direction: Direction, data: bytes, said: str = "") -> None:
        """Keeps one frame, and forgets the oldest one beyond the ring. `said` is the text of what went out."""
        ring = self._rings.get(link)
        if ring is None:
            ring = self._rings[link] = deque(maxlen=self._kept)
        if self._hidden and link in self._hidden:
            data = bytes(len(data))
        ring.append((epoch, at, direction, data, said))

    def frames(self, link: str) -> list[Frame]:
        """What is kept of one link, oldest first."""
        means = self._meanings.get(link, bytes.hex)
        return [
            Frame(epoch, at, direction, data, means(data) if direction == "in" else said)
            for epoch, at, direction, data, said in self._rings.get(link, ())
        ]

    def lines(self, link: str, last: int = 20) -> list[str]:
        """The last frames of one link as text, oldest first."""
        return [frame.line() for frame in self.frames(link)[-last:]]


def _hidden(data: bytes) -> str:
    return f"{len(data)} bytes, not kept"
