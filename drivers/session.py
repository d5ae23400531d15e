"""One life of a link's connection: one exchange at a time, the silences between them, and the end. Never used again after it.

A wire without transaction numbers cannot tell a late answer from the next one. So after an exchange without an answer (a
time-out, a cancelled caller) nothing is sent until the latest answer must have come and gone, and what arrives is thrown away.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from drivers.answers import Answers
from drivers.faults import DeviceFault, Effect, LinkLost
from drivers.transports import Transport
from drivers.wirelog import Direction
from firmware_protocols.errors import FrameError
from firmware_protocols.framing import Framer

T = TypeVar("T")
Request = bytes | Callable[[], bytes]
"""What is sent; a function is called at each send (Modbus TCP numbers every one of them)."""
Match = Callable[[bytes], T | None]
"""An answer's meaning, or None (or FrameError) for a frame that is not the answer. What else it raises reaches the caller."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one wire, in seconds: silence between turns, time for an answer, silence after a missing one."""

    quiet_s: float
    reply_s: float
    late_s: float


@dataclass(slots=True)
class Figures:
    """What a link has seen since the daemon started. `strays` are arrivals that were nobody's answer, `noise` bytes of no frame.

    `last_answer` is the loop time at which the last byte of the last answer was read.
    """

    exchanges: int = 0
    strays: int = 0
    noise: int = 0
    last_answer: float | None = None
    answers: Answers = field(default_factory=Answers)
    """How long those of all its devices took."""

    @property
    def timeouts(self) -> int:
        """Requests that nothing answered in time."""
        return self.answers.missing


