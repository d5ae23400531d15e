"""One wire: turns, deadlines, the drain after a time-out, epochs and reconnection, written once for every protocol.

A question may be asked again; an act is sent once, for one recorded intent. Each connection is a `drivers.session.Session`
that counts as up only when the line has been drained and a known device has answered. Links come back by themselves, for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from drivers.faults import DeviceFault, Effect, LinkFault, LinkLost, NoReply
from drivers.session import Figures, Match, Request, Session, Timing
from drivers.transports import Transport
from drivers.turn import ACT, QUESTION, Turn
from drivers.wirelog import WireLog
from firmware_protocols.framing import Framer

__all__ = ["Figures", "Link", "LinkChange", "Timing"]

T = TypeVar("T")

FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 0.2, 10.0
LASTING_S = 10.0
"""A session that lasted so long starts the back-off anew; a flapping cable does not."""
DIAL_S = 3.0
TRIES = 3
IDLE_S = 1.0
"""After so long without an answer the link asks by itself: a half-open connection is found by nothing else."""
DEAF_S = 3.0
"""A question failed and no byte at all has come for so long: the session ends, so that dialling begins."""
GARBLED_S = 10.0
"""A question failed and no answer has come for so long, though bytes do: likewise."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A session began (`up`) or ended; `epoch` is its number."""

    link: str
    epoch: int
    up: bool
    reason: str


