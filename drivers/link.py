"""One wire: turns, deadlines, the drain after a time-out, epochs and reconnection, written once for every protocol.

A question may be asked again; an act is sent once, for one recorded intent. Each connection is a `drivers.session.Session`
that counts as up only when the line has been drained and a known device has answered. How it comes back is `drivers.wire`'s.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from drivers.answers import Answers
from drivers.faults import DeviceFault, Effect, LinkFault, LinkLost, NoReply
from drivers.session import Figures, Match, Request, Session, Timing
from drivers.transports import Transport
from drivers.turn import ACT, QUESTION, Turn
from drivers.wire import LinkChange, Wire, now
from drivers.wirelog import WireLog
from firmware_protocols.framing import Framer

__all__ = ["Figures", "Link", "LinkChange", "Timing"]

T = TypeVar("T")

TRIES = 3
IDLE_S = 1.0
"""After so long without an answer the link asks by itself: a half-open connection is found by nothing else."""
DEAF_S = 3.0
"""A question failed and no byte at all has come for so long: the session ends, so that dialling begins."""
GARBLED_S = 10.0
"""A question failed and no answer has come for so long, though bytes do: likewise."""


class Link(Wire[Session]):
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
        super().__init__(id, dial, wirelog, between, means)
        self.timing = timing
        self.unasked: Callable[[bytes], None] | None = None
        self._framer = framer
        self._turn = Turn()
        self._cries = cries
        self._connected: Session | None = None
        """The session of this connection, also before anybody known has answered."""
        self._known: list[tuple[Request, Request, Match[Any]]] = []

    @property
    def answered_at(self) -> float:
        """Loop time at which the last byte of the last answer was read: right after `ask`, of its answer."""
        return self.figures.last_answer or 0.0

    @property
    def in_flight_s(self) -> float:
        """How long a frame may be on its way: parked in an adapter, or sent again by TCP before the connection is given up."""
        return max(1.0, self.timing.reply_s + self.timing.late_s)

    def known_by(self, request: Request, match: Match[Any], beat: Request | None = None) -> None:
        """A device on this link is known by its answer to this question. One that answers is enough for the link to be up.

        On an idle link it is asked `beat`, where `request` would disturb (it must have the same answer).
        """
        self._known.append((request, request if beat is None else beat, match))

    async def ask(
        self,
        request: Request,
        match: Match[T],
        tries: int = TRIES,
        reply_s: float | None = None,
        said: str = "",
        of: Answers | None = None,
    ) -> T:
        """A question: asked up to `tries` times, each in a turn of its own so that an act never waits for its repetitions.

        `of` are the answers of the device that is asked, where it shares the link with others and is counted by itself.
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
                answer = await session.exchange(request, match, reply_s or self.timing.reply_s, said, of)
            finally:
                self._turn.pass_on()
            if answer is not None:
                return answer
        if reply_s is None:  # a device that may think for long may also be silent for long
            self._doubt(session)
        raise self._unanswered(said, tries)

    async def tell(
        self,
        request: Request,
        intent: str,
        deadline: float,
        match: Match[T],
        reply_s: float | None = None,
        said: str = "",
        leaves: Callable[[], None] | None = None,
    ) -> T | None:
        """An act: one send for one recorded intent, never a second, and none after `deadline` (loop time).

        `leaves` is called right before its first byte: when that raises, or this is cancelled before it, nothing was written and
        nothing will be. Returns the answer, or None for silence. Raises LinkFault: effect NONE if nothing was written, else
        UNKNOWN; and what `leaves` raises.
        """
        if not intent:
            raise ValueError("an act needs the intent it was recorded under")
        session = self._living()
        try:
            await self._turn.take(ACT, until=deadline)
        except TimeoutError as late:
            raise self._too_late() from late
        try:
            if not await session.settle(for_act=True, until=deadline):
                raise self._too_late()
            sent = request if leaves is None else _noticed(request, leaves)
            return await session.exchange(sent, match, reply_s or self.timing.reply_s, f"{said} for {intent}")
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

    def _unanswered(self, said: str, tries: int) -> NoReply:
        heard = self._log.lines(self.id, 2 * tries)
        return NoReply("no-reply", effect=Effect.NONE, link=self.id, tries=tries, asked=said, frames=heard)

    def _doubt(self, session: Session) -> None:
        """A question failed for good: a connection on which nothing comes any more is given up."""
        if now() - session.heard_at >= DEAF_S:
            session.end("silent")
        elif now() - session.answered_at >= GARBLED_S:
            session.end("nothing that comes is an answer")

    def _begin(self, transport: Transport, epoch: int) -> Session:
        keep = self._keeper(epoch)
        self._connected = Session(self.id, transport, self._framer(), self.timing, self.figures, keep, self.unasked)
        return self._connected

    async def _attend(self, session: Session) -> None:
        """Drains, identifies, and from then on asks whenever nobody else has had an answer for a while."""
        try:
            await session.settle(for_act=False)
            if self._known and not await self._identified(session):
                return session.end("no known device answers")
            self._is_up(session)
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
            if idle_at is None or idle_at > now():
                await session.rest_until(idle_at)
                continue
            _, beat, match = self._known[turn % len(self._known)]
            try:
                await self.ask(beat, match, said="still there")
            except (NoReply, DeviceFault):
                turn += 1


def _noticed(request: Request, leaves: Callable[[], None]) -> Request:
    def leaving() -> bytes:
        leaves()
        return request if isinstance(request, bytes) else request()

    return leaving
