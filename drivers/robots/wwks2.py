"""Storage and picking robots that speak WWKS 2: the pharmacy system's side of every dialog that moves packs.

Source: device notes, part 1, as told in `firmware_protocols/wwks2`. The robot is the server. What it tells while nobody listens is
lost; after each new connection ask `task` for every open order, then `stock` (1.13).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime
from typing import Any

from drivers.dialogs import DialogLink, DialogSession
from drivers.faults import Effect, LinkLost
from drivers.robot_deliveries import DeliveryLine, MasterArticle, SetAnswer, SetSaid
from drivers.robot_facts import (
    CancelAnswer,
    InputRuling,
    InputVerdict,
    OrderAnswer,
    PickOrder,
    RobotEvent,
    StoredArticle,
    TaskState,
    TaskStatus,
)
from drivers.robots import wwks2_deliveries as deliveries
from drivers.robots import wwks2_facts as facts
from drivers.robots.wwks2_hearing import Hearing
from firmware_protocols.errors import FrameError
from firmware_protocols.wwks2 import host, parts, words
from firmware_protocols.wwks2 import messages as m
from sites.robots import Wwks2Robot

verified_on: tuple[str, ...] = ()
"""Devices this driver has met: device, firmware, date. Empty: it has never met its device."""

SLICE, SLICE_WITH_PACKS = 200, 25
"""Articles asked after at once: what comes back is read in one go, and an order is not to wait for it."""
FIRST_QUESTION = 1_000_000_000
"""Ids of our own questions are greater; those of orders are smaller, so that none is both."""
ORDER_ID = re.compile(r"[1-9][0-9]{0,8}")
MANUAL_OUTPUT = "1"
QUOTED = 65_536
"""Bytes of a message that are quoted in an UnprocessedMessage."""
HELLO_S = 5.0
CAPABILITIES = (
    "KeepAlive", "Status", "Input", "ArticleMaster", "StockDelivery", "StockInfo", "Output", "TaskInfo", "TaskCancel",
)  # fmt: skip
VERSION = "2"


def stream() -> host.IncomingStream:
    """Cuts a connection into messages."""
    return host.IncomingStream()


def legible(text: str) -> str:
    """A text without the two signs of Unicode that XML cannot hold in any way."""
    return text.translate({0xFFFE: "?", 0xFFFF: "?"})


def means(frame: bytes) -> str:
    """A message's text for the wire log: its meaning, or what is wrong with it; of a long one only the begin is kept."""
    try:
        return str(host.decode(frame))
    except FrameError as wrong:
        return f"{frame[:120].decode('utf-8', 'replace')} ({wrong})"


