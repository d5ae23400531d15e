"""What the controller may ask of a device, whatever the device: one protocol per capability, one promise per method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

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
    """One addressed board with locks. Channels count from 1."""

    @property
    def link_id(self) -> str:
        """The link this board hangs on."""

    @property
    def longest_effect_s(self) -> float:
        """The longest time after the last byte of a release in which the latch may still move (pulse, delay, buffer)."""

    async def look(self) -> Mapping[int, Look]:
        """Asks the board for all its locks in one exchange, twice more on silence. Raises LinkFault."""

    async def release(self, channel: int, intent: str, deadline: float) -> Answer:
        """Pulses one lock, with one send and never a second. `deadline` is loop time: past it nothing is sent.

        Raises LinkFault with effect NONE if nothing was written, UNKNOWN if it may have been.
        """


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
