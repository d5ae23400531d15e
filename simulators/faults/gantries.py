"""What goes wrong with a gantry: its gripper, its switches and its door."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simulators.faults.fault import Effect, Fault, Name, Seconds
from simulators.house import House
from simulators.plant.gantry import GantryAils
from simulators.plant.pocket import NotThere

Count = Annotated[int, Field(ge=1, le=1000)]


class OfGantry(Fault):
    gantry: Name

    holds: ClassVar[tuple[str, ...]] = ("kind", "gantry")

    def _ails(self, house: House) -> GantryAils:
        if self.gantry not in house.plant.gantries:
            raise NotThere("gantry", f"gantry {self.gantry}", house.plant.gantries)
        return house.plant.gantries[self.gantry].ails

    def _ail(self, house: House, name: str, value: Any) -> Effect:
        ails, well = self._ails(house), getattr(GantryAils(), name)
        setattr(ails, name, value)
        return Effect(lambda: setattr(ails, name, well), lambda: getattr(ails, name) == well)


class MissedGrip(OfGantry):
    """The next so many grips do not seal."""

    kind: Literal["missed-grip"]
    count: Count = 1

    def begin(self, house: House) -> Effect:
        return self._ail(house, "misses", self.count)


class DoubleGrip(OfGantry):
    """The next so many grips bring the pack behind along."""

    kind: Literal["double-grip"]
    count: Count = 1

    def begin(self, house: House) -> Effect:
        return self._ail(house, "doubles", self.count)


class DroppedPack(OfGantry):
    """A pack falls so long after it was gripped."""

    kind: Literal["dropped-pack"]
    seconds: Seconds = 0.5

    def begin(self, house: House) -> Effect:
        return self._ail(house, "drop_s", self.seconds)


class VacuumSensor(OfGantry):
    """The vacuum sensor says the same, whatever hangs there."""

    kind: Literal["vacuum-sensor"]
    shows: bool

    def begin(self, house: House) -> Effect:
        return self._ail(house, "vacuum_sensor", self.shows)


class LimitSwitch(OfGantry):
    """The limit switch of an axis says the same, wherever the head is. Closing in the middle of a motion, it is a hard limit."""

    kind: Literal["limit-switch"]
    axis: Literal["X", "Y", "Z"]
    shows: bool

    holds = ("kind", "gantry", "axis")

    def begin(self, house: House) -> Effect:
        ails = self._ails(house)
        ails.switches[self.axis] = self.shows
        if self.shows:
            house.plant.gantries[self.gantry].tripped(self.axis)

        def lift() -> None:
            ails.switches.pop(self.axis, None)

        return Effect(lift)


class OpenDoor(OfGantry):
    """Somebody has opened the door of the guard."""

    kind: Literal["open-door"]

    def begin(self, house: House) -> Effect:
        self._ails(house)
        board = house.gantries[self.gantry]
        board.open_door(True)
        return Effect(lambda: board.open_door(False))
