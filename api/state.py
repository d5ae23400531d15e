"""What stands in a station's folder on the disk: its ledger, what that says, and its people. Nothing here moves anything."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from controller.clock import Clock, Ids
from controller.ledger.books import Books
from controller.ledger.ledger import SqliteLedger
from controller.policy.kept import SessionsFile, boot_id
from controller.policy.people import People
from controller.policy.pins import Pins, site_pepper
from drivers.faults import SiteFault
from sites.check import Report

LEDGER, PEPPER, SESSIONS = "ledger.sqlite3", "pepper", "sessions.json"


@dataclass(frozen=True, slots=True)
class Opened:
    """The folder, opened."""

    ledger: SqliteLedger
    books: Books
    people: People
    clock: Clock
    ids: Ids


@contextlib.asynccontextmanager
async def opened(report: Report, state: Path) -> AsyncIterator[Opened]:
    """Ledger and people in `state`, with nothing that moves; `galenic user` works on this while no daemon runs.

    Raises LedgerFault (`ledger-in-use` where a daemon runs) and SiteFault (`pepper-missing`).
    """
    site = report.site
    if site is None:
        raise SiteFault("site-file-wrong")
    make_folder(state)
    books, clock, ids = Books(), Clock(), Ids()
    ledger = SqliteLedger.open(
        state / LEDGER,
        views=books.all(),
        clock=clock,
        simulated=site.station.simulated,
        station=site.station.id,
    )
    async with ledger:
        pins = Pins(site_pepper(state / PEPPER, new_site=not books.people.persons))
        try:
            keeping = SessionsFile(state / SESSIONS, boot_id())
            yield Opened(ledger, books, People(ledger, books.people, ids, pins, site.policy, keeping), clock, ids)
        finally:
            pins.close()


def make_folder(state: Path) -> None:
    """For the daemon's own eyes: names of patients stand in a ledger."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
