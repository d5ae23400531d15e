"""A pharmacy system's raw end of a simulated robot, in virtual time: literal messages out, what arrives read with the standard
library; nothing of the codec."""

from __future__ import annotations

import asyncio
import re
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import TypeAdapter

from simulators.boards.wwks2.dialogs import robot_station
from simulators.boards.wwks2.station import Wwks2Station
from simulators.faults.fault import Fault
from simulators.faults.faults import AnyFault, Faults
from simulators.house import House
from simulators.plant.robot.make import InputPoint, Make, OutputPoint
from simulators.plant.robot.pack import Article, Held
from simulators.plant.robot.rack import Geometry
from simulators.plant.robot.robot import Robot
from simulators.serve import MemoryEnd, memory
from simulators.wire import Wire
from tests.kit import virtual_loop
from tests.simulators.small import small_site

HELLO = (
    '<HelloRequest Id="1"><Subscriber Id="{0}" Type="IMS" Manufacturer="M" ProductInfo="P" VersionInfo="1" '
    'TenantId="">{1}</Subscriber></HelloRequest>'
)
MESSAGE = re.compile(rb"<WWKS (?:[^<]|<!\[CDATA\[.*?\]\]>|<(?!!\[CDATA\[|/WWKS>))*</WWKS>", re.DOTALL)
"""One message. What is quoted in CDATA may hold the end of another. (Not possessive: Python 3.11.2 matches those wrongly.)"""
ENVELOPE = re.compile(r'<WWKS Version="2\.0" TimeStamp="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ">')


ANY: TypeAdapter[Fault] = TypeAdapter(AnyFault)


class Pis:
    """One connection. `log` is all that was heard, with the loop time."""

    def __init__(self, end: MemoryEnd, number: int = 100) -> None:
        self.end, self.number = end, number
        self.log: list[tuple[float, ET.Element]] = []
        self.raw = b""
        self.closed = False
        self._rest = b""

    async def hello(self, *capabilities: str) -> ET.Element:
        names = "".join(f'<Capability Name="{name}"/>' for name in capabilities)
        return await self.ask(HELLO.format(self.number, names))

    def say(self, message: str) -> None:
        """One message, `{me}` being this device."""
        text = message.replace("{me}", str(self.number))
        self.end.write(f'<WWKS Version="2.0" TimeStamp="2026-01-05T08:00:00Z">{text}</WWKS>'.encode())

    async def ask(self, message: str, within_s: float = 5.0) -> ET.Element:
        """Says it, and gives the answer of that Id."""
        self.say(message)
        lead = ET.fromstring(message.replace("{me}", "0"))
        return await self.until(lead.tag.replace("Request", "Response"), within_s, id=lead.get("Id"))

    async def until(self, tag: str, within_s: float = 120.0, id: str | None = None, after: int = 0) -> ET.Element:
        """The first message of this kind, heard already or yet to come; fails after that time."""
        async with asyncio.timeout(within_s):
            while True:
                for _, lead in self.log[after:]:
                    if lead.tag == tag and id in {None, lead.get("Id")}:
                        return lead
                assert await self._read(), f"closed while waiting for {tag}; heard {self.tags()}"

    async def listen(self, within_s: float) -> list[ET.Element]:
        """All that comes in this time."""
        before = len(self.log)
        try:
            async with asyncio.timeout(within_s):
                while await self._read():
                    pass
        except TimeoutError:
            pass
        return [lead for _, lead in self.log[before:]]

    def tags(self) -> list[str]:
        return [lead.tag for _, lead in self.log]

    async def _read(self) -> bool:
        data = await self.end.read()
        self.closed = not data
        self.raw += data
        self._rest += data
        while message := MESSAGE.match(self._rest):
            self._rest = self._rest[message.end() :]
            text = message[0].decode()
            assert ENVELOPE.match(text), text
            (lead,) = ET.fromstring(text)
            self.log.append((asyncio.get_running_loop().time(), lead))
        return bool(data)


MAKE = Make(
    geometry=Geometry(columns=4, shelves=8, cold_columns=1),
    inputs=(InputPoint("1", name="belt"), InputPoint("2", starts="told"), InputPoint("3", starts="fed")),
    outputs=(OutputPoint("1"), OutputPoint("2", capacity=3), OutputPoint("3"), OutputPoint("4", boxes=True, box_capacity=2)),
    stock_locations=(("main", "Main stock"),),
)


class Stage:
    """One robot with a pharmacy system that has said Hello."""

    def __init__(self, make: Make = MAKE) -> None:
        self.robot = Robot("R1", make)
        self.station: Wwks2Station = robot_station("R1", self.robot)
        self.wire = Wire(answers=self.station.connect)
        self.hands = self.station.hands
        self.house = House(small_site())
        self.house.robots["R1"], self.house.wires["robot"] = self.station, self.wire
        self.faults = Faults(self.house)
        self.pis: Pis

    def fault(self, kind: str, **about: Any) -> int:
        about = about if "link" in about or "board" in about else {"robot": "R1", **about}
        return self.faults.plant(ANY.validate_python({"kind": kind, **about}))

    async def dial(self, number: int = 100) -> Pis:
        return Pis(await memory(self.wire), number)

    def hold(self, article: str = "A1", batch: str = "B1", expiry: str = "2029-03-31", **about: Any) -> Held:
        known = Article(article, f"Article {article}", "TAB", "20", about.pop("units", 0))
        return self.robot.hold(known, f"code-{article}", batch=batch, expiry=expiry, **about)

    def where(self, held: Held) -> str:
        """Where the real pack is that stood where the book says at the start."""
        return self.robot.steel.place(self.numbers[held.id])

    @property
    def numbers(self) -> dict[int, int]:
        return {held.id: self.robot.steel.rack.at(held.place) or 0 for held in self.robot.book.packs.values()}


def staged(tell: Callable[[Stage], Awaitable[None]], make: Make = MAKE) -> Stage:
    stage: list[Stage] = []

    async def play() -> None:
        stage.append(Stage(make))
        stage[0].pis = await stage[0].dial()
        await stage[0].pis.hello()
        await tell(stage[0])
        stage[0].house.clear()

    virtual_loop.run(play())
    return stage[0]
