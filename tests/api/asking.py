"""What the tests of the API share: the application of a ward, all its routes, and a listener to its events."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

from fastapi import FastAPI

from api.app import create_app
from api.gate import is_open
from api.standing import Standing
from tests.acceptance.ward import Person, Ward


def app_of(ward: Ward) -> FastAPI:
    """The application behind the ward's client."""
    app: FastAPI = ward.client._transport.app  # type: ignore[attr-defined]
    return app


@cache
def the_document() -> dict[str, Any]:
    """What the API says of itself."""
    return create_app(Standing()).openapi()


def guarded() -> list[tuple[str, str]]:
    """Every (method, path) that is not for anybody, with ids that nobody has in place of parameters."""
    paths: dict[str, Mapping[str, Any]] = the_document()["paths"]
    return [
        (method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if method in {"get", "put", "post", "delete"} and not is_open(method.upper(), path)
    ]


def filled(path: str) -> str:
    """The path with ids that nobody has."""
    return re.sub(r"\{(\w+)\}", lambda name: "1" if name[1] == "n" else "nobody", path)


class Listener:
    """One open stream: the events it was told, in order, and whether it has ended."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._texts: asyncio.Queue[str | None] = asyncio.Queue()

    async def next(self, within_s: float = 60) -> dict[str, Any] | None:
        """The next event as its fields (`data` read), `{"comment": …}` for a comment; None at the end of the stream."""
        async with asyncio.timeout(within_s):
            text = await self._texts.get()
        if text is None:
            self._texts.put_nowait(None)
            return None
        fields: dict[str, Any] = {}
        for line in text.strip().split("\n"):
            name, _, value = line.partition(": ")
            fields[name or "comment"] = value
        if "data" in fields:
            fields["data"] = json.loads(fields["data"])
        return fields

    async def until(self, kind: str) -> dict[str, Any]:
        """The next event of this kind; whatever comes before is passed over."""
        while (event := await self.next()) is not None:
            if event.get("event") == kind:
                return event
        raise AssertionError(f"the stream ended without {kind}")

    def take(self, message: Mapping[str, Any]) -> None:
        """What the application sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        elif text := message.get("body", b"").decode():
            self._texts.put_nowait(text)

    def end(self) -> None:
        """The application has returned."""
        self._texts.put_nowait(None)


@asynccontextmanager
async def listening(who: Person, query: str = "", **headers: str) -> AsyncIterator[Listener]:
    """An open `/v1/events`; the transport of httpx would wait for its end."""
    listener, gone = Listener(), asyncio.Event()
    sent = {"host": "localhost", **who.headers, **headers}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/v1/events", "raw_path": b"/v1/events", "root_path": "", "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        listener.take(message)

    async def play() -> None:
        try:
            await app_of(who.ward)(scope, receive, send)
        finally:
            listener.end()

    task = asyncio.create_task(play(), name="listener")
    try:
        yield listener
    finally:
        gone.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(task, 5)
