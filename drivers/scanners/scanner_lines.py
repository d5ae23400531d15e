"""Barcode scanners that send lines by themselves: each code goes to whoever watches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.link import Link, LinkChange
from firmware_protocols.errors import FrameError
from firmware_protocols.scanner_lines import host
from firmware_protocols.scanner_lines.messages import Form, Scan
from sites.models import Scanner

verified_on: tuple[str, ...] = ()
"""Devices this driver has met: device, firmware, date. Empty: it has never met its device."""

SILENCE_S = 0.1
"""After so long without a byte, what is there is all that comes."""
SUFFIXES = {"cr": b"\r", "crlf": b"\r\n", "lf": b"\n", "tab": b"\t", "etx": b"\x03"}


class Chunks:
    """A framer that keeps bytes as they come: a code may end by silence, which only the driver can hear."""

    noise = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The bytes themselves."""
        return [data]

    def reset(self) -> None:
        """Nothing is kept."""


def means(data: bytes) -> str:
    """What came in, for the wire log."""
    return data.decode("ascii", "backslashreplace")


class LineScanner:
    """One scanner on a link of its own. `unreadable` counts frames that were no code."""

    def __init__(self, link: Link, part: Scanner) -> None:
        self.id = part.id
        self.unreadable = 0
        self._link = link
        self._form = Form(part.prefix.encode(), SUFFIXES[part.suffix], part.group_separator)
        self._framer = host.ScanFramer(self._form)
        self._silence: asyncio.TimerHandle | None = None
        self._watchers: list[Callable[[Scan], None]] = []
        link.unasked = self._arrived
        link.watch(self._link_changed)

    @property
    def link_id(self) -> str:
        """The link this scanner hangs on."""
        return self._link.id

    def watch(self, watcher: Callable[[Scan], None]) -> None:
        """Calls `watcher` with every code, as soon as its last byte is there. It must not raise."""
        self._watchers.append(watcher)

    def _arrived(self, data: bytes) -> None:
        self._tell(self._framer.feed(data))
        self._hush()
        self._silence = asyncio.get_running_loop().call_later(SILENCE_S, self._fell_silent)

    def _fell_silent(self) -> None:
        self._silence = None
        self._tell(self._framer.idle())

    def _tell(self, frames: list[bytes]) -> None:
        for frame in frames:
            try:
                scan = host.decode(frame, self._form)
            except FrameError:
                self.unreadable += 1
                continue
            for watcher in self._watchers:
                watcher(scan)

    def _hush(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _link_changed(self, _change: LinkChange) -> None:
        """Half a code of an earlier connection is none."""
        self._hush()
        self._framer.reset()
