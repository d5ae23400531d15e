"""The last frames of every link, always kept, in a bounded ring: they travel with each fault."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

KEPT = 200


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes that went out, came in, or came in and were nobody's; `at` is loop time, `means` the decoded text."""

    epoch: int
    at: float
    direction: Literal["out", "in", "noise"]
    data: bytes
    means: str


class WireLog:
    """One ring for each link."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._rings: dict[str, deque[Frame]] = {}

    def record(self, link: str, frame: Frame) -> None:
        """Keeps one frame, and forgets the oldest one beyond the ring."""
        self._rings.setdefault(link, deque(maxlen=self._kept)).append(frame)

    def frames(self, link: str) -> list[Frame]:
        """What is kept of one link, oldest first."""
        return list(self._rings.get(link, ()))
