"""PUT of a pull to the first unlock byte at the far end of the wire, against the least that could do the same.

Ours: the daemon's station behind uvicorn, its locks on TCP. The floor: a bare FastAPI route with the same body model, the same
look-up of the session, the same ledger for one durable entry, and then one write. Each runs in a process of its own and both
run at once; this process sends the requests by turns over connections kept open, plays the boards, and holds the only clock.
Each request comes after the same rest: one sent at once after the other would find the way through both processes still warm.
The wire's own silences are set to nothing, so that what is measured is the way through us. Nobody pulls a drawer, so each
latch falls back and its work ends before the next one on that wire begins.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header

from api import serve
from api.app import create_app
from api.rest.pulls import PullBody
from api.standing import Standing
from api.state import opened
from benchmarks.row import Row
from controller.ledger.port import Entry
from controller.policy.people import People
from controller.policy.roles import Role
from controller.policy.session import Session
from drivers.faults import Refused
from drivers.loop import exact_loop
from firmware_protocols.kerong_cu16 import device
from firmware_protocols.kerong_cu16.messages import Unlock
from simulators.house import House
from simulators.serve import serve_tcp
from simulators.wire import Call, Wire
from sites.check import check
from sites.models import Site

LINKS, LOCKS = 8, 16
WARM, SAMPLES = 16, 96
APART_S = 0.25
"""Eight links by turns: each coil has rested for two seconds before it is pulsed again."""
LONGEST_S = 20.0
UNLOCK = b"the unlock of the floor"
PERSON, PIN, TERMINAL = "rose", "735190", "desk"


def rows() -> list[Row]:
    """One row: the medians."""
    ours, floor = asyncio.run(_measured())
    name = "PUT of a pull to the first unlock byte (median)"
    return [Row(name, statistics.median(ours), statistics.median(floor), "ms", at_most=1.3)]


async def _measured() -> tuple[list[float], list[float]]:
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        async with _far_end() as (ports, arrived):
            _write_site(folder, ports["links"])
            async with _serving("ours", folder, ports) as ours, _serving("floor", folder, ports) as floor:
                times: tuple[list[float], list[float]] = ([], [])
                for n in range(WARM + SAMPLES):
                    for server, found in zip((ours, floor), times, strict=True):
                        await asyncio.sleep(APART_S / 2)
                        found.append(await server.pull(n, arrived))
        return times[0][WARM:], times[1][WARM:]


# --- this side: the far end of every wire, and the requests


class _Arrived:
    """When the first byte of an unlock came in."""

    def __init__(self) -> None:
        self.at: asyncio.Future[float]

    def expect(self) -> None:
        self.at = asyncio.get_running_loop().create_future()

    def came(self, at: float) -> None:
        if not self.at.done():
            self.at.set_result(at)


class _Tapped:
    """A simulated wire that says when an unlock comes in; the board behind it goes on as ever."""

    def __init__(self, wire: Wire, arrived: _Arrived) -> None:
        self._wire, self._arrived, self.plugged = wire, arrived, True

    def connect(self, say: Callable[[bytes], None], hang_up: Callable[[], None]) -> Any:
        call = self._wire.connect(say, hang_up)
        return _TappedCall(call, self._arrived)


class _TappedCall:
    def __init__(self, call: Call, arrived: _Arrived) -> None:
        self._call, self._arrived, self.hang_up = call, arrived, call.hang_up

    def write(self, data: bytes) -> None:
        at = time.perf_counter()
        if isinstance(device.decode(data), Unlock):
            self._arrived.came(at)
        self._call.write(data)


class _FloorEnd(asyncio.Protocol):
    def __init__(self, arrived: _Arrived) -> None:
        self._arrived = arrived

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        assert data == UNLOCK
        self._arrived.came(at)


@contextlib.asynccontextmanager
async def _far_end() -> AsyncIterator[tuple[dict[str, Any], _Arrived]]:
    loop, arrived = asyncio.get_running_loop(), _Arrived()
    arrived.expect()
    house = House(Site.model_validate(tomllib.loads(_site([1] * LINKS))))
    servers = [await serve_tcp(_Tapped(wire, arrived), "127.0.0.1", 0) for wire in house.wires.values()]  # type: ignore[arg-type]
    floor = await loop.create_server(lambda: _FloorEnd(arrived), "127.0.0.1", 0)
    ports = {"links": [_port(server) for server in servers], "floor": _port(floor)}
    try:
        yield ports, arrived
    finally:
        house.clear()
        for server in (*servers, floor):
            server.close()


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


class _Server:
    """One of the two, and an open connection to it."""

    def __init__(self, said: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._headers, self._reader, self._writer = said["headers"], reader, writer

    async def pull(self, n: int, arrived: _Arrived) -> float:
        """Milliseconds from the request's first byte to the unlock's."""
        body = json.dumps({"order": f"O-{n}"})
        text = (
            f"PUT /v1/pulls/p-{n} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        )
        text += "".join(f"{name}: {value}\r\n" for name, value in self._headers.items())
        arrived.expect()
        began = time.perf_counter()
        self._writer.write(f"{text}\r\n{body}".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().split("content-length:")[1].split("\r\n")[0])
        told = await self._reader.readexactly(length)
        if " 202 " not in head.split("\r\n")[0]:
            raise SystemExit(f"not taken: {head}{told.decode()}")
        async with asyncio.timeout(LONGEST_S):
            return (await arrived.at - began) * 1000


@contextlib.asynccontextmanager
async def _serving(which: str, folder: Path, ports: dict[str, Any]) -> AsyncIterator[_Server]:
    command = [sys.executable, "-m", "benchmarks.pull_to_byte", which, str(folder), str(ports["floor"])]
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(LONGEST_S):
            said = json.loads(await process.stdout.readline())
        reader, writer = await asyncio.open_connection("127.0.0.1", said["port"])
        yield _Server(said, reader, writer)
        writer.close()
    finally:
        process.stdin.close()
        await process.wait()


# --- the site


def _site(ports: list[int]) -> str:
    lines = ['[station]\nid = "bench"\nname = "Bench"\nsimulated = true\n']
    lines.append(f'[[terminals]]\nid = "{TERMINAL}"\nname = "Desk"\n')
    lines.append('[data]\nformulary = "items.toml"\npatients = "patients.toml"\norders = "orders.toml"\nstock = "stock.toml"\n')
    for link, port in enumerate(ports):
        lines.append(f'[links.l{link}]\nurl = "tcp://127.0.0.1:{port}"\nprotocol = "kerong-cu16"\nquiet_ms = 0\n')
        lines.append(f'[[boards]]\nid = "b{link}"\ndriver = "kerong-cu16"\nlink = "l{link}"\naddress = 0\nanswers_unlock = true\n')
        lines.append(f'[[cabinets]]\nid = "C-{link}"\nname = "C"\nwidth_mm = 600\nheight_mm = 1200\n')
    for n in range(len(ports) * LOCKS):
        link, channel = n % len(ports), n // len(ports) + 1
        lines.append(
            f'[[drawers]]\nid = "D-{n}"\ncabinet = "C-{link}"\nlock = {{ board = "b{link}", channel = {channel}, relatch_s = 0.8 }}'
            f'\nlimits = {{ open_s = 1.0 }}\npockets = [{{ id = "P-{n}", item = "item-{n}", capacity = 50 }}]\n'
        )
    return "\n".join(lines)


def _write_site(folder: Path, ports: list[int]) -> None:
    (folder / "site.toml").write_text(_site(ports))
    count = range(len(ports) * LOCKS)
    item = (
        '[[items]]\nid = "item-{0}"\nname = "item {0}"\nform = "tablet"\nunit = "tablet"\n'
        'strength = {{ value = "5", unit = "mg" }}\n'
    )
    order = (
        '[[orders]]\nid = "O-{0}"\npatient = "M-1"\nitem = "item-{0}"\ndose = {{ value = "5", unit = "mg" }}\nstate = "verified"\n'
        'schedule = {{ kind = "prn" }}\nfiller = "RX{0}"\n'
    )
    lot = '[[lots]]\npocket = "P-{0}"\nlot = "A"\nexpiry = 2099-01-31\nquantity = 20\n'
    patient = '[[patients]]\nid = "M-1"\nmrn = "1"\nfamily = "A"\ngiven = "B"\nborn = 1950-01-01\narea = "ward"\n'
    (folder / "patients.toml").write_text(patient)
    for name, text in (("items", item), ("orders", order), ("stock", lot)):
        (folder / f"{name}.toml").write_text("\n".join(text.format(n) for n in count))


# --- the two that are measured, each in its own process


async def _ours(folder: Path, _: int) -> None:
    report = check(folder / "site.toml")
    assert not report.errors, report.errors
    async with serve.station(report, folder / "ours") as station:
        headers = await _somebody(station.people)
        while not all(drawer.looks.locked for drawer in station.drawers.values()):  # noqa: ASYNC110 - once, before
            await asyncio.sleep(0.05)
        await _until_stdin_closes(create_app(Standing(station=station)), headers)


async def _floor(folder: Path, port: int) -> None:
    """The same body model, look-up of the session, ledger and server; one commit, one write."""
    app = FastAPI(docs_url=None, redoc_url=None)
    async with opened(check(folder / "site.toml"), folder / "floor") as disk:
        headers = await _somebody(disk.people)
        _, writer = await asyncio.open_connection("127.0.0.1", port)

        async def who(authorization: Annotated[str, Header()], galenic_terminal: Annotated[str, Header()]) -> Session:
            return disk.people.session(authorization.removeprefix("Bearer "), galenic_terminal)

        @app.put("/v1/pulls/{id}", status_code=202)
        async def put_pull(id: str, body: PullBody, session: Session = Depends(who)) -> dict[str, Any]:
            asked = {"pull": id, "person": session.person, "request": body.model_dump(exclude_none=True)}
            await disk.ledger.append(Entry("bench.pull", asked, session.person))
            writer.write(UNLOCK)
            return {"id": id}

        await _until_stdin_closes(app, headers)
        writer.close()


async def _somebody(people: People) -> dict[str, str]:
    await people.add_person("ada", "Ada", [Role.ADMINISTRATOR], "604815", "bench")
    await people.add_person(PERSON, "Rose", [Role.NURSE], PIN, "bench")
    terminal = await people.enrol_terminal(TERMINAL, "bench")
    with contextlib.suppress(Refused):
        token, _ = await people.log_in(PERSON, PIN, terminal)
    return {"Authorization": f"Bearer {token}", "Galenic-Terminal": terminal}


async def _until_stdin_closes(app: Any, headers: dict[str, str]) -> None:
    config = uvicorn.Config(app, port=0, log_level="warning", access_log=False, server_header=False, ws="none", lifespan="off")
    server = uvicorn.Server(config)

    def end() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    serving = asyncio.get_running_loop().create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    serve.lay_by()  # as `galenic run` does before it serves
    print(json.dumps({"port": server.servers[0].sockets[0].getsockname()[1], "headers": headers}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, end)
    await serving


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=exact_loop) as runner:
        runner.run({"ours": _ours, "floor": _floor}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3])))
