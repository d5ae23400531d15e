"""`/v1/events`: what happens, as it happens, resumable by ledger number (server-sent events, CloudEvents envelope)."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping, Set
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, Query
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse

from api.outward import event, is_told
from api.rest.asking import StationRequest, StationRoute, needs
from controller.ledger.port import Row
from controller.policy.roles import Right
from controller.policy.session import Session
from controller.station import Station
from drivers.faults import Refused

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=StationRoute)

KEPT = 1024
"""So many last events are kept ready written; who is further behind reads the ledger."""
AT_ONCE = 200
FARTHEST = 10_000
"""Who is further behind than this is told to look at everything anew instead (`resync`)."""
KEEP_ALIVE_S = 15.0
RETRY_MS = 2000
RESYNC = "resync"

_Told = tuple[int, str, str]
"""An event's number, its kind, and itself as it is written."""


class EventStream(StreamingResponse):
    """Server-sent events that we write ourselves."""

    media_type = "text/event-stream"


class Feed:
    """One station's events, written once for all that listen. Nothing is queued by listener: each has its own place."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.closed = False
        self._ring: deque[_Told] = deque(maxlen=KEPT)
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
            told = seq
            while not self.closed and (rights := self._rights(session)) is not None:
                rung.clear()
                reached, events = self._behind(seq)
                for number, kind, text in events:
                    if is_told(kind, rights):
                        yield text
                        told = number
                if reached > seq:
                    seq = reached
                elif not await _rings(rung):
                    yield _still_here(seq if seq > told else None)
                    told = seq
        finally:
            self._listening.discard(rung)

    def _behind(self, seq: int) -> tuple[int, list[_Told]]:
        """The number reached by the next events behind a number, and those events."""
        last = max(self.station.ledger.durable_seq, self._ring[-1][0] if self._ring else 0)
        if last - seq > FARTHEST or seq > last:
            return last, [(last, RESYNC, _resync(last))]
        if self._ring and self._ring[0][0] <= seq + 1:
            return max(seq, self._ring[-1][0]), [told for told in self._ring if told[0] > seq]
        rows = self.station.ledger.read(seq, AT_ONCE)
        name = self.station.site.station.id
        told = [(row.seq, row.kind, _written(row, json.loads(row.body), name)) for row in rows]
        return (rows[-1].seq if rows else seq), told

    def _take(self, row: Row, body: Mapping[str, Any]) -> None:
        self._ring.append((row.seq, row.kind, _written(row, body, self.station.site.station.id)))
        self._wake()

    def _wake(self) -> None:
        for rung in self._listening:
            rung.set()

    def _rights(self, session: Session) -> Set[Right] | None:
        """What the listener may do now; None once the session has ended."""
        try:
            return self.station.people.still(session).rights
        except Refused:
            return None


@router.get("", response_class=EventStream)
@needs(Right.SEE_STATION)
async def listen(
    request: StationRequest,
    after: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="Resume behind this ledger number.")] = None,
    last_event_id: Annotated[str | None, Header(max_length=20, pattern=r"^\d{1,19}$")] = None,
) -> EventStream:
    """What happens from now on, or from behind `Last-Event-ID` (which goes before `after`), as far as the caller may know.

    `id` is the ledger number, `event` the kind. `resync` means: too far behind, look at everything anew and go on from its id.
    """
    start = int(last_event_id) if last_event_id is not None else after
    seq = request.station.ledger.durable_seq if start is None else start
    return EventStream(feed_of(request.app, request.station).after(seq, request.who))


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
    data = json.dumps(event(row, body, station), ensure_ascii=False, separators=(",", ":"))
    return format_sse_event(data_str=data, event=row.kind, id=str(row.seq)).decode()


def _resync(seq: int) -> str:
    return format_sse_event(data_str=json.dumps({"sequence": seq}), event=RESYNC, id=str(seq)).decode()


def _still_here(seq: int | None) -> str:
    """A comment; with a number it also moves the place a listener resumes from, past what it was not told."""
    return ": still here\n\n" if seq is None else f": still here\nid: {seq}\n\n"
