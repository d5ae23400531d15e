"""A whole station with the belts of `line.toml` in virtual time: the house with the real totes at the far end of every wire."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from controller.actors.line import LineActor
from controller.actors.line_sends import Sent
from simulators.plant.belts import Belts
from sites.models import Site
from tests.kit.station import TERMINAL, World, simulated_station
from tests.kit.virtual_loop import run

LAYOUT = tomllib.loads((Path(__file__).parent / "line.toml").read_text())
TOTE_MM = 300
ROBOT, GANTRY, PACKING = "load-robot", "load-gantry", "packing"


def line_site(**more: Any) -> Site:
    """The belts, and a desk for people. What fills the totes at the loading places is no part of it."""
    station = {"id": "line", "name": "Small line", "simulated": True}
    return Site.model_validate({"station": station, "terminals": [{"id": TERMINAL, "name": "Desk"}], **LAYOUT, **more})


class Works:
    """One story's world, and short ways to look at it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sent: list[Sent] = []

    @property
    def line(self) -> LineActor:
        """The station's line."""
        line = self.world.station.line
        assert line is not None
        return line

    @property
    def belts(self) -> Belts:
        """The belts as they really are."""
        return self.world.house.belts

    async def until(self, true: Callable[[], bool], within_s: float = 60.0) -> None:
        """Returns when it is true; fails after so many seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within_s
        while not true():
            assert loop.time() < end, f"not within {within_s} s; {self.said()[-25:]}"
            await asyncio.sleep(0.05)

    async def ready(self) -> None:
        """Every module answers, every loading place holds, every reader and gate is there."""
        await self.ready_but_gates()
        await self.until(lambda: all(self.line.gate_watch.sure(gate) for gate in self.line.gates))

    async def ready_but_gates(self) -> None:
        """The same, whatever is thought of the gates."""
        places = [place for place in self.line.layout.places.values() if place.entry is not None]
        await self.until(lambda: not self.line.stands() and all(self.line.holds(place) for place in places))
        await self.until(lambda: all(self.line.gate_watch.exit(gate) for gate in self.line.gates))

    async def put(self, tote: str, at: str = ROBOT, code: str | None = None) -> None:
        """A person puts an empty tote down at a loading place; returns when it stands before the zone's eye."""
        zone = self.line.place(at).zone
        self.belts.put(tote, zone, TOTE_MM, code)
        await self.until(lambda: self.line.occupied(self.line.place(at)))

    async def put_still(self, tote: str, at: str = ROBOT) -> None:
        """The same while the belts stand: it is put down right before the eye."""
        zone = self.line.place(at).zone
        self.belts.put(tote, zone, TOTE_MM, front=self.belts.belt(zone).eye_at + 1)
        await self.until(lambda: self.line.occupied(self.line.place(at)))

    async def send(self, tote: str, frm: str = ROBOT, to: str = PACKING, list_: str = "L-1") -> str:
        """Sends it; how that ended."""
        self.sent.append(await self.line.send(tote, list_, frm, to, "station"))
        return str(self.sent[-1].outcome)

    async def arrived(self, tote: str, at: str, within_s: float = 60.0) -> None:
        """Returns when the ledger says so."""
        await self.world.until("line.arrived", tote=tote, at=at, within_s=within_s)

    def where(self, tote: str) -> str:
        """The zone on which it really is."""
        return self.belts.where(tote).belt.id

    def said(self, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
        """The line's rows of these kinds (all without)."""
        rows = [(kind, dict(body)) for kind, body in self.world.rows() if kind.startswith("line.")]
        return [(kind, body) for kind, body in rows if not kinds or kind in {f"line.{one}" for one in kinds}]

    def told(self, kind: str, tote: str = "") -> int:
        """How often that was said (of a tote)."""
        return sum(body.get("tote", "") == tote or not tote for _, body in self.said(kind))

    def stands(self, tote: str) -> str:
        """What is believed of it."""
        known = self.world.books.lines.totes.get(tote)
        return "free" if known is None else known["state"]


def at_the_line(tale: Callable[[Works], Awaitable[None]], seed: int = 0, **more: Any) -> None:
    """Plays a story on a line that is ready."""

    async def play() -> None:
        async with simulated_station(line_site(**more), seed) as world:
            works = Works(world)
            await works.ready()
            await tale(works)

    run(play())
