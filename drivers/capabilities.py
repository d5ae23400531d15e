"""What the controller may ask of a device, whatever the device: one protocol per capability, one promise per method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol

from drivers.answers import Answers
from drivers.gantry_facts import GantryLook, Grip, Halt
from drivers.robot_deliveries import DeliveryLine, MasterArticle, SetSaid
from drivers.robot_facts import CancelAnswer, InputVerdict, OrderAnswer, PickOrder, RobotEvent, StoredArticle, TaskState


class Answer(StrEnum):
    """What a board said to an act. Politeness, never a fact: only a look says what happened (law 2)."""

    ACCEPTED = "accepted"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Look:
    """What one lock's switches said at one moment; `None` where that switch does not exist.

    `at` is the loop's time in seconds when the reply's last byte was read, `epoch` the life of the link it came over.
    """

    latched: bool | None
    shut: bool | None
    epoch: int
    at: float


class LockBoard(Protocol):
    """One addressed board with locks. Channels count from 1. `answers` counts what came of its looks, and how long that took."""

    answers: Answers

    @property
    def link_id(self) -> str:
        """The link this board hangs on."""

    @property
    def longest_effect_s(self) -> float:
        """The longest time after the last byte of a release in which the latch may still move (pulse, delay, buffer)."""

    async def look(self) -> Mapping[int, Look]:
        """Asks the board for all its locks in one exchange, twice more on silence. Raises LinkFault."""

    async def release(self, channel: int, intent: str, deadline: float, leaves: Callable[[], None] | None = None) -> Answer:
        """Pulses one lock, with one send and never a second, and none past `deadline` (loop time). `leaves` is called right before
        its first byte: cancelled before that, nothing was sent and nothing will be.

        Raises LinkFault with effect NONE if nothing was written, UNKNOWN if it may have been."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A scale's help in counting: `count` pieces, or None with `why_not` when the weight does not settle it.

    `uncertainty` is in pieces: how far the true number may lie from the computed one.
    """

    count: int | None
    uncertainty: Decimal
    weight: Decimal
    unit: str
    why_not: str | None


class Counter(Protocol):
    """Something that helps a person count and never overrules one."""

    async def count(self, unit_weight: Decimal, spread: Decimal) -> Pieces:
        """Pieces on the pan for items of `unit_weight` grams, each within `spread` grams. Raises LinkFault, DeviceFault."""


ZoneState = Literal["clear", "accepting", "discharging", "blocked", "busy"]
Exit = Literal["default", "other"]


@dataclass(frozen=True, slots=True)
class ZoneLook:
    """One zone of a belt module. `state` is None for a code that no list has; states pass faster than anybody can look.

    `arrivals` and `departures` are how many cartons its eye has counted since `ConveyorLook.counting` began; they never roll
    over and never miss one, however many looks were lost. `releases` is the release count that the module has taken in.
    """

    state: ZoneState | None
    eye: bool
    arrivals: int
    departures: int
    releases: int
    faults: frozenset[str]


@dataclass(frozen=True, slots=True)
class ConveyorLook:
    """A belt module at one moment. `stopped` says why it stands (empty: it does not), `faults` what ails its power and wires.

    Counters are compared only within one `counting`: it grows with every life of the link and every restart of the module
    that was seen, and what passed in between nobody knows.
    """

    zones: Mapping[str, ZoneLook]
    stopped: frozenset[str]
    faults: frozenset[str]
    counting: int
    epoch: int
    at: float


@dataclass(frozen=True, slots=True)
class Release:
    """What a release came to. The module has taken it once a look shows `releases == count`; the counters say what left."""

    answer: Answer
    count: int


class Conveyor(Protocol):
    """One belt module with its zones, by their ids in the site file. KeyError for a zone that is not its own.

    Nothing here starts by itself: after a stop, a lost cable or a power cut belts stand until `start`, and that needs a person.
    Acts are sent once, under a recorded intent, and not after `deadline` (loop time). They raise LinkFault with effect NONE if
    nothing was written, UNKNOWN if it may have been, and DeviceFault (effect NONE) if the module refuses.
    """

    @property
    def link_id(self) -> str:
        """The link this module hangs on."""

    @property
    def longest_effect_s(self) -> float:
        """The longest time after the last byte of an act in which the module may still take it in."""

    async def look(self) -> ConveyorLook:
        """Asks for everything in one exchange, twice more on silence. Raises LinkFault, DeviceFault."""

    async def release(self, zone: str, intent: str, deadline: float) -> Release:
        """Lets the one carton that stands in a held zone go. Reads the release count, then writes the next one, once.

        A frame that arrives late or twice lets no second carton go: the same value is no change.
        """

    async def hold(self, zone: str, held: bool, intent: str, deadline: float) -> Answer:
        """Cartons that come to this zone stay, or go on again."""

    async def confirm_arrival(self, zone: str, intent: str, deadline: float) -> Answer:
        """The carton on its way to this zone was taken off before its eye (diverted): the zone before need not call a jam."""

    async def clear_jam(self, zone: str, person: str, intent: str, deadline: float) -> Answer:
        """Ends a sensor jam of this zone, which may run again at once. ValueError without a person: they have looked."""

    async def stop(self, why: str) -> Answer:
        """Stops the module's whole group. Needs no intent, may always be sent, and as often as anybody likes."""

    async def start(self, person: str, intent: str, deadline: float) -> Answer:
        """Lets a stopped group run again. ValueError without a person: belts never start by themselves."""


@dataclass(frozen=True, slots=True)
class DiverterLook:
    """Which exit a diverter's end switches show; None on its way, or while they contradict each other."""

    exit: Exit | None
    epoch: int
    at: float


