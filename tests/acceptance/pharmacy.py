"""A little pharmacy: the ward's cabinet beside a picking robot that speaks WWKS 2, people at the desk, all over REST.

What the tests judge by is the ledger and where the real packs are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from api.app import create_app
from api.standing import Standing
from controller.actors.robot import RobotActor
from controller.actors.robot_orders import Picking
from controller.ledger.views.robot_records import Robot as Record
from drivers.robot_facts import OrderPriority
from firmware_protocols.wwks2.messages import Message, OutputRequest
from simulators.boards.wwks2.client import Client
from simulators.boards.wwks2.station import Wwks2Station
from simulators.plant.robot.robot import Robot
from tests.acceptance.ward import Ward, ward_data
from tests.kit.robot import ROBOT, out, robot_site, station_of
from tests.kit.station import World

AMX, PRD, MOR = "amoxicillin-500", "prednisone-5", "morphine-10"


class Pharmacy(Ward):
    """The ward with a robot."""

    @property
    def actor(self) -> RobotActor:
        """The controller's robot."""
        return self.world.station.robots[ROBOT]

    @property
    def far(self) -> Wwks2Station:
        """The simulated robot's board."""
        return station_of(self.world)

    @property
    def steel(self) -> Robot:
        """The robot as it really is."""
        return self.far.robot

    @property
    def record(self) -> Record:
        """What the ledger says of it."""
        return self.world.station.books.robots.robots[ROBOT]

    def stock(self, item: str) -> int:
        """Packs of an item in the books."""
        return len(self.record["stock"].get(item, {}))

    def free(self, item: str) -> int:
        """Packs that may be given out and are promised to nobody."""
        return self.world.station.books.robots.free(ROBOT, item, self.actor.today())

    def truly_in(self, item: str) -> int:
        """Packs of an item that really stand in the rack."""
        steel = self.steel.steel
        return sum(steel.place(number).startswith("rack:") for number, pack in steel.packs.items() if pack.article == item)

    def out(self) -> list[int]:
        """The packs that have really come out."""
        return out(self.steel)

    async def pick(self, item: str, packs: int, output: int = 1, id_: str = "line-1", **more: Any) -> Picking:
        """An order for the pharmacy system."""
        who = await self.world.log_in("technician")
        return self.actor.pick(item, packs, {"kind": "pick-list", "id": id_}, who, output, priority=OrderPriority.NORMAL, **more)

    async def until(self, settled: Callable[[], bool], within_s: float = 300.0) -> None:
        """Returns as soon as it holds; fails after that time."""
        async with asyncio.timeout(within_s):
            while not settled():
                await asyncio.sleep(0.1)

    async def state(self, state: str, within_s: float = 300.0) -> None:
        """Returns when the robot is in this state."""
        await self.until(lambda: self.actor.state == state, within_s)
        await self.world.ledger.settled()

    heard: list[Message]
    """Every message that has reached the robot, over all its connections."""

    def orders(self) -> list[str]:
        """The ids of the orders that have reached the robot, each as often as it did."""
        return [message.id for message in self.heard if isinstance(message, OutputRequest)]


@asynccontextmanager
async def a_pharmacy(
    stock: Callable[[Robot], object] | None = None,
    *,
    seed: int = 0,
    until: str = "ready",
    assembling_s: float = 0.0,
    **about: Any,
) -> AsyncIterator[Pharmacy]:
    """A pharmacy at work. `stock` puts packs into the robot before anybody asks for them; it takes `assembling_s` for each pack
    of a long answer."""
    world = World(robot_site(**about), (), seed, None, ward_data([]))
    far = station_of(world)
    far.manners.assembling_s = assembling_s
    if stock is not None:
        stock(far.robot)
    heard: list[Message] = []
    answers = far.heard

    def hears(client: Client, message: Message) -> None:
        heard.append(message)
        answers(client, message)

    far.heard = hears  # type: ignore[method-assign]
    try:
        await world.start()
        standing = Standing(station=world.station)
        transport = httpx.ASGITransport(app=create_app(standing), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            pharmacy = Pharmacy(world, client, standing)
            pharmacy.heard = heard
            await pharmacy.state(until)
            yield pharmacy
            await pharmacy.quiet()
            pharmacy.folds_again()
        await world.stop()
    finally:
        if world._life is not None and not world._life.done():
            await world.crash()
        world.close()
