"""Inputs that the host or a feeder begins, orders, tasks and the small dialogs, as messages: device notes 1.11 to 1.15."""

from dataclasses import dataclass

from firmware_protocols.wwks2 import orders, stock
from firmware_protocols.wwks2.stock_messages import Message
from firmware_protocols.wwks2.words import Light, LightResult


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiateInputRequest(Message):
    """The PIS begins an input at a hand-over point."""

    is_new_delivery: bool = False
    set_picking_indicator: bool = False
    details: orders.InitiateDetails
    article: stock.Article


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiateInputResponse(Message):
    """Whether it may. Comes at once, or only after the inner InputRequest was answered."""

    is_new_delivery: bool = False
    set_picking_indicator: bool = False
    details: orders.InitiateAnswer
    article: stock.Article | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiateInputMessage(Message):
    """How it ended."""

    details: orders.InitiateOutcome
    articles: tuple[stock.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedInputRequest(Message):
    """A feeder has a pack for the robot."""

    is_new_delivery: bool = False
    set_picking_indicator: bool = False
    details: orders.InfeedDetails
    article: stock.Article


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedInputResponse(Message):
    """Whether the robot takes it."""

    details: orders.InfeedAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedInputPackPlaceRequest(Message):
    """The feeder is to place it now."""

    details: orders.InfeedDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedInputPackPlaceResponse(Message):
    """Whether it has. Printed examples call this message `InfeedInputPackPlacedResponse`."""

    details: orders.InfeedPlacing


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedInputMessage(Message):
    """What became of it."""

    details: orders.InfeedOutcome
    articles: tuple[stock.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelInfeedInputRequest(Message):
    """The feeder wants its inputs back."""

    tasks: tuple[orders.InfeedTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelInfeedInputResponse(Message):
    """What the robot says to each."""

    tasks: tuple[orders.CancelledInfeed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRequest(Message):
    """An order. Its `id` is never 1. Without criteria it forwards the box that is named, or the next one."""

    box_number: str | None = None
    details: orders.OutputDetails
    criteria: tuple[orders.OutputCriteria, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputResponse(Message):
    """Whether it was taken; what was asked comes back with it."""

    box_number: str | None = None
    details: orders.OrderDetails
    criteria: tuple[orders.OutputCriteria, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputMessage(Message):
    """Packs have come out, or none will any more. Id 1 on some robots: an output nobody asked for."""

    details: orders.OutcomeDetails
    articles: tuple[stock.Article, ...] = ()
    boxes: tuple[orders.Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInfoRequest(Message):
    """How far is an order or a delivery?"""

    include_task_details: bool = False
    task: orders.Task


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInfoResponse(Message):
    """So far."""

    task: orders.TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputInfoRequest(Message):
    """TaskInfoRequest in its newer name."""

    include_task_details: bool = False
    task: orders.OutputTask


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputInfoResponse(Message):
    """TaskInfoResponse in its newer name."""

    task: orders.OutputState


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelRequest(Message):
    """Orders are to be cancelled."""

    tasks: tuple[orders.Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelResponse(Message):
    """What the robot says to each. The OutputMessage of an order that was cancelled comes after it."""

    tasks: tuple[orders.CancelledTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelOutputRequest(Message):
    """TaskCancelRequest in its newer name."""

    tasks: tuple[orders.CancelTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelOutputResponse(Message):
    """TaskCancelResponse in its newer name."""

    tasks: tuple[orders.CancelledOutput, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLocationInfoRequest(Message):
    """Which stock locations are there?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLocationInfoResponse(Message):
    """These."""

    stock_locations: tuple[orders.StockLocation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationGetRequest(Message):
    """How is the robot configured?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationGetResponse(Message):
    """So, in words of its maker."""

    configuration: orders.Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfigurationInfoRequest(Message):
    """Which channels are there?"""

    criteria: tuple[orders.ChannelCriteria, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfigurationInfoResponse(Message):
    """These."""

    channels: tuple[orders.Channel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDestinationStateIndicationSetRequest(Message):
    """The lamp of an output."""

    output_destination: int
    state: Light


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDestinationStateIndicationSetResponse(Message):
    """Whether it obeyed."""

    output_destination: int
    result: LightResult
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDestinationButtonPressedMessage(Message):
    """Somebody has pressed an output's button."""

    output_destination: int
