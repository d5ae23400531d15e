"""A row on its way out: the CloudEvents 1.0 envelope that exports, event streams and messages share."""

from __future__ import annotations

from typing import Any

from controller.ledger.port import Row

TYPE = "org.galenic.{kind}.v{version}"


def envelope(row: Row, station: str) -> dict[str, Any]:
    """The attributes of a row's event, in the order of `docs/reference/ledger.md`; `data`, its body, comes last.

    The id is the same however often the row is sent: receivers drop what they know.
    """
    return {
        "specversion": "1.0",
        "id": f"{station}/{row.seq}",
        "source": f"/stations/{station}",
        "type": TYPE.format(kind=row.kind, version=row.version),
        "time": row.at,
        "datacontenttype": "application/json",
        "sequence": row.seq,
        "epoch": row.epoch,
        "clocktrust": row.clock_trust,
        "actor": row.actor,
        "prevhash": row.prev_hash.hex(),
        "rowhash": row.hash.hex(),
    }
