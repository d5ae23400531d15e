"""What a robot holds, kept right: compared with its own answer after each break, and item by item where there is doubt.

Only what has changed is written. A comparison is dropped, and made again later, where packs of that item moved while it was
asked for: the answer is then older than the books.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from controller.actors import robot_entries as entries_of
from controller.ledger.port import Entry
from controller.machines import robot_input, robot_pick
from drivers.faults import LinkFault
from drivers.robot_facts import StockChanged, StoredArticle

if TYPE_CHECKING:
    from controller.actors.ground import Pair
    from controller.actors.robot import RobotActor
    from controller.ledger.views.robot_records import Held

SLICE = 50
"""Articles asked for at once, at most 200 by reference domain.md AT11.6: a pick waits for no more than one of these to be read,
compared and written."""
SETTLE_S = 1.0
"""An item is asked for again so long after it came into doubt: a robot tells one event in several messages."""
UNASKED_S = 60.0
"""Fewer packs, and no order of ours: somebody has ordered at the robot itself. Which packs they are is told at that order's end."""
AGAIN_S = 5.0
"""A question that was not answered is asked anew after this."""


class Slice(NamedTuple):
    """What came of comparing some items: packs that the robot told, items of which packs are missing or too many, and items of
    which packs were in motion."""

    packs: int
    differing: int
    left: int


