"""A little ward that tells others what happens: the real station, publishers and endpoints, on the loop of real time or in
virtual time, with the REST face over it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from api.rest.health import in_short
from api.telling import Telling
from controller.ledger.port import Entry
from controller.policy.roles import Right, Role, rights_of
from sites.models import Site
from tests.acceptance.ward import Person, Ward, a_ward, ward_site

TOPICS = "galenic/1/house/small"


def outward_site(*, bare: bool = False, **outward: Any) -> Site:
    """The ward's site with this `[outward]`; one consumer, `pharmacy`, whose account is `rx`. Bare: without steel."""
    site = ward_site().model_dump(mode="json")
    if bare:
        site |= {"links": {}, "boards": [], "cabinets": [], "drawers": []}
    site["outward"] = {
        "site": "house",
        "hosts": ["127.0.0.1", "localhost"],
        "consumers": [{"id": "pharmacy", "service": "rx"}],
        **outward,
    }
    return Site.model_validate(site)


def broker(port: int, **more: Any) -> dict[str, Any]:
    """`brokers` with one broker at this port."""
    return {"brokers": [{"id": "house", "consumer": "pharmacy", "host": "127.0.0.1", "port": port, "plain": True, **more}]}


def webhook(url: str = "http://127.0.0.1/events", **more: Any) -> dict[str, Any]:
    """`webhooks` with one webhook."""
    return {"webhooks": [{"id": "receipts", "consumer": "pharmacy", "url": url, "plain": url.startswith("http:"), **more}]}


class Outside:
    """The ward, what tells of it, and the program that is told."""

    def __init__(self, ward: Ward, telling: Telling, program: Person | None) -> None:
        self.ward, self.telling = ward, telling
        self._program = program

    @property
    def program(self) -> Person:
        """The consumer's account."""
        assert self._program is not None
        return self._program

    async def confirm(self, sequence: int, resend: bool = False) -> None:
        """The consumer's cursor, over REST."""
        await self.program.done("PUT", "/v1/consumers/pharmacy/cursor", {"sequence": sequence, "resend": resend})

    def facts(self, numbers: Iterable[int]) -> None:
        """Facts, so that something happens."""
        for n in numbers:
            self.ward.world.ledger.post(Entry("link.lost", {"link": "lockbus", "epoch": n, "reason": f"fact {n}"}))

    def told(self, *kinds: str) -> list[int]:
        """The numbers of the rows of these kinds, in order."""
        return [row.seq for row in self.ward.world.ledger.read(0, 1_000_000, kinds or None)]

    async def way(self) -> Mapping[str, Any]:
        """The one way out, as health shows it to anybody."""
        health = (await self.ward.client.get("/v1/health")).json()
        way: Mapping[str, Any] = health["outward"][0]
        return way | {"reasons": [reason["code"] for reason in health["reasons"]]}


@asynccontextmanager
async def outside(
    folder: Path,
    *,
    rights: Iterable[Right] = rights_of([Role.SERVICE_ACCOUNT]),
    transport: httpx.AsyncBaseTransport | None = None,
    bare: bool = False,
    **outward: Any,
) -> AsyncIterator[Outside]:
    """A ward whose `[outward]` this is. Without rights, its consumer has no account.

    Bare is for stories that last days: boards that are looked at twenty times a second would make those long.
    """
    async with a_ward(site=outward_site(bare=bare, **outward), stock=[] if bare else None) as ward:
        rights = list(rights)
        program = None
        if rights:
            token = await ward.world.people.add_service("rx", "Pharmacy", rights, "setup")
            program = Person(ward, "rx", {"Authorization": f"Bearer {token}"})
        standing = ward.standing
        telling = Telling(ward.world.station, folder / "state", folder, lambda: in_short(standing), transport)
        async with telling.running() as standing.telling:
            yield Outside(ward, telling, program)
        standing.telling = None


def took_s(began: float) -> float:
    """Real seconds since `began`, of `time.perf_counter`."""
    return time.perf_counter() - began