class Diverter(Protocol):
    """A gate that parts what comes on a belt. Its default exit is the safe one: silence, a lost frame and no power lead there."""

    @property
    def link_id(self) -> str:
        """The link its relay hangs on."""

    @property
    def longest_effect_s(self) -> float:
        """The longest time after the last byte of an act in which the gate may still move."""

    async def look(self) -> DiverterLook:
        """Asks for both end switches in one exchange, twice more on silence. Raises LinkFault, DeviceFault."""

    async def set(self, way: Exit, intent: str, decide_by: float) -> bool:
        """Leads the next container this way, with one send and none after `decide_by` (loop time): a late decision is not sent.

        True once the end switch has shown it; False if it has not in time (or nobody could look): where the container goes is
        unknown. `other` lasts for the time set in the site file, then the gate falls back by itself. Raises LinkFault with
        effect NONE if nothing was written (`deadline-passed`: too late), UNKNOWN if it may have been; DeviceFault.
        """


class Gantry(Protocol):
    """A head on three axes before a shelf, with a vacuum gripper and a tray of its own.

    It knows where it is only in the epoch in which it was homed, and not after an alarm, a restart, a stop, or a line without an
    answer. It never homes, unlocks or goes on by itself. An act is several lines, each sent once; a fault after the first of
    them has effect UNKNOWN. `deadline` is loop time: past it nothing is sent. A motion that takes longer than its distance
    says, or whose act is cancelled, is held.
    """

    @property
    def link_id(self) -> str:
        """The link this gantry hangs on."""

    @property
    def longest_effect_s(self) -> float:
        """The longest time after the last byte of an act in which the head may still move."""

    async def look(self) -> GantryLook:
        """Asks the board where it is and what its inputs say, twice more on silence. Raises LinkFault."""

    async def home(self, intent: str, deadline: float) -> None:
        """Runs to the limit switches and finds out where it is. A person stands by: what hangs at the gripper falls first.

        Raises LinkFault, DeviceFault (its position stays unknown), Refused `gantry-busy`.
        """

    async def pick(self, place: str, tray_place: int, intent: str, deadline: float) -> Grip:
        """Fetches the front pack of a shelf place into a place of the tray, from 1; whether that is free only the caller knows.

        Raises Refused `gantry-not-homed` or `gantry-busy` and DeviceFault `gripper-not-empty` (effect NONE); LinkFault and
        DeviceFault, after which the pack of that place is UNCERTAIN where the effect is UNKNOWN; ValueError for no such place.
        """

    async def hand_over(self, intent: str, deadline: float) -> None:
        """Takes the tray to the hand-over and tips it. No sensor of the gantry sees packs leave: what stands behind it must.

        Raises as `pick` does. With effect UNKNOWN the tray may be full, empty, or anything between.
        """

    async def stop(self) -> Halt:
        """Stops whatever moves: the byte leaves at once, past whoever has the turn. May be called at any moment.

        What was under way ends with `gantry-stopped`, nothing goes on from there, and it must be homed again. Raises LinkLost or
        NoReply (effect UNKNOWN) when nobody can say that it stands.
        """


class Robot(Protocol):
    """A storage and picking robot that sequences by itself: what we choose is which orders are open, in which order."""

    @property
    def id(self) -> str:
        """Its name in the site file."""

    @property
    def link_id(self) -> str:
        """The link this robot hangs on."""

    @property
    def up(self) -> bool:
        """Whether there is a connection now on which the robot has said Hello."""

    def watch(self, watcher: Callable[[RobotEvent], None]) -> None:
        """Calls `watcher` with every event, in the order in which they came in. It must not raise, and must not wait."""

    async def order(self, order: PickOrder, intent: str, deadline: float) -> OrderAnswer:
        """Orders packs: one send for one recorded intent and never a second; `deadline` is loop time, past it nothing is sent.

        Raises LinkFault with effect NONE if nothing was written, UNKNOWN if it may have been; ValueError for an order that cannot
        be said, or whose id this driver has sent before. SILENT: written and not answered in time; ask `task`.
        """

    async def task(self, order: str) -> TaskState:
        """How far this order is. Asked once more on silence. Raises LinkFault (effect NONE)."""

    async def cancel(self, order: str, intent: str, deadline: float) -> CancelAnswer:
        """Wants an order back: one send, as in `order`. Raises LinkFault as `order` does."""

    async def stock(self, articles: Sequence[str] | None, packs: bool) -> Sequence[StoredArticle]:
        """What the robot holds of these articles, or (None) of all; with its packs if asked. Those it has nothing of are left out.

        Asked in slices of at most 200 articles, each once more on silence; orders and answers go between the slices. Without
        names the totals are asked for in one question, and packs, if wanted, by slices of what it named. Raises LinkFault (NONE).
        """

    async def answer_input(self, verdict: InputVerdict) -> None:
        """Gives a verdict, once, telling back every datum the robot asked with. Raises LinkLost (effect NONE if nothing was
        written) when the connection that asked has ended, ValueError if a pack has no ruling or the input has ended."""

    async def master(self, articles: Sequence[MasterArticle], intent: str, deadline: float) -> SetSaid:
        """Replaces the whole article master: one send, as in `order`, and none where the master is another system's (ACCEPTED).

        Raises LinkFault as `order` does.
        """

    async def announce(self, number: str, lines: Sequence[DeliveryLine], intent: str, deadline: float) -> SetSaid:
        """Adds a delivery, never replaces one: one send, as in `order`. Its articles are in the master, or the robot rejects it.

        Raises LinkFault as `order` does, ValueError for one without packs.
        """

    async def delivery(self, number: str) -> TaskState:
        """How far a delivery has come in, and with which packs. Asked once more on silence. Raises LinkFault (effect NONE)."""
