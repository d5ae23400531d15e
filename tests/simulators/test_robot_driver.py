"""Our driver against our robot: two halves written apart meet on one wire, split byte by byte, and the plant says what is true."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from drivers.capabilities import Robot
from drivers.registry import build
from drivers.robot_facts import (
    CancelAnswer,
    InputAsked,
    InputEnded,
    InputRuling,
    InputVerdict,
    OrderAnswer,
    OutputEnd,
    OutputEnded,
    OutputProgress,
    PackRuling,
    PickLine,
    PickOrder,
    RobotEvent,
    TaskStatus,
)
from simulators.faults.faults import Faults
from simulators.house import House
from simulators.plant.robot.pack import Article
from simulators.weather import Storm, Weather
from sites.models import Site
from tests.kit import virtual_loop
from tests.simulators.pis import ANY
from tests.simulators.test_robot_site import tables

SPLIT = Storm(Weather(split=1.0, gap_s=0.001), Weather(split=1.0, gap_s=0.001))
"""Byte by byte, faster than the named storm: an answer of nine packs must come within the time that a robot has for it."""
Told = TypeVar("Told", bound=RobotEvent)


class Met:
    """The driver's robot, the house's, and all that the driver was told."""

    def __init__(self, house: House, robot: Robot) -> None:
        self.house, self.robot = house, robot
        self.station = house.robots["robot"]
        self.events: list[RobotEvent] = []
        robot.watch(self.events.append)

    async def told(self, kind: type[Told], within_s: float = 200) -> Told:
        """The next of this kind that nobody has asked for yet."""
        async with asyncio.timeout(within_s):
            while True:
                for event in self.events:
                    if isinstance(event, kind):
                        self.events.remove(event)
                        return event
                await asyncio.sleep(0.1)

    async def order(self, id: str, packs: int, output: int = 1) -> OrderAnswer:
        order = PickOrder(id=id, output=output, lines=(PickLine(article="A1", packs=packs),))
        return await self.robot.order(order, f"intent-{id}", asyncio.get_running_loop().time() + 5)


def met(tell: Callable[[Met], Awaitable[None]]) -> None:
    async def play() -> None:
        site = Site.model_validate(tables())
        house = House(site)
        house.wires["picker"].blow(SPLIT)
        devices = build(site, lambda low, high: high, house.dial)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(link.run()) for link in devices.links.values()]
            here = Met(house, devices.robots["robot"])
            async with asyncio.timeout(60):
                while not here.robot.up:
                    await asyncio.sleep(0.1)
            await tell(here)
            for task in running:
                task.cancel()
        house.clear()

    virtual_loop.run(play())


def test_orders_boxes_cancellations_and_stock() -> None:
    async def tell(here: Met) -> None:
        robot = here.station.robot
        for _ in range(9):
            robot.hold(Article("A1", "One"), "4711", batch="B1", expiry="2029-03-31")
        (stored,) = await here.robot.stock(["A1"], True)
        assert (stored.quantity, {pack.id for pack in stored.packs}) == (9, set(robot.book.packs))
        assert await here.order("688", 2) is OrderAnswer.QUEUED
        ended = await here.told(OutputEnded)
        assert (ended.order, ended.end, len(ended.packs)) == ("688", OutputEnd.COMPLETED, 2)
        assert [robot.steel.place(number) for number in (1, 2)] == ["output:1"] * 2
        assert (await here.robot.task("688")).status is TaskStatus.COMPLETED
        assert (await here.robot.task("9")).status is TaskStatus.NOT_FOUND
        assert await here.order("689", 4, output=4) is OrderAnswer.QUEUED
        released = await here.told(OutputProgress)
        assert (len(released.packs), len(released.boxes)) == (3, 1)
        assert len((await here.told(OutputEnded)).packs) == 4
        assert await here.order("690", 1, output=7) is OrderAnswer.REJECTED
        assert here.station.hands.take_all("1") == [1, 2]
        assert await here.order("691", 3) is OrderAnswer.QUEUED
        deadline = asyncio.get_running_loop().time() + 5
        assert await here.robot.cancel("691", "intent-c", deadline) is CancelAnswer.CANCELLED
        assert (await here.told(OutputEnded)).end is OutputEnd.ABORTED

    met(tell)


def test_an_input_asked_twice_and_told_back() -> None:
    async def tell(here: Met) -> None:
        robot = here.station.robot
        here.station.hands.lay("belt", robot.new_pack("A1", "03453120000011"))
        for ruling in (InputRuling.NO_EXPIRY, InputRuling.ALLOWED):
            asked = await here.told(InputAsked)
            verdict = InputVerdict(asked=asked, intent="i", packs=(PackRuling(index=0, ruling=ruling),), article="A1", name="One")
            await here.robot.answer_input(verdict)
            if ruling is InputRuling.NO_EXPIRY:
                await asyncio.sleep(5)
                here.station.hands.enter("belt", expiry="2030-06-30")
        ended = await here.told(InputEnded)
        (pack,) = ended.stored
        (held,) = robot.book.packs.values()
        assert (pack.id, pack.article, str(pack.expiry)) == (held.id, "A1", "2030-06-30")
        assert robot.steel.place(1).startswith("rack:")

    met(tell)


def test_a_cut_between_response_and_message_and_a_robot_that_forgets() -> None:
    """AT11.3 from the robot's side: what came out is asked for, and Unknown proves nothing."""

    async def tell(here: Met) -> None:
        robot, faults = here.station.robot, Faults(here.house)
        for _ in range(2):
            robot.hold(Article("A1", "One"), "4711")
        assert await here.order("688", 1) is OrderAnswer.QUEUED
        faults.plant(ANY.validate_python({"kind": "unplug", "link": "picker", "seconds": 60}))
        await asyncio.sleep(200)
        assert here.robot.up
        assert not any(isinstance(event, OutputEnded) for event in here.events), "there is no replay"
        state = await here.robot.task("688")
        assert (state.status, len(state.packs)) == (TaskStatus.COMPLETED, 1)
        faults.plant(ANY.validate_python({"kind": "robot-forgets", "robot": "robot"}))
        assert (await here.robot.task("688")).status is TaskStatus.NOT_FOUND
        assert robot.steel.place(1) == "output:1"
        (stored,) = await here.robot.stock(None, False)
        assert stored.quantity == 1

    met(tell)
