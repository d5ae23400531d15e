"""A program outside that is told what happens over MQTT and confirms its cursor over REST, as `docs/reference/mqtt.md` asks of it.

It takes an event only if it has the one before it (the user property `previous`); what it has it drops; where it has missed some it
asks for them again. It may go away and come back; the broker keeps its session.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

QUIET = logging.getLogger("tests.subscriber")
QUIET.setLevel(logging.CRITICAL)  # a broker that is killed is no news here

Confirm = Callable[[int, bool], Awaitable[None]]
"""Puts the cursor; with True it asks for what follows once more."""


class Subscriber:
    """`kept` are the events taken, in order, each id once; `arrived` counts all that came."""

    def __init__(self, port: int, topics: str, confirm: Confirm, begin: int = 0) -> None:
        self.kept: list[dict[str, Any]] = []
        self.arrived = self.missed = self.confirmed = self.connections = 0
        self.reached = begin
        self._port, self._topics, self._confirm = port, topics, confirm
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def come(self) -> None:
        """Connects, and connects again whenever it is cut off."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._confirms())]

    async def go(self) -> None:
        """Is away from now on."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks = []

    async def until(self, so: Callable[[], bool], within_s: float = 60) -> None:
        """Returns once it is so; looked at whenever something has arrived."""
        async with asyncio.timeout(within_s):
            while not so():
                self._news.clear()
                await self._news.wait()

    async def _listen(self) -> None:
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600
        while True:
            with suppress(aiomqtt.MqttError):
                async with _connected(
                    aiomqtt.Client(
                        "127.0.0.1", self._port, identifier="pharmacy", protocol=aiomqtt.ProtocolVersion.V5, clean_start=False,
                        properties=properties, timeout=5, logger=QUIET,
                    )
                ) as client:  # fmt: skip
                    await client.subscribe(self._topics, qos=1)
                    self.connections += 1
                    self.missed += 1  # what was sent while nobody listened
                    async for message in client.messages:
                        await self._take(message)
            await asyncio.sleep(0.05)

    async def _take(self, message: aiomqtt.Message) -> None:
        assert isinstance(message.payload, bytes)
        event = json.loads(message.payload)
        properties: Any = message.properties
        previous = int(dict(properties.UserProperty)["previous"])
        self.arrived += 1
        if event["sequence"] > self.reached:
            if previous <= self.reached:
                self.kept.append(event)
                self.reached = event["sequence"]
            else:
                self.missed += 1
        self._news.set()

    async def _confirms(self) -> None:
        """Ten times a second, and that something was missed, or may have been while it was away."""
        missed = 0
        while True:
            await asyncio.sleep(0.1)
            again = self.missed > missed
            missed = self.missed
            if self.reached > self.confirmed or again:
                reached = self.reached
                await self._confirm(reached, again)
                self.confirmed = reached
                self._news.set()


@asynccontextmanager
async def _connected(client: aiomqtt.Client) -> AsyncIterator[aiomqtt.Client]:
    """A client that cannot be called away while it connects, which it does in a thread."""
    connecting = asyncio.create_task(client.__aenter__())
    try:
        await asyncio.shield(connecting)
    except asyncio.CancelledError:
        with suppress(aiomqtt.MqttError):
            await connecting
            await client.__aexit__(None, None, None)
        raise
    try:
        yield client
    finally:
        await client.__aexit__(None, None, None)
