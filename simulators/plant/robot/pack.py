"""A pack as it really is, and what the robot's book says of one that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulators.plant.robot.rack import Place

Shape = Literal["Cuboid", "Cylinder"]
PackState = Literal["Available", "NotAvailable"]


@dataclass(frozen=True, slots=True)
class Pack:
    """One real pack. `number` is the plant's own, given once; the robot never learns it, nor `article`, what really is inside."""

    number: int
    article: str
    scan_code: str
    """What its bar code says: a GS1 element string with GS as `\\x1d`, or a bare number."""
    batch: str = ""
    serial: str = ""
    expiry: str = ""
    """Printed on it, YYYY-MM-DD. A scanner sees it only if the bar code says it too, a camera later."""
    width_mm: int = 60
    height_mm: int = 40
    depth_mm: int = 110
    shape: Shape = "Cuboid"


@dataclass(slots=True)
class Article:
    """What the robot was told of an article."""

    id: str
    name: str = ""
    dosage_form: str = ""
    packaging_unit: str = ""
    max_sub_items: int = 0
    """Units in a full pack; 0: unknown."""
    virtual_id: str = ""
    virtual_name: str = ""
    requires_fridge: bool = False


@dataclass(slots=True)
class Held:
    """A stored pack as the robot's book has it."""

    id: int
    article: str
    place: Place
    scan_code: str = ""
    delivery: str = ""
    batch: str = ""
    external: str = ""
    serial: str = ""
    expiry: str = ""
    expiry_source: str = "Unknown"
    stock_in: str = ""
    sub_items: int = 0
    """Units inside; 0: full, unopened."""
    width_mm: int = 0
    height_mm: int = 0
    depth_mm: int = 0
    shape: Shape = "Cuboid"
    state: PackState = "Available"
    """NotAvailable: touched by a jam or not found, until it is seen again."""
    reserved: str = ""
    """The order that it is kept for."""
    in_fridge: bool = False
    stock_location: str = ""
    machine_location: str = ""
    tenant: str = ""
    """Whose it is, where several share the robot."""
