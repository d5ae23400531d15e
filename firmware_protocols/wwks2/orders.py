"""Inputs that the host or a feeder begins, orders, tasks and what a robot is made of: device notes 1.11 to 1.18.

A class that says `element` is called so on the wire; an attribute that is None is not there. Sections: device notes, part 1.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from firmware_protocols.wwks2.stock import Article
from firmware_protocols.wwks2.table import Filter, LongPositive, Positive, Quoted, named
from firmware_protocols.wwks2.words import (
    Accepted,
    CancelStatus,
    InfeedEnd,
    InfeedPlace,
    InfeedRefusal,
    InfeedTrouble,
    InitiateEnd,
    OrderStatus,
    OutputStatus,
    Priority,
    TaskStatus,
    TaskType,
)


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
