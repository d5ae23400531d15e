"""What is read beside a screen, codes and badges, acts on the page in front there and on no other terminal's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from controller.station import Station
from controller.terminals import AtTerminal, Badge

HELD_S = 60.0
"""A badge that nobody types a PIN for is forgotten after this."""


@dataclass(slots=True)
class _Front:
    """The page in front at one terminal, and the badge that was held there last."""

    tell: Callable[[AtTerminal], None] | None = None
    badge: str = field(default="", repr=False)
    until: float = 0.0


class Readers:
    """The readers and scanners of a station's terminals, as its pages hear them: one per station."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self._fronts: dict[str, _Front] = {part.id: _Front() for part in station.site.terminals}
        for part in station.site.terminals:
            station.terminals.watch(part.id, self._read)

    def in_front(self, terminal: str, tell: Callable[[AtTerminal], None]) -> Callable[[], None]:
        """What is read at this terminal is told to this page from now on. Returns what ends it."""
        front = self._fronts[terminal]
        front.tell = tell

        def end() -> None:
            if front.tell is tell:
                front.tell = None

        return end

    def badge(self, terminal: str | None) -> str:
        """The badge that is held there now; empty where none is."""
        front = self._fronts.get(terminal or "")
        return front.badge if front is not None and asyncio.get_running_loop().time() < front.until else ""

    def forget(self, terminal: str) -> None:
        """Its person has logged in, or is not the one."""
        self._fronts[terminal].badge = ""

    def _read(self, read: AtTerminal) -> None:
        front = self._fronts[read.terminal]
        if isinstance(read, Badge):
            front.badge, front.until = read.data, asyncio.get_running_loop().time() + HELD_S
        if front.tell is not None:
            front.tell(read)
