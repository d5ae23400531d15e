"""Framing: from bytes as they happen to arrive to whole frames.

Every framer is bounded: it never keeps more than one frame's worth of bytes, whatever is fed. Bytes that belong to no
frame are dropped and counted, so that a driver can refuse to send on a line on which there is noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Framer(Protocol):
    """What a link asks of any protocol's framer. Works the same for any splitting of the bytes."""

    @property
    def noise(self) -> int:
        """Bytes dropped so far because they belonged to no frame. Only grows."""

    def feed(self, data: bytes) -> list[bytes]:
        """Takes what arrived and gives the frames that are now whole, in order. Never raises."""

    def reset(self) -> None:
        """Forgets what has begun (a new turn, a new connection); those bytes count as noise."""


class FixedFramer:
    """Frames of one length that `whole` accepts. Resynchronises by one byte after a refused candidate."""

    def __init__(self, length: int, start: bytes, whole: Callable[[bytes], bool]) -> None:
        self.noise = 0
        self._length = length
        self._start = start
        self._whole = whole
        self._kept = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Frames that are now whole; at most `length - 1` bytes are kept."""
        frames = []
        kept = self._kept + data
        at = 0
        while (begin := kept.find(self._start, at)) >= 0:
            self.noise += begin - at
            at = begin
            frame = kept[at : at + self._length]
            if len(frame) < self._length:
                break
            if self._whole(frame):
                frames.append(frame)
                at += self._length
            else:
                self.noise += 1
                at += 1
        else:
            self.noise += len(kept) - at
            at = len(kept)
        self._kept = kept[at:]
        return frames

    def reset(self) -> None:
        """Drops a frame that has begun."""
        self.noise += len(self._kept)
        self._kept = b""


class LineFramer:
    """Lines ended by `end`, which each frame still carries. A line longer than `limit` is dropped whole, as noise.

    With an empty `end` no line ever ends by itself: `rest` takes what is there, when silence says so.
    """

    def __init__(self, end: bytes, limit: int) -> None:
        self.noise = 0
        self._end = end
        self._limit = limit
        self._kept = b""
        self._overlong = False

    def feed(self, data: bytes) -> list[bytes]:
        """Lines that are now whole; at most `limit` bytes are kept."""
        whole = self._kept + data
        *lines, rest = whole.split(self._end) if self._end else [whole]
        frames = []
        for line in lines:
            frame = line + self._end
            if self._overlong or len(frame) > self._limit:
                self.noise += len(frame)
                self._overlong = False
            else:
                frames.append(frame)
        if self._overlong or len(rest) > self._limit:
            # The end may be split: its first bytes stay, everything before them is known to be noise.
            tail = self._begun_end(rest)
            self.noise += len(rest) - len(tail)
            self._overlong = True
            rest = tail
        self._kept = rest
        return frames

    def reset(self) -> None:
        """Drops a line that has begun."""
        self.noise += len(self._kept)
        self._kept = b""
        self._overlong = False

    def rest(self) -> bytes:
        """Takes out what has begun and not ended; nothing if it is the tail of a line that was too long."""
        if self._overlong:
            self.reset()
        taken, self._kept = self._kept, b""
        return taken

    def _begun_end(self, data: bytes) -> bytes:
        longest = min(len(self._end) - 1, len(data))
        return next((self._end[:n] for n in range(longest, 0, -1) if data.endswith(self._end[:n])), b"")