class Stock:
    """The stock of one robot."""

    __slots__ = ("_actor", "_due", "_moves", "_short", "_waker")

    def __init__(self, actor: RobotActor) -> None:
        self._actor = actor
        self._due: dict[str, float] = {}
        """Items to be asked for, and from when on (loop time)."""
        self._moves: dict[str, int] = {}
        """How often packs of an item have moved, by what the robot told."""
        self._short: dict[str, list[str]] = {}
        """Orders of an item that have ended short since it was compared: a pack that is missing then may be one of theirs."""
        self._waker: asyncio.Future[None] | None = None

    def ended_short(self, item: str, order: str) -> None:
        """An order has ended with fewer packs than were wanted: a robot that jams may give up a pack that falls all the same."""
        self._short.setdefault(item, []).append(order)

    def moved(self, items: Iterable[str]) -> None:
        """Packs of these have moved: what was asked before says nothing of it."""
        for item in items:
            self._moves[item] = self._moves.get(item, 0) + 1
        self.wake()

    def doubtful(self, items: Iterable[str], after_s: float = SETTLE_S) -> None:
        """These are asked for, so long from now or as soon as it may be."""
        self._due.update(dict.fromkeys(items, asyncio.get_running_loop().time() + after_s))
        self.wake()

    def wake(self) -> None:
        """Something has changed that a waiting question, or an audit, may depend on."""
        self._actor.audits.wake()
        if self._waker is not None and not self._waker.done():
            self._waker.set_result(None)

    def told(self, event: StockChanged) -> None:
        """New quantities, and data of packs that have changed."""
        actor = self._actor
        changed: dict[str, dict[str, Held]] = {}
        differ: list[Entry] = []
        for article in event.articles:
            books = actor.view.packs(actor.id, article.id)
            news = entries_of.compared(books, article).changed
            if news:
                changed[article.id] = dict(news)
                differ += actor.ground.differs(actor.id, article.id, entries_of.relabelled(books, news), None)
                self.moved([article.id])
            if article.quantity != len(books):
                fewer = article.quantity < len(books) and article.id not in self._under_way()
                self.doubtful([article.id], UNASKED_S if fewer else SETTLE_S)
        if changed:
            actor.post(Entry("robot.stock_seen", {"robot": actor.id, "stock": changed}), *differ)

    # --- duties

    async def sync(self) -> None:
        """Compares everything. Ends by LinkFault only when the link has."""
        actor, began = self._actor, asyncio.get_running_loop().time()
        items = await self.every_item()
        known = actor.view.robots.get(actor.id)
        first = known is None or not known["synced"]
        self._due = {item: at for item, at in self._due.items() if item not in items}
        packs = differing = 0
        for start in range(0, len(items), SLICE):
            read = await self._compare(items[start : start + SLICE], first=first)
            packs, differing = packs + read.packs, differing + read.differing
        body = {
            "robot": actor.id,
            "articles": len(items),
            "packs": packs,
            "differing": differing,
            "took_ms": int((asyncio.get_running_loop().time() - began) * 1000),
        }
        actor.post(Entry("robot.synced", body))

    async def every_item(self) -> list[str]:
        """The items that the robot holds, or should. Ends by LinkFault only when the link has."""
        totals = await self._answered(lambda: self._actor.device.stock(None, packs=False))
        known = self._actor.view.robots.get(self._actor.id)
        return sorted({article.id for article in totals} | set(known["stock"] if known is not None else ()))

    async def read_again(self, items: Sequence[str]) -> Slice:
        """Compares these while nothing is under way; the packs of what is in doubt are asked for by `keep`, and left to it. What
        is missing or too much is written once it was told a second time, a while later: somebody may be ordering at the robot
        itself. Ends by LinkFault only when the link has."""
        some = [item for item in items if item not in self._due]
        read = await self._compare(some, first=False, sure=False)
        return read._replace(left=read.left + len(items) - len(some))

    async def keep(self) -> None:
        """For ever: asks for the items that are in doubt and of which nothing is under way."""
        loop = asyncio.get_running_loop()
        while True:
            under_way = self._under_way()
            idle = {item: at for item, at in self._due.items() if item not in under_way}
            some = [item for item, at in idle.items() if at <= loop.time()][:SLICE]
            if not some:
                await self._pause(min(idle.values(), default=None))
                continue
            for item in some:
                del self._due[item]
            await self._compare(some, first=False)  # a link that ends meanwhile has everything asked for anew

    async def _pause(self, until: float | None) -> None:
        loop = asyncio.get_running_loop()
        self._waker = loop.create_future()
        timer = None if until is None else loop.call_at(until, self.wake)
        try:
            await self._waker
        finally:
            self._waker = None
            if timer is not None:
                timer.cancel()

    def _under_way(self) -> set[str]:
        """The items of which packs may come out, or in, at this moment: the robot changes its books before it tells us."""
        actor = self._actor
        coming = actor.view.robots[actor.id]["inputs"].values()
        stored = {known["item"] for known in coming if known["item"] and known["state"] == robot_input.State.ALLOWED}
        return stored | {pick["item"] for pick in actor.view.live(actor.id) if pick["state"] in robot_pick.SENT}

    async def _compare(self, items: Sequence[str], *, first: bool, sure: bool = True) -> Slice:
        """Asks for these and writes what differs."""
        if not items:
            return Slice(0, 0, 0)
        moves = [self._moves.get(item, 0) for item in items]
        told = {article.id: article for article in await self._answered(lambda: self._actor.device.stock(items, packs=True))}
        under_way = self._under_way()
        stale = [item for item, moved in zip(items, moves, strict=True) if moved != self._moves.get(item, 0) or item in under_way]
        self.doubtful(stale)
        differing = self._write([item for item in items if item not in stale], told, first=first, sure=sure)
        return Slice(sum(article.quantity for article in told.values()), differing, len(stale))

    def _write(self, items: Iterable[str], told: dict[str, StoredArticle], *, first: bool, sure: bool) -> int:
        """Writes what differs, in the commit that opens the discrepancies. Returns in how many items packs are missing or too
        many."""
        actor = self._actor
        seen, differs, discrepancies = {}, [], list[Entry]()
        unsure = 0
        for item in items:
            books = actor.view.packs(actor.id, item)
            news = entries_of.compared(books, told.get(item))
            fresh = {**news.changed, **(news.appeared if first else {})}
            if fresh:
                seen[item] = fresh
            pairs: dict[str, Pair] = {**entries_of.relabelled(books, news.changed)}
            if not sure and (news.missing or news.appeared):
                self.doubtful([item], UNASKED_S)
                unsure += 1
            elif news.missing or (news.appeared and not first):
                doubted = [*(pick["order"] for pick in actor.view.live(actor.id, item)), *self._short.get(item, ())]
                differs.append(
                    {
                        "robot": actor.id,
                        "item": item,
                        "expected": len(books),
                        "told": len(books) - len(news.missing) + len(news.appeared),
                        "appeared": {} if first else dict(news.appeared),
                        "missing": list(news.missing),
                        "picks": doubted,
                    }
                )
                suspected = actor.view.live(actor.id, item)  # what is missing may have come out of the first of them
                pairs |= {pack: (books[pack], None) for pack in news.missing if not suspected}
                pairs |= {pack: (None, held) for pack, held in news.appeared.items() if not first}
                if news.missing:
                    self._short.pop(item, None)
            discrepancies += actor.ground.differs(actor.id, item, pairs, None)
        entries = [Entry("robot.stock_seen", {"robot": actor.id, "stock": seen})] if seen else []
        entries += [Entry("robot.stock_differs", body) for body in differs]
        if entries:
            actor.post(*entries, *discrepancies)
        return len(differs) + unsure

    async def _answered(self, ask: Callable[[], Awaitable[Sequence[StoredArticle]]]) -> Sequence[StoredArticle]:
        """The answer, however often it must be asked for. Raises LinkFault when there is no link to ask over."""
        while True:
            try:
                return await ask()
            except LinkFault:
                if not self._actor.device.up:
                    raise
            await asyncio.sleep(AGAIN_S)
