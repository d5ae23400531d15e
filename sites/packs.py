"""What a simulated robot holds at the start. A station never reads it: it asks its robot, as it would a real one."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from sites.data import Quantity, Record
from sites.part import Id

Size = Annotated[int, Field(strict=True, ge=1, le=2000)]


class RackPacks(Record):
    """Full packs of one lot that stand in a robot."""

    robot: Id
    item: Id
    lot: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,20}$")]
    """Batch number as printed (GS1 AI 10: up to 20 characters)."""
    expiry: date
    quantity: Quantity
    """Packs."""
    width_mm: Size = 60
    height_mm: Size = 40
    depth_mm: Size = 110
    """Of one pack."""


class Packs(Record):
    """The file `data.packs` names."""

    packs: tuple[RackPacks, ...]
