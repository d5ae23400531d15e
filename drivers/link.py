"""One wire: turns, deadlines, the drain after a time-out, epochs and reconnection, written once for every protocol.

A wire without transaction numbers cannot tell a late answer from the next one, so after a time-out (or an exchange that was
cancelled) nothing is sent for `late_ms` and what arrives is thrown away. A question may be asked again; an act is sent once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from drivers.faults import Effect, LinkFault, LinkLost, NoReply
from drivers.transports import Transport
from drivers.turn import ACT, QUESTION, Turn
from drivers.wirelog import Frame, WireLog
from firmware_protocols.framing import Framer

T = TypeVar("T")

FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 0.2, 10.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one wire, in seconds: silence between turns, time for an answer, silence after a missing one."""

    quiet_s: float
    reply_s: float
    late_s: float


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A session began (`up`) or ended; `epoch` is its number."""

    link: str
    epoch: int
    up: bool
    reason: str


@dataclass(slots=True)
class Figures:
    """What a link has seen since the daemon started; `last_answer` is loop time."""

    exchanges: int = 0
    timeouts: int = 0
    strays: int = 0
    last_answer: float | None = None


class _Session:
    """One life of the connection."""

    def __init__(self, transport: Transport, framer: Framer, epoch: int) -> None:
        self.transport, self.framer, self.epoch = transport, framer, epoch
        self.inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.awaiting = False
        self.ended = False


class Link:
    """Owns one wire. `run` keeps it connected for ever; `ask` and `tell` are all anybody may do with it."""

    def __init__(
        self,
        id: str,
        dial: Callable[[], Awaitable[Transport]],
        framer: Callable[[], Framer],
        timing: Timing,
        wirelog: WireLog,
        between: Callable[[float, float], float],
        means: Callable[[bytes], str] = bytes.hex,
    ) -> None:
        self.id, self.timing, self.figures = id, timing, Figures()
        self.epoch = 0
        self._dial, self._framer, self._log, self._between, self._means = dial, framer, wirelog, between, means
        self._turn = Turn()
        self._session: _Session | None = None
        self._silent_until = 0.0
        self._watchers: list[Callable[[LinkChange], None]] = []

    @property
    def up(self) -> bool:
        """Whether there is a connection now."""
        return self._session is not None

    def watch(self, watcher: Callable[[LinkChange], None]) -> None:
        """Calls `watcher` at each begin and end of a session."""
        self._watchers.append(watcher)

    async def run(self) -> None:
        """Connects, reads until the connection ends, and begins again with growing patience. Ends only by cancellation."""
        patience = FIRST_BACK_OFF_S
        while True:
            try:
                transport = await self._dial()
            except OSError:
                await asyncio.sleep(self._between(patience / 2, patience))
                patience = min(patience * 2, LONGEST_BACK_OFF_S)
                continue
            patience = FIRST_BACK_OFF_S
            await self._live(transport)
            await asyncio.sleep(self._between(patience / 2, patience))

    async def _live(self, transport: Transport) -> None:
        self.epoch += 1
        session = _Session(transport, self._framer(), self.epoch)
        self._silent_until = _now() + self.timing.late_s
        self._session = session
        self._announce(True, "connected")
        try:
            reason = await self._read(session)
        finally:
            self._session = None
            session.ended = True
            session.inbox.put_nowait(None)
            transport.close()
        self._announce(False, reason)

    async def _read(self, session: _Session) -> str:
        while True:
            try:
                data = await session.transport.read()
            except OSError as error:
                return f"read failed: {error}"
            if not data:
                return "the far end is gone"
            for frame in session.framer.feed(data):
                self._note(session, "in" if session.awaiting else "noise", frame)
                if session.awaiting:
                    session.inbox.put_nowait(frame)
                else:
                    self._stray()

    def _announce(self, up: bool, reason: str) -> None:
        for watcher in self._watchers:
            watcher(LinkChange(self.id, self.epoch, up, reason))

    async def ask(self, request: bytes, match: Callable[[bytes], T | None], tries: int = 3, reply_s: float | None = None) -> T:
        """A question: asked up to `tries` times, each in a turn of its own so that an act never waits for its repetitions.

        `match` gives the answer's meaning, or None for a frame that is not the answer. Raises LinkLost, NoReply; whatever
        `match` raises passes through.
        """
        for _ in range(tries):
            answer = await self._exchange(request, match, QUESTION, reply_s, None)
            if answer is not None:
                return answer
        raise NoReply("no-reply", effect=Effect.NONE, link=self.id, tries=tries)

    async def tell(self, request: bytes, intent: str, deadline: float, match: Callable[[bytes], T | None]) -> T | None:
        """An act: one send for one recorded intent, never a second, and none after `deadline` (loop time).

        Returns the answer, or None for silence. Raises LinkFault: effect NONE if nothing was written, else UNKNOWN.
        """
        if not intent:
            raise ValueError("an act needs the intent it was recorded under")
        return await self._exchange(request, match, ACT, None, deadline)

    async def _exchange(
        self, request: bytes, match: Callable[[bytes], T | None], order: int, reply_s: float | None, deadline: float | None
    ) -> T | None:
        async with self._turn.taken(order):
            await self._silence()
            session = self._session
            if session is None:
                raise LinkLost("link-lost", effect=Effect.NONE, link=self.id)
            if deadline is not None and _now() >= deadline:
                raise LinkFault("deadline-passed", effect=Effect.NONE, link=self.id)
            session.awaiting, answered = True, False
            try:
                self._write(session, request)
                answer = await self._answer(session, match, self.timing.reply_s if reply_s is None else reply_s)
                answered = answer is not None
                return answer
            finally:
                session.awaiting = False
                self._rest(session, answered)

    def _write(self, session: _Session, request: bytes) -> None:
        self.figures.exchanges += 1
        self._note(session, "out", request)
        try:
            session.transport.write(request)
        except OSError as error:
            session.transport.close()
            raise LinkLost("link-lost", effect=Effect.UNKNOWN, link=self.id, why=str(error)) from error

    async def _answer(self, session: _Session, match: Callable[[bytes], T | None], reply_s: float) -> T | None:
        try:
            async with asyncio.timeout(reply_s):
                while (frame := await session.inbox.get()) is not None:
                    meaning = match(frame)
                    if meaning is not None:
                        self.figures.last_answer = _now()
                        return meaning
                    self._stray()
        except TimeoutError:
            self.figures.timeouts += 1
            return None
        raise LinkLost("link-lost", effect=Effect.UNKNOWN, link=self.id)

    def _rest(self, session: _Session, answered: bool) -> None:
        """After an answer the usual pause; after none, a silence long enough for the latest answer to have come and gone."""
        self._silent_until = _now() + (self.timing.quiet_s if answered else self.timing.late_s)
        while not session.inbox.empty() and not session.ended:
            session.inbox.get_nowait()
        if not answered:
            session.framer.reset()

    async def _silence(self) -> None:
        while (left := self._silent_until - _now()) > 0:  # noqa: ASYNC110 - the silence may grow meanwhile
            await asyncio.sleep(left)

    def _stray(self) -> None:
        """A frame that nobody waited for: the line is not at rest, so nothing may be sent until it has been silent again."""
        self.figures.strays += 1
        self._silent_until = max(self._silent_until, _now() + self.timing.quiet_s)

    def _note(self, session: _Session, direction: str, data: bytes) -> None:
        kept = Frame(session.epoch, _now(), direction, data, self._means(data))  # type: ignore[arg-type]
        self._log.record(self.id, kept)


def _now() -> float:
    return asyncio.get_running_loop().time()
