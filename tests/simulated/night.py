"""One night at a simulated station: storm, then calm, then an honest count of everything; and the evidence of all of it.

The shipped station runs on the shipped ledger over a disk that loses power, behind its own REST face. One seed, one night.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from simulators.plant.pocket import CannotDo
from simulators.serve import MemoryEnd
from simulators.weather import STORMS
from tests.kit.powercut import PowerCutDisk, Sync
from tests.kit.station import BEGAN, World
from tests.kit.virtual_loop import run
from tests.simulated import staff
from tests.simulated.desk import Desk
from tests.simulated.evidence import Chain, Death, Did, Evidence, Place, Sent, durable_seq, read_ledger
from tests.simulated.motion import lock_of
from tests.simulated.places import COUNT_WAIT_S, SECRET, ward_data, ward_site
from tests.simulated.script import Blow, Script, Theft, Trouble

REST_S = COUNT_WAIT_S + 30.0
"""Everything has ended so long after the storm: a work left at its question, a drawer left ajar, a link's longest back-off."""

Cast = Callable[["Night"], Awaitable[None]]
"""The people of a night, until the storm ends and they are sent home."""


class _Worst(random.Random):
    """The chance with which a cut keeps nothing that was not synced."""

    def choice(self, seq: Any) -> Any:
        return seq[0]

    def random(self) -> float:
        return 1.0


class _Tapped:
    """A host's end of a wire that notes what is written."""

    def __init__(self, end: MemoryEnd, note: Callable[[bytes], None]) -> None:
        self.read, self.arrived, self.close = end.read, end.arrived, end.close
        self._end, self._note = end, note

    def write(self, data: bytes) -> None:
        self._end.write(data)
        self._note(data)


