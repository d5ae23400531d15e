"""A diverter's gate on a relay of a Waveshare board: drawn while the relay is closed, seen by two of its inputs.

The relay closes for a set time and opens by itself (`flash on`), so neither a lost "off" nor a dead daemon leaves the gate drawn;
its spring brings it back to the default exit. Channel n has relay n, and of its two inputs the first sees the gate drawn, the
second at rest (`firmware_protocols/modbus_maps/waveshare_relay_d.py`, devices.md 2.7 and 7.1).
"""

from __future__ import annotations

import asyncio

from drivers.capabilities import DiverterLook, Exit
from drivers.faults import DeviceFault, LinkFault
from drivers.link import Link
from drivers.locks.waveshare_relay_d import WaveshareRelayBoard
from firmware_protocols.modbus_maps import waveshare_relay_d as board_map
from sites.conveyors import DiverterPart

verified_on: tuple[str, ...] = ()
"""Devices this driver has met: device, firmware, date. Empty: it has never met its device."""

LOOKS = 8
"""In one travel of the gate, once it should have come to its end."""
PATIENCE = 2
"""Travels until an end switch that does not show is in doubt."""


class RelayGate:
    """One diverter: `drivers.capabilities.Diverter`."""

    def __init__(self, link: Link, board: WaveshareRelayBoard, part: DiverterPart) -> None:
        self._link, self._part, self._answers = link, part, board.answers
        self._inputs = board.unit.read_inputs(board_map.FIRST_INPUT, board_map.INPUTS)
        relay = board_map.FIRST_RELAY + part.channel - 1
        steps = part.hold_ms // board_map.FLASH_STEP_MS
        self._acts = {
            "other": board.unit.pulse(board_map.flash_of(part.channel), steps),
            "default": board.unit.pulse(relay, board_map.OFF),
        }

    @property
    def link_id(self) -> str:
        """The link its relay hangs on."""
        return self._link.id

    @property
    def longest_effect_s(self) -> float:
        """What the frame may be on its way, then the time drawn and the way back."""
        return self._link.in_flight_s + (self._part.hold_ms + self._part.travel_ms) / 1000

    async def look(self) -> DiverterLook:
        """Reads all inputs of the board. Raises LinkFault, DeviceFault for an exception reply."""
        said = f"end switches of diverter {self._part.id}"
        inputs = await self._link.ask(*self._inputs, said=said, of=self._answers)
        first, second = board_map.inputs_of(self._part.channel)
        drawn, rests = inputs[first] == self._part.drawn_bit, inputs[second] == self._part.rest_bit
        shown: Exit | None = None if drawn is rests else "other" if drawn else "default"
        return DiverterLook(shown, self._link.epoch, self._link.answered_at)

    async def set(self, way: Exit, intent: str, decide_by: float) -> bool:
        """One send, then looks until the end switch shows it. An echo proves nothing; the switch does (law 2)."""
        request, match = self._acts[way]
        await self._link.tell(request, intent, decide_by, match, said=f"diverter {self._part.id} to its {way} exit")
        loop = asyncio.get_running_loop()
        travel_s = self._part.travel_ms / 1000
        shown_at = loop.time() + travel_s  # a look before it has travelled says nothing, and one that is lost costs too much time
        until = shown_at + (PATIENCE - 1) * travel_s + self._part.confirm_ms / 1000
        while True:
            await asyncio.sleep(travel_s / LOOKS if loop.time() > shown_at else shown_at - loop.time())
            try:
                seen = await self.look()
            except (LinkFault, DeviceFault):
                return False  # it was sent, and nobody sees what came of it
            if seen.exit == way or seen.at >= until:
                return seen.at < until
