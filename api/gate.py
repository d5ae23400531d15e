"""The gate: what every request passes before a route sees it. Host, origin, size and kind of body, and who asks.

Everything is shut unless it stands in `OPEN_PATHS`: a route that forgets to ask who is there is not open for that. On the way
back: a refusal is recorded (I-43), and nothing is told before everything posted so far is on the disk (I-10).
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.console.page import ROOT as CONSOLE
from api.console.page import STREAM
from api.console.visitor import session_of
from api.refusals import Refusals
from api.standing import Standing
from controller.ledger.port import Entry
from controller.policy.session import Session
from drivers.faults import Effect, Fault, LedgerFault, Refused

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
HSTS = "max-age=31536000"
"""Only under a certificate of the hospital's: with one of our own a browser that was told so could not be let past it."""
KINDS = frozenset({"application/json", "application/cloudevents+json"})
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
OPEN_PATHS = frozenset({"/", "/ready", "/v1/health", "/openapi.json", "/help"})
OPEN_BELOW = ("/help/", f"{CONSOLE}/static/")
"""Answered to anybody, and so is all below these: they tell nothing of a patient, a person or a count."""
LOG_IN = ("POST", "/v1/sessions")
PARTNER = re.compile(r"/v1/partners/[^/]+/events")
"""Another station's webhook, which is believed by its signature."""
TRACE = re.compile(r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")


class Gate:
    """An ASGI layer around the routes."""

    def __init__(self, app: ASGIApp, standing: Standing) -> None:
        self._app, self._standing = app, standing
        self._refusals = Refusals(standing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or answers it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # The first of each name, as everybody reads them.
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        answer = _Answer(self._standing, self._refusals, scope, headers, send)
        try:
            _check(scope, headers, self._standing.hosts)
            session = self._session(scope, headers)
            if session is not None:
                scope["galenic.session"] = session
            await self._app(scope, _bounded(receive), answer.send)
        except Fault as fault:
            await answer.instead(fault.code, fault.facts, fault.effect)
        except Exception as defect:  # noqa: BLE001 - whatever a route has overlooked ends here, told without its text
            await answer.instead("defect", {"id": self._defect(scope, defect)}, Effect.UNKNOWN)

    def _session(self, scope: Scope, headers: Mapping[str, str]) -> Session | None:
        if is_open(scope["method"], scope["path"]):
            return None
        station = self._standing.station
        if _is_console(scope["path"]):  # whose pages say themselves who may look at them
            return session_of(station, headers, touched=scope["path"] != STREAM) if station is not None else None
        if station is None:
            raise Refused("no-station")
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refused("log-in-needed")
        return station.people.session(token.strip(), headers.get("galenic-terminal"))

    def _defect(self, scope: Scope, defect: Exception) -> str:
        """Keeps the defect where its mender finds it; its text may hold anything, so only its kind is recorded."""
        number = problems.defect_number()
        log.error("defect %s in %s", number, scope.get("path"), exc_info=defect)
        station = self._standing.station
        if station is not None and station.failure is None:
            body = {"work": f"{scope['method']} {scope['path'][:200]}", "error": f"{type(defect).__name__} {number}"}
            station.ledger.post(Entry("station.defect", body))
        return number


class _Answer:
    """One answer on its way out."""

    def __init__(self, standing: Standing, refusals: Refusals, scope: Scope, headers: Mapping[str, str], send: Send) -> None:
        self._standing, self._refusals, self._scope, self._headers, self._send = standing, refusals, scope, headers, send
        self._started = self._unsettled = False

    async def send(self, message: Message) -> None:
        """Passes a message on; the first one waits for the disk. Where that is no more, the answer is not given but this."""
        if self._unsettled:
            return
        if message["type"] == "http.response.start":
            self._refusals.note(self._scope)
            station = self._standing.station
            self._started = True
            if station is not None and not is_open(self._scope["method"], self._scope["path"], log_in=False):
                try:
                    await station.ledger.settled()
                except LedgerFault as fault:
                    self._unsettled = True
                    effect = Effect.UNKNOWN if self._scope["method"] in UNSAFE and message["status"] < 400 else Effect.NONE
                    problem = problems.answer(self._scope, fault.code, fault.facts, effect)
                    await problem(self._scope, _nothing_more, self._stamped)
                    return
            self._stamp(message)
        await self._send(message)

    async def instead(self, code: str, facts: Mapping[str, Any], effect: Effect) -> None:
        """A problem in place of the answer; where that has begun, the server cuts it off."""
        if not self._started:
            await problems.answer(self._scope, code, facts, effect)(self._scope, _nothing_more, self.send)

    async def _stamped(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._stamp(message)
        await self._send(message)

    def _stamp(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        shown = self._standing.certificate
        if shown is not None and not shown.own and self._scope["scheme"] == "https":
            headers["Strict-Transport-Security"] = HSTS
        trace = self._headers.get("traceparent", "")
        if TRACE.match(trace):
            headers["traceparent"] = trace


def is_open(method: str, path: str, *, log_in: bool = True) -> bool:
    """Whether anybody may ask this. Log-ins are open, a partner's signature too, but tell something that must be on the disk."""
    proves_itself = (method, path) == LOG_IN or (method == "POST" and PARTNER.fullmatch(path) is not None)
    return path in OPEN_PATHS or path.startswith(OPEN_BELOW) or (log_in and proves_itself)


def _is_console(path: str) -> bool:
    return path == CONSOLE or path.startswith(f"{CONSOLE}/")


def _check(scope: Scope, headers: Mapping[str, str], hosts: frozenset[str]) -> None:
    """Raises Refused for a request that no page and no program of this station sends."""
    if not _is_ours(headers.get("host", ""), hosts):
        raise Refused("wrong-host")
    if scope["method"] not in UNSAFE:
        return
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
    if (origin is not None and origin.partition("://")[2] != headers.get("host")) or site in {"cross-site", "same-site"}:
        raise Refused("wrong-origin")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or len(length) > 12 or int(length) > LARGEST_BODY:
        raise Refused("too-large")
    has_body = int(length) > 0 or "transfer-encoding" in headers
    if has_body and headers.get("content-type", "").partition(";")[0].strip().lower() not in KINDS:
        raise Refused("wrong-media-type")


@lru_cache(maxsize=64)
def _is_ours(host: str, hosts: frozenset[str]) -> bool:
    """A page that rebinds its own name to our address sends that name; a bare address can only be meant for us (AP-09)."""
    name = re.sub(r":\d*$", "", host).lower()
    if name in hosts:
        return True
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _bounded(receive: Receive) -> Receive:
    """A body without a length is counted as it comes."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST_BODY:
            raise Refused("too-large")
        return message

    return counted


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}
