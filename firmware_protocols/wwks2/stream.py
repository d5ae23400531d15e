"""Finds the messages in a stream of WWKS 2, whatever way it is split: from `<WWKS` to the `</WWKS>` that stands in plain text.

Source: device notes 1.3. The end of a message is no end inside CDATA, a comment or a processing instruction. Between messages
there may be white space, a byte order mark, comments and processing instructions (a prolog is one); anything else, a DTD among
it, means that the framing is lost. So does a message over the bound. Whether a message is well-formed is for a codec to say.

Each byte is looked at a fixed number of times, however many reads it comes in.
"""

import re
from enum import Enum, auto

from firmware_protocols.errors import FrameError

MOST_BYTES = 32 << 20
"""Ours: the most bytes of one message. A vendor's own library allows 100,000,000."""
MOST_MARKS = 2_000_000
"""Ours: the most tags and attributes of a message, so that what is built of it stays in proportion; 60,000 packs have half."""


def overladen(frame: bytes) -> bool:
    """Whether a message has more tags and attributes than any."""
    return frame.count(b"<") + frame.count(b"=") > MOST_MARKS


class _State(Enum):
    OUTSIDE = auto()
    OPENING = auto()
    INSIDE = auto()
    CLOSING = auto()
    CDATA = auto()
    COMMENT = auto()
    INSTRUCTION = auto()


_NOT_BETWEEN = re.compile(rb"[^ \t\r\n\xef\xbb\xbf]")
"""The last three are those of a byte order mark."""
_STARTS = {b"<WWKS": _State.OPENING, b"<!--": _State.COMMENT, b"<?": _State.INSTRUCTION}
_START = re.compile(rb"<WWKS(?=[ \t\r\n/>])|<!--|<\?")
_BEGUN = frozenset(whole[: len(whole) - n] for whole in _STARTS for n in range(len(whole)))
"""What may yet become a start, the whole `<WWKS` among it: the byte behind it decides."""

# A value holds no `<`, so that a quote that was forgotten swallows no more than its own message.
_IN_OPENING = {b"": re.compile(rb"""["'<>]"""), b'"': re.compile(rb'["<]'), b"'": re.compile(rb"['<]")}

_MARKERS = {b"</WWKS": _State.CLOSING, b"<![CDATA[": _State.CDATA, b"<!--": _State.COMMENT, b"<?": _State.INSTRUCTION}
_MARKER = re.compile(b"|".join(re.escape(marker) for marker in _MARKERS))
_OVERLAP = max(map(len, _MARKERS)) - 1
"""What may be the begin of a marker at the end of what is there."""
_ENDS = {_State.CDATA: b"]]>", _State.COMMENT: b"-->", _State.INSTRUCTION: b"?>"}
_NOT_WHITE = re.compile(rb"[^ \t\r\n]")


class MessageStream:
    """One connection's incoming bytes. Keeps at most one message of at most `most_bytes` and never raises.

    When the framing is lost, `lost` says why, and all that comes after is noise until `reset`: the connection is to be ended.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.noise = 0
        """Bytes dropped so far because they belonged to no message. Only grows."""
        self.lost: FrameError | None = None
        self._most_bytes = most_bytes
        self._clear()

    def feed(self, data: bytes) -> list[bytes]:
        """Takes what arrived and gives the messages that are now whole, in order."""
        if self.lost is not None:
            self.noise += len(data)
            return []
        self._kept += data
        messages: list[bytes] = []
        try:
            while self._step(messages):
                self._bound(self._at)
            self._bound(len(self._kept))
        except FrameError as lost:
            self.lost = lost
            self.noise += len(self._kept) - self._begin
            self._clear()
        del self._kept[: self._begin]
        self._at -= self._begin
        self._begin -= self._begin
        return messages

    def reset(self) -> None:
        """Forgets what has begun, and that the framing was lost."""
        self.noise += len(self._kept)
        self.lost = None
        self._clear()

    def _clear(self) -> None:
        self._kept = bytearray()
        # Where the message (or what stands between two) begins, and up to where everything has been looked at.
        self._begin = self._at = len(self._kept)
        self._quote, self._in_message, self._state = b"", False, _State.OUTSIDE

    def _bound(self, end: int) -> None:
        if end - self._begin > self._most_bytes:
            raise FrameError(f"more than {self._most_bytes} bytes without an end")

    def _step(self, messages: list[bytes]) -> bool:
        """Goes on to the next marker; False if what is there holds none."""
        match self._state:
            case _State.OUTSIDE:
                return self._outside()
            case _State.OPENING:
                return self._opening(messages)
            case _State.INSIDE:
                return self._inside()
            case _State.CLOSING:
                return self._closing(messages)
            case _:
                return self._passage(_ENDS[self._state])

    def _outside(self) -> bool:
        found = _NOT_BETWEEN.search(self._kept, self._at)
        self._begin = self._at = len(self._kept) if found is None else found.start()
        if found is None:
            return False
        start = _START.match(self._kept, self._at)
        if start is not None:
            self._state = _STARTS[start[0]]
            self._in_message = self._state is _State.OPENING
            self._at = start.end()
            return True
        if bytes(self._kept[self._at :]) not in _BEGUN:
            raise FrameError(f"no message begins with {bytes(self._kept[self._at : self._at + 20])!r}")
        return False

    def _opening(self, messages: list[bytes]) -> bool:
        found = _IN_OPENING[self._quote].search(self._kept, self._at)
        if found is None:
            self._at = len(self._kept)
            return False
        self._at = found.end()
        sign = found[0]
        if sign == b"<":
            self._at = found.start()
        if sign in _IN_OPENING:
            self._quote = b"" if self._quote else sign
        elif sign == b">" and self._kept[found.start() - 1 : found.start()] == b"/":
            self._whole(messages)
        else:
            self._quote, self._state = b"", _State.INSIDE
        return True

    def _inside(self) -> bool:
        found = _MARKER.search(self._kept, self._at)
        if found is None:
            self._at = max(self._at, len(self._kept) - _OVERLAP)
            return False
        self._state, self._at = _MARKERS[found[0]], found.end()
        return True

    def _closing(self, messages: list[bytes]) -> bool:
        found = _NOT_WHITE.search(self._kept, self._at)
        if found is None:
            self._at = len(self._kept)
            return False
        if found[0] == b">":
            self._at = found.end()
            self._whole(messages)
        else:
            self._at, self._state = found.start(), _State.INSIDE
        return True

    def _passage(self, end: bytes) -> bool:
        """CDATA, a comment or a processing instruction."""
        at = self._kept.find(end, self._at)
        if at == -1:
            self._at = max(self._at, len(self._kept) - len(end) + 1)
            return False
        self._at = at + len(end)
        self._state = _State.INSIDE if self._in_message else _State.OUTSIDE
        return True

    def _whole(self, messages: list[bytes]) -> None:
        self._bound(self._at)
        messages.append(bytes(self._kept[self._begin : self._at]))
        self._begin, self._state = self._at, _State.OUTSIDE
