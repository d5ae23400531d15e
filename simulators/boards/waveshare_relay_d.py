"""A Waveshare relay board with inputs over drawers of the plant, from the maker's protocol page.

Relay n drives the coil of drawer n (1 to 4) while it is closed. The pulse (05 at 0200 + n) opens by itself after value x 100 ms.
Inputs, in pairs: the latch's switch, then the drawer's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from simulators.modbus_device import ILLEGAL_ADDRESS, ILLEGAL_VALUE, Refusal
from simulators.plant.drawer import Drawer
from simulators.timers import Timers
from sites.models import Lock, WaveshareRelayPart

RELAYS = 8
ALL = 0x00FF
CLOSE, OPEN, TOGGLE = 0xFF00, 0x0000, 0x5500
VERSION = 200
"""Software version times 100."""


class WaveshareRelay:
    """One board: what `simulators.modbus_device` asks of a device."""

    def __init__(self, part: WaveshareRelayPart, wired: Mapping[int, tuple[Lock, Drawer]]) -> None:
        self.part = part
        self.closed = [False] * RELAYS
        self._wired = wired
        self._timers = Timers()
        self._pulses: dict[int, asyncio.TimerHandle] = {}

    def bits(self, function: int, address: int, count: int) -> list[bool]:
        """Coils are the relays, inputs the switches; addresses beyond the eighth do not exist."""
        if address + count > RELAYS:
            raise Refusal(ILLEGAL_ADDRESS)
        return (self.closed if function == 1 else self._inputs())[address : address + count]

    def words(self, function: int, address: int, count: int) -> list[int]:
        """Holding 4000 is the unit, 8000 the version."""
        known = {0x4000: self.part.unit, 0x8000: VERSION}
        if function != 3 or count != 1 or address not in known:
            raise Refusal(ILLEGAL_ADDRESS)
        return [known[address]]

    def write_coil(self, address: int, value: int, frame: bytes) -> None:
        """On, off, toggle; 00FF is all relays; 0200 + n closes for a time, 0400 + n opens."""
        relays = range(RELAYS) if address == ALL else [address & 0xFF]
        if address & 0xFF >= RELAYS and address != ALL:
            raise Refusal(ILLEGAL_ADDRESS)
        match address >> 8:
            case 0x00:
                if value not in {CLOSE, OPEN, TOGGLE}:
                    raise Refusal(ILLEGAL_VALUE)
                for relay in relays:
                    self._set(relay, not self.closed[relay] if value == TOGGLE else value == CLOSE, frame)
            case 0x02:
                self._pulse(address & 0xFF, value, frame)
            case 0x04:
                self._set(address & 0xFF, False, frame)
            case _:
                raise Refusal(ILLEGAL_ADDRESS)

    def write_coils(self, address: int, values: list[bool], frame: bytes) -> None:
        """Several relays at once."""
        if address + len(values) > RELAYS:
            raise Refusal(ILLEGAL_ADDRESS)
        for place, value in enumerate(values):
            self._set(address + place, value, frame)

    def write_word(self, address: int, value: int) -> None:
        """The unit and the line's speed may be set; here neither changes while the board is on a line."""
        if address not in {0x4000, 0x2000}:
            raise Refusal(ILLEGAL_ADDRESS)

    def reboot(self) -> None:
        """Power lost and back: every relay open."""
        self._timers.clear()
        for relay in range(RELAYS):
            self._set(relay, False, b"")

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()

    def _inputs(self) -> list[bool]:
        inputs = [False] * RELAYS
        for channel, (lock, drawer) in self._wired.items():
            latched, shut = drawer.switches()
            inputs[2 * (channel - 1)] = latched == lock.latched_bit
            inputs[2 * (channel - 1) + 1] = shut == lock.shut_bit and lock.senses == "latch-and-drawer"
        return inputs

    def _pulse(self, relay: int, value: int, frame: bytes) -> None:
        self._set(relay, True, frame)
        self._pulses[relay] = self._timers.after(value / 10, lambda: self._set(relay, False, frame))

    def _set(self, relay: int, closed: bool, frame: bytes) -> None:
        self._timers.drop(self._pulses.pop(relay, None))
        was, self.closed[relay] = self.closed[relay], closed
        if was == closed or relay + 1 not in self._wired:
            return
        drawer = self._wired[relay + 1][1]
        if closed:
            drawer.drive(board=self.part.id, channel=relay + 1, frame=frame.hex())
        else:
            drawer.rest()
