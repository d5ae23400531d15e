"""Who waits for the disk: acts that need their intent on it, and watchers that are told of each row, in order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from controller.ledger import bodies
from controller.ledger.port import Row
from drivers.faults import LedgerFault

Body = Mapping[str, Any]
Watcher = Callable[[Row, Body], None]

TURNS = 6
"""Of the loop, from an entry on the disk until it is told: an act that waited for it sends in the first, or after some steps."""


class Waiting:
    """Everyone who waits, woken when rows are durable or when it is known that they never will be.

    `durable_seq` is the last row on the disk. `failure` says why no further one will be there; it never goes away.
    """

    def __init__(self, durable_seq: int) -> None:
        self.durable_seq = durable_seq
        self.failure: LedgerFault | None = None
        self._reaching: list[tuple[int, asyncio.Future[None]]] = []
        self._telling: list[tuple[int, asyncio.Future[None]]] = []
        self._looking: set[asyncio.Future[tuple[Row, Body]]] = set()
        self._watchers: defaultdict[str | None, list[Watcher]] = defaultdict(list)
        """By the kind of row; under None, those of every row."""

    def until(self, seq: int) -> asyncio.Future[None]:
        """Done once row `seq` is on the disk: for who acts on it. LedgerFault if it never will be."""
        return self._among(self._reaching, seq)

    def told(self, seq: int) -> asyncio.Future[None]:
        """The same for who tells somebody of it: what waited for the same commit, an unlock's byte above all, leaves first."""
        return self._among(self._telling, seq)

    def _among(self, waiting: list[tuple[int, asyncio.Future[None]]], seq: int) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if seq <= self.durable_seq:
            future.set_result(None)
        else:
            self.refuse_if_failed()
            waiting.append((seq, future))
        return future

    def subscribe(self, watcher: Watcher, kinds: frozenset[str] | None = None) -> Callable[[], None]:
        """Calls `watcher` for each row (of these kinds) that becomes durable from now on. Returns what ends it."""
        told = [self._watchers[kind] for kind in ((None,) if kinds is None else kinds)]
        for watchers in told:
            watchers.append(watcher)

        def end() -> None:
            for watchers in told:
                watchers.remove(watcher)
            told.clear()

        return end

    async def next_of(self, kinds: frozenset[str], where: Callable[[Body], bool], after: int) -> tuple[Row, Body]:
        """The next row to become durable that is of one of the kinds, above `after`, and as `where` wants it."""
        self.refuse_if_failed()
        found: asyncio.Future[tuple[Row, Body]] = asyncio.get_running_loop().create_future()

        def look(row: Row, body: Body) -> None:
            if row.seq > after and not found.done() and where(body):
                found.set_result((row, body))

        self._looking.add(found)
        end = self.subscribe(look, kinds)
        try:
            return await found
        finally:
            end()
            self._looking.discard(found)

    def tell(self, rows: Sequence[Row]) -> None:
        """The rows are on the disk: whoever acts on them goes on before whoever is shown them, row by row."""
        self.durable_seq = rows[-1].seq
        _wake(self._due(self._reaching))
        for row in rows:
            if watchers := [*self._watchers.get(row.kind, ()), *self._watchers.get(None, ())]:
                body = bodies.read(row.body)
                for watcher in watchers:
                    _show(watcher, row, body)
        if self._telling:
            self._turn(TURNS)

    def _due(self, waiting: list[tuple[int, asyncio.Future[None]]]) -> list[asyncio.Future[None]]:
        """Takes out those whose row is on the disk."""
        due = [future for seq, future in waiting if seq <= self.durable_seq]
        waiting[:] = [(seq, future) for seq, future in waiting if seq > self.durable_seq]
        return due

    def _turn(self, left: int) -> None:
        if left:
            asyncio.get_running_loop().call_soon(self._turn, left - 1)
        else:
            _wake(self._due(self._telling))

    def fail(self, why: LedgerFault) -> None:
        """From now on for ever nothing becomes durable; whoever waits is told. The first reason stays."""
        self.failure = self.failure or why
        told: list[asyncio.Future[Any]] = [*(future for _, future in (*self._reaching, *self._telling)), *self._looking]
        self._reaching, self._telling = [], []
        for future in told:
            if not future.done():
                future.set_exception(_again(self.failure))

    def refuse_if_failed(self) -> None:
        """LedgerFault if nothing becomes durable any more."""
        if self.failure is not None:
            raise _again(self.failure)


class Durable:
    """Awaited, it returns once row `seq` is on the disk; as often as wanted, by as many as want."""

    __slots__ = ("_seq", "_waiting")

    def __init__(self, waiting: Waiting, seq: int) -> None:
        self._waiting = waiting
        self._seq = seq

    def __await__(self) -> Generator[Any, None, None]:
        return self._waiting.until(self._seq).__await__()


def _wake(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


def _again(failure: LedgerFault) -> LedgerFault:
    """The failure as a fault of its own: each who is told has a traceback of theirs."""
    return LedgerFault(failure.code, effect=failure.effect, **failure.facts)


def _show(watcher: Watcher, row: Row, body: Body) -> None:
    try:
        watcher(row, body)
    except Exception as error:  # noqa: BLE001 - a watcher's defect is its own: the others are told all the same
        asyncio.get_running_loop().call_exception_handler(
            {
                "message": f"a watcher of the ledger failed at row {row.seq}",
                "exception": error,
            }
        )
