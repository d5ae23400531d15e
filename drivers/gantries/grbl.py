"""Gantries on a GRBL 1.1 board: a vacuum gripper (M8 on, M9 off, sensed as `P` in `Pn:`) and a tray that M3 tips and M5 levels.

Source: device notes 10.2 and 11.1, as told in `firmware_protocols/grbl`. There is no checksum on this wire, so the head's place
is read back after each motion, and the gripper is believed in two looks that agree.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

from drivers.faults import DeviceFault, Effect, LinkFault, LinkLost, NoReply, Refused
from drivers.gantries.act import Act
from drivers.gantries.grbl_head import CRIES, HOLD, OK_S, POLL_S, PROBE, RESET, STATUS, Head
from drivers.gantries.travel import longest_s, slowing_s
from drivers.gantry_facts import GantryLook, Grip, Halt
from drivers.link import Link
from firmware_protocols.errors import FrameError
from firmware_protocols.grbl import host
from firmware_protocols.grbl.messages import Block, Home, State, Word
from sites.gantry import GrblGantry, ShelfPlace

__all__ = ["CRIES", "GrblGantryDriver", "framer", "means", "verified_on"]

verified_on: tuple[str, ...] = ()
"""Devices this driver has met: device, firmware, date. Empty: it has never met its device."""

START_S = 2.0
"""A soft reset until the banner; ours."""
AT_REST = {(State.HOLD, 0), (State.DOOR, 0), (State.DOOR, 1)}
TIPPED = Decimal(1000)
"""The spindle speed that says: tip."""
SUCK, LET_GO, TIP, LEVEL = 8, 9, 3, 5


def framer() -> host.AnswerFramer:
    """Cuts a GRBL line into answers."""
    return host.AnswerFramer()


def means(frame: bytes) -> str:
    """An answer's text for the wire log, or what is wrong with it."""
    try:
        return str(host.decode(frame))
    except FrameError as wrong:
        return str(wrong)


