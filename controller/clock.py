"""The only source of wall time, ids and chance. Durations come from the running loop's own time, never from here."""

from __future__ import annotations

import datetime
import random
import secrets


class Clock:
    """Wall time, as an attribute of what happened and never as its order."""

    trust = "system"

    def now(self) -> datetime.datetime:
        """The wall time in UTC."""
        return datetime.datetime.now(datetime.UTC)

    def stamp(self) -> str:
        """The wall time as the ledger and the API write it: RFC 3339, UTC, microseconds, `Z`."""
        return self.now().isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


class Ids:
    """New identifiers: 128 bits of hexadecimal from the operating system."""

    def new(self) -> str:
        """One identifier that was never used before."""
        return secrets.token_hex(16)


class Chance:
    """Chance for jitter and back-off; a seed makes a run repeatable."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - jitter is no secret

    def between(self, low: float, high: float) -> float:
        """A number between the two, evenly spread."""
        return self._random.uniform(low, high)
