"""One input: what the robot knows of a pack on its belt, what the pharmacy system said, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulators.plant.robot.pack import Article, Held, Shape
from simulators.plant.robot.rack import Place
from simulators.timers import Timer

Handling = Literal[
    "Allowed",
    "AllowedForFridge",
    "Rejected",
    "RejectedNoExpiryDate",
    "RejectedNoPickingIndicator",
    "RejectedNoBatchNumber",
    "RejectedNoSerialNumber",
    "RejectedNoStockLocation",
    "RejectedInvalidStockLocation",
]
ASKED_AGAIN = frozenset({"RejectedNoExpiryDate", "RejectedNoPickingIndicator", "RejectedNoBatchNumber", "RejectedNoSerialNumber"})
"""A person at the robot may add what is missing, and the robot asks again with the same Id."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the robot knows of a pack on its belt."""

    scan_code: str
    batch: str = ""
    external: str = ""
    serial: str = ""
    expiry: str = ""
    expiry_source: str = "Unknown"
    sub_items: int = 0
    delivery: str = ""
    stock_location: str = ""
    width_mm: int = 0
    height_mm: int = 0
    depth_mm: int = 0
    shape: Shape = "Cuboid"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the pharmacy system said of one pack. None: it left that out."""

    handling: Handling
    article: Article
    batch: str | None = None
    external: str | None = None
    serial: str | None = None
    expiry: str | None = None
    sub_items: int | None = None
    stock_location: str | None = None
    delivery: str | None = None
    text: str = ""
    tenant: str = ""
    """Of whoever answered."""


@dataclass(slots=True, eq=False)
class Intake:
    """One input with its life. `error` is why it was aborted, in the words of the interface."""

    id: str
    input: str
    read: Read
    is_delivery: bool = False
    picking_indicator: bool = False
    state: Literal["asked", "missing", "allowed", "storing", "ended"] = "asked"
    answer: Answer | None = None
    place: Place | None = None
    at: float = 0.0
    error: str = ""
    held: Held | None = None
    patience: Timer | None = None
    owner: str = ""
    """The initiated input or the feeder's input that it belongs to; empty: a hand laid the pack there."""