class GrblGantryDriver:
    """One gantry on a link of its own."""

    def __init__(self, link: Link, part: GrblGantry) -> None:
        self.id = part.id
        self._part, self._link = part, link
        self._head = Head(link, part)
        self._places = {place.id: place for place in part.shelf}

    @property
    def link_id(self) -> str:
        """The link this gantry hangs on."""
        return self._link.id

    @property
    def longest_effect_s(self) -> float:
        """What a line may be on its way, then homing or the longest motion."""
        return self._link.in_flight_s + max(float(self._part.home_s), longest_s(self._part.axes))

    async def look(self) -> GantryLook:
        """`?`, twice more on silence."""
        report = await self._link.ask(STATUS, self._head.status, said="status")
        known = self._head.known
        return GantryLook(
            state=report.state.value,
            position=report.machine if known else None,
            why_unknown=None if known else self._head.why_lost,
            gripped=PROBE in report.pins,
            epoch=self._link.epoch,
            at=self._link.answered_at,
        )

    async def home(self, intent: str, deadline: float) -> None:
        """Soft reset, `$H`, and rest seen afterwards."""
        head = self._head
        async with head.act(intent, deadline) as act:
            head.lose("it is being homed")
            head.homing = True
            await self._reset(act)
            act.began = True  # what hung at the gripper has fallen
            await self._started(deadline)
            head.unless_guard_open(await self._link.ask(STATUS, head.status, said="status"))
            head.calm()
            await head.line(act, Home(), "home", float(self._part.home_s))
            await head.rest(act)
            head.found()

    async def pick(self, place: str, tray_place: int, intent: str, deadline: float) -> Grip:
        """Out of the shelf, into the tray; each step seen before the next."""
        at, tray_mm = self._named(place, tray_place)
        head, part = self._head, self._part
        async with head.act(intent, deadline) as act:
            await self._ready(act)
            await head.move(act, "gripper out of the shelf", z=part.safe_z_mm)
            await head.move(act, f"to place {place}", x=at.x_mm, y=at.y_mm)
            await head.move(act, f"to the pack of {place}", slow=True, z=at.z_mm)
            await self._switch(act, SUCK, "vacuum on")
            act.gripped, act.lost = None, False
            await head.gripped(act, part.grip_ms / 1000, wanted=True)
            await head.move(act, f"lift from {place}", slow=True, z=part.safe_z_mm)
            if not await head.gripped(act, 0, wanted=True) or act.lost:
                await self._switch(act, LET_GO, "vacuum off")
                return Grip.DROPPED if act.lost else Grip.NOT_PICKED
            await head.move(act, f"over tray place {tray_place}", slow=True, z=tray_mm)
            if not await head.gripped(act, 0, wanted=True) or act.lost:
                await self._switch(act, LET_GO, "vacuum off")
                return Grip.DROPPED
            await self._switch(act, LET_GO, "let go")
            if await head.gripped(act, part.grip_ms / 1000, wanted=False):
                raise DeviceFault("gripper-holds", effect=Effect.UNKNOWN, gantry=self.id)
            await head.move(act, "gripper out of the tray", z=part.safe_z_mm)
            return Grip.PICKED

    async def hand_over(self, intent: str, deadline: float) -> None:
        """To the hand-over, M3, a wait, M5, a wait."""
        part, seconds = self._part, Decimal(self._part.tip_ms) / 1000
        head = self._head
        async with head.act(intent, deadline) as act:
            await self._ready(act)
            await head.move(act, "gripper out of the shelf", z=part.safe_z_mm)
            await head.move(act, "to the hand-over", x=part.hand_over.x_mm, y=part.hand_over.y_mm)
            for code, said in ((TIP, "tip the tray"), (LEVEL, "level the tray")):
                speed = (Word("S", TIPPED),) if code == TIP else ()
                await head.line(act, Block((Word("M", Decimal(code)), *speed)), said)
                wait = Block((Word("G", Decimal(4)), Word("P", seconds)))
                await head.line(act, wait, f"wait: {said}", OK_S + float(seconds))
            await head.rest(act)

    async def stop(self) -> Halt:
        """`!` at once; a reset if rest is not seen in time, or while homing, which cannot be held."""
        head = self._head
        head.stops += 1
        head.lose("it was stopped")
        head.restarted.clear()
        try:
            if not head.homing:
                self._link.cry(HOLD, "stop")
                if await self._held():
                    return Halt.HELD
            if await self._cut():
                return Halt.CUT
        except LinkLost as lost:
            raise LinkLost(lost.code, effect=Effect.UNKNOWN, **lost.facts) from lost
        raise NoReply("gantry-not-stopped", effect=Effect.UNKNOWN, gantry=self.id, link=self._link.id)

    async def _held(self) -> bool:
        """Whether rest is seen within the time that slowing down takes. A hold that was lost on its way is said again."""
        try:
            async with asyncio.timeout(slowing_s(self._part.axes) + self._link.in_flight_s):
                while True:
                    report = await self._head.polled()
                    if report is not None and (report.state, report.step) in AT_REST:
                        return True
                    if report is not None and report.state is State.ALARM:
                        return False
                    if report is not None and report.state is not State.HOLD:
                        self._link.cry(HOLD, "stop")
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            return False

    async def _cut(self) -> bool:
        """Resets; whether it is seen that the board has heard it, by its banner or by a state in which nothing moves."""
        self._link.cry(RESET, "stop")
        try:
            async with asyncio.timeout(START_S):
                while not self._head.restarted.is_set():
                    report = await self._head.polled()
                    if report is not None and report.state in {State.ALARM, State.IDLE}:
                        break
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            return False
        return True

    async def _reset(self, act: Act) -> None:
        """A soft reset as soon as there is a connection, answered or not: after a limit a board hears nothing else."""
        self._head.restarted.clear()
        while True:
            self._head.unless_stopped(act)
            try:
                return self._link.cry(RESET, f"reset for {act.intent}")
            except LinkLost:
                if asyncio.get_running_loop().time() >= act.deadline:
                    raise
            await asyncio.sleep(POLL_S)

    async def _started(self, deadline: float) -> None:
        """After a reset: its banner, and the link if it was down."""
        try:
            async with asyncio.timeout(START_S):
                await self._head.restarted.wait()
        except TimeoutError:
            pass  # the banner may have been lost: a board that answers `?`, which is asked next, has started all the same
        try:
            async with asyncio.timeout_at(deadline):
                await self._head.until_up()
        except TimeoutError as late:
            raise LinkFault("link-not-up", effect=Effect.UNKNOWN, link=self._link.id, reason=self._link.reason) from late

    async def _ready(self, act: Act) -> None:
        """At rest, homed in this epoch, and nothing at the gripper."""
        head = self._head
        if not head.known:
            raise Refused("gantry-not-homed", effect=Effect.NONE, gantry=self.id, why=head.why_lost)
        await head.rest(act)
        if await head.gripped(act, 0, wanted=False):
            raise DeviceFault("gripper-not-empty", effect=Effect.NONE, gantry=self.id)

    async def _switch(self, act: Act, code: int, said: str) -> None:
        await self._head.line(act, Block((Word("M", Decimal(code)),)), said)

    def _named(self, place: str, tray_place: int) -> tuple[ShelfPlace, int]:
        if place not in self._places or not 1 <= tray_place <= len(self._part.tray):
            raise ValueError(f"gantry {self.id} has no place {place!r} or no tray place {tray_place}")
        return self._places[place], self._part.tray[tray_place - 1].z_mm
