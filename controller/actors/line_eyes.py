"""What looks at belt modules and codes that were read say of a line: the facts tracking is told (devices.md 7.1, lines.md B.2).

Eyes count and never name. A reader says nothing of what it could not read: that something passed it is known by the eye of its
zone. What was counted while nobody was connected is lost, and then the order on that belt is not believed any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from controller.lines import Layout
from controller.tracking.facts import Arrived, Departed, Fact, Seen, Started, Stopped
from controller.tracking.line import SECOND
from drivers.capabilities import ConveyorLook
from sites.models import Site

ROUND = 1 << 16
SAME_US = SECOND // 4
"""The same code again within this is the same tote: the next one, touching it, is half a second behind."""
ANEW = ROUND // 2
"""A step that no counter makes: tracking takes it for one that has begun anew, and doubts the belt."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something has left a zone in which totes are held. `then` is what follows if it was let go."""

    zone: str
    then: tuple[Fact, ...]


class Eyes:
    """All eyes and readers of a line."""

    def __init__(self, site: Site, layout: Layout) -> None:
        self._zones = {part.id: tuple(zone.id for zone in part.zones) for part in site.conveyors}
        self._held = {place.zone for place in layout.places.values() if place.entry is not None}
        self._layout = layout
        self._in = {zone: segment for segment, zone in layout.arrivals.items()}
        self._out = {zone: segment for segment, zone in layout.departures.items()}
        self._heard: dict[str, tuple[str, int]] = {}
        """The last code of each reader, and when."""
        self._read: Counter[str] = Counter()
        """Codes read since the last of what passed each reader was counted."""
        self._told: Counter[tuple[str, str]] = Counter()
        self._last: dict[str, ConveyorLook] = {}
        self._standing: set[str] = set()
        """Modules that stand."""
        self._stopped: set[str] = set()
        """Segments of which a part stands."""

    def scanned(self, reader: str, label: str, at: int) -> Seen | None:
        """A code was read; None for one that a reader says twice of the same tote."""
        code, before = self._heard.get(reader, ("", 0))
        self._heard[reader] = label, at
        if code == label and at - before < SAME_US:
            return None
        self._read[reader] += 1
        return Seen(reader, (label,), at)

    def looked(self, module: str, look: ConveyorLook, at: int) -> Iterator[Fact | Left]:
        """One look at a module, the zones in the order in which totes pass them."""
        last, self._last[module] = self._last.get(module), look
        yield from self._moves(module, bool(look.stopped), at)
        for zone in self._zones[module]:
            if last is None or last.counting != look.counting:
                yield from self._anew(zone, at, first=last is None)
                continue
            came = look.zones[zone].arrivals - last.zones[zone].arrivals
            went = look.zones[zone].departures - last.zones[zone].departures
            yield from self._unread(zone, came, went, at)
            if came and zone in self._in:
                yield self._arrived(zone, came, at)
            if went:
                yield from self._gone(zone, went, at)

    def _moves(self, module: str, stands: bool, at: int) -> Iterator[Fact]:
        """A segment moves when all its zones do."""
        (self._standing.add if stands else self._standing.discard)(module)
        dead = {zone for one in self._standing for zone in self._zones[one]}
        for segment, zones in self._layout.zones.items():
            stopped = not dead.isdisjoint(zones)
            if stopped is not (segment in self._stopped):
                (self._stopped.add if stopped else self._stopped.discard)(segment)
                yield Stopped(segment, at) if stopped else Started(segment, at)

    def _anew(self, zone: str, at: int, *, first: bool) -> Iterator[Fact]:
        """Counting begins, at the daemon's start; or begins anew, and what passed meanwhile nobody knows."""
        for reader, (where, _) in self._layout.eyes.items():
            if where == zone:
                self._read[reader] = 0
        step = 0 if first else ANEW
        if zone in self._in:
            yield self._arrived(zone, step, at)
        if zone in self._out:
            yield self._departed(zone, step, at)

    def _unread(self, zone: str, came: int, went: int, at: int) -> Iterator[Fact]:
        """What has passed a reader without a code."""
        for reader, (where, by) in self._layout.eyes.items():
            passed = came if by == "arrivals" else went
            if where != zone or not passed:
                continue
            for _ in range(passed - self._read[reader]):
                yield Seen(reader, (), at)
            self._read[reader] = 0

    def _gone(self, zone: str, went: int, at: int) -> Iterator[Fact | Left]:
        then = (self._departed(zone, went, at),) if zone in self._out else ()
        if zone in self._held:
            yield Left(zone, then)
        else:
            yield from then

    def _arrived(self, zone: str, more: int, at: int) -> Arrived:
        return Arrived(self._in[zone], self._count("in", zone, more), at)

    def _departed(self, zone: str, more: int, at: int) -> Departed:
        return Departed(self._out[zone], self._count("out", zone, more), at)

    def _count(self, which: str, zone: str, more: int) -> int:
        self._told[which, zone] = (self._told[which, zone] + more) % ROUND
        return self._told[which, zone]
