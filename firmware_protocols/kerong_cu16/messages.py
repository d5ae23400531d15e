"""What a CU16 line says. Boards count from 0 to 9 as on their switch, locks from 1 to 16 as printed beside the plugs."""

from __future__ import annotations

from dataclasses import dataclass

LOCKS = 16
BOARDS = 10


@dataclass(frozen=True, slots=True)
class StatusQuery:
    """Command 30: tell all hook and infrared bits of one board."""

    board: int


@dataclass(frozen=True, slots=True)
class Unlock:
    """Command 31: pulse one lock. No reply is documented."""

    board: int
    lock: int


@dataclass(frozen=True, slots=True)
class PulseQuery:
    """Command 37, short form: tell the pulse time."""

    board: int


@dataclass(frozen=True, slots=True)
class PulseSet:
    """Command 37, long form: set the pulse time, in units of 10 ms, 0 to 1770 hex."""

    board: int
    tens_of_ms: int


@dataclass(frozen=True, slots=True)
class DelaySet:
    """Command 39: seconds between the command and the pulse, 0 to 250. It cannot be asked back."""

    board: int
    seconds: int


@dataclass(frozen=True, slots=True)
class BaudSet:
    """Command 40: the line's speed as a code, 0 to 3 = 9600, 19200, 57600, 115200."""

    board: int
    code: int


@dataclass(frozen=True, slots=True)
class Status:
    """Reply 35 (36 to a broadcast): hook and infrared bits, lock 1 first. What a set bit means is the lock's own wiring."""

    board: int
    hooks: tuple[bool, ...]
    articles: tuple[bool, ...]
    broadcast: bool = False


@dataclass(frozen=True, slots=True)
class Pulse:
    """Reply 38: the pulse time in units of 10 ms, with the hook bits."""

    board: int
    hooks: tuple[bool, ...]
    tens_of_ms: int


@dataclass(frozen=True, slots=True)
class Delay:
    """Reply 39: the delay in seconds (D4; the vendor's text contradicts itself about D3)."""

    board: int
    hooks: tuple[bool, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Baud:
    """Reply 40: the speed's code, with the hook bits."""

    board: int
    hooks: tuple[bool, ...]
    code: int


Command = StatusQuery | Unlock | PulseQuery | PulseSet | DelaySet | BaudSet
Reply = Status | Pulse | Delay | Baud
