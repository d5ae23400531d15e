"""One scanned code, and how a scanner is set to send it. Shared by both halves."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_protocols.errors import MessageError

GROUP_SEPARATOR = "\x1d"
LONGEST = 4096
"""Bytes of one code with everything around it; no symbology holds more."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the scanner is set: what stands before and after a code, and what it sends for the separator.

    An empty suffix means that only silence ends a code.
    """

    prefix: bytes = b""
    suffix: bytes = b"\r"
    group_separator: str = GROUP_SEPARATOR

    def __post_init__(self) -> None:
        if not self.group_separator or not self.group_separator.isascii():
            raise MessageError(f"a group separator is at least one ASCII character, not {self.group_separator!r}")


@dataclass(frozen=True, slots=True)
class Scan:
    """One code: its AIM identifier (as `]d2`) if the scanner sends them, and its data with GS (1D) as the separator."""

    aim: str | None
    data: str
