"""Houses whose twin is looked at: the shipped ward and pharmacy, and the small site of the other tests."""

from __future__ import annotations

import json
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

import sites
from simulators.__main__ import controlled
from simulators.house import House
from sites.check import check
from sites.models import Site

HERE = Path(sites.__file__).parent
WARD, PHARMACY = HERE / "ward.toml", HERE / "robot.toml"


def house_of(path: Path) -> House:
    """A shipped site with all that lies in it."""
    report = check(path)
    assert report.site is not None
    return House(report.site, report.data.lots, report.packs, report.data.items)


def ward_with(**drawer: Any) -> House:
    """The ward with another first drawer."""
    report = check(WARD)
    tables = tomllib.loads(WARD.read_text())
    tables["drawers"][0] |= drawer
    return House(Site.model_validate(tables), report.data.lots, report.packs, report.data.items)


@asynccontextmanager
async def played(house: House) -> AsyncIterator[str]:
    """Where its twin is. Nothing of the house goes on afterwards."""
    try:
        async with controlled(house, None, "127.0.0.1", 0) as url:
            yield url
    finally:
        house.clear()


class Stream:
    """What a page is told: its parts as they were last, and how often each came."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.parts: dict[str, str] = {}
        self.came: list[set[str]] = []
        self.beats: list[str] = []

    async def next(self) -> str | None:
        """The name of the next event; None at the end of the stream."""
        name = None
        async for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: ") and name == "parts":
                changed = json.loads(line.removeprefix("data: "))
                self.parts |= changed
                self.came.append(set(changed))
            elif line.startswith("data: "):
                self.beats.append(line.removeprefix("data: "))
            elif not line:
                return name
        return None

    async def until(self, part: str, text: str) -> str:
        """A part once it says this."""
        while text not in self.parts.get(part, ""):
            assert await self.next() is not None, f"the stream ended; {part} is {self.parts.get(part)}"
        return self.parts[part]


@asynccontextmanager
async def watched(url: str, **query: Any) -> AsyncIterator[Stream]:
    """The stream of a page."""
    async with httpx.AsyncClient(base_url=url, timeout=10) as client, client.stream("GET", "/twin/stream", params=query) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)
