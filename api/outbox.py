"""One way out: what a consumer is told next. Nothing is stored here: the ledger is the store, and this is a place in it.

Sending begins behind the confirmed cursor, again after each new connection, because a broker that is killed forgets what it had
acknowledged. Never more than `ahead` events are on their way unconfirmed; when nothing is heard of them for a while, they are
sent again. So each event is told at least once, in order, under an id that is always the same.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import deque
from collections.abc import Mapping, Sequence, Set
from typing import Any, NamedTuple

from api.outward import event, is_told
from controller.ledger.port import Row
from controller.policy.roles import Right
from controller.station import Station
from drivers.faults import Refused
from sites.outward import Consumer

ROWS_AT_ONCE = 50
"""Looked at between two turns of the loop: a drawer never waits for more."""
LONGEST_S = 3600.0


class Told(NamedTuple):
    """An event on its way. `previous` is the number of the one before it on this way: who has not got that has missed some."""

    sequence: int
    previous: int
    kind: str
    id: str
    text: bytes


class Outbox:
    """One consumer's. `events` are the kinds that are told; `resend_s` is how long to wait for a confirmation."""

    def __init__(self, station: Station, consumer: Consumer, events: Sequence[str], ahead: int, resend_s: float = math.inf) -> None:
        self._station, self._consumer, self._events = station, consumer, tuple(events)
        self._ahead, self._resend_s, self._waited = ahead, resend_s, 0
        self._sent: deque[int] = deque()
        self._rung = asyncio.Event()
        self._place = self._previous = station.cursors.of(consumer.id)
        self._progress = asyncio.get_running_loop().time()
        self._ends = [
            station.ledger.subscribe(lambda _row, _body: self._rung.set()),
            station.cursors.watch(consumer.id, self._moved),
        ]

    def close(self) -> None:
        """Listens no more."""
        for end in self._ends:
            end()

    @property
    def rights(self) -> Set[Right] | None:
        """What its service account may be told; None where there is no such account, or it may not see the station."""
        try:
            rights = self._station.people.program(self._consumer.service).rights
        except Refused:
            return None
        return rights if Right.SEE_STATION in rights else None

    @property
    def lag(self) -> int:
        """So many events are sent and not confirmed, or not looked at yet."""
        return len(self._sent) + max(0, self._station.ledger.durable_seq - self._place)

    def rewind(self) -> None:
        """Goes on from the confirmed cursor: what was sent since is sent again."""
        self._place = self._previous = self._station.cursors.of(self._consumer.id)
        self._sent.clear()
        self._progress = asyncio.get_running_loop().time()
        self._rung.set()

    async def some(self, most: int) -> list[Told]:
        """The next events, at least one and at most so many; waits until there are some that may be sent."""
        while True:
            self._rung.clear()
            room = self._ahead - len(self._sent)
            if room > 0 and (rights := self.rights) is not None and (found := await self._next(min(most, room), rights)):
                if not self._sent:
                    self._progress = asyncio.get_running_loop().time()
                self._sent.extend(told.sequence for told in found)
                return found
            await self._rings()

    def one(self, sequence: int) -> Told:
        """The event of that number. Raises Refused("event-not-told") if this consumer is never told of it."""
        rights = self.rights
        rows = self._station.ledger.read(sequence - 1, 1) if sequence > 0 else []
        if rights is None or not rows or not self._wanted(rows[0], rights):
            raise Refused("event-not-told", sequence=sequence, consumer=self._consumer.id)
        return self._told(rows[0])

    async def _next(self, most: int, rights: Set[Right]) -> list[Told]:
        """Looks through the ledger, slice by slice, up to its end or to the first slice with an event in it."""
        found: list[Told] = []
        while not found and (rows := self._station.ledger.read(self._place, ROWS_AT_ONCE)):
            for row in rows:
                self._place = row.seq
                if self._wanted(row, rights):
                    found.append(self._told(row))
                    self._previous = row.seq
                    if len(found) == most:
                        break
            await asyncio.sleep(0)
        return found

    def _wanted(self, row: Row, rights: Set[Right]) -> bool:
        named = (row.kind, f"{row.kind.partition('.')[0]}.*", "*")
        return any(kind in self._events for kind in named) and is_told(row.kind, rights)

    def _told(self, row: Row) -> Told:
        body: Mapping[str, Any] = json.loads(row.body)
        envelope = event(row, body, self._station.site.station.id)
        text = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
        return Told(row.seq, self._previous, row.kind, envelope["id"], text)

    def _moved(self) -> None:
        """The consumer has come farther, perhaps past what was sent."""
        cursor = self._station.cursors.of(self._consumer.id)
        while self._sent and self._sent[0] <= cursor:
            self._sent.popleft()
        if cursor > self._place:
            self._place = self._previous = cursor
        self._progress, self._waited = asyncio.get_running_loop().time(), 0
        self._rung.set()

    async def _rings(self) -> None:
        """Until something has changed, or for too long nothing was heard of what was sent: then it is sent again."""
        patience = min(self._resend_s * 2**self._waited, max(self._resend_s, LONGEST_S))
        until = self._progress + patience if self._sent else math.inf
        try:
            async with asyncio.timeout_at(until if until < math.inf else None):
                await self._rung.wait()
        except TimeoutError:
            self._waited += 1
            self.rewind()
