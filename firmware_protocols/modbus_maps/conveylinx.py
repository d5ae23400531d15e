"""Pulseroller ConveyLinx (ERSC, Ai, ECO): motor-roller modules of two zones, in ZPA mode. The map as data, and its arithmetic.

Who speaks it: each module has an IP address of its own and is a Modbus TCP slave on port 502. In ZPA mode (zero-pressure
accumulation) the module runs itself; the host watches, holds and lets go. Functions 03, 06, 10 and 17 (hex).

Source: the maker's public manuals (ConveyLinx ERSC user's guide, ConveyLinx-Ai2 user's guide, ConveyLinx PLC developer's
guide), as in devices.md 7.1. Registers are printed there as 4:nnnn; wire addresses here are nnnn - 1. Never yet met steel here.

Traps
- Assemblies are copies in a row: a read must begin at the first register of one, and asks for at most 45 registers.
- States pass faster than a poll. Cartons are counted by the arrival and departure counters, which roll over at 65,535.
- A release is a change of value. Its place in the output assembly was never seen in print, so the internal register is written.
- Clearing a jam acts when its register goes from 0 to 1 only.
- A state of 03 stands in one list where the others have 02; both are a clear, running zone.
"""

from __future__ import annotations

# Functions (MODBUS Application Protocol V1.1b3, 6).
READ = 0x03
WRITE = 0x06

MOST_REGISTERS = 45
"""Of one request."""

# The input assembly of ZPA mode, 4:1500 to 4:1520; offsets in it, upstream and downstream.
INPUTS = 1500 - 1
INPUTS_COUNT = 21
STATES = (0, 1)
ARRIVALS = (2, 4)
DEPARTURES = (3, 5)
STATUS_WORDS = (6, 7)
"""Left and right: by motor, not by the way the cartons go."""
TRACKING = (8, 10)
"""The first of two words each."""
RELEASES = (12, 13)
PORTS = 18
CONVEY_STOP = 20

# Internal registers that a host writes: (upstream, downstream), or (left, right) for speeds.
ACCUMULATION = (104 - 1, 184 - 1)
RELEASE = (105 - 1, 185 - 1)
CLEAR_JAM = (109 - 1, 189 - 1)
SPEED = (40 - 1, 64 - 1)
"""mm/s."""
STOP_COMMAND = 20 - 1

# Values of the ConveyStop command.
STOP_NONE, STOP_GROUP, STOP_CLEAR = 0, 1, 2

# Bits of an accumulation word.
HOLD = 1 << 0
"""Cartons that come to this zone stay."""
HOLD_UPSTREAM = 1 << 8
CONFIRM_ARRIVAL = 1 << 9
"""The carton for this zone was taken off before its eye: whoever sent it need not call a jam."""
JOG, JOG_BACK, WAKE, MAINTENANCE = 1 << 10, 1 << 11, 1 << 12, 1 << 13

STATE_CODES = {1: "clear", 2: "accepting", 3: "accepting", 4: "discharging", 5: "blocked", 6: "busy"}
"""Low byte of a state word (forward). Busy is ConveyStop."""

STATUS_BITS = {
    0: "reset",
    2: "over-voltage",
    3: "motor-error",
    4: "ethernet-fault",
    5: "sensor-jam",
    6: "sensor-error",
    7: "low-voltage",
    8: "overheated",
    9: "over-current",
    10: "short-circuit",
    11: "motor-not-connected",
    12: "overload",
    13: "stalled",
    14: "hall-error",
    15: "motor-not-used",
}
"""Bits of a status word. Reset and the Ethernet fault stand in word 1 (left) only; a sensor jam is upstream's in word 1."""

STOP_BITS = {
    5: "other-module",
    6: "lost-communication",
    7: "lost-host",
    8: "left-port",
    9: "right-port",
    10: "commanded",
}
"""Bits of the ConveyStop word: why this module stands."""

LEFT_EYE, RIGHT_EYE, HEARTBEAT = 1 << 4, 1 << 6, 1 << 15
"""Bits of the port inputs. The heartbeat is 2 s on, 2 s off."""

COUNTER = 0xFFFF


def gained(before: int, after: int) -> int:
    """How far a 16-bit counter has counted between two reads, over its end too. Reads that were lost change nothing."""
    return (after - before) & COUNTER


def next_release(count: int) -> int:
    """The value whose writing lets one carton go, where this one is read back: another one, with 65,535 before 0."""
    return (count + 1) & COUNTER


def state_of(word: int) -> str | None:
    """A zone's state by its word; None for a code that no list has."""
    return STATE_CODES.get(word & 0xFF)


def bits_of(word: int, names: dict[int, str]) -> frozenset[str]:
    """The names of the bits that are set; a bit without a name is `bit-n`, never lost."""
    return frozenset(names.get(bit, f"bit-{bit}") for bit in range(16) if word >> bit & 1)
