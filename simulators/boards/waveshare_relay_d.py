"""A Waveshare relay board with inputs over drawers of the plant, from the maker's protocol page.

Relay n drives the coil of drawer n (1 to 4) while it is closed. The pulse (05 at 0200 + n) opens by itself after value x 100 ms.
Inputs, in pairs: the latch's switch, then the drawer's.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulators.boards.board import Board, Wiring
from simulators.modbus_device import ILLEGAL_ADDRESS, ILLEGAL_VALUE, Refusal
from simulators.plant.drawer import Drawer
from simulators.plant.gate import Gate
from simulators.plant.truth import TruthLog
from simulators.timers import Timer
from sites.models import Lock, WaveshareRelayPart

RELAYS = 8
INPUTS = 8
ALL = 0x00FF
CLOSE, OPEN, TOGGLE = 0xFF00, 0x0000, 0x5500
FLASH_ON, FLASH_OFF = 0x02, 0x04
INPUT_MODE, UART, UNIT, VERSION = 0x1000, 0x2000, 0x4000, 0x8000
UART_9600_8N1 = 0x0001
SOFTWARE = 200
"""Version times 100."""
UNITS = range(1, 248)


class WaveshareRelay(Board):
    """One board: what `simulators.modbus_device` asks of a device."""

    def __init__(
        self, part: WaveshareRelayPart, wired: Mapping[int, tuple[Lock, Drawer | Gate]], truth: TruthLog | None = None
    ) -> None:
        super().__init__(part.id)
        self.part, self.unit = part, part.unit
        self.closed = [False] * RELAYS
        self.wiring = Wiring(part.id, wired, truth)
        self._holding = {UART: UART_9600_8N1} | {INPUT_MODE + place: 0 for place in range(INPUTS)}
        self._flashes: dict[int, Timer] = {}

    def bits(self, function: int, address: int, count: int) -> list[bool]:
        """Coils are the relays, inputs the switches; addresses beyond the eighth do not exist."""
        have = self.closed if function == 1 else self._inputs()
        if address + count > len(have):
            raise Refusal(ILLEGAL_ADDRESS)
        return have[address : address + count]

    def words(self, function: int, address: int, count: int) -> list[int]:
        """Holding 4000 is the unit, 8000 the version, 2000 the line, 1000 + n how input n works."""
        known = self._holding | {UNIT: self.unit, VERSION: SOFTWARE}
        if function != 3 or not all(place in known for place in range(address, address + count)):
            raise Refusal(ILLEGAL_ADDRESS)
        return [known[place] for place in range(address, address + count)]

    def write_coil(self, address: int, value: int, frame: bytes) -> None:
        """On, off, toggle; 00FF is all relays; 0200 + n closes for a time; 0400 + n opens for a time."""
        group, relay = address >> 8, address & 0xFF
        if not (address == ALL or (group in {0, FLASH_ON, FLASH_OFF} and relay < RELAYS)):
            raise Refusal(ILLEGAL_ADDRESS)
        if group:
            self._flash(relay, group == FLASH_ON, value, frame)
        elif value in {CLOSE, OPEN, TOGGLE}:
            for place in range(RELAYS) if address == ALL else [relay]:
                self._set(place, not self.closed[place] if value == TOGGLE else value == CLOSE, frame)
        else:
            raise Refusal(ILLEGAL_VALUE)

    def write_coils(self, address: int, values: list[bool], frame: bytes) -> None:
        """Several relays at once."""
        if address + len(values) > RELAYS:
            raise Refusal(ILLEGAL_ADDRESS)
        for place, value in enumerate(values):
            self._set(address + place, value, frame)

    def write_word(self, address: int, value: int) -> None:
        """The unit answers to its new number at once; the line's settings are kept, and its speed stays as it is here."""
        if address == UNIT:
            if value not in UNITS:
                raise Refusal(ILLEGAL_VALUE)
            self.unit = value
        elif address in self._holding:
            self._holding[address] = value
        else:
            raise Refusal(ILLEGAL_ADDRESS)

    def _inputs(self) -> list[bool]:
        return [bit for channel in range(1, INPUTS // 2 + 1) for bit in self.wiring.bits(channel)]

    def _flash(self, relay: int, closed: bool, value: int, frame: bytes) -> None:
        """One state for value x 100 ms, then the other. That a flash off closes again is from memory of the maker's page."""
        self._set(relay, closed, frame, again=True)
        self._flashes[relay] = self._timers.after(value / 10, lambda: self._set(relay, not closed, frame))

    def _set(self, relay: int, closed: bool, frame: bytes, *, again: bool = False) -> None:
        self._timers.drop(self._flashes.pop(relay, None))
        was, self.closed[relay] = self.closed[relay], closed
        if closed and (again or not was):
            self.wiring.drive(relay + 1, frame)
        elif was and not closed:
            self.wiring.rest(relay + 1)

    def _power_lost(self) -> None:
        self.closed = [False] * RELAYS
        self._flashes.clear()
        self.wiring.rest_all()
