"""`python -m benchmarks.console_floor FOLDER`: the least that could do what the console does, in a process of its own.

Pages are the bytes of the folder's files (`/start` of `start.html`), static files are the console's own, a stream is sent the
next of `after.html` and `before.html` whenever a line comes in at stdin. Says its port.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from api.console.kept import mounted

BEAT_S = 1.0


async def main(folder: Path, names: list[str]) -> None:
    """Until stdin is at its end."""
    loop = asyncio.get_running_loop()
    listeners: set[asyncio.Queue[str]] = set()
    parts = itertools.cycle(_part((folder / name).read_text()) for name in ("after.html", "before.html"))

    def page(name: str):  # type: ignore[no-untyped-def]
        html = (folder / name).read_bytes()

        async def get(request: Request) -> Response:
            return Response(html, media_type="text/html")

        return get

    async def told() -> AsyncIterator[str]:
        mine: asyncio.Queue[str] = asyncio.Queue()
        listeners.add(mine)
        try:
            yield "event: beat\ndata: {}\n\n"
            while True:
                try:
                    async with asyncio.timeout(BEAT_S):
                        yield await mine.get()
                except TimeoutError:
                    yield "event: beat\ndata: {}\n\n"
        finally:
            listeners.discard(mine)

    async def stream(request: Request) -> Response:
        return StreamingResponse(told(), media_type="text/event-stream")

    routes = [
        Route("/console/stream", stream),
        mounted(),
        *(Route(f"/{name.removesuffix('.html')}", page(name)) for name in names),
    ]
    config = uvicorn.Config(
        Starlette(routes=routes), port=0, log_level="warning", access_log=False, server_header=False, ws="none", lifespan="off",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - once, before anything is measured
            await asyncio.sleep(0.01)
        sys.stdout.write(f"{server.servers[0].sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        while await reader.readline():
            event = next(parts)
            for listener in listeners:
                listener.put_nowait(event)
        server.should_exit = True


def _part(html: str) -> str:
    return f"event: part\ndata: {json.dumps({'id': 'live_task', 'html': html})}\n\n"


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), os.listdir(sys.argv[1])))
