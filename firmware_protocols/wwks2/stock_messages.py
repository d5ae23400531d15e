"""Hello, state, master, stock and the inputs that a robot begins, as messages: device notes 1.4 to 1.10."""

from dataclasses import dataclass

from firmware_protocols.errors import FrameError
from firmware_protocols.wwks2 import orders, stock
from firmware_protocols.wwks2.words import Reason, State


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

    subscriber: stock.Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class HelloResponse(Lead):
    """The server."""

    subscriber: stock.Subscriber


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
    message: stock.Quotation


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRequest(Message):
    """Is the robot ready?"""

    include_details: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusResponse(Message):
    """Whether it is, and with details its components."""

    state: State
    state_text: str | None = None
    components: tuple[stock.Component, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleMasterSetRequest(Message):
    """Replaces the whole master; an empty one clears it."""

    articles: tuple[stock.MasterArticle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleMasterSetResponse(Message):
    """Whether it was taken."""

    set_result: stock.SetResult


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeliverySetRequest(Message):
    """Adds deliveries, never replaces any."""

    stock_deliveries: tuple[stock.StockDelivery, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeliverySetResponse(Message):
    """Whether they were taken."""

    set_result: stock.SetResult


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeliveryInfoRequest(Message):
    """How far is a delivery?"""

    include_task_details: bool = False
    task: orders.DeliveryTask


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeliveryInfoResponse(Message):
    """So far."""

    task: orders.DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class StockInfoRequest(Message):
    """What is in stock? Without criteria everything."""

    include_packs: bool = False
    include_article_details: bool = False
    criteria: tuple[stock.StockCriteria, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockInfoResponse(Message):
    """What is in stock."""

    articles: tuple[stock.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockInfoMessage(Message):
    """What has changed in stock, to every PIS, unasked."""

    articles: tuple[stock.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockUpdateRequest(Message):
    """Changes data of packs: an attribute that is empty is cleared, one that is absent left alone."""

    criteria: tuple[stock.StockCriteria, ...] = ()
    pack: stock.Pack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockUpdateResponse(Message):
    """Whether they were changed, and how they are now."""

    details: stock.UpdateDetails
    articles: tuple[stock.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRequest(Message):
    """A robot has packs on its belt: may it take them in?"""

    is_new_delivery: bool = False
    set_picking_indicator: bool = False
    article: stock.Article
    input_component: stock.InputComponent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputResponse(Message):
    """A verdict on each of them."""

    is_new_delivery: bool = False
    articles: tuple[stock.Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputMessage(Message):
    """What became of them, also after a rejection."""

    is_new_delivery: bool = False
    articles: tuple[stock.Article, ...] = ()
    input_component: stock.InputComponent | None = None
