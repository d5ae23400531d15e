"""A ledger as JSON Lines: one CloudEvents object a row, the body's own bytes in it, so that it can be verified too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from controller.ledger.envelope import envelope
from controller.ledger.port import Row
from controller.ledger.sqlite import LedgerReader

ROWS_AT_ONCE = 1000


def line(row: Row, station: str) -> bytes:
    """The row's line with its end. `data` is the last member and holds the hashed bytes as they stand in the ledger."""
    head = json.dumps(envelope(row, station), ensure_ascii=False, separators=(",", ":")).encode()
    return head[:-1] + b',"data":' + row.body + b"}\n"


def export(path: str | Path, after: int = 0) -> Iterator[bytes]:
    """Every durable row above `after`, a line each. Reads beside a running daemon; no credentials are in it.

    LedgerFault `ledger-unreadable` or `ledger-foreign` if the file is no ledger.
    """
    with LedgerReader(str(path)) as reader:
        while rows := reader.read(after, ROWS_AT_ONCE):
            for row in rows:
                yield line(row, reader.meta["station"])
            after = rows[-1].seq
