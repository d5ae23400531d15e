"""The daemon: site file, ledger, people, hands, station, and the API over them. A broken site file moves nothing and says why."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn

from api.app import create_app
from api.standing import LOOPBACK, Standing
from controller.clock import Chance, Clock, Ids
from controller.ledger.books import Books
from controller.ledger.ledger import SqliteLedger
from controller.policy.people import People
from controller.policy.pins import Pins, site_pepper
from controller.station import Station
from drivers.faults import LedgerFault
from drivers.registry import build
from sites.check import Report, check

SITE_FILE_WRONG = 65
LEDGER_WRONG = 74
STREAMS_S = 2
"""An open stream may not keep a stopping daemon alive longer than this."""


def run(site_path: Path, listen: str, state: Path, exit_on_error: bool) -> int:
    """Runs the daemon until SIGTERM or SIGINT. Returns the exit code: 0, 65 for a broken site file if asked, 74."""
    report = check(site_path)
    if report.errors and exit_on_error:
        return SITE_FILE_WRONG
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    return asyncio.run(_serve(report, listen, state))


async def _serve(report: Report, listen: str, state: Path) -> int:
    host, _, port = listen.rpartition(":")
    standing = Standing(findings=[finding.told() for finding in report.findings], hosts=LOOPBACK | {host})
    config = uvicorn.Config(
        create_app(standing), host=host, port=int(port), log_level="warning", timeout_graceful_shutdown=STREAMS_S
    )
    server = _Server(config)
    async with contextlib.AsyncExitStack() as stack:
        code = 0
        if report.site is None:
            standing.reasons.append(("site-file-wrong", {}))
        else:
            try:
                standing.station = await stack.enter_async_context(station(report, state))
            except LedgerFault as fault:
                standing.reasons.append((fault.code, fault.facts))
                code = LEDGER_WRONG
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, server.stop)
        await server.serve()
        standing.station = None
    return code


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: the station stops in order after it."""

    def stop(self) -> None:
        """Asks for an end; asked again, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Leaves the signals alone."""
        yield


@contextlib.asynccontextmanager
async def station(report: Report, state: Path) -> AsyncIterator[Station]:
    """A running station on the ledger in `state`. Raises LedgerFault."""
    site = report.site
    if site is None:
        raise ValueError("a site with errors has no station")
    books, clock, ids = Books(), Clock(), Ids()
    ledger = SqliteLedger.open(
        state / "ledger.sqlite3",
        views=books.all(),
        clock=clock,
        simulated=site.station.simulated,
        station=site.station.id,
    )
    async with ledger:
        pins = Pins(site_pepper(state / "pepper"))
        people = People(ledger, books.people, ids, pins, site.policy)
        try:
            async with Station.open(site, ledger, books, people, build(site, Chance().between), clock, ids, report.data) as running:
                yield running
        finally:
            pins.close()
