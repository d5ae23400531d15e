"""Everything that tells others what happens, while the station runs: a publisher for each broker, an endpoint for each webhook.

None of it is waited for at the start, and none of it holds a stop up: what was not told is told after the next start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from api.courier import Courier
from api.mqtt import Place, Publisher
from api.outbox import Outbox
from api.webhook_keys import Keys
from api.webhooks import AHEAD, Endpoint
from controller.clock import Chance
from controller.station import Station
from drivers.faults import LedgerFault
from sites.outward import Outward

log = logging.getLogger(__name__)

AGAIN_S = 1.0
"""After a defect one begins anew."""
STOP_S = 1.5
"""Who has not said good-bye by then is cut off."""


class Way(NamedTuple):
    """One way out, as health shows it. `connected`: the broker is, or the far end took what it was last told.

    A courier has no consumer's cursor; its lag is the totes that its partner does not know of.
    """

    id: str
    kind: str
    consumer: str
    connected: bool
    lag: int
    error: str


class Telling:
    """A station's. `transport` is for webhooks whose receivers are no sockets."""

    def __init__(
        self,
        station: Station,
        state: Path,
        folder: Path,
        health: Callable[[], Mapping[str, Any]],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.station = station
        outward: Outward = station.site.outward
        consumers = {consumer.id: consumer for consumer in outward.consumers}
        self.couriers = {
            part.id: Courier(station, part, state, folder, transport) for part in station.site.partners if part.url is not None
        }
        place, chance = Place(outward.site, folder, state), Chance()
        self.brokers = {
            part.id: Publisher(
                station,
                part,
                Outbox(station, consumers[part.consumer], part.events, part.ahead, part.resend_s),
                place,
                health,
                chance,
            )
            for part in outward.brokers
        }
        self.webhooks = {
            part.id: Endpoint(
                station,
                part,
                Outbox(station, consumers[part.consumer], part.events, AHEAD),
                Keys(state / "webhooks" / f"{part.id}.keys", part.signatures, station.clock),
                folder,
                chance,
                transport,
            )
            for part in outward.webhooks
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Telling]:
        """Runs all of it for the length of the block."""
        loop = asyncio.get_running_loop()
        ways: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            **{f"broker {id}": broker.run for id, broker in self.brokers.items()},
            **{f"webhook {id}": webhook.run for id, webhook in self.webhooks.items()},
            **{f"courier {id}": courier.run for id, courier in self.couriers.items()},
        }
        tasks = [loop.create_task(self._last(name, run), name=name) for name, run in ways.items()]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=STOP_S)
            for broker in self.brokers.values():
                broker.outbox.close()
            for webhook in self.webhooks.values():
                webhook.outbox.close()
                await webhook.close()

    async def _last(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Keeps one of them running: a defect of one is recorded, and the others go on."""
        while True:
            try:
                await run()
            except* LedgerFault as fault:
                log.warning("%s: %s", name, fault.exceptions[0])  # the station itself says it louder
            except* Exception as defect:  # noqa: BLE001 - of whatever kind: it is told, and begun anew
                self.station.defect(name, defect)
            await asyncio.sleep(AGAIN_S)

    def resend(self, consumer: str) -> None:
        """A consumer has missed something: all that it has not confirmed is sent again."""
        for broker in self.brokers.values():
            if broker.part.consumer == consumer:
                broker.outbox.rewind()

    def ways(self) -> list[Way]:
        """How each way out is."""
        brokers = [
            Way(id, "mqtt", one.part.consumer, one.connected, one.outbox.lag, self._why(one.outbox, one.error))
            for id, one in self.brokers.items()
        ]
        webhooks = [
            Way(id, "webhook", one.part.consumer, not (one.off or one.error), one.outbox.lag, self._why(one.outbox, one.error))
            for id, one in self.webhooks.items()
        ]
        couriers = [Way(id, "courier", "", not one.error, len(one.untold()), one.error) for id, one in self.couriers.items()]
        return [*brokers, *webhooks, *couriers]

    def _why(self, outbox: Outbox, error: str) -> str:
        """What is wrong; a way whose account is missing tells nothing, and that comes first."""
        return error if outbox.rights is not None else "outward-account-missing"
