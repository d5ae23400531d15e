"""All kinds of fault, and those of one house that are in force."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from simulators.faults.belts import (
    BeltJam,
    DeadMotor,
    HalfGate,
    NoRead,
    SlowBelt,
    SlowGate,
    StuckEndSwitch,
    StuckEye,
    StuckGate,
)
from simulators.faults.boards import BrokenCell, Creep, OtherUnit, Reboot, Restless, Silence
from simulators.faults.drawers import (
    Chatter,
    Forced,
    Jam,
    Key,
    OpensLate,
    SlowDrawer,
    StuckLatch,
    StuckSensor,
    Uncommanded,
    WrongDrawer,
)
from simulators.faults.fault import Effect, Fault
from simulators.faults.gantries import DoubleGrip, DroppedPack, LimitSwitch, MissedGrip, OpenDoor, VacuumSensor
from simulators.faults.links import Duplicate, Garble, Late, Lose, Noise, Unplug, Weathered
from simulators.faults.robots import (
    RobotComponent,
    RobotForgets,
    RobotJam,
    RobotLabels,
    RobotLosesPack,
    RobotManners,
    RobotMismeasures,
    RobotOutput,
    RobotSlips,
    RobotSlow,
    RobotStockFirst,
    RobotSwaps,
)
from simulators.house import House
from simulators.plant.pocket import CannotDo, NotThere
from simulators.timers import now

AnyFault = Annotated[
    StuckLatch
    | StuckSensor
    | Chatter
    | SlowDrawer
    | Jam
    | OpensLate
    | WrongDrawer
    | Forced
    | Key
    | Uncommanded
    | Lose
    | Garble
    | Late
    | Duplicate
    | Unplug
    | Noise
    | Weathered
    | Reboot
    | Silence
    | Restless
    | BrokenCell
    | OtherUnit
    | Creep
    | StuckEye
    | DeadMotor
    | SlowBelt
    | BeltJam
    | StuckGate
    | HalfGate
    | SlowGate
    | StuckEndSwitch
    | NoRead
    | MissedGrip
    | DoubleGrip
    | DroppedPack
    | VacuumSensor
    | LimitSwitch
    | OpenDoor
    | RobotComponent
    | RobotJam
    | RobotOutput
    | RobotSlips
    | RobotMismeasures
    | RobotLabels
    | RobotSlow
    | RobotStockFirst
    | RobotLosesPack
    | RobotSwaps
    | RobotForgets
    | RobotManners,
    Field(discriminator="kind"),
]


class Faults:
    """The faults of one house that are in force, by number."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._numbers = 0
        self._begun: dict[int, tuple[Fault, float, Effect]] = {}

    def plant(self, fault: Fault) -> int:
        """Makes it so and gives its number. Raises CannotDo."""
        for number, (other, _, _) in self._in_force().items():
            if fault.held and other.held == fault.held:
                raise CannotDo("kind", f"fault {number} is {fault.held[0]} there already; lift it first")
        effect = fault.begin(self._house)
        self._numbers += 1
        self._begun[self._numbers] = (fault, now(), effect)
        return self._numbers

    def lift(self, number: int) -> Fault:
        """Ends one. Raises NotThere for a number that is not in force."""
        in_force = self._in_force()
        if number not in in_force:
            raise NotThere("id", f"fault {number} in force", map(str, in_force))
        fault, _, effect = in_force.pop(number)
        effect.lift()
        return fault

    def told(self) -> list[dict[str, Any]]:
        """What is in force, oldest first."""
        return [
            {"id": number, "since": since, **fault.model_dump(mode="json")}
            for number, (fault, since, _) in self._in_force().items()
        ]

    def _in_force(self) -> dict[int, tuple[Fault, float, Effect]]:
        self._begun = {number: begun for number, begun in self._begun.items() if not begun[2].over()}
        return self._begun
