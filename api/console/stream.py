"""The stream that keeps one page fresh: its live parts as they change, a beat each second, and where to go instead.

    event: part   data: {"id": "live_take", "html": "..."}
    event: go     data: {"to": "/console"}
    event: message  data: {"html": "..."}       what comes of a scan; empty: it is taken
    event: scan   data: {"data": "..."}         a code that the page itself may take, in a field marked `data-scan`
    event: badge  data: {}                      a badge is held here while somebody is logged in
    event: beat   data: {"left": 41}    seconds until the screen locks, where somebody is logged in and they are few;
                        {"waits": "…"}  what her request to open waits for, while it does

A page that hears no beat for 2.2 s greys itself (reference ecosystem C7): a stopped daemon raises no error at a browser. The
stream is this console's own; programs have `/v1/events`.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.console import rendering
from api.console.page import NOBODY, ROOT, Page, Scan, Shown
from api.console.visitor import Visitor, readers_of, visitor
from api.console.waiting import waits_of
from api.standing import Standing
from controller.ledger.port import Row
from controller.terminals import AtTerminal, Badge
from drivers.faults import Fault, Refused

BEAT_S = 1.0
GATHER_S = 0.2
"""What names nothing of a page but is of a family that it lists is shown with whatever else comes in this time."""
RETRY_MS = 500
Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


def stream_of(pages: Sequence[Page], scans: Sequence[Scan]) -> Endpoint:
    """The route of `?page=<path>&query=<its query>&seen=<ledger number at which it was rendered>`.

    One row may concern every list that is open on the ward. They are made one by one, with the loop's other work between them, and
    after the page of whoever stands at the drawer.
    """
    turn = asyncio.Lock()

    async def stream(request: Request) -> Response:
        standing: Standing = request.app.state.standing
        if standing.station is None:
            raise Refused("no-station")
        path, seen = request.query_params.get("page", ""), request.query_params.get("seen", "0")[:18]
        for page in pages:
            named = page.at(path)
            if named is not None and seen.isdecimal():
                asked = dict(parse_qsl(request.query_params.get("query", "").removeprefix("?")))
                who = replace(visitor(request, standing, standing.station), path=path, query=asked, seen=int(seen))
                told = _told(standing, turn, page, named, who, _scan_at(scans, path))
                return StreamingResponse(told, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        raise Refused("not-found")

    return stream


def _scan_at(scans: Sequence[Scan], path: str) -> Scan | None:
    return next((scan for scan in scans if scan.pattern.fullmatch(path)), None)


async def _told(
    standing: Standing, turn: asyncio.Lock, page: Page, named: Mapping[str, str], who: Visitor, scan: Scan | None
) -> AsyncIterator[str]:
    """Everything that one page is told, until it goes elsewhere, its browser does, or the daemon stops."""
    watch = _Watch()
    ends = [who.station.ledger.subscribe(watch.see), watch.end]
    if who.terminal is not None:
        ends.append(readers_of(standing, who.station).in_front(who.terminal, watch.read_here))
    try:
        yield f"retry: {RETRY_MS}\n\n{_beat(who)}"
        sent: dict[str, str] = {}
        fresh = who.station.ledger.durable_seq == who.seen
        while not standing.leaving:
            if watch.can_wait:
                async with turn:
                    await asyncio.sleep(0)  # whatever came in meanwhile goes first
            watch.shown, stands = _shown(page, named, who)
            if watch.shown.go is not None:
                yield _event("go", {"to": watch.shown.go})
                return
            for read in watch.read:
                yield await _acted(who, named, scan, read)
            watch.read.clear()
            parts = sent if stands else rendering.live(who, page.template, watch.shown.facts)
            for id_, html in parts.items():
                if sent.get(id_) != html and not fresh:
                    yield _event("part", {"id": id_, "html": html})
            sent, fresh = parts, False
            while not await watch.rings() and not standing.leaving:
                yield _beat(who)
                if watch.shown.ticks or not _still_here(who):
                    break
    finally:
        for end in ends:
            end()


def _shown(page: Page, named: Mapping[str, str], who: Visitor) -> tuple[Shown, bool]:
    """What the page shows now, and whether it stands as it is: refused, it is the lines that say why until she goes elsewhere."""
    try:
        return page.shown(_now(who), **named), False
    except Fault as fault:
        return (Shown(go=ROOT), False) if fault.code in NOBODY else (Shown(), True)


async def _acted(who: Visitor, named: Mapping[str, str], scan: Scan | None, read: AtTerminal) -> str:
    """What comes of something that was read while this page is in front."""
    if isinstance(read, Badge):
        return _event("badge", {}) if who.session is not None else _event("go", {"to": f"{ROOT}/pin"})
    if scan is None:
        return _event("scan", {"data": read.data})
    try:
        go = await scan.do(who, read.data, **named)
    except Fault as fault:
        return _event("message", {"html": rendering.message(who, fault)})
    return _event("go", {"to": go.to}) if go.to is not None else _event("message", {"html": ""})


class _Watch:
    """Rings at once when a row names what the page shows, or something is read at its terminal; a little later where a row is only
    of a family that the page lists. `can_wait` says that the last ring was of that kind."""

    def __init__(self) -> None:
        self.shown = Shown()
        self.read: list[AtTerminal] = []
        self.can_wait = False
        self._rung, self._at_once = asyncio.Event(), False
        self._later: asyncio.TimerHandle | None = None

    def read_here(self, read: AtTerminal) -> None:
        self.read.append(read)
        self._ring()

    def see(self, row: Row, body: Mapping[str, Any]) -> None:
        if row.kind.startswith(("alarm.", "link.", "station.")) or self.shown.names(body):
            self._ring()
        elif self.shown.has(row) and self._later is None:
            self._later = asyncio.get_running_loop().call_later(GATHER_S, self._rung.set)

    def end(self) -> None:
        """Nothing rings any more."""
        if self._later is not None:
            self._later.cancel()
            self._later = None

    async def rings(self) -> bool:
        """Whether it rang before the next beat."""
        try:
            async with asyncio.timeout(BEAT_S):
                await self._rung.wait()
        except TimeoutError:
            self.can_wait = False
            return False
        self._rung.clear()
        self.can_wait, self._at_once = not self._at_once, False
        self.end()
        return True

    def _ring(self) -> None:
        self._at_once = True
        self._rung.set()


def _now(who: Visitor) -> Visitor:
    """The visitor with the session as it is now. Raises Refused once it has ended."""
    if who.session is not None:
        who.station.people.still(who.session)
    return who


def _still_here(who: Visitor) -> bool:
    try:
        _now(who)
    except Refused:
        return False
    return True


def _beat(who: Visitor) -> str:
    if who.session is None:
        return _event("beat", {})
    left, waits = math.ceil(who.station.people.idle_ends(who.session)), waits_of(who.station, who.session)
    said: dict[str, str | int] = {"left": left} if left <= who.station.site.policy.warn_s else {}
    if waits is not None:
        said["waits"] = rendering.text(who, "waits.html", {"waits": waits})
    return _event("beat", said)


def _event(name: str, data: Mapping[str, str | int]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
