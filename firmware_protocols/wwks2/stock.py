"""Who speaks, and articles and packs in every message that tells of them: device notes 1.4 to 1.10.

A class that says `element` is called so on the wire; an attribute that is None is not there. Sections: device notes, part 1.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from firmware_protocols.wwks2.table import Filter, Long, LongPositive, Positive, Quoted, named
from firmware_protocols.wwks2.words import (
    Accepted,
    Availability,
    ComponentType,
    ExpirySource,
    InputTrouble,
    LabelStatus,
    PackState,
    Shape,
    State,
    Verdict,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """Something a device can do (1.4)."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who says Hello (1.4). `type` is text, so that a type we do not know is no reason not to talk."""

    id: int
    type: str | None = None
    manufacturer: str | None = None
    product_info: str | None = None
    version_info: str | None = None
    device_name: str | None = None
    tenant_id: str | None = None
    capabilities: tuple[Capability, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """The message that was not processed, as it came (1.5)."""

    element: ClassVar[str] = "Message"

    id: str | None = None
    text: Quoted = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part of a robot (1.6)."""

    type: ComponentType
    description: str
    state: State
    state_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What to do with a pack on the belt, or what became of it (1.10). `text` is shown to the operator."""

    input: Verdict
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """Why a pack is not stored (1.11)."""

    type: InputTrouble
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """[Pack] of 1.7. Sizes are millimetres; `sub_item_quantity` 0 is a full pack, `id` 0 one that is not stored."""

    index: int | None = None
    id: Long | None = None
    scan_code: str | None = None
    delivery_number: str | None = None
    batch_number: str | None = None
    external_id: str | None = None
    serial_number: str | None = None
    expiry_date: date | None = None
    expiry_date_source: ExpirySource | None = None
    stock_in_date: date | None = None
    sub_item_quantity: int | None = None
    depth: int | None = None
    width: int | None = None
    height: int | None = None
    weight: int | None = None
    shape: Shape | None = None
    state: PackState | None = None
    is_in_fridge: bool | None = None
    stock_location_id: str | None = None
    machine_location: str | None = None
    storage_component_id: str | None = None
    guid: str | None = named("GUID")
    box_number: str | None = None
    output_destination: int | None = None
    output_point: Positive | None = None
    label_status: LabelStatus | None = None
    handling: Handling | None = None
    error: Error | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """[Article] of 1.7. `max_sub_item_quantity` 0 is an unknown number of units in a full pack."""

    id: str | None = None
    name: str | None = None
    dosage_form: str | None = None
    packaging_unit: str | None = named("PackagingUnit", "PackingUnit")
    max_sub_item_quantity: int | None = None
    virtual_id: str | None = None
    virtual_name: str | None = None
    requires_fridge: bool | None = None
    quantity: int | None = None
    sub_item_quantity: int | None = None
    availability: Availability | None = None
    packs: tuple[Pack, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCode:
    """A further code that identifies an article on scanning, and cannot be used to order it (1.8)."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterArticle:
    """An article of the master (1.8)."""

    element: ClassVar[str] = "Article"

    id: str
    name: str | None = None
    dosage_form: str | None = None
    packaging_unit: str | None = named("PackagingUnit", "PackingUnit")
    requires_fridge: bool | None = None
    max_sub_item_quantity: int | None = None
    stock_location_id: str | None = None
    machine_location: str | None = None
    product_codes: tuple[ProductCode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """Whether a master or a delivery was taken (1.8)."""

    value: Accepted
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredArticle:
    """A line of a delivery (1.8). `quantity` is the most packs, 0 is no limit."""

    element: ClassVar[str] = "Article"

    id: str
    product_code: str | None = None
    batch_number: str | None = None
    external_id: str | None = None
    expiry_date: date | None = None
    quantity: int | None = None
    requires_fridge: bool | None = None
    stock_location_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDelivery:
    """A delivery that will come over the belt (1.8)."""

    delivery_number: str
    articles: tuple[DeliveredArticle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCriteria:
    """Which stock is asked after (1.9). All that is said must match."""

    element: ClassVar[str] = "Criteria"

    article_id: Filter | None = None
    batch_number: Filter | None = None
    external_id: Filter | None = None
    serial_number: Filter | None = None
    pack_id: LongPositive | None = None
    stock_location_id: Filter | None = None
    machine_location: Filter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDetails:
    """Whether a change of stock data was taken (1.9)."""

    element: ClassVar[str] = "Details"

    status: Accepted
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputComponent:
    """The belt (1.10)."""

    id: str
    name: str | None = None
