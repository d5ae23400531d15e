"""The ward of the console's benches as it stands: its people, its two programs, and browsers without a screen.

The daemon is `galenic run` in a process of its own, the steel `benchmarks.console_steel` in another. A client here is a socket of
the barest kind: what a browser sends is written, what comes back is read, and nothing else is done in between.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from api.cli.demo_ward import free
from api.console.visitor import SCREEN, SESSION
from api.state import opened
from benchmarks.console_site import CONSOLES, nurse, terminal, write
from controller.policy.roles import Role
from sites.check import check
from tests.kit.programs import GALENIC, Program, answers

PIN = "735190"
LATER_S = 30.0
_LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
_COOKIE = re.compile(rb"^set-cookie: *([^=\r\n]+)=([^;\r\n]*)", re.IGNORECASE | re.MULTILINE)
_TO = re.compile(rb"^location: *(\S+)", re.IGNORECASE | re.MULTILINE)
_TAG = re.compile(rb"^etag: *(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Ward:
    """A ward that stands: where its daemon listens, where its hands do, and the credentials of its consoles, one for each nurse."""

    listen: str
    control: str
    screens: list[str]
    steel: Program

    @property
    def port(self) -> int:
        """Of the daemon."""
        return _port(self.listen)

    @property
    def url(self) -> str:
        """Of the daemon."""
        return f"http://{self.listen}"

    async def hand(self, **act: Any) -> None:
        """A hand does something at the cabinet. Raises httpx.HTTPStatusError where steel does not allow it."""
        async with httpx.AsyncClient(timeout=LATER_S * 2, trust_env=False) as hands:
            (await hands.post(f"http://{self.control}/hands", json=act)).raise_for_status()


@contextlib.contextmanager
def standing() -> Iterator[Ward]:
    """Lays the ward out in a folder that goes with it, and starts both programs; every drawer has been looked at then."""
    with tempfile.TemporaryDirectory() as where, contextlib.ExitStack() as ends:
        folder = Path(where)
        site = write(folder, [_port(free(0)) for _ in range(CONSOLES)])
        listen, control = free(0), free(0)
        screens = asyncio.run(_people(site, folder / "state"))
        steel = Program(sys.executable, "-m", "benchmarks.console_steel", str(site), control)
        ends.callback(steel.close)
        steel.until("standing")
        daemon = Program(*GALENIC, "run", str(site), "--listen", listen, "--state", str(folder / "state"))
        ends.callback(daemon.close)
        daemon.until("listening")
        while answers(f"http://{listen}/v1/health").json()["drawers"].keys() & {"offline", "unknown"}:
            pass
        yield Ward(listen, control, screens, steel)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


async def _people(site: Path, state: Path) -> list[str]:
    """Makes them, and enrols a console for each; what the consoles are given."""
    report = check(site)
    assert not report.errors, report.errors
    async with opened(report, state) as disk:
        await disk.people.add_person("ada", "Ada Holm", [Role.ADMINISTRATOR], "604815", "bench")
        for n in range(CONSOLES):
            await disk.people.add_person(nurse(n), f"Nurse {n}", [Role.NURSE], PIN, "bench")
        return [await disk.people.enrol_terminal(terminal(n), "bench") for n in range(CONSOLES)]


@dataclass
class Answered:
    """An answer. `to` is where it leads, by its head or its body; None where it leads nowhere."""

    status: int
    body: bytes
    to: str | None


class Client:
    """One browser without its screen: its cookies and one connection that is kept. Not for two requests at once."""

    def __init__(self, port: int, cookies: Mapping[str, str] | None = None) -> None:
        self._port = port
        self.cookies = dict(cookies or {})
        self._tags: dict[str, bytes] = {}
        self._wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def cookie(self) -> str:
        """The head's line of them."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def get(self, path: str) -> Answered:
        """The page or what it loads; what it has already is only asked after."""
        tag = self._tags.get(path)
        return await self._ask("GET", path, b"If-None-Match: " + tag + b"\r\n" if tag else b"", b"")

    async def post(self, path: str, **fields: Any) -> Answered:
        """A form."""
        body = json.dumps(fields).encode()
        head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nOrigin: http://127.0.0.1:{self._port}\r\n"
        return await self._ask("POST", path, head.encode(), body)

    async def _ask(self, method: str, path: str, head: bytes, body: bytes) -> Answered:
        if self._wire is None:
            self._wire = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._wire
        asked = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nCookie: {self.cookie}\r\n"
        writer.write(asked.encode() + head + b"\r\n" + body)
        told = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(told)
        content = await reader.readexactly(int(length[1])) if length else b""
        for name, value in _COOKIE.findall(told):
            self.cookies[name.decode()] = value.decode().strip('"')
        if tag := _TAG.search(told):
            self._tags[path] = tag[1]
        to = _TO.search(told)
        leads = to[1].decode() if to else None
        if leads is None and method == "POST" and b"application/json" in told:
            leads = json.loads(content)["go"]
        return Answered(int(told.split(b" ", 2)[1]), content, leads)

    def close(self) -> None:
        """Ends the connection."""
        if self._wire is not None:
            self._wire[1].close()
            self._wire = None


async def logged_in(ward: Ward, n: int) -> Client:
    """Nurse n at her console."""
    client = Client(ward.port, {SCREEN: ward.screens[n]})
    answer = await client.post("/console/log-in", who=nurse(n), pin=PIN)
    assert answer.status == 200, answer.body
    assert SESSION in client.cookies
    return client


async def events(port: int, query: str, cookie: str) -> AsyncIterator[tuple[str, str]]:
    """The events of one stream, name and data, until its far end closes it or it is left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        asked = (
            f"GET /console/stream?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nAccept: text/event-stream\r\n"
        )
        writer.write(f"{asked}\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        name = ""
        while line := await reader.readline():
            if line.startswith(b"event: "):
                name = line[7:].decode().strip()
            elif line.startswith(b"data: "):
                yield name, line[6:].decode().strip()
    finally:
        writer.close()


def seen(html: bytes) -> str:
    """The ledger number at which a page was made."""
    found = re.search(rb'data-seen="(\d+)"', html)
    return found[1].decode() if found else "0"


def percentile(values: Sequence[float], part: float) -> float:
    """The value that this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-len(ordered) * part // 1) - 1))]
