"""What breaks a law."""

from __future__ import annotations

from typing import NamedTuple

TICK = 2e-5
"""Rows say microseconds."""


class Violation(NamedTuple):
    """What broke a law, when, and the evidence."""

    law: str
    at: float
    what: str

    def __str__(self) -> str:
        return f"{self.law} at {self.at:.3f} s: {self.what}"
