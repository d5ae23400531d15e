"""One station: its drawers, the links and boards they hang on, the work that is going on, and how it starts and stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Self

from controller import belts, gantries, halts, restart, robots, strays, terminals, touches
from controller.actors.board import BoardWatch
from controller.actors.cabinet import Turn
from controller.actors.drawer import Drawer
from controller.actors.ground import Ground
from controller.actors.holder import Holder
from controller.actors.open_shelf import shelves
from controller.clock import Clock, Ids
from controller.cursors import Cursors
from controller.ledger.books import Books
from controller.ledger.port import Entry, Ledger
from controller.planning.planner import Planner
from controller.policy.people import People
from controller.policy.session import Session
from controller.workflows import custody, discrepancy, fill, opening, robot_differences, split
from controller.workflows.restart import after_restart
from controller.workflows.talk import Desk
from drivers.faults import Fault, LedgerFault, Refused
from drivers.link import LinkChange
from drivers.registry import Devices
from sites.data import SiteData
from sites.models import Site

log = logging.getLogger(__name__)

STOP_S = 3.0
"""A pulse that is on its way when the station stops is watched so long; what is open then is settled by the next start."""
NO_DATA = SiteData()
AGAIN_S = 1.0
"""A link or a board whose driver had a defect is taken up again after this."""
FRAMES = 20
"""So many last frames of a link travel with a fault."""


class Station:
    """One station. `async with Station.open(…) as station`: inside, it runs; after, every task of it has ended."""

    def __init__(
        self,
        site: Site,
        ledger: Ledger,
        books: Books,
        people: People,
        devices: Devices,
        clock: Clock,
        ids: Ids,
        data: SiteData = NO_DATA,
    ) -> None:
        """Wires it up; nothing runs and nothing is recorded yet. `books` are the views that the ledger folds into.

        `data` is what a new ledger begins with; an older one has it already and takes no notice.
        """
        self.site, self.ledger, self.books, self.people, self.devices = site, ledger, books, people, devices
        self.clock, self.ids, self._data = clock, ids, data
        self.ready = False
        """Whether the API may take requests that open something."""
        self.stopping = False
        self.failure: LedgerFault | None = None
        """Why nothing can be recorded any more; then nothing opens and reading goes on."""
        self._full = self._runs = False
        self._running: set[asyncio.Task[None]] = set()
        people.holds_open = lambda session: bool(books.intents.of_session(session.id))
        self.desk, self.terminals = Desk(), terminals.Terminals(self)
        self.cursors = Cursors(ledger, books.consumers, self.spawn)
        frames = partial(devices.wirelog.lines, last=FRAMES)
        given, strayed = partial(fill.received, self), partial(strays.strayed, self)
        differs = partial(robot_differences.differs, self), partial(robot_differences.came_out, self)
        ground = Ground(
            ledger, ids, self.spawn, self.permit, people.still, frames, strayed, self.defect, given, *differs, self._unrecordable
        )
        self.robots = robots.actors(self, ground)
        self.line = belts.line_of(self, ground)
        self.boards = {id_: BoardWatch(id_, board, devices.links[board.link_id]) for id_, board in devices.boards.items()}
        self.turns = {cabinet.id: Turn() for cabinet in site.cabinets}
        self.drawers = {
            part.id: Drawer(part, self.boards[part.lock.board], self.turns[part.cabinet], ground) for part in site.drawers
        }
        self.planner, self.gantries = Planner(None), gantries.actors(self, ground)
        self.holders: dict[str, Holder] = {**self.drawers, **shelves(site, ground), **self.gantries}

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        site: Site,
        ledger: Ledger,
        books: Books,
        people: People,
        devices: Devices,
        clock: Clock,
        ids: Ids,
        data: SiteData = NO_DATA,
    ) -> AsyncIterator[Self]:
        """Starts in this order: restart protocol, links, looking at the boards, READY. Stops within 5 s."""
        station = cls(site, ledger, books, people, devices, clock, ids, data)
        station._runs = True
        try:
            await station._start()
            try:
                yield station
            finally:
                await station._stop()
        finally:
            await station._end_all()
            station._runs = False

    # --- what may be, and what is

    @property
    def degraded(self) -> str | None:
        """Why the station does less than it should; None while all is well."""
        if self.failure is not None:
            return self.failure.code
        return "ledger-full" if self._full else None

    def permit(self) -> None:
        """Whether anything may open now. Raises LedgerFault when it could not be recorded, Refused when we are leaving."""
        if self.failure is not None:
            raise self.failure
        if not self.ready or self.stopping:
            raise Refused("station-stopping" if self.stopping else "station-not-ready")
        try:
            self.ledger.ensure_room()
        except LedgerFault as fault:
            self._note_full(fault)
            raise
        self._note_full(None)

    def spawn(self, coroutine: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Runs work that nobody waits for. Its fault or defect ends that work only; a defect is recorded."""
        if not self._runs:
            coroutine.close()
            raise RuntimeError("the station does not run")
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        why = None if task.cancelled() else task.exception()
        if why is not None:
            self._failed(task.get_name(), why)

    async def halt(self, session: Session, reason: str) -> None:
        """A named person stops every opening and every motion; it ends by `resume`. See `halts.halt`."""
        await halts.halt(self, session, reason)

    async def resume(self, session: Session) -> None:
        """Ends a halt: everything that was halted is looked at again. Raises Refused."""
        await halts.resume(self, session)

    # --- start and stop

    async def _start(self) -> None:
        began = asyncio.get_running_loop().time()
        self.ledger.post(*opening.started(self.site, self.books.station.config_hash), *self.people.begin())
        if begin := opening.at_start(self.site, self._data, self.books):
            self.ledger.post(*begin)
        restart.resume(self)
        robots.restore(self)
        gantries.restore(self)
        if ended := after_restart(self.books):
            self.ledger.post(*ended)
        for link in self.devices.links.values():
            link.watch(self._link_changed)
            self._last(link.run, f"link {link.id}")
        for watch in self.boards.values():
            self._last(watch.run, f"board {watch.id}", lambda watch=watch: watch.lost("defect"))  # type: ignore[misc]
        if self.line is not None:
            belts.restore(self.line)
            self._last(self.line.run, "line")
        self._last(partial(discrepancy.watch, self), "discrepancies")
        self._last(partial(custody.watch, self), "totes")
        self._last(partial(split.watch, self), "pick lists")
        self._last(partial(touches.keep_sessions, self), "sessions")
        if self.gantries:
            self._last(partial(gantries.plan, self), "planner")
        self.ready = True
        took_ms = int((asyncio.get_running_loop().time() - began) * 1000)
        self.ledger.post(Entry("station.ready", {"took_ms": took_ms}))
        await self.ledger.settled()
        self.spawn(self._verify_ledger(), "verifying the ledger")

    async def _verify_ledger(self) -> None:
        """Checks the chain before the checkpoint of this start. A broken one opens nothing, and is recorded itself."""
        try:
            await self.ledger.verify_rest()
        except LedgerFault as fault:
            self.ledger.post(Entry("station.degraded", {"level": "L4", "reason": fault.code, "facts": fault.facts}))
            self._unrecordable(fault)
            return
        if self.books.station.level == "L4":  # a copy was put back, and it holds
            self.ledger.post(Entry("station.degraded", {"level": "L0", "reason": ""}))

    def _last(self, run: Callable[[], Coroutine[Any, Any, None]], name: str, broken: Callable[[], None] | None = None) -> None:
        """Keeps something running for as long as the station does; a defect of its begins it anew."""

        async def keep() -> None:
            while self.failure is None:  # what cannot be recorded is not begun anew
                try:
                    await run()
                except Exception as why:  # noqa: BLE001 - of whatever kind: it is told, and begun anew
                    self._failed(name, why)
                if broken is not None:
                    broken()
                await asyncio.sleep(AGAIN_S)

        self.spawn(keep(), name)

    async def _stop(self) -> None:
        """No new opening; a pulse on its way is watched for a moment; then everything ends. The next start settles the rest."""
        self.stopping = True
        try:
            async with asyncio.timeout(STOP_S):
                for turn in self.turns.values():
                    await turn.take("station")  # and never gives it back
        except TimeoutError:
            log.warning("stopped while a lock was being pulsed")
        self.ready = False
        await self._end_all()
        if self.failure is None:
            self.ledger.post(Entry("station.stopped", {"reason": "asked"}))
            await self.ledger.settled()

    async def _end_all(self) -> None:
        while self._running:  # a duty that ends may have begun the next one
            for task in self._running:
                task.cancel()
            await asyncio.wait(self._running)

    # --- what happens to all of it

    def _link_changed(self, change: LinkChange) -> None:
        body = {"link": change.link, "epoch": change.epoch}
        try:
            self.ledger.post(Entry("link.up", body) if change.up else Entry("link.lost", {**body, "reason": change.reason}))
        except LedgerFault as fault:
            self._unrecordable(fault)

    def _failed(self, name: str, why: BaseException) -> None:
        """Some work has ended by its own fault or by a defect of ours."""
        if isinstance(why, LedgerFault):
            self._unrecordable(why)
        elif isinstance(why, Fault):
            log.warning("%s: %s", name, why)
        else:
            self.defect(name, why)

    def defect(self, name: str, defect: BaseException) -> None:
        """Records that some work met a defect of ours."""
        log.error("defect in %s", name, exc_info=defect)
        try:
            self.ledger.post(Entry("station.defect", {"work": name, "error": f"{type(defect).__name__}: {defect}"}))
        except LedgerFault as fault:
            self._unrecordable(fault)

    def _unrecordable(self, fault: LedgerFault) -> None:
        """Nothing opens any more; what was recorded can still be read (law 1)."""
        if self.failure is None:
            log.critical("nothing can be recorded any more: %s", fault)
            self.failure = fault

    def _note_full(self, fault: LedgerFault | None) -> None:
        """The degraded mode in force is itself an entry (I-48)."""
        if fault is not None and fault.code != "ledger-full":
            self._unrecordable(fault)
        elif self._full is not (fault is not None):
            self._full = fault is not None
            full = {"level": "L3", "reason": "ledger-full"}
            self.ledger.post(Entry("station.degraded", full if self._full else {"level": "L0", "reason": ""}))
