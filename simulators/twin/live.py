"""The page's stream: parts that have become others, as they do. One stream a page; it ends with the page or with the run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from simulators.faults.faults import Faults
from simulators.house import House
from simulators.overheard import Overheard
from simulators.twin.pages import Pages, When, Wire
from simulators.twin.record import Record

FRAME_S, BEAT_S = 0.05, 1.0
"""Between two pictures of a motion, and between two signs of life."""


class Twin:
    """The twin of one house."""

    def __init__(self, house: House, faults: Faults) -> None:
        self._overheard = Overheard(house)
        self.record = Record()
        self.pages = Pages(house, faults, self._overheard, self.record)
        robots = [station.robot.steel.moves for station in house.robots.values()]
        self._logs = [house.plant.truth, house.belts.log, house.totes.log, *robots]
        self._looking: list[Callable[[object], None]] = []
        self._over = False

    def stir(self) -> None:
        """Something was done that no log tells of: every page looks again."""
        for look in tuple(self._looking):
            look(None)

    def end(self) -> None:
        """The end of a run: no stream holds it up."""
        self._over = True
        self.stir()

    async def stream(self, wire: Wire) -> AsyncIterator[str]:
        """Server-sent events: `parts`, a JSON object of HTML by id, and `beat` each second without one. The first are all parts."""
        stirred = asyncio.Event()
        heard: set[When] = {"still", "moving", "wire"}

        def hear(link: str) -> None:
            if link == wire.link:
                heard.add("wire")
                stirred.set()

        def see(entry: object) -> None:
            heard.update(("still", "moving"))
            stirred.set()

        unwatch = [log.watch(see) for log in self._logs]  # type: ignore[attr-defined]
        self._overheard.watchers.append(hear)
        self._looking.append(see)
        shown: dict[str, str] = {}
        loop = asyncio.get_running_loop()
        beat = loop.time()
        try:
            while not self._over:
                now = {part.id: part.render() for part in self.pages.parts(wire) if part.when in heard}
                heard.clear()
                changed = {id: html for id, html in now.items() if shown.get(id) != html}
                shown |= changed
                if changed:
                    yield f"event: parts\ndata: {json.dumps(changed)}\n\n"
                if loop.time() >= beat:
                    beat = loop.time() + BEAT_S
                    yield f"event: beat\ndata: {self.pages.run}\n\n"
                await asyncio.sleep(FRAME_S)  # what happens at once is one picture
                moving = self.pages.moving()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stirred.wait(), FRAME_S if moving else max(0.0, beat - loop.time()))
                if loop.time() >= beat:
                    heard.update(("still", "moving"))  # a fault that is over by itself, a cable that somebody else plugs in
                if moving:
                    heard.add("moving")
                stirred.clear()
        finally:
            self._looking.remove(see)
            self._overheard.watchers.remove(hear)
            for end in unwatch:
                end()
