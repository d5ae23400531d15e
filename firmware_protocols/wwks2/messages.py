"""Every message of WWKS 2 but those of the digital shelf, as data; its element is called as its class. Shared by both halves.

`id` is text and goes back as it came. `source` and `destination` are device numbers: 100 the PIS, 999 downwards robots (1.2).
Source: device notes 1.4 to 1.18.
"""

from dataclasses import dataclass

from firmware_protocols.errors import FrameError
from firmware_protocols.wwks2 import parts
from firmware_protocols.wwks2.words import Light, LightResult, Reason, State


class Unreadable(FrameError):
    """A message whose frame is whole and which says nothing: why, and what of its head could be read."""

    def __init__(
        self,
        reason: Reason,
        text: str,
        *,
        name: str | None = None,
        id: str | None = None,
        source: int | None = None,
        destination: int | None = None,
    ) -> None:
        self.reason, self.name, self.id, self.source, self.destination = reason, name, id, source, destination
        super().__init__(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What every lead element has."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Lead):
    """What every lead element but those of the Hello has."""

    source: int
    destination: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HelloRequest(Lead):
    """The client, within 5 s of connecting."""

    subscriber: parts.Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class HelloResponse(Lead):
    """The server."""

    subscriber: parts.Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAliveRequest(Message):
    """Either side, at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAliveResponse(Message):
    """The other side, in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnprocessedMessage(Message):
    """What could not be processed. Nobody answers it or acts on it."""

    reason: Reason | None = None
    text: str | None = None
    message: parts.Quotation


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRequest(Message):
    """Is the robot ready?"""

    include_details: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusResponse(Message):
    """Whether it is, and with details its components."""

    state: State
    state_text: str | None = None
    components: tuple[parts.Component, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleMasterSetRequest(Message):
    """Replaces the whole master; an empty one clears it."""

    articles: tuple[parts.MasterArticle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleMasterSetResponse(Message):
    """Whether it was taken."""

    set_result: parts.SetResult


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeliverySetRequest(Message):
    """Adds deliveries, never replaces any."""

    stock_deliveries: tuple[parts.StockDelivery, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeliverySetResponse(Message):
    """Whether they were taken."""

    set_result: parts.SetResult


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeliveryInfoRequest(Message):
    """How far is a delivery?"""

    include_task_details: bool = False
    task: parts.DeliveryTask


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeliveryInfoResponse(Message):
    """So far."""

    task: parts.DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class StockInfoRequest(Message):
    """What is in stock? Without criteria everything."""

    include_packs: bool = False
    include_article_details: bool = False
    criteria: tuple[parts.StockCriteria, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockInfoResponse(Message):
    """What is in stock."""

    articles: tuple[parts.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockInfoMessage(Message):
    """What has changed in stock, to every PIS, unasked."""

    articles: tuple[parts.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockUpdateRequest(Message):
    """Changes data of packs: an attribute that is empty is cleared, one that is absent left alone."""

    criteria: tuple[parts.StockCriteria, ...] = ()
    pack: parts.Pack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockUpdateResponse(Message):
    """Whether they were changed, and how they are now."""

    details: parts.UpdateDetails
    articles: tuple[parts.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRequest(Message):
    """A robot has packs on its belt: may it take them in?"""

    is_new_delivery: bool = False
    set_picking_indicator: bool = False
    article: parts.Article
    input_component: parts.InputComponent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputResponse(Message):
    """A verdict on each of them."""

    is_new_delivery: bool = False
    articles: tuple[parts.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputMessage(Message):
    """What became of them, also after a rejection."""

    is_new_delivery: bool = False
    articles: tuple[parts.Article, ...] = ()
    input_component: parts.InputComponent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiateInputRequest(Message):
    """The PIS begins an input at a hand-over point."""

    is_new_delivery: bool = False
    set_picking_indicator: bool = False
    details: parts.InitiateDetails
    article: parts.Article


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiateInputResponse(Message):
    """Whether it may. Comes at once, or only after the inner InputRequest was answered."""

    is_new_delivery: bool = False
    set_picking_indicator: bool = False
    details: parts.InitiateAnswer
    article: parts.Article | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiateInputMessage(Message):
    """How it ended."""

    details: parts.InitiateOutcome
    articles: tuple[parts.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedInputRequest(Message):
    """A feeder has a pack for the robot."""

    is_new_delivery: bool = False
    set_picking_indicator: bool = False
    details: parts.InfeedDetails
    article: parts.Article


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedInputResponse(Message):
    """Whether the robot takes it."""

    details: parts.InfeedAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedInputPackPlaceRequest(Message):
    """The feeder is to place it now."""

    details: parts.InfeedDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedInputPackPlaceResponse(Message):
    """Whether it has. Printed examples call this message `InfeedInputPackPlacedResponse`."""

    details: parts.InfeedPlacing


@dataclass(frozen=True, slots=True, kw_only=True)
class InfeedInputMessage(Message):
    """What became of it."""

    details: parts.InfeedOutcome
    articles: tuple[parts.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelInfeedInputRequest(Message):
    """The feeder wants its inputs back."""

    tasks: tuple[parts.InfeedTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelInfeedInputResponse(Message):
    """What the robot says to each."""

    tasks: tuple[parts.CancelledInfeed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRequest(Message):
    """An order. Its `id` is never 1. Without criteria it forwards the box that is named, or the next one."""

    box_number: str | None = None
    details: parts.OutputDetails
    criteria: tuple[parts.OutputCriteria, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputResponse(Message):
    """Whether it was taken; what was asked comes back with it."""

    box_number: str | None = None
    details: parts.OrderDetails
    criteria: tuple[parts.OutputCriteria, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputMessage(Message):
    """Packs have come out, or none will any more. Id 1 on some robots: an output nobody asked for."""

    details: parts.OutcomeDetails
    articles: tuple[parts.Article, ...] = ()
    boxes: tuple[parts.Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInfoRequest(Message):
    """How far is an order or a delivery?"""

    include_task_details: bool = False
    task: parts.Task


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInfoResponse(Message):
    """So far."""

    task: parts.TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputInfoRequest(Message):
    """TaskInfoRequest in its newer name."""

    include_task_details: bool = False
    task: parts.OutputTask


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputInfoResponse(Message):
    """TaskInfoResponse in its newer name."""

    task: parts.OutputState


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelRequest(Message):
    """Orders are to be cancelled."""

    tasks: tuple[parts.Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelResponse(Message):
    """What the robot says to each. The OutputMessage of an order that was cancelled comes after it."""

    tasks: tuple[parts.CancelledTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelOutputRequest(Message):
    """TaskCancelRequest in its newer name."""

    tasks: tuple[parts.CancelTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelOutputResponse(Message):
    """TaskCancelResponse in its newer name."""

    tasks: tuple[parts.CancelledOutput, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLocationInfoRequest(Message):
    """Which stock locations are there?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLocationInfoResponse(Message):
    """These."""

    stock_locations: tuple[parts.StockLocation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationGetRequest(Message):
    """How is the robot configured?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationGetResponse(Message):
    """So, in words of its maker."""

    configuration: parts.Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfigurationInfoRequest(Message):
    """Which channels are there?"""

    criteria: tuple[parts.ChannelCriteria, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfigurationInfoResponse(Message):
    """These."""

    channels: tuple[parts.Channel, ...] = ()


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
