"""The twin's routes on the control API's port: the page, its style sheet, its module, and its stream."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulators.asked import TheHouse
from simulators.plant.pocket import NotThere
from simulators.twin.live import Twin
from simulators.twin.pages import HERE, Wire

STRICT = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Nothing inline, nothing from elsewhere, in nobody's frame."""
FILES = {"twin.css": "text/css", "twin.js": "text/javascript", "icon.svg": "image/svg+xml"}

router = APIRouter()


def the_twin(request: Request) -> Twin:
    """The twin of this application."""
    twin: Twin = request.app.state.twin
    return twin


TheTwin = Annotated[Twin, Depends(the_twin)]


@router.get("/", response_class=HTMLResponse)
async def page(twin: TheTwin) -> HTMLResponse:
    """The page on which the cabinet is played."""
    return HTMLResponse(twin.pages.page(), headers=STRICT)


@router.get("/twin/stream")
async def stream(twin: TheTwin, house: TheHouse, wire: str = "", repeats: Annotated[bool, Query()] = False) -> StreamingResponse:
    """What changes on the page, as server-sent events; of one `wire`, with `repeats` also what repeats there."""
    if wire and wire not in house.wires:
        raise NotThere("wire", f"link {wire}", house.wires)
    return StreamingResponse(twin.stream(Wire(wire, repeats)), media_type="text/event-stream", headers=STRICT)


@router.delete("/twin/record", status_code=204)
async def anew(twin: TheTwin) -> None:
    """The record of what was done begins anew."""
    twin.record.begin()


@router.get("/twin/{file}")
async def asset(file: str) -> Response:
    """The page's style sheet, its module and its icon."""
    if file not in FILES:
        raise NotThere("path", f"file {file}", FILES)
    return Response((HERE / file).read_bytes(), media_type=FILES[file], headers=STRICT)


class Stirs:
    """Whoever has done something over the control API stirs the twin: not everything that hands do is in a log."""

    def __init__(self, app: ASGIApp, twin: Twin) -> None:
        self._app, self._twin = app, twin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request goes on; once it is answered, every page looks again."""

        async def answer(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start" and scope["method"] != "GET":
                self._twin.stir()

        await self._app(scope, receive, answer)
