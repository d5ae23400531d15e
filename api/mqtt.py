"""Facts out to an MQTT broker, and nothing in: this client subscribes to nothing, and what comes anyway is not looked at.

The only file that knows aiomqtt (2.5 over paho). What it keeps to was tried: it never reconnects by itself; its calls time out
only where told to; it connects in a thread, which cannot be called back; a PUBACK is not durability (libraries 5).
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from api import topics
from api.kept import kept
from api.outbox import Outbox, Told
from api.topics import base, level, written
from controller.clock import Chance
from controller.station import Station
from drivers.faults import Fault, LedgerFault, SiteFault
from sites.outward import Broker

log = logging.getLogger(__name__)
log.setLevel(logging.CRITICAL)  # a broker that is away is said in health, not once a second in a log

IN_FLIGHT = 16
"""Events whose PUBACK is waited for at once; fewer than the 20 that a broker takes without saying otherwise."""
PACE_S = 0.005
"""Between two lots of as many, so that a week's backlog leaves the loop to the drawers."""
LOOK_S = 0.5
"""How often things are compared with what was last told of them."""
HEALTH_S = 60.0
KEPT_S = 24 * 3600
"""What is kept at the broker expires after this, unless it is told anew; half of it later it is."""
FIRST_S, LONGEST_S = 1.0, 60.0
STOP_S = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a publisher lives: the house's name in topics, the folder of the site file, the daemon's state folder."""

    site: str
    folder: Path
    state: Path


class Publisher:
    """One broker's. `health` gives what the station says of itself; `run` ends by cancellation only."""

    def __init__(
        self, station: Station, part: Broker, outbox: Outbox, place: Place, health: Callable[[], Mapping[str, Any]], chance: Chance
    ) -> None:
        self.part, self.outbox, self.connected, self.error = part, outbox, False, "not connected yet"
        self._station, self._place, self._health, self._chance = station, place, health, chance
        self._base = base(place.site, station.site.station.id)
        self._tries = 0

    async def run(self) -> None:
        """Connects, tells, and connects anew, ever more patiently. What keeps it from telling stands in `error`."""
        while True:
            try:
                async with self._client() as client:
                    self._tries, self.connected, self.error = 0, True, ""
                    await self._tell(client)
            except* (aiomqtt.MqttError, OSError, SiteFault) as lost:
                self.error = _said(lost)
            except* LedgerFault as fault:
                self.error = _said(fault)  # the station says it too; what is recorded already goes out all the same
            finally:
                self.connected = False
            self._tries += 1
            longest = min(LONGEST_S, FIRST_S * 2 ** min(self._tries, 10))
            await asyncio.sleep(self._chance.between(longest / 2, longest))

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[aiomqtt.Client]:
        part = self.part
        name, password = self._login()
        client = aiomqtt.Client(
            part.host,
            part.port,
            username=name,
            password=password,
            identifier=self._base.replace("/", "-"),
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(f"{self._base}/state", written(topics.LOST), qos=1, retain=True),
            timeout=part.timeout_s,
            keepalive=part.keepalive_s,
            clean_start=True,  # nothing of ours waits at the broker: what was not confirmed comes from the ledger
            properties=_properties(PacketTypes.CONNECT, SessionExpiryInterval=0),
            tls_context=None if part.plain else self._tls(),
            logger=log,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        client.pending_calls_threshold = IN_FLIGHT + 4  # and the few of what is kept
        connecting = asyncio.get_running_loop().create_task(client.__aenter__(), name=f"connecting to {part.id}")
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            with suppress(aiomqtt.MqttError):
                await connecting
            await _leave(client)
            raise
        except aiomqtt.MqttError:
            await _leave(client)
            raise
        try:
            yield client
        except asyncio.CancelledError:
            with suppress(aiomqtt.MqttError, TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await self._keep(client, "state", topics.STOPPED)
            raise
        finally:
            await _leave(client)

    def _login(self) -> tuple[str | None, str | None]:
        """Name and password, read anew for each connection, so that mending the file is enough."""
        if not self.part.login:
            return None, None
        lines = kept(self._place.state / "brokers" / f"{self.part.id}.login").splitlines()
        if len(lines) != 2:
            raise SiteFault("secret-unsafe", path=f"brokers/{self.part.id}.login", why="it is not two lines, name and password")
        return lines[0], lines[1]

    def _tls(self) -> ssl.SSLContext:
        """Raises OSError for files that cannot be read, SSLError (which is one) for files that are none."""
        part, folder = self.part, self._place.folder
        context = ssl.create_default_context(cafile=None if part.ca is None else str(folder / part.ca))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if part.certificate is not None:
            kept(folder / part.certificate)
            context.load_cert_chain(str(folder / part.certificate))
        return context

    async def _tell(self, client: aiomqtt.Client) -> None:
        """Until the connection is lost."""
        self.outbox.rewind()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._what_is(client))
            group.create_task(self._what_happens(client))
            group.create_task(_lost(client))

    async def _what_happens(self, client: aiomqtt.Client) -> None:
        """Events, each begun after the one before it and so sent after it; at most so many wait for their PUBACK."""
        room = asyncio.Semaphore(IN_FLIGHT)
        async with asyncio.TaskGroup() as group:
            while True:
                for told in await self.outbox.some(IN_FLIGHT):
                    await room.acquire()
                    group.create_task(self._event(client, told, room))
                await asyncio.sleep(PACE_S)

    async def _event(self, client: aiomqtt.Client, told: Told, room: asyncio.Semaphore) -> None:
        properties = _properties(
            PacketTypes.PUBLISH,
            ContentType="application/cloudevents+json",
            PayloadFormatIndicator=1,
            UserProperty=[("previous", str(told.previous))],
        )
        await client.publish(f"{self._base}/events/{level(told.kind)}", told.text, qos=1, properties=properties)
        room.release()

    async def _what_is(self, client: aiomqtt.Client) -> None:
        """What is kept for whoever comes later: that the station is there, how it is, and the last state of each thing."""
        kept_there: dict[str, Mapping[str, Any]] = {}
        loop = asyncio.get_running_loop()
        anew = health_due = 0.0
        while True:
            now = loop.time()
            if now >= anew:
                kept_there.clear()
                anew = now + KEPT_S / 2
            if self._station.failure is None:
                await self._station.ledger.settled()  # nothing is told that is not on the disk
            there: dict[str, Mapping[str, Any]] = {"state": topics.READY}
            there |= {f"things/{place}": thing for place, thing in topics.things(self._station).items()}
            if now >= health_due:
                there["health"] = self._health()
                health_due = now + HEALTH_S
            for place, payload in there.items():
                if kept_there.get(place) != payload:
                    await self._keep(client, place, payload)
                    kept_there[place] = payload
            await asyncio.sleep(LOOK_S)

    async def _keep(self, client: aiomqtt.Client, place: str, payload: Mapping[str, Any]) -> None:
        properties = _properties(
            PacketTypes.PUBLISH, ContentType="application/json", PayloadFormatIndicator=1, MessageExpiryInterval=KEPT_S
        )
        await client.publish(f"{self._base}/{place}", written(payload), qos=1, retain=True, properties=properties)


async def _lost(client: aiomqtt.Client) -> None:
    """Raises MqttError once the connection is lost. What a broker might send, unasked, is dropped."""
    async for _ in client.messages:
        pass


async def _leave(client: aiomqtt.Client) -> None:
    """Lets go of the connection. Leaving also ends what a connection that never came about has left running."""
    client.timeout = STOP_S
    with suppress(aiomqtt.MqttError):
        await client.__aexit__(None, None, None)


def _properties(packet: int, **values: Any) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


def _said(lost: BaseException) -> str:
    """What went wrong, in one line; of several things the first."""
    while isinstance(lost, BaseExceptionGroup):
        lost = lost.exceptions[0]
    return lost.code if isinstance(lost, Fault) else str(lost)[:200] or type(lost).__name__
