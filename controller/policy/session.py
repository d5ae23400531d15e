"""A session: one person at one enrolled terminal, or one program; and the two questions asked of it before anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from controller.policy.roles import NEEDS_PRESENCE, Right, Role
from drivers.faults import Refused


@dataclass(frozen=True, slots=True)
class Session:
    """Who asks. A snapshot: `People.still(session)` gives it afresh, and must be asked where an act is decided.

    `id` names the session in the ledger and is no secret. `terminal` is None for a program, which is never present.
    """

    id: str
    person: str
    name: str
    roles: frozenset[Role]
    rights: frozenset[Right]
    terminal: str | None


class Who(Protocol):
    """A person or program in whose name something goes on, also after their session has ended."""

    @property
    def id(self) -> str:
        """The session in which they asked for it."""

    @property
    def person(self) -> str:
        """Who."""

    @property
    def terminal(self) -> str | None:
        """Where they stood; None for a program."""


def require(session: Session, right: Right) -> None:
    """Raises Refused("not-allowed") unless the session has the right, Refused("presence-required") where it lacks a terminal."""
    if right not in session.rights:
        raise Refused("not-allowed", right=str(right))
    if right in NEEDS_PRESENCE:
        at_terminal(session)


def at_terminal(session: Session) -> str:
    """The terminal at which the person stands (law 8). Raises Refused("presence-required") for a program."""
    if session.terminal is None:
        raise Refused("presence-required")
    return session.terminal


def subject_of(what: Mapping[str, Any]) -> bytes:
    """The hash a witness signs: SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8) of what is signed."""
    text = json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()
