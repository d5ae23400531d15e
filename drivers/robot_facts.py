"""What the controller and a robot say to each other, whatever the robot speaks: orders, answers, stock, inputs, events.

The promises are those of `drivers.capabilities.Robot`. Numbers of packs are the robot's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from drivers.robot_labels import Label, LabelState


class OrderPriority(StrEnum):
    """How urgent an order is to a robot."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine:
    """One line of an order: `packs` full packs of an article, or with `units` as many opened or full packs as make that many units
    (`packs` is ignored then), or with `pack` exactly the pack of this number of the robot's. What else is said must match too."""

    article: str | None = None
    packs: int = 0
    units: int = 0
    pack: int | None = None
    batch: str | None = None
    serial: str | None = None
    external: str | None = None
    expires_from: date | None = None
    """No pack that expires before this day."""
    one_batch: bool = False
    """All packs of this line of one batch, whichever."""
    stock_location: str | None = None
    machine: str | None = None
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PickOrder:
    """An order to a robot: its packs go to one `output`. `id` is decimal digits, 2 to 999999999, and never used a second time:
    1 belongs to outputs that somebody asks for at the robot's own screen. `box` is the box they are to go into, if it is known."""

    id: str
    output: int
    lines: tuple[PickLine, ...]
    priority: OrderPriority = OrderPriority.NORMAL
    point: int | None = None
    box: str | None = None


class OrderAnswer(StrEnum):
    """What a robot said to an order. QUEUED is politeness; after REJECTED nothing will ever come out; SILENT is in doubt."""

    QUEUED = "queued"
    REJECTED = "rejected"
    SILENT = "silent"


class CancelAnswer(StrEnum):
    """What a robot said to a cancellation. How the order really ended is in its OutputEnded, also after CANCELLED.
    REFUSED: packs are on their way already. NOT_FOUND proves nothing: a robot may have forgotten an order it has carried out."""

    CANCELLED = "cancelled"
    REFUSED = "refused"
    NOT_FOUND = "not-found"
    SILENT = "silent"


class TaskStatus(StrEnum):
    """How far an order is, by the robot's own word. NOT_FOUND does not prove that nothing came out (law 3)."""

    NOT_FOUND = "not-found"
    QUEUED = "queued"
    IN_PROCESS = "in-process"
    ABORTING = "aborting"
    ABORTED = "aborted"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotPack:
    """One pack as a robot knows it. None is what it did not say; a pack without a number is not stored.

    `units` is what is left in an opened pack, None in a full one. `output` and `box` are where a pack that came out went: the
    output may be another than was ordered.
    """

    id: int | None
    article: str | None = None
    scan_code: str | None = None
    batch: str | None = None
    serial: str | None = None
    external: str | None = None
    expiry: date | None = None
    units: int | None = None
    delivery: str | None = None
    stock_location: str | None = None
    machine: str | None = None
    in_fridge: bool = False
    available: bool = True
    output: int | None = None
    box: str | None = None
    label: LabelState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """What a robot holds of one article. `packs` is empty unless packs were asked for; `quantity` is its own count of them."""

    id: str
    name: str | None
    quantity: int
    packs: tuple[RobotPack, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """The answer to `Robot.task`: the status, and the packs that have come out so far, where the robot tells them."""

    order: str
    status: TaskStatus
    packs: tuple[RobotPack, ...] = ()
    boxes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPack:
    """A pack on an input belt, with what the robot read or was told of it. `index` is its place in this question."""

    index: int
    scan_code: str
    delivery: str | None = None
    batch: str | None = None
    serial: str | None = None
    external: str | None = None
    expiry: date | None = None
    units: int | None = None
    stock_location: str | None = None


class InputRuling(StrEnum):
    """What a robot is to do with a pack on its belt. Of the three NO_… it may ask again, with what was missing."""

    ALLOWED = "allowed"
    ALLOWED_FOR_FRIDGE = "allowed-for-fridge"
    REJECTED = "rejected"
    NO_EXPIRY = "no-expiry"
    NO_PICKING_INDICATOR = "no-picking-indicator"
    NO_BATCH = "no-batch"
    NO_SERIAL = "no-serial"
    NO_STOCK_LOCATION = "no-stock-location"
    WRONG_STOCK_LOCATION = "wrong-stock-location"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRuling:
    """The ruling on the pack of this `index`; `text` is shown to whoever stands at the belt. A datum that is None is told back as
    the robot told it, another replaces it."""

    index: int
    ruling: InputRuling
    text: str = ""
    batch: str | None = None
    serial: str | None = None
    expiry: date | None = None
    units: int | None = None
    stock_location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotEvent:
    """Something that a robot told, or that its link did. `epoch` is the life of the link, `at` loop time in seconds."""

    robot: str
    epoch: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotLink(RobotEvent):
    """The robot has said Hello (`up`), or the connection with it has ended: what it told in between is lost for good."""

    up: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotComponent:
    """One component of a robot; `kind` is storage or box."""

    kind: str
    name: str
    ready: bool
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotReadiness(RobotEvent):
    """Whether the robot and each of its components are ready: told when it is first known in an epoch, and when it changes."""

    ready: bool
    text: str = ""
    components: tuple[RobotComponent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChanged(RobotEvent):
    """The new quantities of articles, by the robot's own word; with packs where their data have changed (an expiry date read)."""

    articles: tuple[StoredArticle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputAsked(RobotEvent):
    """A robot has packs on a belt and wants a verdict: `Robot.answer_input`. The same `input` may be asked again, with more data,
    until its InputEnded. It dies with the epoch."""

    input: str
    source: int
    """The part of the robot that asks. Two parts may use the same `input`."""
    article: str | None
    packs: tuple[AskedPack, ...]
    new_delivery: bool = False
    """A delivery, not a return."""
    picking_indicator: bool = False
    """Whoever stands at the belt insists, after NO_PICKING_INDICATOR."""
    belt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputEnded(RobotEvent):
    """What became of the packs of an input: `stored` are in the robot, `aborted` are not. Comes after a rejection too."""

    input: str
    source: int
    stored: tuple[RobotPack, ...] = ()
    aborted: tuple[RobotPack, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputProgress(RobotEvent):
    """Packs of an order have come out, and the order goes on (a box was released). Count packs by their distinct numbers."""

    order: str
    packs: tuple[RobotPack, ...] = ()
    boxes: tuple[str, ...] = ()


class OutputEnd(StrEnum):
    """How an order ended, by the robot's own word."""

    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputEnded(RobotEvent):
    """An order has ended with these packs, which may repeat those of its OutputProgress. It may come before the order's answer, and
    for an `order` nobody here has given (1 on many robots): somebody asked for it at the robot's own screen, or elsewhere."""

    order: str
    end: OutputEnd
    packs: tuple[RobotPack, ...] = ()
    boxes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unprocessed(RobotEvent):
    """A robot could not process what it was told, or told what cannot be read (`ours` is False then). A log entry, never acted on.
    `about` is the id of that message, if it has one."""

    ours: bool
    reason: str
    text: str
    about: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputVerdict:
    """The answer to one InputAsked, with a ruling for each of its packs. `article` and `name` are what the pack is in the
    formulary; without them the scanned article is told back. `intent` is what letting a pack in is recorded under."""

    asked: InputAsked
    intent: str
    packs: tuple[PackRuling, ...]
    article: str | None = None
    name: str | None = None
    dosage_form: str | None = None
    packaging_unit: str | None = None
    units_in_full_pack: int | None = None
    fridge: bool = False
