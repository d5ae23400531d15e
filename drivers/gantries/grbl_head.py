"""The head of a GRBL gantry: one line at a time, each motion looked after until it has ended, and what is known of where it is.

A position is believed in one epoch of the link, after a homing that this driver saw end, until anything casts doubt on it: an
alarm, a banner, a line without an answer, a stop, a motion that nobody watched to its end. Then only homing helps.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from functools import partial

from drivers.faults import DeviceFault, Effect, Fault, LinkFault, NoReply, Refused
from drivers.gantries.act import Act
from drivers.gantries.travel import travel_s
from drivers.link import Link, LinkChange
from firmware_protocols.errors import FrameError
from firmware_protocols.grbl import host
from firmware_protocols.grbl.messages import (
    Alarm,
    Answer,
    Banner,
    Block,
    Command,
    Ok,
    Position,
    Realtime,
    Refusal,
    Report,
    Signal,
    State,
    Word,
)
from sites.gantry import GrblGantry

OK_S = 10.0
"""Device notes 11.1: an `ok` may take so long."""
POLL_S = 0.15
"""Device notes 11.1: `?` every 100 to 200 ms."""
MARGIN_S = 2.0
"""A motion may take so much longer than distance, speed and acceleration say; ours."""
STATUS, HOLD, RESET = (host.encode(Signal(one)) for one in (Realtime.STATUS, Realtime.HOLD, Realtime.RESET))
CRIES = frozenset({HOLD, RESET})
"""What may be said out of turn: stops. A resume is never said."""
BARRIER = Block((Word("G", Decimal(4)), Word("P", Decimal(0))))
PROBE, DOOR = "P", "D"
"""The inputs of the vacuum sensor (issue 4: `P` in `Pn:`) and of the guard's door."""


