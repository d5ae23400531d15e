"""Secrets that are told once: made by a post, shown by the page that it leads to, and then gone from here."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Literal

LONGEST_S = 60.0
"""What nobody came to read is forgotten."""

Kind = Literal["terminal", "service", "key"]


@dataclass(frozen=True, slots=True)
class Secret:
    """One of them: of what, whose it is, and the session that may read it."""

    kind: Kind
    of: str
    text: str = field(repr=False)
    session: str
    until: float


_KEPT: dict[str, Secret] = {}


def keep(kind: Kind, of: str, text: str, session: str) -> str:
    """Keeps it for one look of this session. Returns the ticket under which it is looked at."""
    now = asyncio.get_running_loop().time()
    for ticket in [ticket for ticket, one in _KEPT.items() if one.until <= now]:
        del _KEPT[ticket]
    ticket = secrets.token_hex(16)
    _KEPT[ticket] = Secret(kind, of, text, session, now + LONGEST_S)
    return ticket


def look(ticket: str, session: str) -> Secret | None:
    """The secret, the first time its session asks; None ever after, and for everybody else."""
    kept = _KEPT.get(ticket)
    if kept is None or kept.session != session:
        return None
    del _KEPT[ticket]
    return kept if kept.until > asyncio.get_running_loop().time() else None
