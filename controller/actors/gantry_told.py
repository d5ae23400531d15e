"""What a gantry's actor can be told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.ledger.port import Entry, Posting
from controller.machines.gantry import Event


@dataclass(slots=True)
class Told:
    """One message in a gantry's inbox."""

    event: Event
    by: str = "station"
    more: Mapping[str, Any] | None = None
    """Further members of the ledger entry: `reason`, `halt`."""
    first: tuple[Entry, ...] = ()
    """Entries that belong in the same commit, before it."""
    answer: asyncio.Future[Posting] | None = None
