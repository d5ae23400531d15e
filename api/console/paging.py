"""A long list in pages: no list scrolls away under a finger (reference ecosystem C5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Paged(Generic[One]):
    """The rows of page `at` of `last`, both from 1, out of `all` rows."""

    rows: Sequence[One]
    at: int
    last: int
    all: int


def paged(rows: Sequence[One], asked: str, at_once: int) -> Paged[One]:
    """The page that is asked for by its number; the nearest there is where it is none."""
    last = max(1, -(-len(rows) // at_once))
    at = min(max(int(asked), 1), last) if asked.isdecimal() and len(asked) < 10 else 1
    return Paged(rows[(at - 1) * at_once : at * at_once], at, last, len(rows))
