"""Waveshare Modbus RTU Relay (D): eight relays and eight inputs, used as a board of four locks. The map as data.

Who speaks it: relay boards on RS-485 (9600 8N1, unit 1 as delivered); the Ethernet model passes RTU frames or speaks
Modbus TCP, on port 4196. Boards made before September 2021 (V1 firmware) used a frame of their own: not these.

Line: 3.5 characters of silence between frames (4.0 ms at 9600). An answer within 200 ms and the frame's own time (ours).

Source: Waveshare wiki, "Modbus RTU Relay (D)", development protocol; every printed frame is in the .toml beside this, its
CRC recomputed. Never yet met steel here.

Traps
- The pulse is function 05 at FLASH_ON + relay with the time as value; the relay opens by itself, so a lost "off" cannot
  burn a coil. A library's write_coil(0x0200, True) would say FF00: 6,528 s on the coil. Send the value, compare the echo.
- 00FF speaks to all relays, and TOGGLE says nothing about the end state: both stand here for boards, not for drivers.
- Parity codes are printed in two orders and the input modes not at all: neither is in this map; leave 8N1 and mode 0.
"""

from __future__ import annotations

# Functions (MODBUS Application Protocol V1.1b3, 6).
READ_RELAYS = 0x01
READ_INPUTS = 0x02
READ_SETTING = 0x03
WRITE_RELAY = 0x05
WRITE_SETTING = 0x06
WRITE_RELAYS = 0x0F

# Coils and inputs.
RELAYS = 8
INPUTS = 8
FIRST_RELAY = 0x0000
FIRST_INPUT = 0x0000
ALL_RELAYS = 0x00FF
FLASH_ON = 0x0200
"""Plus the relay: closes for the value in steps of 100 ms, then opens by itself."""
FLASH_OFF = 0x0400
FLASH_STEP_MS = 100

# Values of function 05 at a relay.
ON = 0xFF00
OFF = 0x0000
TOGGLE = 0x5500

# Settings.
UNIT = 0x4000
"""Written to unit 0 when the unit is unknown."""
VERSION = 0x8000
"""Software version times 100: 00C8 is 2.00."""

# Our wiring: two inputs a drawer, so four drawers a board.
DRAWERS = 4


def flash_of(channel: int) -> int:
    """Address of the pulse of drawer 1 to 4. Raises ValueError."""
    return FLASH_ON + _place(channel)


def inputs_of(channel: int) -> tuple[int, int]:
    """Inputs of drawer 1 to 4: the latch's switch, the drawer's switch. Raises ValueError."""
    first = FIRST_INPUT + 2 * _place(channel)
    return first, first + 1


def _place(channel: int) -> int:
    if not 1 <= channel <= DRAWERS:
        raise ValueError(f"a board has drawers 1 to {DRAWERS}, not {channel}")
    return channel - 1