class Link:
    """Owns one wire. `run` keeps it connected for ever; `ask`, `tell` and `cry` are all anybody may do with it.

    `unasked`, set before `run`, takes frames that no exchange waits for; without it they are noise. `cries` are the bytes that
    this protocol hears at any moment; where it has none, nothing is ever written out of turn.
    """

    def __init__(
        self,
        id: str,
        dial: Callable[[], Awaitable[Transport]],
        framer: Callable[[], Framer],
        timing: Timing,
        wirelog: WireLog,
        between: Callable[[float, float], float],
        means: Callable[[bytes], str] = bytes.hex,
        cries: frozenset[bytes] = frozenset(),
    ) -> None:
        self.id, self.timing, self.figures = id, timing, Figures()
        self.epoch = 0
        """The number of this life of the connection; counts up with every one, also those that nobody answered on."""
        self.reason = "not connected yet"
        """Why the link is down, while it is."""
        self.ever_up = False
        """Whether it has been up since the daemon started."""
        self.unasked: Callable[[bytes], None] | None = None
        self._dial, self._framer, self._log, self._between = dial, framer, wirelog, between
        self._turn = Turn()
        self._cries = cries
        self._session: Session | None = None
        self._connected: Session | None = None
        self._known: list[tuple[Request, Request, Match[Any]]] = []
        self._watchers: list[Callable[[LinkChange], None]] = []
        wirelog.understand(id, means)

    @property
    def up(self) -> bool:
        """Whether there is a connection now on which a known device has answered."""
        return self._session is not None and not self._session.over

    @property
    def answered_at(self) -> float:
        """Loop time at which the last byte of the last answer was read: right after `ask`, of its answer."""
        return self.figures.last_answer or 0.0

    @property
    def in_flight_s(self) -> float:
        """How long a frame may be on its way: parked in an adapter, or sent again by TCP before the connection is given up."""
        return max(1.0, self.timing.reply_s + self.timing.late_s)

    def watch(self, watcher: Callable[[LinkChange], None]) -> None:
        """Calls `watcher` at each begin and end of a session. It must not raise."""
        self._watchers.append(watcher)

    def known_by(self, request: Request, match: Match[Any], beat: Request | None = None) -> None:
        """A device on this link is known by its answer to this question. One that answers is enough for the link to be up.

        On an idle link it is asked `beat`, where `request` would disturb (it must have the same answer).
        """
        self._known.append((request, request if beat is None else beat, match))

    async def run(self) -> None:
        """Connects, lives, and begins again with growing patience. Ends only by cancellation."""
        patience = FIRST_BACK_OFF_S
        while True:
            began = _now()
            await self._connect()
            if _now() - began >= LASTING_S:
                patience = FIRST_BACK_OFF_S
            await asyncio.sleep(self._between(patience / 2, patience))
            patience = min(patience * 2, LONGEST_BACK_OFF_S)

    async def ask(self, request: Request, match: Match[T], tries: int = TRIES, reply_s: float | None = None, said: str = "") -> T:
        """A question: asked up to `tries` times, each in a turn of its own so that an act never waits for its repetitions.

        Raises LinkLost, NoReply (effect NONE); whatever `match` raises beside FrameError passes through.
        """
        session = self._living()
        left, gave_way = tries, False
        while left:
            await self._turn.take(QUESTION, first=gave_way)
            try:
                await session.settle(for_act=False)
                gave_way = self._turn.act_waits
                if gave_way:  # an act has waited for one exchange, and must not for another
                    continue
                left -= 1
                answer = await session.exchange(request, match, reply_s or self.timing.reply_s, said)
            finally:
                self._turn.pass_on()
            if answer is not None:
                return answer
        if reply_s is None:  # a device that may think for long may also be silent for long
            self._doubt(session)
        raise self._unanswered(said, tries)

    async def tell(
        self, request: Request, intent: str, deadline: float, match: Match[T], reply_s: float | None = None, said: str = ""
    ) -> T | None:
        """An act: one send for one recorded intent, never a second, and none after `deadline` (loop time).

        Returns the answer, or None for silence. Raises LinkFault: effect NONE if nothing was written, else UNKNOWN.
        """
        if not intent:
            raise ValueError("an act needs the intent it was recorded under")
        session = self._living()
        try:
            async with asyncio.timeout_at(None if self._turn.free else deadline):
                await self._turn.take(ACT)
        except TimeoutError as late:
            raise self._too_late() from late
        try:
            if not await session.settle(for_act=True, until=deadline):
                raise self._too_late()
            return await session.exchange(request, match, reply_s or self.timing.reply_s, f"{said} for {intent}")
        finally:
            self._turn.pass_on()

    def cry(self, data: bytes, said: str = "") -> None:
        """Stops and the like: written at once, past whoever has the turn, also to a device that has not answered yet.

        Raises ValueError for bytes that are none of `cries`, LinkLost (effect NONE) where there is no connection.
        """
        if data not in self._cries:
            raise ValueError(f"not to be said out of turn on {self.id}: {data!r}")
        if self._connected is None:
            raise LinkLost("link-lost", effect=Effect.NONE, link=self.id, reason=self.reason)
        self._connected.cry(data, said)

    def _too_late(self) -> LinkFault:
        return LinkFault("deadline-passed", effect=Effect.NONE, link=self.id)

    def _living(self) -> Session:
        if self._session is None:
            raise LinkLost("link-lost", effect=Effect.NONE, link=self.id, reason=self.reason)
        if self._session.over:
            raise self._session.lost(Effect.NONE)
        return self._session

    def _unanswered(self, said: str, tries: int) -> NoReply:
        heard = self._log.lines(self.id, 2 * tries)
        return NoReply("no-reply", effect=Effect.NONE, link=self.id, tries=tries, asked=said, frames=heard)

    def _doubt(self, session: Session) -> None:
        """A question failed for good: a connection on which nothing comes any more is given up."""
        now = _now()
        if now - session.heard_at >= DEAF_S:
            session.end("silent")
        elif now - session.answered_at >= GARBLED_S:
            session.end("nothing that comes is an answer")

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(DIAL_S):
                transport = await self._dial()
        except OSError as error:
            self.reason = str(error) or "no connection in time"
            return
        self.epoch += 1
        session = self._connected = self._begin(transport, self.epoch)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(session.listen(), name=f"{self.id} listens")
                tasks.create_task(self._attend(session), name=f"{self.id} attends")
        except* Exception:
            # A framer's or a driver's defect must cost one session, never the link.
            log.exception("defect on link %s, epoch %s", self.id, self.epoch)
            session.end("defect")
        finally:
            was_up, self._session, self._connected = self._session is session, None, None
            session.end("stopped")
        self.reason = session.reason
        if was_up:
            self._announce(False, session.reason)

    def _begin(self, transport: Transport, epoch: int) -> Session:
        def keep(direction: Any, data: bytes, said: str) -> None:
            self._log.record(self.id, epoch, _now(), direction, data, said)

        return Session(self.id, transport, self._framer(), self.timing, self.figures, keep, self.unasked)

    async def _attend(self, session: Session) -> None:
        """Drains, identifies, and from then on asks whenever nobody else has had an answer for a while."""
        try:
            await session.settle(for_act=False)
            if self._known and not await self._identified(session):
                return session.end("no known device answers")
            self._session, self.ever_up = session, True
            self._announce(True, "connected")
            await self._stay(session)
        except LinkLost:
            return None

    async def _identified(self, session: Session) -> bool:
        for request, _, match in self._known * 2:
            await self._turn.take(QUESTION)
            try:
                await session.settle(for_act=False)
                if await session.exchange(request, match, self.timing.reply_s, "who is there") is not None:
                    return True
            except DeviceFault:
                continue
            finally:
                self._turn.pass_on()
        return False

    async def _stay(self, session: Session) -> None:
        turn = 0
        while True:
            idle_at = session.answered_at + IDLE_S if self._known else None
            if idle_at is None or idle_at > _now():
                await session.rest_until(idle_at)
                continue
            _, beat, match = self._known[turn % len(self._known)]
            try:
                await self.ask(beat, match, said="still there")
            except (NoReply, DeviceFault):
                turn += 1

    def _announce(self, up: bool, reason: str) -> None:
        for watcher in self._watchers:
            watcher(LinkChange(self.id, self.epoch, up, reason))


def _now() -> float:
    return asyncio.get_running_loop().time()
