"""The daemon: site file, ledger, people, hands, station, and the API over them. A broken site file moves nothing and says why."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import uvicorn

from api.app import create_app
from api.ears import Ear, bound
from api.fingerprint import in_hex, in_words
from api.rest.events import close_streams
from api.rest.health import in_short
from api.standing import LOOPBACK, Standing
from api.state import opened
from api.telling import Telling
from controller.clock import Chance
from controller.station import Station
from drivers.faults import LedgerFault, SiteFault
from drivers.loop import exact_loop
from drivers.registry import build
from sites.check import Report, check

DONE, SITE_FILE_WRONG, PORT_TAKEN, LEDGER_WRONG, CERTIFICATE_WRONG = 0, 65, 73, 74, 78
YOUNG_S = 0.25
"""So often what was made lately is looked through for what only holds itself."""
STREAMS_S = 2
"""An open stream or a waiting request may not keep a stopping daemon alive longer than this."""


def run(site_path: Path, listens: Sequence[str], state: Path, exit_on_error: bool) -> int:
    """Runs the daemon until SIGTERM or SIGINT; a second one ends it at once. Returns the exit code.

    0; 73 when an address of `listens` cannot be had, 78 when one is of the network and there is no certificate to be shown; 65
    for a broken site file and 74 for a ledger that cannot be used, at once with `exit_on_error`. Without it the daemon stays
    up, moves nothing, and says why at `/v1/health`.
    """
    report = check(site_path)
    for finding in report.findings:
        sys.stderr.write(f"{finding}\n")
    if report.errors and exit_on_error:
        return SITE_FILE_WRONG
    with contextlib.ExitStack() as stack:
        ears: list[Ear] = []
        for listen in listens:
            try:
                ears.append(stack.enter_context(bound(listen, state)))
            except (OSError, ValueError, OverflowError) as taken:
                sys.stderr.write(f"cannot listen at {listen}: {taken}\n")
                return PORT_TAKEN
            except SiteFault as wrong:
                sys.stderr.write(f"nothing is served at {listen} without a certificate: {wrong}\n")
                return CERTIFICATE_WRONG
        shown = next((ear.certificate for ear in ears if ear.certificate is not None), None)
        moves = "NOTHING MOVES: the site file is wrong; " if report.errors else ""
        sys.stderr.writelines(f"{moves}listening at {ear.url}\n" for ear in ears)
        if shown is not None:
            sys.stderr.write(f"certificate: {in_words(shown.fingerprint)}\nSHA-256 {in_hex(shown.fingerprint)}\n")
        hosts = {socket.gethostname(), *(ear.host for ear in ears), *(shown.names if shown else ())}
        standing = Standing(hosts=LOOPBACK | {host.lower() for host in hosts}, certificate=shown)
        standing.findings += [finding.told() for finding in report.findings]
        with asyncio.Runner(loop_factory=exact_loop) as runner:
            return runner.run(_serve(standing, report, site_path.parent, ears, state, exit_on_error))


async def _serve(standing: Standing, report: Report, folder: Path, ears: Sequence[Ear], state: Path, exit_on_error: bool) -> int:
    app = create_app(standing)
    servers = [_Server(ear.configured(app, timeout_graceful_shutdown=STREAMS_S)) for ear in ears]

    def stop() -> None:
        standing.leaving = True
        close_streams(app)
        for server in servers:
            server.stop()

    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    async with contextlib.AsyncExitStack() as stack:
        code = DONE
        try:
            if report.site is None:
                standing.reasons.append(("site-file-wrong", {}))
            else:
                standing.station = await stack.enter_async_context(station(report, state))
                telling = Telling(standing.station, state, folder, lambda: in_short(standing))
                standing.telling = await stack.enter_async_context(telling.running())
        except (LedgerFault, SiteFault) as fault:
            standing.reasons.append((fault.code, fault.facts))
            code = LEDGER_WRONG
        if code == DONE or not exit_on_error:
            lay_by()
            await asyncio.gather(*(server.serve([ear.socket]) for server, ear in zip(servers, ears, strict=True)))
        standing.station = standing.telling = None
    return code


def lay_by() -> None:
    """What the process has made by now stays: from here on full collections look past it, each of which held the loop for some
    70 ms, while a lock or a robot waits for its byte. `galenic run` has made it without any."""
    gc.collect()
    gc.freeze()
    gc.enable()
    _look_through_the_young()


def _look_through_the_young() -> None:
    """By the clock, while most often nobody waits. Left to the interpreter it comes when enough has been made, which is in the
    middle of work: every fifth pull's byte waited 0.3 ms for it."""
    gc.collect(1)
    asyncio.get_running_loop().call_later(YOUNG_S, _look_through_the_young)


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: the station stops in order after it."""

    def stop(self) -> None:
        """Asks for an end; asked again, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals alone."""
        yield


@contextlib.asynccontextmanager
async def station(report: Report, state: Path) -> AsyncIterator[Station]:
    """A running station on the ledger in `state`. Raises LedgerFault, SiteFault."""
    async with opened(report, state) as disk:
        site = report.site
        assert site is not None  # noqa: S101 - `opened` has refused it
        devices = build(site, Chance().between, wall=disk.clock.now)
        async with Station.open(site, disk.ledger, disk.books, disk.people, devices, disk.clock, disk.ids, report.data) as running:
            yield running
