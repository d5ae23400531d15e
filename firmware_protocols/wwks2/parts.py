"""What messages are made of: articles, packs, criteria, details. Each class is one element; an attribute that is None is not there.

A class that says `element` is called so on the wire. Section numbers are those of the device notes, part 1.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from firmware_protocols.wwks2.table import Filter, Long, LongPositive, Positive, Quoted, named
from firmware_protocols.wwks2.words import (
    Accepted,
    Availability,
    CancelStatus,
    ComponentType,
    ExpirySource,
    InfeedEnd,
    InfeedPlace,
    InfeedRefusal,
    InfeedTrouble,
    InitiateEnd,
    InputTrouble,
    LabelStatus,
    OrderStatus,
    OutputStatus,
    PackState,
    Priority,
    Shape,
    State,
    TaskStatus,
    TaskType,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiateDetails:
    """Where the PIS begins an input (1.11)."""

    element: ClassVar[str] = "Details"

    input_source: int
    input_point: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiateAnswer(InitiateDetails):
    """Whether it may (1.11)."""

    status: Accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiateOutcome(InitiateDetails):
    """How it ended (1.11)."""

    status: InitiateEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedDetails:
    """Which feeder speaks (1.12)."""

    element: ClassVar[str] = "Details"

    infeed_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedAnswer(InfeedDetails):
    """Whether the robot takes its pack (1.12)."""

    status: Accepted
    reason: InfeedRefusal | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedPlacing(InfeedDetails):
    """Whether it has placed its pack (1.12)."""

    status: InfeedPlace
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedOutcome(InfeedDetails):
    """What became of its pack (1.12)."""

    status: InfeedEnd
    reason: InfeedTrouble | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedTask:
    """A feeder's input that is to be cancelled (1.12)."""

    element: ClassVar[str] = "Task"

    id: str
    infeed_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledInfeed(InfeedTask):
    """And whether it was."""

    status: CancelStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDetails:
    """Where an order goes to, and how urgent it is (1.13)."""

    element: ClassVar[str] = "Details"

    priority: Priority | None = None
    output_destination: int
    output_point: Positive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetails(OutputDetails):
    """The same in the answer (1.13)."""

    status: OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDetails(OutputDetails):
    """The same when packs have come out, or none will any more (1.13)."""

    status: OutputStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a label printer is sent (1.13)."""

    text: Quoted = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label for each pack of a line (1.13)."""

    template_id: str
    content: Content = Content()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputCriteria:
    """A line of an order (1.13). With `sub_item_quantity` the robot works out packs from units, and `quantity` is ignored."""

    element: ClassVar[str] = "Criteria"

    article_id: Filter | None = None
    quantity: int
    sub_item_quantity: Positive | None = None
    minimum_expiry_date: date | None = None
    batch_number: Filter | None = None
    external_id: Filter | None = None
    serial_number: Filter | None = None
    stock_location_id: Filter | None = None
    machine_location: Filter | None = None
    single_batch_number: bool = False
    pack_id: LongPositive | None = None
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box that packs went into (1.13)."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTask:
    """A delivery that is asked after (1.8)."""

    element: ClassVar[str] = "Task"

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryState(DeliveryTask):
    """How far it has come in, and with which packs (1.8)."""

    status: TaskStatus
    articles: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task that is asked after (1.14): the Id of an order or the number of a delivery."""

    type: TaskType
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState(Task):
    """How far it has come, and with which packs (1.14)."""

    element: ClassVar[str] = "Task"

    status: TaskStatus
    articles: tuple[Article, ...] = ()
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputTask:
    """An order that is asked after (1.14); in the newer names the type may be missing."""

    element: ClassVar[str] = "Task"

    type: TaskType | None = None
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputState(OutputTask):
    """How far it has come, and with which packs (1.14)."""

    status: TaskStatus
    articles: tuple[Article, ...] = ()
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledTask(Task):
    """What a robot says to the cancellation of one task (1.14)."""

    element: ClassVar[str] = "Task"

    status: CancelStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTask:
    """An order that is to be cancelled, in the newer way (1.14)."""

    element: ClassVar[str] = "Task"

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledOutput(CancelTask):
    """What a robot says to it (1.14)."""

    status: CancelStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLocation:
    """A virtual place of stock (1.15)."""

    id: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A robot's configuration, in words of its maker (1.18)."""

    text: Quoted = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCriteria:
    """Which channels are asked after (1.15)."""

    element: ClassVar[str] = "Criteria"

    article_id: Filter | None = None
    channel_id: Filter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel and what fits into it, in millimetres (1.15). One printed example misspells `MaxPackHeigth`."""

    id: str
    min_pack_length: int | None = None
    max_pack_length: int | None = None
    min_pack_width: int | None = None
    max_pack_width: int | None = None
    min_pack_height: int | None = None
    max_pack_height: int | None = named("MaxPackHeight", "MaxPackHeigth")
    assigned_article_id: str | None = None
