"""Inputs that somebody else begins: the pharmacy system at a hand-over point, or a feeder machine that lays packs down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulators.plant.robot.inputs import Inputs
from simulators.plant.robot.intake import Intake, Read
from simulators.plant.robot.pack import Held
from simulators.plant.robot.steel import Steel
from simulators.timers import Timer, Timers


@dataclass(slots=True, eq=False)
class Tried:
    """One pack of an initiated input: what was expected, and what became of it."""

    scan_code: str
    held: Held | None = None
    error: str = ""


@dataclass(slots=True, eq=False)
class Initiated:
    """An input that the pharmacy system has begun."""

    id: str
    asked_by: int
    source: str
    """The input."""
    number: int
    """What whoever began it calls that input."""
    point: str
    is_delivery: bool
    picking: bool
    packs: list[Tried]
    done: int = 0
    patience: Timer | None = None

    @property
    def complete(self) -> bool:
        """Whether every pack is in the rack."""
        return all(pack.held is not None for pack in self.packs)


@dataclass(slots=True, eq=False)
class Fed:
    """One pack that a feeder machine hands over."""

    id: str
    number: str
    """The feeder's number, as it says it."""
    point: str
    """The input that it lays packs on."""
    fed_by: int
    read: Read
    is_delivery: bool
    picking: bool
    state: Literal["asked", "placing", "placed", "ended"] = "asked"
    error: str = ""
    intake: Intake | None = None
    patience: Timer | None = None


class Handed:
    """Both kinds, of one robot."""

    def __init__(self, steel: Steel, inputs: Inputs) -> None:
        self.steel, self.inputs = steel, inputs
        self.initiated: dict[str, Initiated] = {}
        self.fed: dict[str, Fed] = {}
        self.on_initiated_ended: Callable[[Initiated], None] = lambda initiated: None
        self.on_place_wanted: Callable[[Fed], None] = lambda fed: None
        self.on_fed_ended: Callable[[Fed], None] = lambda fed: None
        self._timers = Timers()

    def initiate(self, initiated: Initiated) -> str:
        """Begins it; why not, where it is rejected. The next packs that come to the scanner there are its packs."""
        point = self.steel.inputs.get(initiated.source)
        if point is None or point.starts == "fed" or self.steel.stopped:
            return "InputBroken"
        if any(other.source == initiated.source for other in self.initiated.values()) or self.inputs.at(initiated.source):
            return "QueueFull"
        self.initiated[initiated.id] = initiated
        self._next(initiated)
        return ""

    def lain(self, belt: str) -> None:
        """A pack lies at an input now: whoever waits for it draws it in."""
        if any(initiated.source == belt for initiated in self.initiated.values()):
            self.steel.draw_in(belt)

    def owner(self, belt: str) -> str:
        """Whose pack has come to the scanner there."""
        for initiated in self.initiated.values():
            if initiated.source == belt:
                self._timers.drop(initiated.patience)
                return f"initiated {initiated.id}"
        return ""

    def source(self, number: int) -> str:
        """The input that an InitiateInput means by a number: one of that number or name."""
        return next((id for id, point in self.steel.inputs.items() if number == point.number or id == str(number)), str(number))

    def fed_point(self, number: str) -> str:
        """The input that a feeder of this number lays packs on: the one of that name, or the first that is fed."""
        fed = [point.id for point in self.steel.inputs.values() if point.starts == "fed"]
        return number if number in self.steel.inputs else fed[0] if fed else number

    def feed(self, fed: Fed) -> str:
        """Begins a feeder's input; why not, where it is rejected."""
        point, read = self.steel.inputs.get(fed.point), fed.read
        if not (read.width_mm and read.height_mm and read.depth_mm):
            return "UnknownPackDimensions"
        if point is None or point.starts != "fed":
            return "InputBroken"
        if self.steel.stopped:
            return "SystemNotActive"
        if self.inputs.at(fed.point) is not None or any(other.point == fed.point for other in self.fed.values()):
            return "InputProcessInProgress"
        place = self.steel.rack.keep(read.width_mm, read.height_mm, read.depth_mm, cold=False)
        if place is None:
            return "NoSpaceInMachine"
        self.steel.rack.free(place)
        self.fed[fed.id] = fed
        return ""

    def ask_for(self, fed: Fed) -> None:
        """The pharmacy system is asked about the feeder's pack."""
        owner = f"fed {fed.id}"
        fed.intake = self.inputs.begin(fed.point, fed.read, is_delivery=fed.is_delivery, picking=fed.picking, owner=owner)

    def allowed(self, id: str) -> None:
        """The pharmacy system allows it: the feeder is to lay it down."""
        fed = self.fed[id]
        fed.state = "placing"
        fed.patience = self._timers.after(self.steel.make.wait_pack_s, lambda: self._not_placed(fed, "TimeoutWaitingForPack"))
        self.on_place_wanted(fed)

    def placed(self, id: str, *, placed: bool) -> None:
        """The feeder says that it has laid the pack down, or will not. The belt's light barrier says whether it lies there."""
        fed = self.fed.get(id)
        if fed is None or fed.state != "placing":
            return
        self._timers.drop(fed.patience)
        if not placed or not self.steel.queued[fed.point]:
            self._not_placed(fed, "NoPackPlaced")
            return
        fed.state = "placed"
        self.steel.draw_in(fed.point)

    def at_scanner(self, belt: str) -> Intake | None:
        """The allowed input of the feeder's pack that has come to the scanner there."""
        mine = [fed.intake for fed in self.fed.values() if fed.state == "placed" and fed.intake and fed.intake.input == belt]
        return mine[0] if mine else None

    def cancel(self, id: str) -> Literal["Unknown", "Cancelled", "CancelError"]:
        """Ends a feeder's input before its pack lies on the belt."""
        fed = self.fed.get(id)
        if fed is None:
            return "Unknown"
        if fed.state == "placed" or fed.intake is None:
            return "CancelError"
        self._timers.drop(fed.patience)
        intake = fed.intake
        self._timers.after(0.05, lambda: self.inputs.abort(intake, "TaskCancelled"))
        return "Cancelled"

    def ended(self, intake: Intake) -> None:
        """An input of ours has ended."""
        kind, _, id = intake.owner.partition(" ")
        if kind == "fed" and (fed := self.fed.pop(id, None)):
            self._timers.drop(fed.patience)
            fed.state, fed.error = "ended", intake.error
            fed.intake = intake
            self.on_fed_ended(fed)
        elif kind == "initiated" and (initiated := self.initiated.get(id)):
            tried = initiated.packs[initiated.done]
            tried.held, tried.error = intake.held, intake.error
            initiated.done += 1
            self._next(initiated)

    def forget(self) -> None:
        """The computer has lost its memory of them."""
        self._timers.clear()
        self.initiated.clear()
        self.fed.clear()

    def _next(self, initiated: Initiated) -> None:
        if initiated.done == len(initiated.packs):
            del self.initiated[initiated.id]
            self.on_initiated_ended(initiated)
            return
        initiated.patience = self._timers.after(self.steel.make.wait_pack_s, lambda: self._no_pack(initiated))
        self.steel.draw_in(initiated.source)

    def _no_pack(self, initiated: Initiated) -> None:
        initiated.packs[initiated.done].error = "NoPackDetected"
        initiated.done += 1
        self._next(initiated)

    def _not_placed(self, fed: Fed, error: str) -> None:
        if fed.intake is not None:
            self.inputs.abort(fed.intake, error)
