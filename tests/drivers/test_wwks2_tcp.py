"""The driver of WWKS 2 robots over real TCP, built by the registry, against the scripted robot that splits what it sends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from drivers.faults import LinkLost
from drivers.registry import Devices, build
from drivers.robot_facts import OrderAnswer, OutputEnded, PickLine, PickOrder, RobotEvent, RobotLink
from sites.models import Link, Site, StationPart
from sites.robots import RobotOutput, Wwks2Robot
from tests.drivers.robot_peer import PACK, Peer, attribute, output, queued

SOON = 1e12
WITHIN_S = 20
ONE = PickLine(article="A1", packs=1)


class Server:
    """The scripted robot behind a port. Sends in pieces of `most` bytes at the most."""

    def __init__(self, most: int) -> None:
        self.peer = Peer()
        self.peer.answers["OutputRequest"] = lambda asked: (
            queued(asked) + output(attribute(asked, "Id"), "Completed", f'<Article Id="A1">{PACK}</Article>')
        )
        self.writers: list[asyncio.StreamWriter] = []
        self._most, self._chance = most, random.Random(3)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        self.writers.append(writer)
        with suppress(ConnectionError):
            while data := await reader.read(self._chance.randint(1, self._most)):
                said = self.peer.take(writer, data)
                while said:
                    size = self._chance.randint(1, self._most)
                    writer.write(said[:size])
                    await writer.drain()
                    await asyncio.sleep(0)
                    said = said[size:]
        writer.close()


@asynccontextmanager
async def running(most: int) -> AsyncIterator[tuple[Server, Devices, list[RobotEvent], asyncio.Queue[RobotEvent]]]:
    server, events, queue = Server(most), list[RobotEvent](), asyncio.Queue[RobotEvent]()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    site = Site(
        station=StationPart(id="s-1", name="Small", simulated=True),
        links={"robot": Link(url=f"tcp://127.0.0.1:{port}", protocol="wwks2")},
        robots=(Wwks2Robot(id="R1", driver="wwks2", link="robot", outputs=(RobotOutput(id="ward", number=2, name="Ward"),)),),
    )
    devices = build(site, lambda low, high: low / 10)
    robot = devices.robots["R1"]
    robot.watch(events.append)
    robot.watch(queue.put_nowait)
    async with asyncio.TaskGroup() as tasks:
        link = tasks.create_task(devices.links["robot"].run())
        try:
            async with asyncio.timeout(WITHIN_S):
                yield server, devices, events, queue
        finally:
            link.cancel()
            listening.close()
            for writer in server.writers:
                writer.close()


async def until(queue: asyncio.Queue[RobotEvent], kind: type[RobotEvent]) -> RobotEvent:
    while not isinstance(event := await queue.get(), kind):
        continue
    return event


@pytest.mark.parametrize("most", [1, 7, 100, 4096])
async def test_orders_over_tcp_however_it_is_split(most: int) -> None:
    async with running(most) as (server, devices, _, queue):
        await until(queue, RobotLink)
        for id in range(2, 12):
            order = PickOrder(id=str(id), output=2, lines=(ONE,))
            assert await devices.robots["R1"].order(order, "intent-1", SOON) is OrderAnswer.QUEUED
            ended = await until(queue, OutputEnded)
            assert isinstance(ended, OutputEnded)
            assert (ended.order, [pack.batch for pack in ended.packs]) == (str(id), ["B7"])
        assert server.peer.orders() == [str(id) for id in range(2, 12)]
    assert devices.strangers == ("wwks2",)


async def test_a_connection_that_is_dropped_comes_back_as_another_epoch_and_orders_nothing_again() -> None:
    async with running(100) as (server, devices, events, queue):
        await until(queue, RobotLink)
        robot = devices.robots["R1"]
        server.peer.answers["OutputRequest"] = lambda asked: server.writers[-1].close() or b""
        with pytest.raises(LinkLost):
            await robot.order(PickOrder(id="2", output=2, lines=(ONE,)), "intent-1", SOON)
        await until(queue, RobotLink)
        await until(queue, RobotLink)
        assert [(event.epoch, event.up) for event in events if isinstance(event, RobotLink)] == [(1, True), (1, False), (2, True)]
        assert server.peer.orders() == ["2"]
