"""A host's raw end of a simulated wire, in virtual time: bytes in, bytes out, nothing of the codecs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from simulators.boards.kerong_cu16 import Cu16
from simulators.house import House
from simulators.serve import MemoryEnd
from tests.kit import virtual_loop
from tests.simulators.small import small_site


class Far:
    """A host's raw end: what it says, and what it hears within half a second."""

    def __init__(self, house: House, end: MemoryEnd) -> None:
        self.house, self.end = house, end

    async def say(self, data: str | bytes, within_s: float = 0.5) -> bytes:
        self.end.write(bytes.fromhex(data) if isinstance(data, str) else data)
        heard = b""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    heard += await self.end.read()
        except TimeoutError:
            return heard

    async def hex(self, data: str, within_s: float = 0.5) -> str:
        return (await self.say(data, within_s)).hex(" ").upper()

    def cu16(self, id: str) -> Cu16:
        return cast(Cu16, self.house.boards[id])


def on(link: str, tell: Callable[[Far], Awaitable[None]]) -> House:
    house: list[House] = []

    async def play() -> None:
        house.append(House(small_site()))
        end = await house[0].dial(link)
        await tell(Far(house[0], end))
        end.close()
        house[0].clear()

    virtual_loop.run(play())
    return house[0]
