"""The ward's own site file builds hands and house alike: every drawer is seen and opened through its real bytes."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest

import sites
from drivers.registry import build
from simulators.house import House
from simulators.plant.pocket import CannotDo, Lot
from sites.models import Site
from tests.kit import virtual_loop

WARD = Path(sites.__file__).parent / "ward.toml"


def test_every_drawer_of_the_ward_opens_by_itself_alone() -> None:
    site = Site.model_validate(tomllib.loads(WARD.read_text()))

    async def play() -> None:
        house = House(site)
        devices = build(site, lambda low, high: high, house.dial)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(link.run()) for link in devices.links.values()]
            await asyncio.sleep(1)
            loop = asyncio.get_running_loop()
            for part in site.drawers:
                board = devices.boards[part.lock.board]
                await board.release(part.lock.channel, f"intent-{part.id}", loop.time() + 5)
                await asyncio.sleep(0.1)  # the hook needs its time
                looks = await board.look()
                assert looks[part.lock.channel].latched is False, part.id
                assert house.plant.drawers[part.id].pull()
                await asyncio.sleep(0.5)
                assert (await board.look())[part.lock.channel].shut is False, part.id
                house.plant.drawers[part.id].push()
                await asyncio.sleep(1)
                assert (await board.look())[part.lock.channel].latched is True, part.id
            for task in running:
                task.cancel()
        assert [edge.drawer for edge in house.plant.truth.pulses()] == [part.id for part in site.drawers]
        house.clear()

    virtual_loop.run(play())


def test_hands_reach_only_into_open_drawers() -> None:
    site = Site.model_validate(tomllib.loads(WARD.read_text()))
    drawer = site.drawers[0]
    pocket = drawer.pockets[0].id

    async def play() -> None:
        house = House(site)
        with pytest.raises(CannotDo, match="is shut"):
            house.plant.take(pocket, 1)
        with pytest.raises(CannotDo, match="no pocket"):
            house.plant.take("Z-99-9", 1)
        house.plant.drawers[drawer.id].force()
        house.plant.put(pocket, Lot("L1", "2031-01-31", 3))
        assert [one.quantity for one in house.plant.take(pocket, 2)] == [2]
        assert house.plant.pockets[pocket].quantity == 1
        with pytest.raises(CannotDo, match="holds 1"):
            house.plant.take(pocket, 2)
        house.clear()

    virtual_loop.run(play())