class Night:
    """What is going on in one night."""

    def __init__(self, script: Script) -> None:
        self.script = script
        site = ward_site(relays=script.relays, count=script.count, late_ms=script.late_ms)
        data = ward_data()
        self.world = World(site, data.lots, script.seed, None, data)  # type: ignore[arg-type]  # any seed that prints
        self.chance = random.Random(f"{script.seed} night")
        self.evidence = Evidence(
            places={part.id: Place(part.id, "lockbus", part.lock.board, part.lock.channel) for part in site.drawers},
            speaks={id_: link.protocol for id_, link in site.links.items()},
            pockets={pocket.id: part.id for part in site.drawers for pocket in part.pockets},
            secret=SECRET,
            edges=self.world.plant.truth.edges,
            lying=script.lying,
            forging=script.forging,
            copying=script.copying,
        )
        self.diary: list[Did] = self.evidence.did
        self.desk = Desk(self.world, self._durable_at_answer)
        self.evidence.told = self.desk.told
        self.dead = False
        """The station does not start any more."""
        self._stormy = True
        self._between = False
        self._looked: tuple[int, int, int] = (0, -1, 0)
        self._syncs = self._frames = self._disks = 0
        self._struck: asyncio.Queue[Blow] = asyncio.Queue()
        self._dial = self.world.house.dial
        self.world.house.dial = self._tapped  # type: ignore[method-assign, assignment]

    # --- taps

    async def _tapped(self, link: str) -> Any:
        return _Tapped(await self._dial(link), lambda data: self._sent(link, data))

    def _sent(self, link: str, data: bytes) -> None:
        act = lock_of(self.evidence.speaks[link], data) != 0
        self.evidence.sent.append(Sent(self.now, link, data, self.durable() if act else None))
        if act:
            self._frames += 1
            self._strike("frame", self._frames)

    def tap_disk(self) -> None:
        """Counts the syncs of the present disk, and lets the power go in the middle of one."""
        disk: PowerCutDisk = self.world.disk
        take = disk.take
        self._disks += 1

        def tapped(op: Any) -> None:
            if isinstance(op, Sync):
                self._syncs += 1
                self._strike("sync", self._syncs)
            take(op)

        disk.take = tapped  # type: ignore[method-assign]

    def _strike(self, when: str, count: int) -> None:
        for blow in self.script.blows:
            if blow.when == when and blow.at == count and self._stormy:
                self._struck.put_nowait(blow)
                self.world.disk.dead = self.world.disk.dead or blow.power

    def durable(self) -> int:
        """The last row that a power cut now would surely leave."""
        at = (self._disks, self._syncs)
        if self._looked[:2] != at:
            self._looked = (*at, durable_seq(self.world.disk.platter.after_cut(_Worst())))
        return self._looked[2]

    def _durable_at_answer(self, method: str) -> int | None:
        if method == "GET" or self.chance.random() >= self.script.asks:
            return None
        return self.durable()

    @property
    def now(self) -> float:
        """Seconds since the night began."""
        return asyncio.get_running_loop().time()

    # --- the course of it

    async def live(self, cast: Cast, morning: Cast) -> Evidence:
        """The whole night, and the morning after it."""
        before = _descriptors()
        self.tap_disk()
        await self.world.start()
        await self.desk.open()
        self.desk.live()
        self.world.house.blow(self.script.storm)
        await self._storm(cast)
        if not self.dead:
            await self._calm()
            await morning(self)
            await self.world.stop()
        await self._close(before)
        return self.evidence

    async def _storm(self, cast: Cast) -> None:
        works = [cast(self), self._fate(), *(self._trouble(one) for one in self.script.troubles)]
        works += [self._theft(one) for one in self.script.thefts]
        works += [self._halt(at, for_s) for at, for_s in self.script.halts]
        for blow in self.script.blows:
            if blow.when == "time":
                asyncio.get_running_loop().call_at(blow.at, self._struck.put_nowait, blow)
        tasks = [asyncio.ensure_future(work) for work in works]
        await asyncio.sleep(max(0.0, self.script.storm_s - self.now))
        self._stormy = False
        for task in tasks:
            if task is not tasks[1]:
                task.cancel()
        while self._dying and not self.dead:
            await asyncio.sleep(0.5)
        tasks[1].cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    async def _calm(self) -> None:
        """Good weather, faults lifted, drawers pushed home; then nobody does anything for as long as the bounds say."""
        house = self.world.house
        house.blow(STORMS["calm"])
        for told in self.world.faults.told():
            self.world.faults.lift(told["id"])
        for wire in house.wires.values():
            wire.to_board.mishaps.clear()
            wire.to_host.mishaps.clear()
            wire.plug()
        for drawer in self.world.plant.drawers.values():
            await asyncio.sleep(drawer.slide_s + 1)
            with suppress(CannotDo):
                if not drawer.shut:
                    await self.world.plant.shut(drawer.id)
        self.evidence.calm_at = self.now
        await asyncio.sleep(REST_S)
        self.evidence.rest_at = self.now
        await asyncio.sleep(1.0)

    async def _close(self, before: int) -> None:
        evidence, world = self.evidence, self.world
        evidence.ended_at = self.now
        evidence.ledger = read_ledger({name: bytes(data) for name, data in world.disk.contents.items()}, BEGAN)
        evidence.lies_in = {id_: pocket.quantity for id_, pocket in world.plant.pockets.items()}
        await self.desk.close()
        world.close()
        if not self.dead:
            evidence.left_over += _left(before)

    # --- what befalls it

    @property
    def _dying(self) -> bool:
        return not self._struck.empty() or self.desk.life == 0 or self._between

    async def _fate(self) -> None:
        while True:
            blow = await self._struck.get()
            self._between = True
            try:
                await self._die(blow)
            finally:
                self._between = False

    async def _die(self, blow: Blow) -> None:
        at, life = self.now, self.desk.life
        self.desk.die()
        await self.world.crash(power=blow.power)
        left = read_ledger({name: bytes(data) for name, data in self.world.disk.contents.items()}, BEGAN)
        if blow.boards:
            for board in self.world.house.boards.values():
                board.reboot(1.0)
        await asyncio.sleep(blow.down_s)
        self.tap_disk()
        try:
            await self.world.start()
        except Exception as error:  # noqa: BLE001 - whatever it is, L7 says so
            left, self.dead = Chain(left.rows, left.flaw or f"the station does not start on it: {error!r}"), True
        self.evidence.deaths.append(Death(at, self.now, life, blow.power, left))
        if not self.dead:
            self.desk.live()

    async def _trouble(self, trouble: Trouble) -> None:
        await asyncio.sleep(max(0.0, trouble.at - self.now))
        with suppress(CannotDo):
            number = self.world.fault(**trouble.what)
            await asyncio.sleep(trouble.for_s)
            self.world.faults.lift(number)

    async def _theft(self, theft: Theft) -> None:
        await asyncio.sleep(max(0.0, theft.at - self.now))
        await staff.steal(self, theft)

    async def _halt(self, at: float, for_s: float) -> None:
        await asyncio.sleep(max(0.0, at - self.now))
        await staff.halt(self, for_s)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def _left(before: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = [f"task {task.get_name()}" for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    timers = [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
    found += [f"timer {timer!r}" for timer in timers]
    return found + ([f"{_descriptors() - before} descriptors"] if _descriptors() > before else [])


def night(script: Script, cast: Cast = staff.everybody, morning: Cast = staff.morning) -> Evidence:
    """Runs a night from beginning to end in virtual time."""
    return run(Night(script).live(cast, morning))
