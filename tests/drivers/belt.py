"""The small belts (`tests/sites/belt.py`) as hands and house in virtual time, every link up."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from drivers.capabilities import Conveyor, Diverter
from drivers.registry import Devices, build
from simulators.house import House
from simulators.weather import Storm, Weather
from sites.models import Site
from tests.kit import virtual_loop
from tests.sites.belt import SITE


def belt_site(*edits: tuple[str, str]) -> Site:
    """The site, with each first text replaced by the second."""
    text = SITE
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return Site.model_validate(tomllib.loads(text))


_TCP = Weather(lose=0.05, split=0.3, delay=0.05, delay_s=1.0, duplicate=0.03)
TCP = Storm(_TCP, replace(_TCP, cut=0.02))
"""What may befall a TCP line: what is garbled on it never arrives, for TCP sums its bytes. Modbus TCP itself has no check."""


class Works:
    """House and hands of one story."""

    def __init__(self, house: House, devices: Devices) -> None:
        self.house, self.devices = house, devices
        self.belts = house.belts

    @property
    def a(self) -> Conveyor:
        """The module with the zones `in` and `fork`."""
        return self.devices.conveyors["module-a"]

    @property
    def b(self) -> Conveyor:
        """The module with the zones `pack` and `lane`."""
        return self.devices.conveyors["module-b"]

    @property
    def gate(self) -> Diverter:
        """The diverter."""
        return self.devices.diverters["gate"]

    async def up(self, links: Iterable[str] = ()) -> None:
        """Waits until these links (all, where none are named) are up."""
        waited = [self.devices.links[id] for id in links] or list(self.devices.links.values())
        async with asyncio.timeout(60):
            while not all(link.up for link in waited):
                await asyncio.sleep(0.01)

    def soon(self, seconds: float = 10.0) -> float:
        """A deadline."""
        return asyncio.get_running_loop().time() + seconds

    def written(self, link: str, register: int) -> list[bytes]:
        """The frames that wrote this register (4:nnnn) on a link, in order."""
        address = (register - 1).to_bytes(2, "big")
        frames = [line.data for line in self.devices.wirelog.frames(link) if line.direction == "out"]
        return [frame for frame in frames if frame[7] == 6 and frame[8:10] == address]


def at_work(story: Callable[[Works], Awaitable[Any]], *edits: tuple[str, str], seed: int = 0) -> Works:
    """Plays a story over the simulated belts in virtual time."""
    kept: list[Works] = []

    async def play() -> None:
        house = House(belt_site(*edits), seed=seed)
        devices = build(house.site, lambda low, high: high, house.dial)
        works = Works(house, devices)
        kept.append(works)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(link.run()) for link in devices.links.values()]
            await works.up()
            await story(works)
            for task in running:
                task.cancel()
        house.clear()

    virtual_loop.run(play())
    return kept[0]
