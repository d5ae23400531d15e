"""Events to an HTTP endpoint, one at a time and in order, signed as Standard Webhooks says.

An answer of 2xx confirms the event. Anything else is tried again on a schedule of days (`webhooks.toml`); 410, or the last try,
switches the webhook off until a person switches it on again. Redirects are failures: only the site file's address is spoken to.
"""

from __future__ import annotations

import asyncio
import datetime
import email.utils
import ssl
import tomllib
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from api.outbox import Outbox, Told
from api.signatures import headers
from api.webhook_keys import Keys
from controller import webhooks
from controller.clock import Chance, Clock
from controller.station import Station
from drivers.faults import SiteFault
from sites.outward import Webhook

SCHEDULE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "webhooks.toml").read_text(encoding="utf-8"))
AFTER_S: list[int] = SCHEDULE["after_s"]
KEPT = 200
"""So many last attempts are remembered while the daemon runs."""
AHEAD = 20
GONE = 410
TIMEOUT = "no answer in time"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `status` is None where nobody answered, and `error` then says why; `again_s` is when it is tried again."""

    sequence: int
    event: str
    at: str
    number: int
    status: int | None
    error: str
    took_ms: int
    again_s: int | None
    by: str

    @property
    def arrived(self) -> bool:
        """Whether the receiver has it."""
        return _fine(self.status)


class Endpoint:
    """One webhook's. `transport` is for receivers that are no sockets; `folder` is where the site file lies."""

    def __init__(
        self,
        station: Station,
        part: Webhook,
        outbox: Outbox,
        keys: Keys,
        folder: Path,
        chance: Chance,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.part, self.outbox, self.keys = part, outbox, keys
        self.attempts: deque[Attempt] = deque(maxlen=KEPT)
        self.error = ""
        self._station, self._folder, self._chance, self._transport = station, folder, chance, transport
        self._http: httpx.AsyncClient | None = None
        self._switched = asyncio.Event()

    @property
    def off(self) -> str | None:
        """Why nothing is sent; None while it is switched on."""
        off = self._station.books.consumers.off.get(self.part.id)
        return None if off is None else off["reason"]

    def switch(self, *, on: bool, by: str) -> None:
        """Switches it on or off; the same again changes nothing."""
        if on is (self.off is not None):
            cursor = self._station.cursors.of(self.part.consumer)
            self._station.ledger.post(
                webhooks.enabled(self.part.id, by) if on else webhooks.disabled(self.part.id, "switched-off", cursor, by)
            )
            self._switched.set()

    async def run(self) -> None:
        """Tells one event after the other. Ends by cancellation only."""
        while True:
            self._switched.clear()
            if self.off is not None:
                await self._switched.wait()
            self.outbox.rewind()
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(self._tell())
                await self._switched.wait()
                telling.cancel()

    async def resend(self, sequence: int, by: str) -> Attempt:
        """One event now, out of its turn, at a person's wish; confirms nothing. Raises Refused("event-not-told"), SiteFault."""
        attempt = await self._try(self.outbox.one(sequence), 1, by)
        self._station.ledger.post(webhooks.resent(self.part.id, sequence, attempt.status, by))
        return attempt

    async def _tell(self) -> None:
        while self.off is None:
            for told in await self.outbox.some(AHEAD):
                if not await self._delivered(told):
                    break
                self._station.cursors.confirm(self.part.consumer, told.sequence, self.part.consumer)
        self._switched.set()

    async def _delivered(self, told: Told) -> bool:
        """Tries until the event has arrived: True; or until the webhook is switched off."""
        number = 1
        while True:
            try:
                attempt = await self._try(told, number, "station")
            except SiteFault as unready:  # no key to sign with, no authorities to check by: no try at all
                self.error = unready.code
                await asyncio.sleep(AFTER_S[0])
                continue
            self.error = "" if attempt.arrived else attempt.error or f"answered {attempt.status}"
            if attempt.arrived:
                return True
            if attempt.status == GONE or attempt.again_s is None:
                reason = "gone" if attempt.status == GONE else "given-up"
                self._station.ledger.post(webhooks.disabled(self.part.id, reason, told.sequence))
                return False
            await asyncio.sleep(attempt.again_s)
            number += 1

    async def _try(self, told: Told, number: int, by: str) -> Attempt:
        """One POST. The answer's body is not read: what it says is its status. Raises SiteFault("secret-unsafe")."""
        clock, began = self._station.clock, asyncio.get_running_loop().time()
        at = clock.now()
        sent = headers(self.keys.signing(), told.id, int(at.timestamp()), told.text)
        sent |= {"content-type": "application/cloudevents+json", "user-agent": "galenic"}
        client = self._client()
        status, error, asked = None, "", None
        try:
            async with (
                asyncio.timeout(self.part.timeout_s),
                client.stream("POST", self.part.url, content=told.text, headers=sent) as answer,
            ):
                status, asked = answer.status_code, answer.headers.get("retry-after")
        except TimeoutError:
            error = TIMEOUT
        except httpx.HTTPError as wrong:
            error = str(wrong)[:200] or type(wrong).__name__
        if status is None:
            await self.close()  # the next try reads the certificates anew
        took_ms = int((asyncio.get_running_loop().time() - began) * 1000)
        again_s = None
        if by == "station" and not _fine(status):
            again_s = self._again_s(number, retry_after_s(asked, clock))
        attempt = Attempt(told.sequence, told.id, _stamp(at), number, status, error, took_ms, again_s, by)
        self.attempts.append(attempt)
        return attempt

    def _again_s(self, number: int, asked_s: float) -> int | None:
        """Seconds until the next try; None after the last."""
        if number > len(AFTER_S):
            return None
        wait = AFTER_S[number - 1] * (1 + self._chance.between(0, SCHEDULE["jitter"]))
        return int(max(wait, min(asked_s, SCHEDULE["longest_retry_after_s"])))

    def _client(self) -> httpx.AsyncClient:
        """Goes nowhere but to the address it is given: no redirects, no proxies of the environment."""
        if self._http is None:
            self._http = httpx.AsyncClient(
                transport=self._transport,
                verify=self._verify(),
                follow_redirects=False,
                trust_env=False,
                timeout=self.part.timeout_s,
            )
        return self._http

    def _verify(self) -> ssl.SSLContext | bool:
        """Raises SiteFault for authorities that cannot be read."""
        if self.part.plain or self._transport is not None:
            return False
        path = None if self.part.ca is None else str(self._folder / self.part.ca)
        try:
            return ssl.create_default_context(cafile=path)
        except OSError as error:
            raise SiteFault("secret-unsafe", path=str(path), why=str(error)) from error

    async def close(self) -> None:
        """Lets go of its connection; the next try makes another."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()


def retry_after_s(asked: str | None, clock: Clock) -> float:
    """What `Retry-After` asks for (RFC 9110, 10.2.3), seconds or a date, in seconds from now; 0 for what cannot be read."""
    if asked is None:
        return 0.0
    if asked.strip().isascii() and asked.strip().isdigit():
        return float(asked.strip()[:9])
    try:
        when = email.utils.parsedate_to_datetime(asked)
    except ValueError:
        return 0.0
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.UTC)
    return max(0.0, (when - clock.now()).total_seconds())


def _stamp(at: datetime.datetime) -> str:
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _fine(status: int | None) -> bool:
    return status is not None and 200 <= status < 300
