"""The keys a webhook signs with: made on the first run in the state folder, changed with an overlap in which both sign."""

from __future__ import annotations

import datetime
from pathlib import Path

from api.kept import keep, kept
from api.signatures import new_key, public_of, scheme_of
from controller.clock import Clock
from drivers.faults import SiteFault

FOREVER = "-"
OVERLAP = datetime.timedelta(hours=48)
"""How long an old key signs beside the new one."""


class Keys:
    """One webhook's: a file of lines `<secret key> <until>`, the present ones with `-`, older ones with their end in UTC."""

    def __init__(self, path: Path, schemes: tuple[str, ...], clock: Clock) -> None:
        self._path, self._schemes, self._clock = path, schemes, clock

    def signing(self) -> list[str]:
        """Every key that signs now, the present ones first in the order of the site file; those that are missing are made.

        Raises SiteFault("secret-unsafe") for a file that is not its owner's alone or holds no keys; OSError.
        """
        lines = self._lines()
        now = self._clock.now()
        known = {scheme_of(key) for key, until in lines if until is None}
        if missing := [scheme for scheme in self._schemes if scheme not in known]:
            lines += [(new_key(scheme), None) for scheme in missing]
            self._write(lines)
        wanted = [line for line in lines if scheme_of(line[0]) in self._schemes and (line[1] is None or line[1] > now)]
        return [key for key, _ in sorted(wanted, key=lambda line: (line[1] is not None, self._schemes.index(scheme_of(line[0]))))]

    def public(self) -> list[str]:
        """The public halves of what signs now."""
        return [public for key in self.signing() if (public := public_of(key)) is not None]

    def change(self, scheme: str) -> str:
        """A new key for this scheme; the old one signs on beside it for two days. Raises as `signing`."""
        now = self._clock.now()
        key = new_key(scheme)
        self.signing()
        lines = [(one, now + OVERLAP if until is None and scheme_of(one) == scheme else until) for one, until in self._lines()]
        self._write([(key, None), *((one, until) for one, until in lines if until is None or until > now)])
        return key

    def _lines(self) -> list[tuple[str, datetime.datetime | None]]:
        if not self._path.exists():
            return []
        try:
            parted = [line.split() for line in kept(self._path).splitlines()]
            lines = [(key, None if until == FOREVER else datetime.datetime.fromisoformat(until)) for key, until in parted]
            for key, _ in lines:
                public_of(key)
        except (ValueError, TypeError) as wrong:
            raise SiteFault("secret-unsafe", path=str(self._path), why="its lines are no keys") from wrong
        return lines

    def _write(self, lines: list[tuple[str, datetime.datetime | None]]) -> None:
        keep(self._path, "".join(f"{key} {FOREVER if until is None else until.isoformat()}\n" for key, until in lines))
