"""What goes wrong with a robot: its steel, what its computer remembers, and how its maker read the interface."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simulators.boards.wwks2.station import Wwks2Station
from simulators.faults.fault import DONE, Effect, Fault, Name, Seconds
from simulators.house import House
from simulators.plant.pocket import CannotDo, NotThere

Count = Annotated[int, Field(ge=1, le=10_000)]


class OfRobot(Fault):
    robot: Name

    holds: ClassVar[tuple[str, ...]] = ("kind", "robot")

    def _station(self, house: House) -> Wwks2Station:
        if self.robot not in house.robots:
            raise NotThere("robot", f"robot {self.robot}", house.robots)
        return house.robots[self.robot]

    def _ail(self, house: House, **ails: Any) -> Effect:
        now = self._station(house).robot.steel.ails
        before = {name: getattr(now, name) for name in ails}
        for name, value in ails.items():
            setattr(now, name, value)

        def undo() -> None:
            for name, value in before.items():
                setattr(now, name, value)

        return Effect(undo)


class RobotComponent(OfRobot):
    """A component is down: the robot is NotReady. Without its storage system nothing moves; without the box system no box."""

    kind: Literal["robot-component"]
    component: Literal["storage", "box"]
    text: Annotated[str, Field(min_length=1, max_length=120)] = "out of order"

    holds = ("kind", "robot", "component")

    def begin(self, house: House) -> Effect:
        robot = self._station(house).robot
        robot.steel.ails.components[self.component] = self.text
        if self.component == "storage":
            robot.steel.stop(self.text)

        def mended() -> None:
            del robot.steel.ails.components[self.component]
            if self.component == "storage":
                robot.go_again()

        return Effect(mended)


class RobotJam(OfRobot):
    """Something is stuck in the gripper or on an output's belt, until hands have cleared it or the fault is lifted."""

    kind: Literal["robot-jam"]
    at: Name = "gripper"

    def begin(self, house: House) -> Effect:
        robot = self._station(house).robot
        robot.steel.jam(self.at)

        def freed() -> None:
            robot.steel.jammed = ""
            robot.go_again()

        return Effect(freed, lambda: not robot.steel.jammed)


class RobotOutput(OfRobot):
    """An output's belt is out of order: its packs go to another output, or, without one, its orders are rejected."""

    kind: Literal["robot-output"]
    output: Name
    instead: Annotated[str, Field(max_length=48)] = ""

    holds = ("kind", "robot", "output")

    def begin(self, house: House) -> Effect:
        robot = self._station(house).robot
        steel = robot.steel
        for output in filter(None, (self.output, self.instead)):
            if output not in steel.outputs:
                raise NotThere("output", f"output {output}", steel.outputs)
            if steel.outputs[output].boxes:
                raise CannotDo("output", f"output {output} fills boxes, and boxes are not led elsewhere")
        steel.ails.outputs[self.output] = self.instead
        if not self.instead:
            robot.picker.give_up(self.output)

        def mended() -> None:
            del steel.ails.outputs[self.output]
            robot.wake()

        return Effect(mended)


class RobotSlips(OfRobot):
    """RB-01: so many of the next grips fail: the pack stays in its place, and the robot is no longer sure of it."""

    kind: Literal["robot-slips"]
    count: Count = 1

    def begin(self, house: House) -> Effect:
        steel = self._station(house).robot.steel
        return self._ail(house, slips=self.count)._replace(over=lambda: not steel.ails.slips)


class RobotMismeasures(OfRobot):
    """So many of the next packs that may be stored are measured wrongly."""

    kind: Literal["robot-mismeasures"]
    count: Count = 1

    def begin(self, house: House) -> Effect:
        steel = self._station(house).robot.steel
        return self._ail(house, mismeasures=self.count)._replace(over=lambda: not steel.ails.mismeasures)


class RobotLabels(OfRobot):
    """RB-05: the labeller prints nothing."""

    kind: Literal["robot-labels"]

    def begin(self, house: House) -> Effect:
        return self._ail(house, label_fails=True)


class RobotSlow(OfRobot):
    """Every trip takes so many times its time."""

    kind: Literal["robot-slow"]
    times: Annotated[float, Field(ge=1, le=100)] = 5.0

    def begin(self, house: House) -> Effect:
        return self._ail(house, slow=self.times)


class RobotStockFirst(OfRobot):
    """The stock message of a pack overtakes the output message that lists it."""

    kind: Literal["robot-stock-first"]

    def begin(self, house: House) -> Effect:
        return self._ail(house, stock_first=True)


class RobotLosesPack(OfRobot):
    """A stored pack, by the plant's number, falls to the floor; the book does not know."""

    kind: Literal["robot-loses-pack"]
    pack: int

    holds = ()

    def begin(self, house: House) -> Effect:
        steel = self._station(house).robot.steel
        if not steel.place(self.pack).startswith("rack:"):
            raise CannotDo("pack", f"pack {self.pack} is not in the rack: {steel.place(self.pack)}")
        steel.move_out(self.pack, "fault", "floor")
        return DONE


class RobotSwaps(OfRobot):
    """RB-03: two stored packs, by the plant's numbers, stand in each other's place; the book does not know."""

    kind: Literal["robot-swaps"]
    pack: int
    other: int

    holds = ()

    def begin(self, house: House) -> Effect:
        self._station(house).robot.steel.swap(self.pack, self.other, "fault")
        return DONE


class RobotForgets(OfRobot):
    """The robot remembers no ended order: TaskInfo says Unknown, and packs came out all the same."""

    kind: Literal["robot-forgets"]

    holds = ()

    def begin(self, house: House) -> Effect:
        self._station(house).robot.orders.ended.clear()
        return DONE


class RobotManners(OfRobot):
    """What robots in the field do differently; None leaves it as it is."""

    kind: Literal["robot-manners"]
    nothing_found_as_zero: bool | None = None
    final_repeats_packs: bool | None = None
    writes_packing_unit: bool | None = None
    resets_omitted: bool | None = None
    decides_alone: bool | None = None
    keep_alive_s: Annotated[float, Field(gt=0, le=3600)] | None = None
    assembling_s: Seconds | None = None
    most_assembling: Annotated[int, Field(ge=0, le=1000)] | None = None

    def begin(self, house: House) -> Effect:
        station = self._station(house)
        owners = {"resets_omitted": station.robot.inputs, "decides_alone": station.robot.inputs}
        asked = self.model_dump(exclude={"kind", "robot", "keep_alive_s"}, exclude_none=True)
        before = {name: getattr(owners.get(name, station.manners), name) for name in asked}

        def set_to(manners: dict[str, Any], keep_alive_s: float | None) -> None:
            for name, value in manners.items():
                setattr(owners.get(name, station.manners), name, value)
            station.keep_alive(keep_alive_s)

        was = station.manners.keep_alive_s
        set_to(asked, self.keep_alive_s or was)
        return Effect(lambda: set_to(before, was))
