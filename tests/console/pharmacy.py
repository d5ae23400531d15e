"""A pharmacy that stands: robot, gantry and belts of `sites/robot.toml`. The ward its totes go to is only announced to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sites
from api.cli.demo_stations import RX, lay_out, staff
from api.cli.demo_ward import free
from tests.console.stand import Stand
from tests.kit.programs import answers

if TYPE_CHECKING:
    from playwright.async_api import Page

SITE = Path(sites.__file__).parent / "robot.toml"


class Pharmacy(Stand):
    """One pharmacy on this machine; what pushes lists there is `rx`."""

    program = RX

    def __init__(self, folder: Path) -> None:
        runs = lay_out(folder, SITE, free(0))
        self.run = runs[0]
        assert not self.run.report.errors, self.run.report.errors
        asyncio.run(staff(runs, self.run.folder.name))
        self.url = f"http://{self.run.listen}"
        self.steel = self.daemon = None

    def ready(self) -> None:
        """Returns when it listens, every drawer has been looked at, the robot has told what it holds, and every belt is up."""
        super().ready()
        while not self._machines_are_up():
            answers(f"{self.url}/v1/health")

    def _machines_are_up(self) -> bool:
        robots = self.rx("GET", "robots")["items"]
        modules = self.rx("GET", "line")["modules"]
        return all(robot["state"] == "ready" for robot in robots) and all(module["up"] for module in modules)

    async def type_pin(self, page: Page, person: str) -> None:
        """By a keyboard: no number of digits is said here, so it is sent off by hand."""
        await page.locator("#pin").fill(self.run.pins[person])
        await page.keyboard.press("Enter")


@contextmanager
def dispensing(folder: Path) -> Iterator[Pharmacy]:
    """A pharmacy that stands for as long as the block lasts."""
    pharmacy = Pharmacy(folder)
    try:
        pharmacy.start()
        yield pharmacy
    finally:
        pharmacy.close()