class Session:
    """`keep` records frames; `unasked` takes frames that come outside any exchange, where the protocol has such."""

    def __init__(
        self,
        link: str,
        transport: Transport,
        framer: Framer,
        timing: Timing,
        figures: Figures,
        keep: Callable[[Direction, bytes, str], None],
        unasked: Callable[[bytes], None] | None,
    ) -> None:
        self.over = False
        self.reason = ""
        now = _now()
        self.heard_at = self.answered_at = now
        """Loop time of the last bytes of any kind, and of the last answer."""
        self._link, self._transport, self._framer = link, transport, framer
        self._timing, self._figures, self._keep, self._unasked = timing, figures, keep, unasked
        self._inbox: asyncio.Queue[tuple[float, bytes] | None] | None = None
        self._resting: set[asyncio.Future[None]] = set()
        # A new connection is treated like a missed answer: what the last session asked may still arrive.
        self._dirty, self._clear_at = True, now + timing.late_s
        self._echo = b""
        self._echoed = b""
        self.echoes: bool | None = None
        """Whether the line gives back our own bytes (RS-485 with the receiver left on); None until the first answer."""

    async def listen(self) -> None:
        """Takes in what arrives until the connection ends."""
        try:
            while data := await self._transport.read():
                self._take_in(data)
        except OSError as error:
            self.end(f"read failed: {error}")
        self.end("the far end is gone")

    def end(self, reason: str) -> None:
        """Ends the session: what is pending fails at once. The first reason stands."""
        if not self.over:
            self.reason = reason
            self.over = True
            self._transport.close()
            for rest in self._resting:
                _wake(rest)
            if self._inbox is not None:
                self._inbox.put_nowait(None)

    def cry(self, data: bytes, said: str) -> None:
        """Writes at once, whoever has the turn. Raises LinkLost (effect NONE) if it cannot."""
        if self.over:
            raise self.lost(Effect.NONE)
        try:
            self._transport.write(data)
        except OSError as error:
            self.end(f"write failed: {error}")
            raise self.lost(Effect.NONE) from error
        self._keep("out", data, said)

    async def rest_until(self, when: float | None) -> None:
        """Waits; with None for ever. Raises LinkLost (effect NONE) as soon as the session is over."""
        if not self.over:
            loop = asyncio.get_running_loop()
            rest = loop.create_future()
            timer = None if when is None else loop.call_at(when, _wake, rest)
            self._resting.add(rest)
            try:
                await rest
            finally:
                self._resting.discard(rest)
                if timer is not None:
                    timer.cancel()
        if self.over:
            raise self.lost(Effect.NONE)

    async def settle(self, *, for_act: bool, until: float = math.inf) -> bool:
        """Waits for the silence that must stand before a send; False if it does not before `until`. Raises LinkLost.

        Noise holds an act back until it has ended: a garbled unlock may be another lock's. It holds a question back for
        `late_s` at most, for what is asked can do no harm.
        """
        patience = max(self._clear_at, _now()) + self._timing.late_s
        while not self.over:
            clear_at = self._clear_at if for_act else min(self._clear_at, patience)
            if clear_at > _now():
                await self.rest_until(min(clear_at, until))
            elif self._transport.arrived() and (for_act or _now() < patience):
                await asyncio.sleep(0)  # what has come before the send is no answer to it: it is taken in first
            else:
                break
            if _now() >= until:
                return False
        if self.over:
            raise self.lost(Effect.NONE)
        if self._dirty:
            self._framer.reset()
            self._dirty = False
        return _now() < until

    async def exchange(self, request: Request, match: Match[T], reply_s: float, said: str, of: Answers | None = None) -> T | None:
        """Sends once and waits for the answer; None for silence. The caller holds the turn and has let the line settle.

        What comes of it is counted of the link, and in `of`, the asked device's own. Raises LinkLost: effect NONE if nothing was
        written, UNKNOWN if it was.
        """
        data = request if isinstance(request, bytes) else request()
        try:
            self._transport.write(data)
        except OSError as error:
            self.end(f"write failed: {error}")
            raise self.lost(Effect.NONE) from error
        sent_at = _now()
        self._keep("out", data, said)
        self._figures.exchanges += 1
        self._echo = data if self.echoes is not False else b""
        inbox = self._inbox = asyncio.Queue()
        self._dirty = True
        try:
            counted = (self._figures.answers,) if of is None else (self._figures.answers, of)
            return await self._answer(inbox, match, sent_at, reply_s, counted)
        finally:
            self._inbox = None
            self._rest(inbox, sent_at + reply_s)

    async def _answer(
        self,
        inbox: asyncio.Queue[tuple[float, bytes] | None],
        match: Match[T],
        sent_at: float,
        reply_s: float,
        counted: tuple[Answers, ...],
    ) -> T | None:
        try:
            async with asyncio.timeout_at(sent_at + reply_s):
                while (heard := await inbox.get()) is not None:
                    at, frame = heard
                    try:
                        answer = match(frame)
                    except FrameError:
                        answer = None
                    except DeviceFault:
                        self._answered(at, sent_at, counted)
                        raise
                    if answer is not None:
                        self._answered(at, sent_at, counted)
                        return answer
                    self._stray(len(frame))
        except TimeoutError:
            for answers in counted:
                answers.missed()
            return None
        raise self.lost(Effect.UNKNOWN)

    def _answered(self, at: float, sent_at: float, counted: tuple[Answers, ...]) -> None:
        self.answered_at = self._figures.last_answer = at
        for answers in counted:
            answers.came(at - sent_at)
        self.echoes = bool(self.echoes)
        self._dirty = False

    def _rest(self, inbox: asyncio.Queue[tuple[float, bytes] | None], replied_by: float) -> None:
        """After an answer the usual pause, from its last byte; after none, a silence in which the latest answer comes and goes."""
        while not inbox.empty():
            if (heard := inbox.get_nowait()) is not None:
                self._stray(len(heard[1]))
                if self._unasked is not None:  # who may speak unasked may do so right behind an answer
                    self._unasked(heard[1])
        self._echo = self._echoed = b""
        before = self._framer.noise
        self._framer.reset()
        if self._framer.noise > before:
            self._stray(self._framer.noise - before)
        silent_until = replied_by + self._timing.late_s if self._dirty else self.heard_at + self._timing.quiet_s
        self._clear_at = max(self._clear_at, silent_until)

    def _take_in(self, data: bytes) -> None:
        self.heard_at = _now()
        data = self._without_echo(data)
        if not data:
            return
        if self._inbox is None and (self._unasked is None or self._dirty):
            self._keep("noise", data, "")
            self._stray(len(data))
            return
        before = self._framer.noise
        for frame in self._framer.feed(data):
            self._keep("in", frame, "")
            if self._inbox is not None:
                self._inbox.put_nowait((self.heard_at, frame))
            elif self._unasked is not None:
                self._unasked(frame)
        if self._framer.noise > before:
            self._keep("noise", data, f"{self._framer.noise - before} bytes of no frame")
            self._stray(self._framer.noise - before)

    def _without_echo(self, data: bytes) -> bytes:
        """Takes our own bytes off the front of what comes back. Whether a line echoes is learned from its first answer."""
        if not self._echo:
            return data
        data = self._echoed + data
        if len(data) < len(self._echo) and self._echo.startswith(data):
            self._echoed = data
            return b""
        echo, self._echo, self._echoed = self._echo, b"", b""
        if not data.startswith(echo):
            return data
        self.echoes = True
        return data[len(echo) :]

    def _stray(self, noise: int) -> None:
        """Bytes that nobody waited for: who speaks there is out of step with us, so the next answer may not be ours either."""
        self._figures.strays += 1
        self._figures.noise += noise
        self._clear_at = max(self._clear_at, _now() + self._timing.late_s)

    def lost(self, effect: Effect) -> LinkLost:
        """The fault that this session's end is."""
        return LinkLost("link-lost", effect=effect, link=self._link, reason=self.reason)


def _wake(rest: asyncio.Future[None]) -> None:
    if not rest.done():
        rest.set_result(None)


def _now() -> float:
    return asyncio.get_running_loop().time()
