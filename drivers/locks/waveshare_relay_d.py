"""Waveshare Modbus RTU Relay (D): eight relays that pulse locks, eight inputs that see them. Four drawers to a board.

Drawer n (1 to 4) has relay n, one input for its latch and the next for its drawer switch; addresses and sources are the map's
(`firmware_protocols/modbus_maps/waveshare_relay_d.py`). The pulse ends by itself, so a lost "off" cannot burn the coil.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from drivers.answers import Answers
from drivers.capabilities import Answer, Look
from drivers.link import Link
from drivers.modbus import Mode, Unit
from firmware_protocols.modbus_maps import waveshare_relay_d as board_map
from sites.models import Lock, WaveshareRelayPart

verified_on: tuple[str, ...] = ()
"""Devices this driver has met: device, firmware, date. Empty: it has never met its device."""


class WaveshareRelayBoard:
    """One board. `locks` are those of the site's drawers that hang on it."""

    def __init__(self, link: Link, mode: Mode, part: WaveshareRelayPart, locks: Sequence[Lock]) -> None:
        self._link, self._part = link, part
        self.unit = Unit(mode, part.unit)
        """Whoever else speaks with this board (a diverter's gate) does it through this one: it numbers what is asked."""
        self._locks = {lock.channel: lock for lock in locks}
        self.answers = Answers()
        self._inputs = self.unit.read_inputs(board_map.FIRST_INPUT, board_map.INPUTS)
        link.known_by(*self._inputs)

    @property
    def link_id(self) -> str:
        """The link this board hangs on."""
        return self._link.id

    @property
    def longest_effect_s(self) -> float:
        """What the frame may be on its way, then the pulse."""
        return self._link.in_flight_s + self._part.pulse_ms / 1000

    async def look(self) -> Mapping[int, Look]:
        """Reads all inputs in one exchange, twice more on silence. Raises LinkFault, DeviceFault for an exception reply."""
        inputs = await self._link.ask(*self._inputs, said=f"inputs of unit {self._part.unit}", of=self.answers)
        at = self._link.answered_at
        return {n: self._look(lock, inputs, at) for n, lock in self._locks.items()}

    async def release(self, channel: int, intent: str, deadline: float, leaves: Callable[[], None] | None = None) -> Answer:
        """One pulse of the relay, once; ACCEPTED only for an echo that is the request to the byte.

        Raises ValueError for a drawer that no board has, DeviceFault (effect NONE) for an exception reply.
        """
        steps = self._part.pulse_ms // board_map.FLASH_STEP_MS
        request, match = self.unit.pulse(board_map.flash_of(channel), steps)
        said = f"pulse drawer {channel} of unit {self._part.unit}"
        echoed = await self._link.tell(request, intent, deadline, match, said=said, leaves=leaves)
        return Answer.SILENT if echoed is None else Answer.ACCEPTED

    def _look(self, lock: Lock, inputs: tuple[bool, ...], at: float) -> Look:
        latch, switch = board_map.inputs_of(lock.channel)
        shut = inputs[switch] == lock.shut_bit if lock.senses == "latch-and-drawer" else None
        return Look(inputs[latch] == lock.latched_bit, shut, self._link.epoch, at)
