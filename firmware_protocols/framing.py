"""Finding frames in a stream of bytes: bounded, safe byte by byte, and honest about what it threw away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Framer(Protocol):
    """Cuts what arrives into frames. `noise` counts the bytes that belonged to none."""

    noise: int

    def feed(self, data: bytes) -> list[bytes]:
        """Takes bytes in and returns the frames that they complete, in order."""

    def reset(self) -> None:
        """Forgets what is half arrived; those bytes count as noise."""


class FixedLengthFramer:
    """Frames of one length with a first byte and a check of the whole, resynchronising one byte at a time."""

    def __init__(self, first: int, length: int, valid: Callable[[bytes], bool]) -> None:
        self._first, self._length, self._valid = first, length, valid
        self._held = bytearray()
        self.noise = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Takes bytes in and returns the frames that they complete, in order."""
        self._held += data
        frames: list[bytes] = []
        at = 0
        while (start := self._held.find(self._first, at)) >= 0:
            self.noise += start - at
            at = start
            if len(self._held) - at < self._length:
                break
            frame = bytes(self._held[at : at + self._length])
            if self._valid(frame):
                frames.append(frame)
                at += self._length
            else:
                self.noise += 1
                at += 1
        else:
            self.noise += len(self._held) - at
            at = len(self._held)
        del self._held[:at]
        return frames

    def reset(self) -> None:
        """Forgets what is half arrived; those bytes count as noise."""
        self.noise += len(self._held)
        self._held.clear()
