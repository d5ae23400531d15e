"""KERONG CU16 lock boards: the hook bit is the latch, the same lock's infrared input the drawer's switch."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from drivers.capabilities import Answer, Look
from drivers.link import Link
from firmware_protocols.errors import FrameError
from firmware_protocols.kerong_cu16 import host
from firmware_protocols.kerong_cu16.messages import Status, StatusQuery, Unlock
from sites.models import Cu16BoardPart, Lock

verified_on: tuple[str, ...] = ()
"""Devices this driver has met: device, firmware, date. Empty: it has never met its device."""


def framer() -> host.ReplyFramer:
    """Cuts a CU16 line into replies."""
    return host.ReplyFramer()


def means(frame: bytes) -> str:
    """A frame's text for the wire log: a reply's meaning, or its bytes."""
    try:
        return str(host.decode(frame))
    except FrameError:
        return frame.hex(" ")


class Cu16Board:
    """One board. `locks` are those of the site's drawers that hang on it."""

    def __init__(self, link: Link, part: Cu16BoardPart, locks: Sequence[Lock]) -> None:
        self._link, self._part = link, part
        self._locks = {lock.channel: lock for lock in locks}

    @property
    def link_id(self) -> str:
        """The link this board hangs on."""
        return self._link.id

    @property
    def longest_effect_s(self) -> float:
        """Commissioned delay, then pulse, and a second for a frame parked in an adapter."""
        return self._part.delay_s + self._part.pulse_ms / 1000 + 1.0

    async def look(self) -> Mapping[int, Look]:
        """Asks for all bits in one exchange (command 30), twice more on silence. Raises LinkFault."""
        status = await self._link.ask(host.encode(StatusQuery(self._part.address)), self._status)
        at = asyncio.get_running_loop().time()
        return {n: self._look(lock, status, at) for n, lock in self._locks.items()}

    async def release(self, channel: int, intent: str, deadline: float) -> Answer:
        """Command 31, once. A board that answers with a status has ACCEPTED, silence is the documented answer."""
        request = host.encode(Unlock(self._part.address, channel))
        answer = await self._link.tell(request, intent, deadline, self._status)
        return Answer.SILENT if answer is None else Answer.ACCEPTED

    def _status(self, frame: bytes) -> Status | None:
        try:
            reply = host.decode(frame)
        except FrameError:
            return None
        if isinstance(reply, Status) and reply.board == self._part.address:
            return reply
        return None

    def _look(self, lock: Lock, status: Status, at: float) -> Look:
        latched = status.hooks[lock.channel - 1] == lock.latched_bit
        shut = status.articles[lock.channel - 1] == lock.shut_bit if lock.senses == "latch-and-drawer" else None
        return Look(latched, shut, self._link.epoch, at)
