"""Waveshare Modbus RTU Relay (D): eight relays that pulse locks, eight inputs that see them. Four drawers to a board.

Drawer n (1 to 4) has relay n, input 2(n-1) for its latch and input 2(n-1)+1 for its drawer switch, both counted from 0.
Source: the maker's "Modbus RTU Relay" protocol page: function 05 at 0200 + n closes relay n for value x 100 ms and opens it by
itself, so a lost "off" cannot burn the coil; function 02 reads the inputs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from drivers.capabilities import Answer, Look
from drivers.link import Link
from drivers.modbus import Mode, Unit
from sites.models import Lock, WaveshareRelayPart

verified_on: tuple[str, ...] = ()
"""Devices this driver has met: device, firmware, date. Empty: it has never met its device."""

DRAWERS = 4
INPUTS = 8
FLASH_ON = 0x0200
FLASH_STEP_MS = 100


class WaveshareRelayBoard:
    """One board. `locks` are those of the site's drawers that hang on it."""

    def __init__(self, link: Link, mode: Mode, part: WaveshareRelayPart, locks: Sequence[Lock]) -> None:
        self._link, self._part = link, part
        self._unit = Unit(mode, part.unit)
        self._locks = {lock.channel: lock for lock in locks}

    @property
    def link_id(self) -> str:
        """The link this board hangs on."""
        return self._link.id

    @property
    def longest_effect_s(self) -> float:
        """The pulse, and a second for a frame parked in a gateway."""
        return self._part.pulse_ms / 1000 + 1.0

    async def look(self) -> Mapping[int, Look]:
        """Reads all inputs in one exchange, twice more on silence. Raises LinkFault, DeviceFault."""
        inputs = await self._link.ask(*self._unit.read_inputs(0, INPUTS))
        at = asyncio.get_running_loop().time()
        return {n: self._look(lock, inputs, at) for n, lock in self._locks.items()}

    async def release(self, channel: int, intent: str, deadline: float) -> Answer:
        """One pulse of the relay, once; ACCEPTED only for an echo that is the request to the byte."""
        if not 1 <= channel <= DRAWERS:
            raise ValueError(f"a board has drawers 1 to {DRAWERS}, not {channel}")
        request, match = self._unit.pulse(FLASH_ON + channel - 1, self._part.pulse_ms // FLASH_STEP_MS)
        echoed = await self._link.tell(request, intent, deadline, match)
        return Answer.SILENT if echoed is None else Answer.ACCEPTED

    def _look(self, lock: Lock, inputs: tuple[bool, ...], at: float) -> Look:
        latch, switch = inputs[2 * (lock.channel - 1)], inputs[2 * (lock.channel - 1) + 1]
        shut = switch == lock.shut_bit if lock.senses == "latch-and-drawer" else None
        return Look(latch == lock.latched_bit, shut, self._link.epoch, at)
