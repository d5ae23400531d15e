"""What is read at a terminal: codes and badges, told to whoever shows that terminal's page and to nobody else.

Nothing happens in the station by it. A code is also a touch of whoever has work at that terminal; a badge is nobody's touch,
because another person's may be held there. Where a sensor tells of presence, that is a touch of whoever is logged in there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from drivers.faults import Refused
from firmware_protocols.scanner_lines.messages import Scan

if TYPE_CHECKING:
    from controller.station import Station


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code was read by the terminal's scanner: its AIM identifier, if the scanner sends one, and its data, as workflows
    take it (`scans.read`)."""

    terminal: str
    data: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge was held to one of the terminal's readers; `data` is what `People.log_in` takes as `who`. Never in a log."""

    terminal: str
    data: str = field(repr=False)


AtTerminal = Scanned | Badge
Watcher = Callable[[AtTerminal], None]


class Terminals:
    """The terminals of the site file, whether enrolled or not, with what reads beside them."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._watchers: dict[str, list[Watcher]] = {part.id: [] for part in station.site.terminals}
        for part in station.site.terminals:
            if part.scanner is not None:
                station.devices.scanners[part.scanner].watch(partial(self._scanned, part.id))
            for reader in part.readers:
                station.devices.scanners[reader].watch(partial(self._badge, part.id))
            if part.presence is not None:
                seen = partial(self._present, part.id, part.presence.says)
                station.devices.scanners[part.presence.sensor].watch(seen)

    def watch(self, terminal: str, watcher: Watcher) -> Callable[[], None]:
        """Calls `watcher` with every code and badge that is read there from now on. Returns what ends it; again is no harm.

        Raises Refused("terminal-unknown"). What the watcher raises is recorded as a defect, and the others are told.
        """
        if terminal not in self._watchers:
            raise Refused("terminal-unknown", terminal=terminal)
        here = self._watchers[terminal]
        here.append(watcher)

        def end() -> None:
            if watcher in here:
                here.remove(watcher)

        return end

    def _scanned(self, terminal: str, scan: Scan) -> None:
        for work in self._station.books.work.live():
            if work["terminal"] == terminal:
                self._station.people.touch(work["session"])
        self._tell(Scanned(terminal, f"{scan.aim or ''}{scan.data}"))

    def _present(self, terminal: str, says: str, heard: Scan) -> None:
        people = self._station.people
        for session in people.here(terminal) if says in {"", heard.data} else ():
            people.touch(session.id)

    def _badge(self, terminal: str, scan: Scan) -> None:
        self._tell(Badge(terminal, scan.data))

    def _tell(self, read: AtTerminal) -> None:
        for watcher in tuple(self._watchers[read.terminal]):
            try:
                watcher(read)
            except Exception as why:  # noqa: BLE001 - of whatever kind: it is told, and the wire goes on
                self._station.defect(f"what was read at {read.terminal}", why)
