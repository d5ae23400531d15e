"""From the file back to the views: the newest checkpoint that fits, the tail after it folded, its chain verified."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from controller.ledger import bodies
from controller.ledger.chain import GENESIS, flaw
from controller.ledger.port import Row, View
from controller.ledger.sqlite import LedgerReader
from drivers.faults import LedgerFault

ROWS_AT_ONCE = 2000
ROWS_IN_A_SLICE = 100
"""Read and checked between two turns of the loop: a millisecond or so."""

PAUSE_S = 0.001
"""Between two slices, so that checking an old ledger leaves most of the processor to the station."""


class Takers(dict[str, tuple[View, ...]]):
    """The views that take a row, by its kind."""

    def __init__(self, views: Sequence[View]) -> None:
        super().__init__()
        self._views = views

    def __missing__(self, kind: str) -> tuple[View, ...]:
        family = kind.partition(".")[0]
        self[kind] = takers = tuple(view for view in self._views if family in view.families)
        return takers


def fold(reader: LedgerReader, views: Sequence[View]) -> tuple[Row | None, int]:
    """Brings the views to the last row. Returns that row and the number up to which the chain is not yet verified.

    LedgerFault `ledger-broken` if the tail does not hold.
    """
    loaded = {view.name: _load(reader, view) for view in views}
    start = min(loaded.values(), default=0)
    last, takers = None, Takers(views)
    for row in _verified(reader, start):
        body = bodies.read(row.body)
        for view in takers[row.kind]:
            if row.seq > loaded[view.name]:
                view.apply(row, body)
        last = row
    return last or reader.last(), start


def _load(reader: LedgerReader, view: View) -> int:
    """Puts the view at its newest checkpoint; returns the row it stands at, 0 if it must be folded from the first."""
    for checkpoint in reader.checkpoints(view.name, view.version):
        view.load(bodies.state_read(checkpoint.state))
        return checkpoint.seq
    return 0


def _verified(reader: LedgerReader, after: int) -> Iterator[Row]:
    """The rows above `after` in order, each seen to follow the one before it."""
    prev = reader.read(after - 1, 1)[0].hash if after else GENESIS
    seq = after
    while rows := reader.read(seq, ROWS_AT_ONCE):
        for row in rows:
            seq += 1
            if (reason := flaw(row, seq, prev)) is not None:
                raise LedgerFault("ledger-broken", seq=seq, reason=reason)
            prev = row.hash
            yield row


async def verify_upto(reader: LedgerReader, last: int) -> int:
    """Verifies the chain from the first row to `last` in small slices. Returns how many rows hold.

    LedgerFault `ledger-broken` names the first that does not.
    """
    prev, seq = GENESIS, 0
    while seq < last:
        rows = reader.read(seq, ROWS_IN_A_SLICE, last)
        for row in rows:
            seq += 1
            if (reason := flaw(row, seq, prev)) is not None:
                raise LedgerFault("ledger-broken", seq=seq, reason=reason)
            prev = row.hash
        if not rows:
            raise LedgerFault("ledger-broken", seq=seq + 1, reason=f"row {seq + 1} is missing")
        await asyncio.sleep(PAUSE_S)
    return seq
