"""What the controller tells a robot before packs come over its belts: the article master, and deliveries by their numbers.

The promises are those of `drivers.capabilities.Robot`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterArticle:
    """An article as a robot is to know it; `codes` are further ones that stand on its packs."""

    article: str
    name: str
    dosage_form: str
    packaging_unit: str
    units_in_full_pack: int = 0
    """0: unknown."""
    fridge: bool = False
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """So many full packs of an article; `batch` and `expiry` must match where they are said."""

    article: str
    packs: int
    batch: str | None = None
    expiry: date | None = None


class SetAnswer(StrEnum):
    """What a robot said to a master or to a delivery. SILENT: nobody knows whether it was taken; ask `Robot.delivery`."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSaid:
    """The answer, and what the robot said of it."""

    answer: SetAnswer
    text: str = ""
