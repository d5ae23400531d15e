"""Data beside a site file: what an item, a patient, an order and a lot on the shelf are, as frozen models.

The same fields are the bodies of `PUT /v1/items/{id}`, `/v1/patients/{id}` and `/v1/orders/{id}`, so a pharmacy system
that can write one can write the other. Amounts of drug are decimal strings with a unit (never a float), quantities are
whole numbers of the item's smallest unit.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from sites.part import Id, Name

DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?")


def decimal(value: object) -> Decimal:
    """A positive decimal from its text; a float, an exponent, a sign or a leading zero is refused (design law 14)."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not DECIMAL.fullmatch(value) or not Decimal(value):
        raise ValueError('an amount is a decimal string greater than zero, as in "7.5"')
    return Decimal(value)


def gtin(value: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits whose check digit holds (GS1 General Specifications 7.9), as 14 digits."""
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", value):
        raise ValueError("a GTIN has 8, 12, 13 or 14 digits")
    if check_digit(value[:-1]) != value[-1]:
        raise ValueError(f"the check digit of {value} should be {check_digit(value[:-1])}")
    return value.zfill(14)


def check_digit(digits: str) -> str:
    """The GS1 check digit that follows `digits`: weights 3, 1, 3, … from the right (GS1 General Specifications 7.9)."""
    return str(-sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits))) % 10)


Amount = Annotated[Decimal, BeforeValidator(decimal), WithJsonSchema({"type": "string", "pattern": f"^{DECIMAL.pattern}$"})]
Gtin = Annotated[str, AfterValidator(gtin)]
Unit = Annotated[str, StringConstraints(min_length=1, max_length=24)]
UcumUnit = Literal["ug", "mg", "g", "mL", "L", "[iU]", "m[iU]", "meq", "mmol"]
Quantity = Annotated[int, Field(strict=True, gt=0, le=1_000_000)]
Flag = Annotated[bool, Field(strict=True)]


class Record(BaseModel):
    """The base of every record of a data file: nothing unknown, nothing changed after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, serialize_by_alias=True)


class Strength(Record):
    """How much drug one smallest unit of an item holds."""

    value: Amount
    unit: UcumUnit
    """UCUM code."""


class Dose(Record):
    """How much a prescriber ordered."""

    value: Amount
    unit: Unit
    """A UCUM code of the strength's dimension, or the item's own smallest unit (`tablet`)."""


class Item(Record):
    """A formulary entry: one drug in one strength and one form."""

    id: Id
    name: Name
    """Generic name, as the ward says it."""
    display: Name | None = None
    """The name as it is shown, with the letters in capitals by which it is told from one that looks like it (`hydrALAZINE`),
    as the list that the site follows writes it."""
    brand: Name | None = None
    strength: Strength
    form: Name
    """`tablet`, `solution for injection`, …"""
    unit: Unit
    """The smallest unit that is handed out and counted: `tablet`, `vial`, `pen`."""
    pack: Quantity = 1
    """Units in one full package, as a robot or a gantry gives it out; 1 where each unit is a package of its own."""
    gtins: tuple[Gtin, ...] = ()
    """Codes printed on its packages (GS1 AI 01)."""
    controlled: Literal["none", "CII", "CIII", "CIV", "CV"] = Field("none", alias="class")
    """Schedule of the Controlled Substances Act (21 CFR 1308); written `class` in files and bodies."""
    unit_weight_g: Amount | None = None
    """What one smallest unit weighs, where a scale may help to count."""
    spread_g: Amount | None = None
    """How far one unit's weight may lie from `unit_weight_g`."""
    high_alert: Flag = False
    refrigerated: Flag = False
    """Kept in a fridge: a robot stores it only in its cold part."""


class Patient(Record):
    """A person for whom doses are pulled."""

    id: Id
    mrn: Name
    """Medical record number."""
    family: Name
    given: Name
    born: date
    area: Id
    """Offered at the stations of this area."""
    bed: Name | None = None
    allergies: tuple[Name, ...] = ()


class Schedule(Record):
    """When a dose of an order is due."""

    kind: Literal["prn", "scheduled"]
    due: AwareDatetime | None = None
    """The next dose of a scheduled order, with its offset; past it the dose stays due until it is pulled."""
    every_min: Annotated[int, Field(strict=True, ge=5, le=43_200)] | None = None
    """Minutes from one dose to the next after `due`, for whoever fills ahead (cart fills); without it only that dose is known."""
    until: AwareDatetime | None = None
    """No dose is due after this."""

    @model_validator(mode="after")
    def _due_or_prn(self) -> Self:
        if (self.kind == "scheduled") != (self.due is not None):
            raise ValueError("a scheduled order has a `due`, an as-needed (prn) one has none")
        if self.kind == "prn" and (self.every_min is not None or self.until is not None):
            raise ValueError("an as-needed (prn) order has neither `every_min` nor `until`")
        return self


class Order(Record):
    """What a prescriber wants a patient to have."""

    id: Id
    patient: Id
    item: Id
    dose: Dose
    state: Literal["verified", "unverified", "held", "discontinued"]
    """Only what a pharmacist has verified is offered."""
    schedule: Schedule
    filler: Name
    """The pharmacy system's own number (HL7 ORC-3), carried into every entry."""


class StockLot(Record):
    """Some of one lot, lying in one pocket. In a place of a gantry's shelf the quantity is packs, elsewhere units."""

    pocket: Id
    lot: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,20}$")]
    """Batch number as printed (GS1 AI 10: up to 20 characters)."""
    expiry: date
    quantity: Quantity


class Formulary(Record):
    """The file `data.formulary` names."""

    items: tuple[Item, ...]


class Patients(Record):
    """The file `data.patients` names."""

    patients: tuple[Patient, ...]


class Orders(Record):
    """The file `data.orders` names."""

    orders: tuple[Order, ...]


class Stock(Record):
    """The file `data.stock` names."""

    lots: tuple[StockLot, ...]


class SiteData(Record):
    """What stood in the data files of a site; empty where it names none."""

    items: tuple[Item, ...] = ()
    patients: tuple[Patient, ...] = ()
    orders: tuple[Order, ...] = ()
    lots: tuple[StockLot, ...] = ()


FILES = ("formulary", "patients", "orders", "stock", "packs")
"""The keys of `[data]`, each the name of a file beside the site file."""
