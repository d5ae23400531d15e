"""The day of one list: pushed, filled, sealed, carried, put away, signed for; and after each step the books are compared."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controller.machines.gantry import WORKS
from controller.machines.gantry import State as Gantry
from sites.models import Site
from tests.journey.books import Everything
from tests.journey.hand import Hand
from tests.journey.pharmacy import LIST, TOTE, Technician
from tests.journey.rounds import count_all
from tests.journey.stations import Node, two_stations, until
from tests.journey.story import befall
from tests.journey.ward import Receiver
from tests.kit.station import BEGAN


@dataclass(slots=True)
class Journey:
    """One list's day, and what came of it."""

    pharmacy: Node
    ward: Node
    all: Everything
    rx: Hand
    lines: list[dict[str, Any]]
    steps: list[str] = field(default_factory=list)
    wrong: list[tuple[str, dict[str, tuple[int, int]]]] = field(default_factory=list)
    """After which step, and which items: truth and books."""
    state: str = ""
    seed: int = 0
    technician: Technician | None = None
    rows: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    """The pharmacy's ledger at the end."""

    async def lives(self, mishaps: Sequence[tuple[float, str]] = (), *, sent: bool = False) -> None:
        """From the push to the receipt in the pharmacy's ledger, and the round in the evening; `sent`: no farther than to the
        courier."""
        await until(self._synced)
        async with asyncio.TaskGroup() as wrongs:
            for at_s, kind in mishaps:
                wrongs.create_task(befall(self.all, at_s, kind, self.seed), name=f"{kind} at {at_s}")
            await self._day(sent=sent)
        await self._evening()

    async def _day(self, *, sent: bool) -> None:
        await self.step("the day begins")
        await self.rx.done("PUT", LIST, {"revision": 1, "lines": self.lines})
        kim, engineer = Hand(self.pharmacy, "kim", "technician"), Hand(self.pharmacy, "bio", "biomedical_engineer")
        technician = Technician(self.all, kim, engineer, self.step)
        self.technician = technician
        await technician.works()
        if sent:
            return
        await Receiver(self.all, Hand(self.ward, "tess", "technician"), self.step).works()
        await self.rx.until(f"/totes/{TOTE}", lambda told: told["receipt"] is not None)
        await self.step("the receipt is in the pharmacy's ledger")

    async def _evening(self) -> None:
        """Whatever nobody is sure of is looked at, and counted."""
        assert self.technician is not None
        await self.technician.evening()
        await count_all(self.all.ward, Hand(self.ward, "tess", "technician"), "W")
        await self.step("everything is counted")
        self.state = (await self.rx.get(LIST))["state"]
        self.rows = self.pharmacy.world.rows()

    async def step(self, what: str) -> None:
        """Something is done: once nothing moves, truth and books are one, but for what the books themselves doubt."""
        await until(self._quiet)
        self.steps.append(what)
        if wrong := self.all.wrong():
            self.wrong.append((what, wrong))

    def _quiet(self) -> bool:
        """No machine is at it, and both daemons are up."""
        if any(node.standing.station is None for node in (self.pharmacy, self.ward)):
            return False
        station = self.pharmacy.world.station
        busy = [order for robot in station.robots for order in station.books.robots.live(robot) if order["state"] != "in_doubt"]
        works = [id_ for id_, gantry in station.gantries.items() if gantry.state in WORKS]
        busy += [order for id_ in works for order in station.books.gantries.open(id_)]  # type: ignore[misc]
        moving = any(gantry.state in {Gantry.FETCHING, Gantry.HANDING_OVER, Gantry.HOMING} for gantry in station.gantries.values())
        return not busy and not moving

    def _synced(self) -> bool:
        station = self.pharmacy.standing.station
        return station is not None and all(robot.state == "ready" for robot in station.robots.values())


@asynccontextmanager
async def journey(folder: Path, seed: int = 0) -> AsyncIterator[Journey]:
    """Both stations at work, and a list of what the ward lacks."""
    async with two_stations(folder, seed) as (pharmacy, ward, rx):
        everything = Everything(pharmacy, ward)
        yield Journey(pharmacy, ward, everything, Hand(pharmacy, "rx", None, rx), forty(everything), seed=seed)


A_MONTH = datetime.timedelta(days=30)


def forty(everything: Everything) -> list[dict[str, Any]]:
    """Forty lines, all of which the pharmacy has and the ward has room for: from the gantry, from the robot (whole packs), and by
    hand from shelf and cabinet. Every thirteenth is urgent."""
    pharmacy, ward = (node.world.house.site for node in (everything.pharmacy, everything.ward))
    room = _room(ward)
    good = {lot.pocket for lot in everything.pharmacy.report.data.lots if lot.expiry > BEGAN.date() + A_MONTH}
    machines = {place.item for gantry in pharmacy.gantries for place in gantry.shelf if place.id in good}
    racked = {rack.item for rack in everything.pharmacy.report.packs if rack.expiry > BEGAN.date() + A_MONTH} - machines
    fetched = {pocket.item for holder in pharmacy.holders for pocket in holder.pockets if pocket.id in good} - racked - machines
    lines: list[dict[str, Any]] = []
    for source, most in ((machines, 10), (racked, 16), (fetched, 40)):
        for item in sorted(str(one) for one in source):
            pack = 1 if source is fetched else everything.pack(item)
            quantity = min(room.get(item, 0), 2 * pack if pack > 1 else 4) // pack * pack
            if quantity and most and len(lines) < 40:
                lines.append({"n": len(lines) + 1, "item": item, "quantity": quantity, "urgent": len(lines) % 13 == 0})
                most -= 1
    return lines


def _room(site: Site) -> dict[str, int]:
    """Units of each item that still fit into one of its pockets, where the ward has run low."""
    found: dict[str, int] = {}
    for holder in site.holders:
        for pocket in holder.pockets:
            if pocket.item is not None:
                found[pocket.item] = max(found.get(pocket.item, 0), pocket.capacity // 2)
    return found