class Head:
    """Says lines and knows, or knows that it does not know, where the head is."""

    def __init__(self, link: Link, part: GrblGantry) -> None:
        self.part, self.link = part, link
        self.why_lost = "not homed since the station started"
        self.stops = 0
        self.homing = False
        self.restarted = asyncio.Event()
        """Set by each banner."""
        self._up = asyncio.Event()
        self._homed: int | None = None
        self._acting: Act | None = None
        self._upset: Alarm | Banner | None = None
        """What the board has said since the act began that ends it."""
        self._room = self._free = 0
        link.unasked = self._unasked
        link.watch(self._link_changed)
        link.known_by(STATUS, self.status)

    # --- what is known

    @property
    def known(self) -> bool:
        """Whether the position that the board counts is the head's."""
        return self._homed is not None and self._homed == self.link.epoch and self.link.up

    def lose(self, why: str) -> None:
        """From now on nobody knows where the head is. The first reason stands."""
        if self._homed is not None:
            self._homed, self.why_lost = None, why

    def found(self) -> None:
        """It has been homed, in this epoch."""
        self._homed = self.link.epoch

    async def until_up(self) -> None:
        """Waits for the link."""
        await self._up.wait()

    def _link_changed(self, change: LinkChange) -> None:
        if change.up:
            self._up.set()
        else:
            self._up.clear()
            self.lose("the wire was gone")

    def _heard(self, answer: Answer) -> None:
        if isinstance(answer, Alarm | Banner):
            self._upset = self._upset or answer
        if isinstance(answer, Alarm):
            self.lose(f"ALARM:{answer.number}, {answer.why}")
        elif isinstance(answer, Banner):
            self.lose("the board has restarted")
            self.restarted.set()
        elif isinstance(answer, Report):
            free = answer.buffers[0] if answer.buffers else 0
            if free == self._free:  # twice: one report may be damaged, and would else ask for more room than there is
                self._room = max(self._room, free)
            self._free = free
            if answer.state is State.ALARM:
                self.lose("the board is in alarm")

    def _unasked(self, frame: bytes) -> None:
        with suppress(FrameError):
            self._heard(host.decode(frame))

    def status(self, frame: bytes) -> Report | None:
        """The answer to `?`. A board that tells work positions alone is not set as ours must be, and is no known device."""
        answer = host.decode(frame)
        self._heard(answer)
        return answer if isinstance(answer, Report) and answer.machine is not None else None

    def _to_line(self, frame: bytes) -> Ok | Refusal | None:
        """The answer to a line. After an alarm or a restart none will come."""
        answer = host.decode(frame)
        self._heard(answer)
        self._unless_upset()
        return answer if isinstance(answer, Ok | Refusal) else None

    def _unless_upset(self) -> None:
        if isinstance(self._upset, Alarm):
            raise DeviceFault("gantry-alarm", effect=Effect.UNKNOWN, number=self._upset.number, why=self._upset.why)
        if isinstance(self._upset, Banner):
            raise DeviceFault("gantry-restarted", effect=Effect.UNKNOWN, link=self.link.id)

    def calm(self) -> None:
        """What the board has said so far was expected."""
        self._upset = None

    # --- an act

    @asynccontextmanager
    async def act(self, intent: str, deadline: float) -> AsyncIterator[Act]:
        """One intent at a time. Whichever way it ends, nothing is left moving that nobody watches.

        Raises Refused `gantry-busy`; a fault after the first byte has effect UNKNOWN.
        """
        if self._acting is not None:
            raise Refused("gantry-busy", effect=Effect.NONE, gantry=self.part.id)
        act = self._acting = Act(intent, deadline, self.stops)
        self.calm()
        try:
            yield act
        except Fault as fault:
            if fault.effect is Effect.NONE and act.began:
                raise type(fault)(fault.code, effect=Effect.UNKNOWN, **fault.facts) from fault
            raise
        finally:
            if act.unseen:
                self.lose("a motion was not seen to its end")
                with suppress(LinkFault):  # homing cannot be held
                    self.link.cry(RESET if self.homing else HOLD, f"end of {intent}")
            self._acting, self.homing = None, False

    async def line(self, act: Act, command: Command, said: str, reply_s: float = OK_S) -> None:
        """One line, once, and its `ok`. Raises LinkFault, DeviceFault."""
        unless_stopped = partial(self.unless_stopped, act)
        try:
            answer = await self.link.tell(
                host.encode(command), act.intent, act.deadline, self._to_line, reply_s, said, unless_stopped
            )
        except Fault as fault:
            act.began = act.began or fault.effect is not Effect.NONE
            act.unseen = act.unseen or (isinstance(fault, LinkFault) and fault.effect is not Effect.NONE)
            self.unless_stopped(act)
            raise
        except asyncio.CancelledError:
            act.unseen = True
            raise
        if answer is None:
            act.began = act.unseen = True
            raise NoReply("gantry-silent", effect=Effect.UNKNOWN, link=self.link.id, said=said)
        if isinstance(answer, Refusal):
            raise DeviceFault("gantry-refused-line", effect=Effect.NONE, said=said, number=answer.number, why=answer.why)
        act.began = True

    def unless_stopped(self, act: Act) -> None:
        """Raises DeviceFault once a stop has been asked for since the act began, or the board has said that it is over."""
        if self.stops != act.stops:
            raise DeviceFault("gantry-stopped", effect=Effect.UNKNOWN if act.began else Effect.NONE, gantry=self.part.id)
        self._unless_upset()

    # --- motion

    async def move(self, act: Act, said: str, *, slow: bool = False, **to: int) -> None:
        """One straight motion in machine coordinates (`x`, `y`, `z` in mm), seen to its end. Raises LinkFault, DeviceFault.

        The line says all its modes, so that nothing depends on lines before it.
        """
        report = await self.rest(act)
        start = _machine(report)
        x, y, z = (Decimal(to[axis]) if axis in to else at for axis, at in zip("xyz", start, strict=True))
        if (x, y, z) == start:
            return
        codes = [21, 90, 53, 1 if slow else 0]
        words = [Word("G", Decimal(code)) for code in codes]
        words += [Word(axis.upper(), Decimal(at)) for axis, at in to.items()]
        if slow:
            words.append(Word("F", Decimal(60 * min(axis.speed_mm_s for axis in self.part.axes))))
        bound = travel_s(self.part.axes, start, (x, y, z), slow=slow) + MARGIN_S
        await self.line(act, Block(tuple(words)), said)
        act.unseen = True
        if report.buffers is None:
            await self.line(act, BARRIER, f"end of: {said}", bound)
        await self.rest(act, bound, (x, y, z))
        act.unseen = False

    async def rest(self, act: Act, within_s: float = OK_S, at: Position | None = None) -> Report:
        """Polls until it is at rest with an empty planner, at this place if one is given. Raises LinkFault, DeviceFault."""
        until, astray = _now() + within_s, 0
        while True:
            self.unless_stopped(act)
            report = await self.polled(act)
            self.unless_stopped(act)
            if report is not None:
                self._must_go_on(report)
                if report.state is State.IDLE and (report.buffers is None or report.buffers[0] >= self._room):
                    if at is None or self._near(report, at):
                        return report
                    astray += 1  # there is no checksum: one report may be wrong, two that agree are not
                if astray > 1:
                    self.lose("it was elsewhere than it was sent")
                    raise DeviceFault("gantry-elsewhere", effect=Effect.UNKNOWN, gantry=self.part.id, at=str(report.machine))
            if _now() >= until:
                if report is None:
                    raise NoReply("gantry-silent", effect=Effect.NONE, link=self.link.id, said="?")
                raise DeviceFault("gantry-late", effect=Effect.NONE, gantry=self.part.id, state=report.state.value)
            await asyncio.sleep(POLL_S)

    async def polled(self, act: Act | None = None) -> Report | None:
        """One `?`; None for silence, which the next one may end. Raises LinkLost."""
        try:
            report = await self.link.ask(STATUS, self.status, tries=1, said="status")
        except NoReply:
            return None
        if act is not None:
            act.sensed(PROBE in report.pins)
        return report

    async def gripped(self, act: Act, within_s: float, *, wanted: bool) -> bool:
        """What the vacuum sensor says in two looks that agree: `wanted` as soon as it does, or the other after so long."""
        until, before = _now() + within_s, None
        while True:
            report = await self.polled(act)
            self.unless_stopped(act)
            if report is not None:
                self._must_go_on(report)
                says = PROBE in report.pins
                if says == before and (says == wanted or _now() >= until):
                    return says
                before = says
            if _now() >= until + OK_S:
                if report is None:
                    raise NoReply("gantry-silent", effect=Effect.UNKNOWN, link=self.link.id, said="?")
                return not wanted  # it flickers
            await asyncio.sleep(POLL_S)

    def unless_guard_open(self, report: Report) -> None:
        """Raises DeviceFault while somebody may stand inside (RB-08)."""
        if DOOR in report.pins:
            raise DeviceFault("gantry-held", effect=Effect.NONE, gantry=self.part.id, state=State.DOOR.value)

    def _must_go_on(self, report: Report) -> None:
        self.unless_guard_open(report)
        if report.state not in {State.IDLE, State.RUN}:
            self.lose(f"the board says {report.state}")
            raise DeviceFault("gantry-held", effect=Effect.NONE, gantry=self.part.id, state=report.state.value)

    def _near(self, report: Report, at: Position) -> bool:
        return all(abs(a - b) < self.part.arrived_mm for a, b in zip(_machine(report), at, strict=True))


def _machine(report: Report) -> Position:
    assert report.machine is not None  # noqa: S101 - for the types; `status` lets no other through
    return report.machine


def _now() -> float:
    return asyncio.get_running_loop().time()
