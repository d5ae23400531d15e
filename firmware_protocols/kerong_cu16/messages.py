"""What a host and a CU16 board say to each other, in words. Shared by both halves; the bytes are theirs.

Boards count from 0 to 9 as on the board's switch, locks from 1 to 16 as on its print. Raises MessageError on anything
else. Times are whole milliseconds or seconds as the names say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from firmware_protocols.errors import MessageError

BOARDS = range(10)
LOCKS = range(1, 17)
PULSE_STEP_MS = 10
PULSE_STEPS = range(0x1771)
"""V1.6: 0 to 1770 hex steps of 10 ms, which is 60 s."""
DELAYS_S = range(251)
"""V1.6: a delay over 250 s is ignored by the board."""
BAUDS = (9600, 19200, 57600, 115200)
"""In the order of their codes 0 to 3."""

Bits = tuple[bool, ...]
"""One raw bit for each of the 16 locks, lock 1 first."""


def bits(locks: Iterable[int]) -> Bits:
    """The sixteen bits in which exactly these locks are set."""
    chosen = set(locks)
    if not chosen <= set(LOCKS):
        raise MessageError(f"locks are 1 to 16, not {sorted(chosen - set(LOCKS))}")
    return tuple(lock in chosen for lock in LOCKS)


def check_board(board: int) -> None:
    """Refuses a number no board has."""
    if board not in BOARDS:
        raise MessageError(f"a board is 0 to 9, not {board}")


def _check_bits(value: Bits) -> None:
    if len(value) != len(LOCKS):
        raise MessageError(f"one bit for each of 16 locks, not {len(value)}")


def check_pulse(pulse_ms: int) -> None:
    """Refuses a pulse the board cannot be told."""
    steps, rest = divmod(pulse_ms, PULSE_STEP_MS)
    if rest or steps not in PULSE_STEPS:
        raise MessageError(f"a pulse is 0 to 60000 ms in steps of 10, not {pulse_ms}")


def check_delay(delay_s: int) -> None:
    """Refuses a delay the board would ignore."""
    if delay_s not in DELAYS_S:
        raise MessageError(f"a delay is 0 to 250 s, not {delay_s}")


def check_baud(baud: int) -> None:
    """Refuses a speed that has no code."""
    if baud not in BAUDS:
        raise MessageError(f"a speed is one of {BAUDS} baud, not {baud}")


@dataclass(frozen=True, slots=True)
class _OfBoard:
    board: int

    def __post_init__(self) -> None:
        check_board(self.board)


@dataclass(frozen=True, slots=True)
class StatusQuery(_OfBoard):
    """30: the hook and infrared bits of one board. Moves nothing."""


@dataclass(frozen=True, slots=True)
class Unlock(_OfBoard):
    """31: one pulse on one lock."""

    lock: int

    def __post_init__(self) -> None:
        check_board(self.board)
        if self.lock not in LOCKS:
            raise MessageError(f"a lock is 1 to 16, not {self.lock}")


@dataclass(frozen=True, slots=True)
class PulseQuery(_OfBoard):
    """37 in five bytes: how long is the pulse."""


@dataclass(frozen=True, slots=True)
class PulseSet(_OfBoard):
    """37 in seven bytes: the pulse of all locks of the board."""

    pulse_ms: int

    def __post_init__(self) -> None:
        check_board(self.board)
        check_pulse(self.pulse_ms)


@dataclass(frozen=True, slots=True)
class DelaySet(_OfBoard):
    """39: how long the board waits before each unlock. Cannot be asked back."""

    delay_s: int

    def __post_init__(self) -> None:
        check_board(self.board)
        check_delay(self.delay_s)


@dataclass(frozen=True, slots=True)
class BaudSet(_OfBoard):
    """40: the line speed from now on; answered at the old one."""

    baud: int

    def __post_init__(self) -> None:
        check_board(self.board)
        check_baud(self.baud)


@dataclass(frozen=True, slots=True)
class _OfLocks(_OfBoard):
    hooks: Bits
    """Raw hook bits; what 1 means is the site's to say."""

    def __post_init__(self) -> None:
        check_board(self.board)
        _check_bits(self.hooks)


@dataclass(frozen=True, slots=True)
class Status(_OfLocks):
    """35: hook bits and infrared bits ("article present"; here the drawer switches), raw."""

    articles: Bits

    def __post_init__(self) -> None:
        _OfLocks.__post_init__(self)
        _check_bits(self.articles)


@dataclass(frozen=True, slots=True)
class Pulse(_OfLocks):
    """38: the pulse as it now is."""

    pulse_ms: int

    def __post_init__(self) -> None:
        _OfLocks.__post_init__(self)
        check_pulse(self.pulse_ms)


@dataclass(frozen=True, slots=True)
class Delay(_OfLocks):
    """39: the delay as it now is."""

    delay_s: int

    def __post_init__(self) -> None:
        _OfLocks.__post_init__(self)
        check_delay(self.delay_s)


@dataclass(frozen=True, slots=True)
class Baud(_OfLocks):
    """40: the speed as it will be."""

    baud: int

    def __post_init__(self) -> None:
        _OfLocks.__post_init__(self)
        check_baud(self.baud)


Command = StatusQuery | Unlock | PulseQuery | PulseSet | DelaySet | BaudSet
"""All a host can say, each to one board."""

Reply = Status | Pulse | Delay | Baud
"""All a board can say."""
