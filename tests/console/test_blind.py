"""Blind means blind: two wards that differ in nothing but the record of one pocket answer with the same bytes.

The same people make the same visit at both, in virtual time, where a run repeats to the byte: every page, every answer to a post
and all of the stream are kept as they left the application, and nothing of them is masked but the session's own cookie. Only after
the person's own count is in the ledger may they differ, and then they do.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest
from starlette.types import Message

from api.app import create_app
from api.console.visitor import SCREEN, SESSION
from api.standing import Standing
from sites.check import WARD, check
from tests.kit.station import World, simulated_station
from tests.kit.virtual_loop import run

POCKET, DRAWER = "D-03-2", "D-03"
"""Morphine, which is counted blind."""
FEWER, MORE = 13, 17
HOST = (b"host", b"localhost")
ONCE = re.compile(rb"__Host-galenic-session=[^;]*")


class Browser:
    """Asks the application as a browser does, and keeps what it is answered: `seen` is (what was asked, bytes) in their order."""

    def __init__(self, standing: Standing, cookies: str) -> None:
        self._app, self._cookies = create_app(standing), cookies.encode()
        self.seen: list[tuple[str, bytes]] = []

    async def asks(self, method: str, path: str, body: object = None) -> bytes:
        """One request; its answer's body."""
        whole: list[bytes] = []
        answered = await self._request(method, path, json.dumps(body).encode() if body is not None else b"", whole.append)
        said = answered + b"".join(whole)
        self.seen.append((f"{method} {path}", said))
        return b"".join(whole)

    @asynccontextmanager
    async def listens(self, path: str) -> AsyncIterator[None]:
        """The page's stream, for as long as the block lasts."""
        page, _, query = path.partition("?")
        asked = urlencode({"page": page, "seen": "0", "query": query})
        whole: list[bytes] = []
        stream = asyncio.create_task(self._request("GET", f"/console/stream?{asked}", b"", whole.append, stays=True))
        try:
            yield
        finally:
            stream.cancel()
            await asyncio.wait([stream])
            self.seen.append((f"stream of {path}", b"".join(whole)))

    async def _request(self, method: str, path: str, body: bytes, keep: Callable[[bytes], None], *, stays: bool = False) -> bytes:
        gone = asyncio.Event()
        asked = [{"type": "http.request", "body": body, "more_body": False}]
        head: list[bytes] = []

        async def receive() -> Message:
            if asked:
                return asked.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = [b"%s: %s" % (name, value) for name, value in message["headers"]]
                head.append(ONCE.sub(b"(a session)", b"\n".join([str(message["status"]).encode(), *told, b"", b""])))
            else:
                keep(message.get("body", b""))

        place, _, query = path.partition("?")
        headers = [HOST, (b"cookie", self._cookies), (b"content-type", b"application/json"), (b"sec-fetch-site", b"same-origin")]
        await self._app(
            {
                "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
                "scheme": "http", "path": place, "raw_path": place.encode(), "query_string": query.encode(), "root_path": "",
                "headers": headers, "client": ("127.0.0.1", 1), "server": ("localhost", 80),
            },
            receive,
            send,
        )  # fmt: skip
        assert stays or head
        return head[0] if head else b""


Visit = Callable[[World, Browser], Awaitable[bytes]]


async def _nurse_pulls(world: World, browser: Browser) -> bytes:
    """She takes one vial for a patient and is asked for a count. What the page says after her count."""
    await browser.asks("GET", "/console/patients")
    shown = await browser.asks("GET", "/console/patients/P-1005")
    async with browser.listens("/console/patients/P-1005"):
        begun = await browser.asks("POST", "/console/patients/P-1005/pulls", {"seen": _seen(shown), "order": ["O-5011"]})
    address = json.loads(begun)["go"]
    await browser.asks("GET", address)
    async with browser.listens(address):
        await world.until("drawer.unlocked", drawer=DRAWER)
        await world.plant.open(DRAWER)
        await world.until("drawer.opened", drawer=DRAWER)
        await asyncio.sleep(2)
        world.plant.take(POCKET, 1)
        await browser.asks("POST", f"{address}/taken", {"quantity": "1", "then": ""})
        await browser.asks("GET", address)
        await asyncio.sleep(2)
    return await _counts(world, browser, address)


async def _technician_counts(world: World, browser: Browser) -> bytes:
    """The pocket is counted for its own sake. What the page says after the count."""
    await browser.asks("GET", "/console/counts")
    await browser.asks("GET", "/console/restock")
    await browser.asks("GET", "/console/expiries")
    shown = await browser.asks("GET", f"/console/counts?find={POCKET}")
    async with browser.listens(f"/console/counts?find={POCKET}"):
        begun = await browser.asks("POST", "/console/counts", {"seen": _seen(shown), "pocket": POCKET})
    address = json.loads(begun)["go"]
    async with browser.listens(address):
        await world.until("drawer.unlocked", drawer=DRAWER)
        await world.plant.open(DRAWER)
        await world.until("drawer.opened", drawer=DRAWER)
        await asyncio.sleep(2)
        await browser.asks("GET", address)
    return await _counts(world, browser, address)


def _seen(shown: bytes) -> str:
    found = re.search(rb'name="seen" value="(\d+)"', shown)
    assert found is not None
    return found[1].decode()


async def _counts(world: World, browser: Browser, address: str) -> bytes:
    """Says the smaller number, which is right in one ward and wrong in the other."""
    before = len(browser.seen)
    await browser.asks("POST", f"{address}/counted", {"number": str(FEWER - 1 if "pulls" in address else FEWER), "key": "one"})
    await asyncio.sleep(1)
    after = await browser.asks("GET", address)
    del browser.seen[before:]
    return after


async def _made(quantity: int, role: str, visit: Visit) -> tuple[list[tuple[str, bytes]], bytes]:
    report = check(WARD)
    assert report.site is not None
    lots = [lot for lot in report.data.lots if lot.pocket != POCKET]
    one = next(lot for lot in report.data.lots if lot.pocket == POCKET)
    lots.append(one.model_copy(update={"quantity": quantity}))
    data = report.data.model_copy(update={"lots": tuple(lots)})
    async with simulated_station(report.site, seed=5, data=data) as world:
        token, _ = await world.token(role, "somebody", "med-room")
        for drawer in world.station.drawers:
            await world.settled(drawer)
        standing = Standing(station=world.station)
        browser = Browser(standing, f"{SESSION}={token}; {SCREEN}={await world.terminal('med-room')}")
        after = await visit(world, browser)
        return browser.seen, after


@pytest.mark.parametrize(
    ("role", "visit"), [("nurse", _nurse_pulls), ("technician", _technician_counts)], ids=["a pull", "a count"]
)
def test_nothing_tells_the_expected_count_before_the_persons_own(role: str, visit: Visit) -> None:
    fewer, told_fewer = run(_made(FEWER, role, visit))
    more, told_more = run(_made(MORE, role, visit))
    assert [asked for asked, _ in fewer] == [asked for asked, _ in more]
    for (asked, one), (_, other) in zip(fewer, more, strict=True):
        assert one == other, asked
    assert any(said.count(b"event: part") > 2 for asked, said in fewer if asked.startswith("stream")), "the stream told nothing"
    assert all(b"200" in said[:3] for asked, said in fewer if not asked.startswith("stream"))
    assert told_fewer != told_more, "after the count the two wards differ, and this test would see it"