class Wwks2:
    """One robot on a link of its own. Conforms to `drivers.capabilities.Robot`."""

    def __init__(self, link: DialogLink, part: Wwks2Robot, wall: Callable[[], datetime] | None = None) -> None:
        self.id = part.id
        self.robot: parts.Subscriber | None = None
        """Who said Hello last: maker, product, version, capabilities."""
        self._link, self._part, self._wall = link, part, wall
        self._number = part.number
        self._asked = FIRST_QUESTION
        self._ordered: set[str] = set()
        self._hearing = Hearing(part.id, link, self._reply, part.stock_location)
        link.reply_s, link.beat_s = part.answer_s, part.status_s
        link.greet, link.heard, link.beat = self._greet, self._hearing.heard, self._beat
        link.watch(self._hearing.link_changed)

    @property
    def link_id(self) -> str:
        """The link this robot hangs on."""
        return self._link.id

    @property
    def up(self) -> bool:
        """Whether there is a connection now on which the robot has said Hello."""
        return self._link.up

    def watch(self, watcher: Callable[[RobotEvent], None]) -> None:
        """Calls `watcher` with every event, in the order in which they came in. It must not raise, and must not wait."""
        self._hearing.watchers.append(watcher)

    async def order(self, order: PickOrder, intent: str, deadline: float) -> OrderAnswer:
        """OutputRequest, once and never again. Raises LinkFault, ValueError (then nothing was sent)."""
        if not ORDER_ID.fullmatch(order.id) or order.id == MANUAL_OUTPUT:
            raise ValueError(f"the id of an order is a number from 2 to 999999999, not {order.id!r}")
        if order.id in self._ordered:
            raise ValueError(f"order {order.id} has been sent before")
        lines = tuple(facts.criteria(line, self._part.stock_location) for line in order.lines)
        request = m.OutputRequest(
            id=order.id,
            source=self._us,
            destination=self._number,
            box_number=order.box,
            details=facts.details(order),
            criteria=lines,
        )
        data = self._encoded(request)
        self._ordered.add(order.id)
        try:
            answer = await self._link.tell((m.OutputResponse, order.id), data, intent, deadline, f"order {order.id}")
        except Exception as failed:
            if getattr(failed, "effect", None) is Effect.NONE:
                self._ordered.discard(order.id)  # nothing of it was written
            raise
        if answer is None:
            return OrderAnswer.SILENT
        return OrderAnswer.REJECTED if answer.details.status is words.OrderStatus.REJECTED else OrderAnswer.QUEUED

    async def task(self, order: str) -> TaskState:
        """TaskInfoRequest with details. Raises LinkFault (effect NONE)."""
        return await self._task(words.TaskType.OUTPUT, order)

    async def delivery(self, number: str) -> TaskState:
        """TaskInfoRequest with details: every robot answers it, not all the StockDeliveryInfoRequest of 6.22."""
        return await self._task(words.TaskType.STOCK_DELIVERY, number)

    async def _task(self, kind: words.TaskType, id_: str) -> TaskState:
        def request(id: str) -> m.Message:
            wanted = parts.Task(type=kind, id=id_)
            return m.TaskInfoRequest(id=id, source=self._us, destination=self._number, include_task_details=True, task=wanted)

        answer: m.TaskInfoResponse = await self._ask(request, m.TaskInfoResponse, f"task {id_}")
        told = answer.task
        if told.id != id_:
            return TaskState(order=id_, status=TaskStatus.NOT_FOUND)
        return TaskState(
            order=id_,
            status=facts.TASKS[told.status],
            packs=facts.packs(told.articles, self._part.stock_location),
            boxes=tuple(b.number for b in told.boxes),
        )

    async def master(self, articles: Sequence[MasterArticle], intent: str, deadline: float) -> SetSaid:
        """ArticleMasterSetRequest, once; nothing where the master is another system's. Raises LinkFault."""
        if not self._part.article_master:
            return SetSaid(answer=SetAnswer.ACCEPTED)
        id, told = self._next_id(), deliveries.master(articles, self._part.stock_location)
        data = self._encoded(m.ArticleMasterSetRequest(id=id, source=self._us, destination=self._number, articles=told))
        answer = await self._link.tell((m.ArticleMasterSetResponse, id), data, intent, deadline, "article master")
        return deliveries.said(None if answer is None else answer.set_result)

    async def announce(self, number: str, lines: Sequence[DeliveryLine], intent: str, deadline: float) -> SetSaid:
        """StockDeliverySetRequest, once. Raises LinkFault, ValueError."""
        id, told = self._next_id(), (deliveries.delivery(number, lines, self._part.stock_location),)
        data = self._encoded(m.StockDeliverySetRequest(id=id, source=self._us, destination=self._number, stock_deliveries=told))
        answer = await self._link.tell((m.StockDeliverySetResponse, id), data, intent, deadline, f"delivery {number}")
        return deliveries.said(None if answer is None else answer.set_result)

    async def cancel(self, order: str, intent: str, deadline: float) -> CancelAnswer:
        """TaskCancelRequest, once. Raises LinkFault."""
        id = self._next_id()
        wanted = parts.Task(type=words.TaskType.OUTPUT, id=order)
        data = self._encoded(m.TaskCancelRequest(id=id, source=self._us, destination=self._number, tasks=(wanted,)))
        answer = await self._link.tell((m.TaskCancelResponse, id), data, intent, deadline, f"cancel {order}")
        said = [] if answer is None else [one.status for one in answer.tasks if one.id == order]
        return facts.CANCELS[said[0]] if said else CancelAnswer.SILENT

    async def stock(self, articles: Sequence[str] | None, packs: bool) -> Sequence[StoredArticle]:
        """StockInfoRequests, a slice of articles in each. Raises LinkFault (effect NONE)."""
        if articles is None:
            totals = await self._stock((), packs=False)
            if not packs:
                return totals
            articles = [one.id for one in totals]
        size = SLICE_WITH_PACKS if packs else SLICE
        found: list[StoredArticle] = []
        for at in range(0, len(articles), size):
            found += await self._stock(articles[at : at + size], packs=packs)
        return found

    async def answer_input(self, verdict: InputVerdict) -> None:
        """InputResponse, once. Raises LinkLost, ValueError."""
        key, allows = (verdict.asked.source, verdict.asked.input), {InputRuling.ALLOWED, InputRuling.ALLOWED_FOR_FRIDGE}
        if not verdict.intent and any(one.ruling in allows for one in verdict.packs):
            raise ValueError("a pack is let in under the intent that was recorded for it")
        if verdict.asked.epoch != self._link.epoch:
            raise LinkLost("link-lost", effect=Effect.NONE, link=self.link_id, reason="the connection that asked has ended")
        request = self._hearing.inputs.get(key)
        if request is None:
            raise ValueError(f"input {key[1]} has ended, or was never asked")
        answer = m.InputResponse(
            id=request.id,
            source=self._us,
            destination=self._to(request.source),
            is_new_delivery=request.is_new_delivery,
            articles=(facts.answer(request, verdict, self._part.stock_location),),
        )
        self._link.say(self._encoded(answer), verdict.asked.epoch, f"verdict on input {request.id} for {verdict.intent}")

    async def _greet(self, session: DialogSession) -> bool:
        """HelloRequest, at once: a robot waits 5 s for it. Its answer says under which number it is spoken to."""
        id, part = self._next_id(), self._part
        us = parts.Subscriber(
            id=self._us,
            type="IMS",
            manufacturer="Galenic",
            product_info="Galenic",
            version_info=VERSION,
            tenant_id=part.tenant or None,
            capabilities=tuple(parts.Capability(name=one) for one in CAPABILITIES),
        )
        answer = await session.exchange(
            (m.HelloResponse, id), self._encoded(m.HelloRequest(id=id, subscriber=us)), HELLO_S, "hello"
        )
        if answer is None:
            return False
        self.robot = answer.subscriber
        self._number = self.robot.id if self.robot.id > 0 else part.number
        return True

    async def _beat(self) -> None:
        """Status, or KeepAlive where a robot says that it can do other things only."""
        told = set() if self.robot is None else {one.name for one in self.robot.capabilities}
        if told and "Status" not in told:
            await self._ask(
                lambda id: m.KeepAliveRequest(id=id, source=self._us, destination=self._number), m.KeepAliveResponse, "alive"
            )
            return
        answer: m.StatusResponse = await self._ask(
            lambda id: m.StatusRequest(id=id, source=self._us, destination=self._number, include_details=True),
            m.StatusResponse,
            "status",
        )
        self._hearing.status(answer)

    def _reply(self, session: DialogSession, request: m.Message | m.Unreadable, frame: bytes) -> None:
        """What is answered at once: a KeepAlive, and what cannot be read."""
        destination = request.source if request.source is not None and request.source > 0 else self._number
        if isinstance(request, m.Unreadable):
            quoted = parts.Quotation(id=request.id, text=legible(frame[:QUOTED].decode("utf-8", "backslashreplace")))
            answer: m.Message = m.UnprocessedMessage(
                id=self._next_id(), source=self._us, destination=destination, reason=request.reason, message=quoted
            )
        else:
            answer = m.KeepAliveResponse(id=request.id, source=self._us, destination=destination)
        try:
            session.send(self._encoded(answer), type(answer).__name__)
        except LinkLost:
            return  # whoever asked is gone

    @property
    def _us(self) -> int:
        return self._part.subscriber

    def _to(self, source: int) -> int:
        return source if source > 0 else self._number

    def _next_id(self) -> str:
        self._asked += 1
        return str(self._asked)

    def _encoded(self, message: m.Lead) -> bytes:
        when = "" if self._wall is None else self._wall().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return host.encode(message, timestamp=when, packing_unit=self._part.packing_unit)

    async def _ask(self, request: Callable[[str], m.Message], answer: type[m.Lead], said: str) -> Any:
        def anew() -> tuple[Hashable, bytes]:
            id = self._next_id()
            return (answer, id), self._encoded(request(id))

        return await self._link.ask(anew, said)

    async def _stock(self, articles: Sequence[str], *, packs: bool) -> tuple[StoredArticle, ...]:
        wanted = facts.asks_after(articles, self._part.stock_location)

        def request(id: str) -> m.Message:
            return m.StockInfoRequest(id=id, source=self._us, destination=self._number, include_packs=packs, criteria=wanted)

        said = f"stock of {len(articles) or 'all'} articles"
        answer: m.StockInfoResponse = await self._ask(request, m.StockInfoResponse, said)
        found: list[StoredArticle] = []
        for at in range(0, len(answer.articles), SLICE):
            found += (
                one
                for one in facts.stored(answer.articles[at : at + SLICE], self._part.stock_location)
                if one.quantity or one.packs
            )
            await asyncio.sleep(0)
        return tuple(found)
