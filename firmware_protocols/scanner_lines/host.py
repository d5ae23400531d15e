"""The host's half: bytes to scans. A frame is one code with all that the scanner put around it."""

from __future__ import annotations

import re

from firmware_protocols.errors import FrameError
from firmware_protocols.framing import LineFramer
from firmware_protocols.scanner_lines.messages import GROUP_SEPARATOR, LONGEST, Form, Scan

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")

# Of the control characters only GS belongs to data, and the RS and EOT of ISO/IEC 15434.
_STRAY = re.compile(r"[^\x1d\x1e\x04\x20-\x7e\u00a0-\U0010ffff]")


def decode(frame: bytes, form: Form) -> Scan:
    """The code in this frame. Raises FrameError on a frame that is cut short, not in this form, or not text."""
    if not (frame.startswith(form.prefix) and frame.endswith(form.suffix)):
        raise FrameError(f"not a whole code as this scanner is set to send it: {frame[:40]!r}")
    if not len(form.prefix) + len(form.suffix) < len(frame) <= LONGEST:
        raise FrameError(f"a code has 1 to {LONGEST} bytes, not {len(frame)} with its prefix and suffix")
    try:
        text = frame[len(form.prefix) : len(frame) - len(form.suffix)].decode()
    except UnicodeDecodeError as wrong:
        raise FrameError(f"not text: {frame[:40]!r}") from wrong
    text = text.replace(form.group_separator, GROUP_SEPARATOR)
    aim = _AIM.match(text)
    data = (text[3:] if aim else text).removeprefix(GROUP_SEPARATOR)
    if not data or _STRAY.search(data):
        raise FrameError(f"no code: {frame[:40]!r}")
    return Scan(aim[0] if aim else None, data)


class ScanFramer:
    """Codes out of whatever arrives, each with its prefix and suffix. A code over 4 kB is noise."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._lines = LineFramer(form.suffix, LONGEST)

    @property
    def noise(self) -> int:
        """Bytes dropped so far."""
        return self._lines.noise

    def feed(self, data: bytes) -> list[bytes]:
        """Codes that are now whole, in order. A scanner without a suffix ends its codes by silence only."""
        return self._lines.feed(data)

    def idle(self) -> list[bytes]:
        """The line has been silent for 100 ms: what is there is all that comes. `decode` refuses it if a suffix is missing."""
        rest = self._lines.rest()
        return [rest] if rest else []

    def reset(self) -> None:
        """Drops a code that has begun."""
        self._lines.reset()
