"""Readers over belts: what passes is read by the site's own scanners, mostly. Seeded: one seed, one row of no-reads."""

from __future__ import annotations

from functools import partial
from random import Random

from simulators.boards.scanner import Gun
from simulators.plant.belt import Body, ReadingPoint
from simulators.plant.belts import Belts
from sites.models import Site


class Reader:
    """One reading point and the scanner that looks there. A no-read says nothing: only the eyes know that something passed."""

    def __init__(self, gun: Gun, belts: Belts, seed: str) -> None:
        self.no_read = 0.0
        """How often a code is not read, from 0 to 1."""
        self._gun, self._belts, self._chance = gun, belts, Random(seed)

    def try_code(self, code: str) -> None:
        """Raises MessageError for a code that this reader's scanner could not send."""
        self._gun.try_code(code)

    def see(self, point: ReadingPoint, body: Body) -> None:
        """A container's middle passes."""
        unread = self._chance.random() < self.no_read
        self._belts.log.record("unread" if unread else "read", point.id, body.id)
        if not unread:
            self._gun.scan(body.code)


def readers(site: Site, belts: Belts, guns: dict[str, Gun], seed: int) -> dict[str, Reader]:
    """The readers of a site by their id, looking at its belts."""
    found = {}
    for part in site.readers:
        found[part.id] = reader = Reader(guns[part.scanner], belts, f"{seed} {part.id}")
        point = next(one for one in belts.belts[part.zone].readers if one.id == part.id)
        point.seen = partial(reader.see, point)
    return found
