"""`python -m simulators SITEFILE`: plays the far end of every wire of a site file until SIGTERM, SIGINT or SIGHUP."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import uvicorn

from simulators.control import LOOPBACK, control
from simulators.house import House
from simulators.people import HURRIED, People
from simulators.ports import CannotListen, listening, standing
from sites.check import check


class _Server(uvicorn.Server):
    """Signals are this program's, not the server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line. Ends with 2 on a wrong one."""
    parser = argparse.ArgumentParser("python -m simulators", description=__doc__)
    parser.add_argument("sitefile", type=Path)
    parser.add_argument("--json", action="store_true", help="print one JSON object when everything listens")
    parser.add_argument("--hands", choices=["auto", "none"], default="none", help="auto: people work the drawers")
    parser.add_argument("--seed", type=int, default=0, help="of the people and of the weather")
    parser.add_argument("--control", type=_loopback, default=("127.0.0.1", 0), metavar="HOST:PORT", help="loopback only")
    return parser.parse_args(given)


def _loopback(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if host not in LOOPBACK or not colon or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT with a host of {' or '.join(LOOPBACK)}")
    return host, int(port)


@contextlib.asynccontextmanager
async def controlled(house: House, people: People | None, host: str, port: int) -> AsyncIterator[str]:
    """The control API while it is entered; gives its url."""
    app = control(house, people)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, lifespan="off")
    with listening("--control", f"{host}:{port}"):
        listener = socket.create_server((host, port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # whoever is accepted has it too: a body waits for no answer
    async with asyncio.TaskGroup() as tasks:
        server = _Server(config)
        tasks.create_task(server.serve([listener]))
        try:
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            app.state.twin.end()
            server.should_exit = True


async def play(options: argparse.Namespace, house: House) -> None:
    """Everything listens, then it is said, then it runs until stopped."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    people = People(house.plant, options.seed, HURRIED) if options.hands == "auto" else None
    async with standing(house) as links, controlled(house, people, *options.control) as url, asyncio.TaskGroup() as tasks:
        working = tasks.create_task(people.run()) if people else None
        say(options.json, links, url)
        await stop.wait()
        house.clear()
        if working:
            working.cancel()


def say(as_json: bool, links: dict[str, dict[str, Any]], url: str) -> None:
    """Where everything listens: one JSON object on one line, or a table."""
    if as_json:
        lines = [json.dumps({"links": links, "control": url})]
    else:
        lines = [f"{id:12} {link['protocol']:14} {link['url']}" for id, link in links.items()]
        lines.append(f"{'control':12} {'http':14} {url}")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def main(given: list[str] | None = None) -> int:
    """The exit code: 65 for a bad site file, 73 for an address that cannot be listened at."""
    options = arguments(given)
    report = check(options.sitefile)
    if report.site is None:
        sys.stderr.write("".join(f"{finding}\n" for finding in report.errors))
        return os.EX_DATAERR
    try:
        asyncio.run(play(options, House(report.site, report.data.lots, report.packs, report.data.items, seed=options.seed)))
    except CannotListen as wrong:
        sys.stderr.write(f"{wrong}\n")
        return os.EX_CANTCREAT
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
