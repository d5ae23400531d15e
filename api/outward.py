"""How the station tells others what happened: one CloudEvents 1.0 envelope on every face, and only what may leave."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

from controller.ledger.envelope import envelope
from controller.ledger.port import Row
from controller.policy.roles import Right

_TOLD = tomllib.loads((Path(__file__).parent / "outward.toml").read_text(encoding="utf-8"))
OUTWARD: Mapping[str, list[str]] = _TOLD["members"]
"""Members that may leave, by kind of row."""
RIGHTS: Mapping[str, frozenset[Right]] = {subject: frozenset(map(Right, rights)) for subject, rights in _TOLD["rights"].items()}
"""Who is told of a subject: whoever has one of these. A subject that is not here is for all who may see the station."""
NAMED_BY = {"stock": "pocket", "count": "pocket"}
"""What an event is about where it is not what its kind is called after."""


WITHIN = frozenset({"actor", "prevhash"})
"""Attributes of an export's rows that stay within the station."""


def event(row: Row, body: Mapping[str, Any], station: str) -> dict[str, Any]:
    """The event of one row, in the structured JSON form. `id` is the same however often it is told; `sequence` orders.

    `simulated` is said where it is so. Extension names are lower-case letters and digits, as CloudEvents wants them.
    """
    told = {name: value for name, value in envelope(row, station).items() if name not in WITHIN} | _subject(row.kind, body)
    if body.get("simulated"):
        told["simulated"] = True
    return told | {"data": may_leave(row.kind, body)}


def _subject(kind: str, body: Mapping[str, Any]) -> dict[str, str]:
    """The thing an event is about, where it may be named: `drawer/D-01`."""
    thing = NAMED_BY.get(kind.partition(".")[0], kind.partition(".")[0])
    told = may_leave(kind, body).get(thing)
    return {"subject": f"{thing}/{told}"} if isinstance(told, str) else {}


def may_leave(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a row's body may leave the station."""
    subject, _, _ = kind.partition(".")
    allowed = OUTWARD.get(kind, OUTWARD.get(f"{subject}.*", []))
    return {name: body[name] for name in allowed if name in body}


def is_told(kind: str, rights: Set[Right]) -> bool:
    """Whether somebody with these rights is told that this has happened."""
    wanted = RIGHTS.get(kind.partition(".")[0])
    return wanted is None or not wanted.isdisjoint(rights)
