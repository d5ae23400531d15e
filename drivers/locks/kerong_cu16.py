"""KERONG CU16 lock boards: the hook bit is the latch, the same lock's infrared input the drawer's switch.

Source: CU16 protocol V1.6 (November 2024), as told in `firmware_protocols/kerong_cu16`. An unlock has no documented reply and a
refused one is silence, so only looks tell what happened; a status that comes after an unlock all the same is taken as an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from drivers.answers import Answers
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
    """A frame's text for the wire log: a reply's meaning, or what is wrong with it."""
    try:
        reply = host.decode(frame)
    except FrameError as wrong:
        return str(wrong)
    if isinstance(reply, Status):
        return f"board {reply.board}: hooks {_numbers(reply.hooks)}, articles {_numbers(reply.articles)}"
    return str(reply)


def _numbers(bits: Sequence[bool]) -> str:
    return ",".join(str(lock) for lock, bit in enumerate(bits, 1) if bit) or "none"


class Cu16Board:
    """One board. `locks` are those of the site's drawers that hang on it."""

    def __init__(self, link: Link, part: Cu16BoardPart, locks: Sequence[Lock]) -> None:
        self._link, self._part = link, part
        self._locks = {lock.channel: lock for lock in locks}
        self.answers = Answers()
        self._question = host.encode(StatusQuery(part.address))
        self._asked = f"status of board {part.address}"
        link.known_by(self._question, self._status)

    @property
    def link_id(self) -> str:
        """The link this board hangs on."""
        return self._link.id

    @property
    def longest_effect_s(self) -> float:
        """What the frame may be on its way, then the delay the board was commissioned with, then the pulse."""
        return self._link.in_flight_s + self._part.delay_s + self._part.pulse_ms / 1000

    async def look(self) -> Mapping[int, Look]:
        """Asks for all bits in one exchange (command 30), twice more on silence. Raises LinkFault."""
        status = await self._link.ask(self._question, self._status, said=self._asked, of=self.answers)
        at = self._link.answered_at
        return {n: self._look(lock, status, at) for n, lock in self._locks.items()}

    async def release(self, channel: int, intent: str, deadline: float, leaves: Callable[[], None] | None = None) -> Answer:
        """Command 31, once. A board that answers with a status has ACCEPTED, silence is the documented answer."""
        request = host.encode(Unlock(self._part.address, channel))
        said = f"unlock lock {channel} of board {self._part.address}"
        answer = await self._link.tell(request, intent, deadline, self._status, said=said, leaves=leaves)
        return Answer.SILENT if answer is None else Answer.ACCEPTED

    def _status(self, frame: bytes) -> Status | None:
        reply = host.decode(frame)
        return reply if isinstance(reply, Status) and reply.board == self._part.address else None

    def _look(self, lock: Lock, status: Status, at: float) -> Look:
        latched = status.hooks[lock.channel - 1] == lock.latched_bit
        shut = status.articles[lock.channel - 1] == lock.shut_bit if lock.senses == "latch-and-drawer" else None
        return Look(latched, shut, self._link.epoch, at)
