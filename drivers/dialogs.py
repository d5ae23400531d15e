"""One wire on which both ends speak at any time, in dialogs told apart by a key: questions, acts, answers, and what comes unasked.

A question may be asked again, each time as a dialog of its own; an act is sent once, for one recorded intent. Nothing waits for a
turn: an act leaves at once, whatever is still unanswered. How the wire comes back is `drivers.wire`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator
from typing import Any, Protocol

from drivers.faults import Effect, LinkFault, LinkLost, NoReply
from drivers.session import Figures
from drivers.transports import Transport
from drivers.wire import Wire, now
from drivers.wirelog import Direction, WireLog
from firmware_protocols.errors import FrameError

TRIES = 2
IN_FLIGHT_S = 2.0
"""Bytes that nobody has acknowledged for so long end the connection, so that no order leaves when a cable is back."""

LOGGED = 4096
"""Bytes of a message that the wire log keeps: a whole stock would be its ring many times over."""


class Stream(Protocol):
    """What cuts a connection's bytes into messages, and says when it no longer can."""

    @property
    def lost(self) -> FrameError | None: ...

    def feed(self, data: bytes) -> list[bytes]: ...


class DialogSession:
    """One life of a link's connection: who waits for which answer. Never used again after its end."""

    def __init__(
        self,
        link: str,
        transport: Transport,
        stream: Stream,
        figures: Figures,
        keep: Callable[[Direction, bytes, str], None],
        heard: Callable[[DialogSession, bytes], Iterator[None]],
    ) -> None:
        self.over = False
        self.reason = ""
        self.heard_at = now()
        """Loop time of the last bytes of any kind."""
        self._link, self._transport, self._stream = link, transport, stream
        self._figures, self._keep, self._heard = figures, keep, heard
        self._waiting: dict[Hashable, asyncio.Future[Any]] = {}
        self._ended = asyncio.Event()

    async def listen(self) -> None:
        """Takes in what arrives until the connection ends."""
        try:
            while data := await self._transport.read():
                for _ in self._take_in(data):
                    await asyncio.sleep(0)  # an act may leave between two steps of a long message
        except OSError as error:
            self.end(f"read failed: {error}")
        self.end("the far end is gone")

    def end(self, reason: str) -> None:
        """Ends the session: what is pending fails at once. The first reason stands."""
        if not self.over:
            self.reason = reason
            self.over = True
            self._transport.close()
            self._ended.set()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(self.lost(Effect.UNKNOWN))

    def lost(self, effect: Effect) -> LinkLost:
        """The fault that this session's end is."""
        return LinkLost("link-lost", effect=effect, link=self._link, reason=self.reason)

    def send(self, data: bytes, said: str) -> None:
        """Hands a message over, whole. Raises LinkLost, with effect NONE: then nothing of it was written."""
        if self.over:
            raise self.lost(Effect.NONE)
        try:
            self._transport.write(data)
        except OSError as error:
            self.end(f"write failed: {error}")
            raise self.lost(Effect.NONE) from error
        self._keep("out", data, said)

    async def exchange(self, key: Hashable, data: bytes, reply_s: float, said: str) -> Any:
        """Sends once and waits for the answer with this key; None for silence. Raises LinkLost: NONE if nothing was written."""
        self.send(data, said)
        sent_at = now()
        self._figures.exchanges += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[key] = answer
        try:
            async with asyncio.timeout(reply_s):
                message = await answer
        except TimeoutError:
            self._figures.answers.missed()
            return None
        finally:
            del self._waiting[key]
        self._figures.answers.came(now() - sent_at)
        return message

    def answered(self, key: Hashable, message: Any) -> bool:
        """Gives an answer to whoever waits for it; False if nobody does (any more)."""
        waiting = self._waiting.get(key)
        if waiting is None or waiting.done():
            self._figures.strays += 1
            return False
        self._figures.last_answer = now()
        waiting.set_result(message)
        return True

    async def rest(self, seconds: float) -> None:
        """Waits. Raises LinkLost (effect NONE) as soon as the session is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            return
        raise self.lost(Effect.NONE)

    def _take_in(self, data: bytes) -> Iterator[None]:
        self.heard_at = now()
        for frame in self._stream.feed(data):
            self._keep("in", frame[:LOGGED], "")
            yield from self._heard(self, frame)
        if self._stream.lost is not None:
            self._figures.noise += len(data)
            self._keep("noise", data, str(self._stream.lost))
            self.end(f"the framing is lost: {self._stream.lost}")


class DialogLink(Wire[DialogSession]):
    """Owns one wire. The device on it sets, before `run`: `greet`, which finds out who is there (False: nobody known), `heard`,
    which takes every message that comes in, in one step or several, and `beat`, which asks on an idle link and raises NoReply if
    nothing answers."""

    def __init__(
        self,
        id: str,
        dial: Callable[[], Awaitable[Transport]],
        stream: Callable[[], Stream],
        wirelog: WireLog,
        between: Callable[[float, float], float],
        means: Callable[[bytes], str],
    ) -> None:
        super().__init__(id, dial, wirelog, between, means)
        self.reply_s = 10.0
        """How long an answer may take."""
        self.beat_s = 15.0
        self.greet: Callable[[DialogSession], Awaitable[bool]] = _nobody
        self.heard: Callable[[DialogSession, bytes], Iterator[None]] = _nothing
        self.beat: Callable[[], Awaitable[None]] | None = None
        self._stream = stream

    @property
    def in_flight_s(self) -> float:
        """How long bytes may be on their way before TCP gives the connection up."""
        return IN_FLIGHT_S

    async def ask(self, request: Callable[[], tuple[Hashable, bytes]], said: str = "") -> Any:
        """A question: `request` makes key and bytes anew for each of at most two tries. Raises LinkLost, NoReply (effect NONE)."""
        session = self._living()
        for _ in range(TRIES):
            key, data = request()
            try:
                answer = await session.exchange(key, data, self.reply_s, said)
            except LinkLost as lost:
                raise session.lost(Effect.NONE) from lost  # a question moves nothing
            if answer is not None:
                return answer
        if now() - session.heard_at >= self.reply_s:
            session.end("silent")
        raise NoReply(
            "no-reply", effect=Effect.NONE, link=self.id, tries=TRIES, asked=said, frames=self._log.lines(self.id, 2 * TRIES)
        )

    async def tell(self, key: Hashable, data: bytes, intent: str, deadline: float, said: str = "") -> Any:
        """An act: one send for one recorded intent, never a second, and none after `deadline` (loop time).

        Returns the answer, or None for silence. Raises LinkFault: effect NONE if nothing was written, else UNKNOWN.
        """
        if not intent:
            raise ValueError("an act needs the intent it was recorded under")
        session = self._living()
        if now() >= deadline:
            raise LinkFault("deadline-passed", effect=Effect.NONE, link=self.id)
        return await session.exchange(key, data, self.reply_s, f"{said} for {intent}")

    def say(self, data: bytes, epoch: int, said: str = "") -> None:
        """Sends what nobody answers, on the connection of this epoch and no other. Raises LinkLost (effect NONE)."""
        session = self._living()
        if epoch != self.epoch:
            raise LinkLost("link-lost", effect=Effect.NONE, link=self.id, reason="that connection has ended")
        session.send(data, said)

    def _begin(self, transport: Transport, epoch: int) -> DialogSession:
        return DialogSession(self.id, transport, self._stream(), self.figures, self._keeper(epoch), self.heard)

    async def _attend(self, session: DialogSession) -> None:
        try:
            if not await self.greet(session):
                return session.end("no known device answers")
            self._is_up(session)
            while True:
                if self.beat is not None:
                    await self._ask_beat(self.beat)
                await session.rest(self.beat_s)
        except LinkLost:
            return None

    async def _ask_beat(self, beat: Callable[[], Awaitable[None]]) -> None:
        try:
            await beat()
        except NoReply:
            return  # a link on which nothing comes at all has been ended by the question


async def _nobody(_session: DialogSession) -> bool:
    return False


def _nothing(_session: DialogSession, _frame: bytes) -> Iterator[None]:
    return iter(())
