"""The planted bugs themselves: what each puts in the place of the right code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.rest import works
from controller.actors import drawer as drawer_actor
from controller.actors import drawer_duties
from controller.actors.board import BoardWatch
from controller.actors.drawer import Drawer
from controller.actors.intent import Intent, Outcome
from controller.ledger import format as ledger_format
from controller.ledger import ledger as ledger_module
from controller.ledger.ledger import SqliteLedger
from controller.ledger.views.stock import StockView
from controller.machines.drawer import REFUSED, TABLE, Event, State
from controller.machines.table import Rules
from controller.policy.people import People
from controller.workflows import count, draw, pull, restock
from controller.workflows.visit import Visit
from drivers.link import Link
from drivers.locks.kerong_cu16 import Cu16Board
from drivers.session import Session

Patch = pytest.MonkeyPatch


# --- bugs on the way to the lock


def told_twice(patch: Patch) -> None:
    tell = Link.tell

    async def twice(self: Link, *args: Any, **more: Any) -> Any:
        answer = await tell(self, *args, **more)
        return await tell(self, *args, **more) if answer is None else answer

    patch.setattr(Link, "tell", twice)


def slow_disk(patch: Patch) -> None:
    """The writer takes its time: no bug, but what does not wait for it shows."""
    send = SqliteLedger._send
    patch.setattr(SqliteLedger, "_send", lambda self: _later(self, send))


def _later(ledger: SqliteLedger, send: Callable[[SqliteLedger], None]) -> None:
    asyncio.get_running_loop().call_later(0.2, lambda: None if ledger._closed else send(ledger))


def byte_before_the_disk(patch: Patch) -> None:
    slow_disk(patch)
    unlocking = drawer_duties.unlocking

    async def hasty(drawer: Drawer) -> Any:
        if drawer.intent is not None:
            drawer.intent.durable = asyncio.sleep(0)
        return await unlocking(drawer)

    patch.setitem(drawer_duties.DUTIES, State.UNLOCKING, hasty)  # type: ignore[arg-type]


def sent_again_at_restart(patch: Patch) -> None:
    resume = drawer_actor.Drawer.restore

    def again(self: Drawer, state: State, alarms: Any, intent: Intent | None) -> None:
        resume(self, state, alarms, intent)
        if intent is not None:
            self.ground.spawn(pulse(self, intent), "again")

    async def pulse(drawer: Drawer, intent: Intent) -> None:
        await asyncio.sleep(3)
        await drawer.watch.board.release(drawer.part.lock.channel, intent.id, asyncio.get_running_loop().time() + 1)

    patch.setattr(Drawer, "restore", again)


def next_channel(patch: Patch) -> None:
    release = Cu16Board.release
    patch.setattr(Cu16Board, "release", lambda self, channel, *more: release(self, channel % 4 + 1, *more))


def no_drain(patch: Patch) -> None:
    async def settle(self: Session, *, for_act: bool, until: float = 0) -> bool:
        await self.rest_until(asyncio.get_running_loop().time())
        return True

    patch.setattr(Session, "settle", settle)


def unlocks_in_a_halt(patch: Patch) -> None:
    patch.setattr(drawer_actor, "RULES", Rules((*TABLE, (Event.UNLOCK, State.HALTED, State.UNLOCKING)), REFUSED))
    patch.setattr(Drawer, "_check_open", lambda self, event: None)


# --- bugs in what is believed


def unknown_is_opened(patch: Patch) -> None:
    outcome = Intent.outcome

    def guessed(self: Intent, *args: Any) -> Any:
        found, why = outcome(self, *args)
        return (Outcome.OPENED if found is Outcome.UNKNOWN else found), why

    patch.setattr(Intent, "outcome", guessed)


def forced_is_ignored(patch: Patch) -> None:
    look = Drawer.look

    def blind(self: Drawer, seen: Any) -> None:
        if self.state is not State.LOCKED or self.looks.meaning(seen) is Event.SEEN_LOCKED:
            look(self, seen)

    patch.setattr(Drawer, "look", blind)


def difference_is_accepted(patch: Patch) -> None:
    entries = draw.count_entries

    async def silent(*args: Any, **more: Any) -> Any:
        return (await entries(*args, **more))[:1]

    for module in (draw, count, restock):
        patch.setattr(module, "count_entries", silent)


def balance_stands_still(patch: Patch) -> None:
    move = StockView._move

    def still(self: StockView, row: Any, what: str, body: Any) -> None:
        before = self.pockets[body["pocket"]]["balance"]
        move(self, row, what, body)
        if what == "taken":
            self.pockets[body["pocket"]]["balance"] = before

    patch.setattr(StockView, "_move", still)


def promised_twice(patch: Patch) -> None:
    free = StockView.free

    def all_of_it(self: StockView, *args: Any) -> int:
        kept, self.reserved = self.reserved, {}
        try:
            return free(self, *args)
        finally:
            self.reserved = kept

    patch.setattr(StockView, "free", all_of_it)


def expected_is_shown(patch: Patch) -> None:
    ask = works._ask

    def helpful(station: Any, work: Any) -> Any:
        asked = ask(station, work)
        if asked is None or "count" not in asked.entries:
            return asked
        expected = station.books.stock.expected(asked.pocket).for_ledger()
        return asked.model_copy(update={"entries": [*asked.entries, str(expected)]})

    patch.setattr(works, "_ask", helpful)


# --- bugs around the work


def told_before_the_disk(patch: Patch) -> None:
    slow_disk(patch)

    async def settled(self: SqliteLedger) -> None:
        return

    patch.setattr(SqliteLedger, "settled", settled)


def same_id_anew(patch: Patch) -> None:
    begin = pull.begin

    def forgetful(station: Any, session: Any, kind: str, id_: str, *more: Any) -> Awaitable[bool]:
        station.books.work.works.pop(f"{kind}/{id_}", None)
        return begin(station, session, kind, id_, *more)

    patch.setattr(pull, "begin", forgetful)


def waits_for_ever(patch: Patch) -> None:
    patch.setattr(Visit, "_wait_anew", lambda self: None)


def timer_left(patch: Patch) -> None:
    listen = BoardWatch._listen

    def careless(self: BoardWatch) -> None:
        listen(self)
        asyncio.get_running_loop().call_later(3600, print)

    patch.setattr(BoardWatch, "_listen", careless)


def hash_without_the_body(patch: Patch) -> None:
    hash_of = ledger_module.hash_of
    patch.setattr(ledger_module, "hash_of", lambda *of: hash_of(*of[:-1], b""))


def own_witness(patch: Patch) -> None:
    patch.setattr(People, "_check_witness", lambda self, person, session: None)


def no_sync(patch: Patch) -> None:
    """`synchronous=NORMAL`: what is acknowledged is lost with the power."""
    patch.setitem(ledger_format.PRAGMAS, "synchronous", 1)
