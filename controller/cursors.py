"""How far each consumer outside has come. The outbox is the ledger itself: a consumer is a number in it, and no more.

A confirmation counts at once, and is an entry at once if the consumer's last entry is a second old; within that second the last
one wins. So a consumer that confirms every event writes one row a second, and a crash forgets at most a second of
confirmations: those events are sent once more, which at-least-once allows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from controller.ledger.port import Entry, Ledger
from controller.ledger.views.consumers import ConsumersView
from drivers.faults import Refused

APART_S = 1.0
"""At most one entry of a consumer in so long."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class Cursors:
    """All of a station's. `spawn` runs what comes a moment later, and ends it with the station."""

    def __init__(self, ledger: Ledger, view: ConsumersView, spawn: Spawn) -> None:
        self._ledger, self._view, self._spawn = ledger, view, spawn
        self._confirmed: dict[str, tuple[int, str]] = {}
        """What counts, and who said so."""
        self._apart: set[str] = set()
        """Consumers whose last entry is younger than a second."""
        self._watching: dict[str, list[Callable[[], None]]] = {}

    def of(self, consumer: str) -> int:
        """The number of the last event that the consumer has confirmed; 0 at its beginning."""
        return max(self.recorded(consumer), self._confirmed.get(consumer, (0, ""))[0])

    def recorded(self, consumer: str) -> int:
        """What of that is in the ledger, and outlives a crash."""
        cursor = self._view.cursors.get(consumer)
        return 0 if cursor is None else cursor["sequence"]

    def confirm(self, consumer: str, sequence: int, by: str) -> None:
        """Everything up to `sequence` has arrived. The same again changes nothing.

        Raises Refused("cursor-behind") for less than was confirmed, Refused("cursor-beyond") for what nobody can have seen.
        """
        now = self.of(consumer)
        if sequence < now:
            raise Refused("cursor-behind", consumer=consumer, confirmed=now, sequence=sequence)
        if sequence > self._ledger.durable_seq:
            raise Refused("cursor-beyond", consumer=consumer, head=self._ledger.durable_seq, sequence=sequence)
        if sequence == now:
            return
        self._confirmed[consumer] = (sequence, by)
        if consumer not in self._apart:
            self._record(consumer)
            self._apart.add(consumer)
            self._spawn(self._later(consumer), f"cursor of {consumer}")
        for changed in tuple(self._watching.get(consumer, ())):
            changed()

    def watch(self, consumer: str, changed: Callable[[], None]) -> Callable[[], None]:
        """Calls `changed` whenever the consumer has come farther. Returns what ends that."""
        listening = self._watching.setdefault(consumer, [])
        listening.append(changed)
        return lambda: listening.remove(changed)

    async def _later(self, consumer: str) -> None:
        """Records what was confirmed meanwhile, once a second, and what is left when the station stops."""
        try:
            await asyncio.sleep(APART_S)
            while self.of(consumer) > self.recorded(consumer):
                self._record(consumer)
                await asyncio.sleep(APART_S)
        finally:
            self._apart.discard(consumer)
            if self.of(consumer) > self.recorded(consumer):
                self._record(consumer)

    def _record(self, consumer: str) -> None:
        sequence, by = self._confirmed[consumer]
        self._ledger.post(Entry("consumer.confirmed", {"consumer": consumer, "sequence": sequence}, by))
