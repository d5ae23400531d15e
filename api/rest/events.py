"""`/v1/events`: what happens, as it happens, resumable by ledger number (server-sent events, CloudEvents envelope)."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, Query, Request
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse

from api.outward import envelope
from api.rest.asking import TheStation, Who, needs
from controller.ledger.port import Row
from controller.policy.roles import Right
from controller.policy.session import Session
from controller.station import Station
from drivers.faults import Refused

router = APIRouter(prefix="/v1/events", tags=["events"], dependencies=[needs(Right.SEE_STATION)])

KEPT = 1024
"""So many last events are kept ready written; who is further behind reads the ledger."""
AT_ONCE = 200
FARTHEST = 10_000
"""Who is further behind than this is told to look at everything anew instead (`resync`)."""
KEEP_ALIVE_S = 15.0
RETRY_MS = 2000


class EventStream(StreamingResponse):
    """Server-sent events that we write ourselves."""

    media_type = "text/event-stream"


class Feed:
    """One station's events, written once for all that listen. Nothing is queued by listener: each has its own place."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.closed = False
        self._ring: deque[tuple[int, str]] = deque(maxlen=KEPT)
        self._listening: set[asyncio.Event] = set()
        self._end = station.ledger.subscribe(self._take)

    def close(self) -> None:
        """Ends every stream: an open one would keep a stopping daemon alive."""
        self.closed = True
        self._end()
        self._wake()

    async def after(self, seq: int, session: Session) -> AsyncIterator[str]:
        """The stream from behind a number, for as long as the session lasts; listening is not touching."""
        yield format_sse_event(comment="the events of this station", retry=RETRY_MS).decode()
        rung = asyncio.Event()
        self._listening.add(rung)
        try:
            while not self.closed and self._still(session):
                rung.clear()
                seq, texts = self._told(seq)
                for text in texts:
                    yield text
                if not texts and not await _rings(rung):
                    yield ": still here\n\n"
        finally:
            self._listening.discard(rung)

    def _told(self, seq: int) -> tuple[int, list[str]]:
        """The next events behind a number, and the number they reach."""
        last = max(self.station.ledger.durable_seq, self._ring[-1][0] if self._ring else 0)
        if last - seq > FARTHEST or seq > last:
            return last, [_resync(last)]
        if self._ring and self._ring[0][0] <= seq + 1:
            texts = [text for number, text in self._ring if number > seq]
            return max(seq, self._ring[-1][0]), texts
        rows = self.station.ledger.read(seq, AT_ONCE)
        texts = [_written(row, json.loads(row.body), self.station.site.station.id) for row in rows]
        return (rows[-1].seq if rows else seq), texts

    def _take(self, row: Row, body: Mapping[str, Any]) -> None:
        self._ring.append((row.seq, _written(row, body, self.station.site.station.id)))
        self._wake()

    def _wake(self) -> None:
        for rung in self._listening:
            rung.set()

    def _still(self, session: Session) -> bool:
        try:
            self.station.people.still(session)
        except Refused:
            return False
        return True


@router.get("", response_class=EventStream)
async def listen(
    request: Request,
    station: TheStation,
    who: Who,
    after: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="Resume behind this ledger number.")] = None,
    last_event_id: Annotated[str | None, Header(max_length=20, pattern=r"^\d{1,19}$")] = None,
) -> EventStream:
    """Everything that happens from now on, or from behind `Last-Event-ID` (which goes before `after`).

    `id` is the ledger number, `event` the kind. `resync` means: too far behind, look at everything anew and go on from its id.
    """
    start = int(last_event_id) if last_event_id is not None else after
    seq = station.ledger.durable_seq if start is None else start
    return EventStream(feed_of(request.app, station).after(seq, who))


def feed_of(app: FastAPI, station: Station) -> Feed:
    """The station's feed, made when somebody listens for the first time."""
    feed: Feed | None = getattr(app.state, "feed", None)
    if feed is None or feed.station is not station:
        feed = app.state.feed = Feed(station)
    return feed


def close_streams(app: FastAPI) -> None:
    """Before a stop."""
    feed: Feed | None = getattr(app.state, "feed", None)
    if feed is not None:
        feed.close()


async def _rings(rung: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(KEEP_ALIVE_S):
            await rung.wait()
    except TimeoutError:
        return False
    return True


def _written(row: Row, body: Mapping[str, Any], station: str) -> str:
    data = json.dumps(envelope(row, body, station), ensure_ascii=False, separators=(",", ":"))
    return format_sse_event(data_str=data, event=row.kind, id=str(row.seq)).decode()


def _resync(seq: int) -> str:
    return format_sse_event(data_str=json.dumps({"sequence": str(seq)}), event="resync", id=str(seq)).decode()
