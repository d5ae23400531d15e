"""How the station tells others what happened: one CloudEvents 1.0 envelope on every face, and only what may leave."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from controller.ledger.port import Row

OUTWARD: Mapping[str, list[str]] = tomllib.loads((Path(__file__).parent / "outward.toml").read_text(encoding="utf-8"))
"""Members that may leave, by kind of row."""


def envelope(row: Row, body: Mapping[str, Any], station: str) -> dict[str, Any]:
    """The event of one row, in the structured JSON form. `id` is the same however often it is told; `sequence` orders.

    `simulated` is said where it is so. Extension names are lower-case letters and digits, as CloudEvents wants them.
    """
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"{station}/{row.seq}",
        "source": f"/stations/{station}",
        "type": f"org.galenic.{row.kind}.v{row.version}",
        "time": row.at,
        "datacontenttype": "application/json",
        "sequence": str(row.seq),
        "epoch": row.epoch,
        "clocktrust": row.clock_trust,
        "rowhash": row.hash.hex(),
        "data": may_leave(row.kind, body),
    }
    if body.get("simulated"):
        event["simulated"] = True
    return event


def may_leave(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a row's body may leave the station."""
    subject, _, _ = kind.partition(".")
    allowed = OUTWARD.get(kind, OUTWARD.get(f"{subject}.*", []))
    return {name: body[name] for name in allowed if name in body}
