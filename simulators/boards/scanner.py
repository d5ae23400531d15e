"""A barcode scanner on a line: it says what somebody holds in front of it, and hears nothing."""

from __future__ import annotations

from collections.abc import Callable

from firmware_protocols.scanner_lines import device
from firmware_protocols.scanner_lines.messages import Form, Scan
from simulators.boards.board import Board
from sites.models import Scanner

SUFFIXES = {"cr": b"\r", "crlf": b"\r\n", "lf": b"\n", "tab": b"\t", "etx": b"\x03"}


class Gun(Board):
    """One scanner, set as its site file says."""

    def __init__(self, part: Scanner, say: Callable[[bytes], None]) -> None:
        super().__init__(part.id)
        self._form = Form(part.prefix.encode(), SUFFIXES[part.suffix], part.group_separator)
        self._say = say

    def scan(self, data: str, aim: str | None = None) -> None:
        """Reads one symbol. Raises MessageError for one that this scanner's settings cannot send."""
        line = device.encode(Scan(aim, data), self._form)
        if self.speaks:
            self._say(line)

    def try_code(self, data: str) -> None:
        """Raises MessageError for a symbol that this scanner's settings cannot send."""
        device.encode(Scan(None, data), self._form)

    def hear(self, data: bytes) -> None:
        """Triggering by the host is not modelled."""
