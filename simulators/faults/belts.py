"""What goes wrong on belts: eyes, motors, jams, gates and readers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simulators.faults.fault import Effect, Fault, Name
from simulators.house import House
from simulators.plant.pocket import NotThere


class OfZone(Fault):
    zone: Name

    holds: ClassVar[tuple[str, ...]] = ("kind", "zone")

    def _ail(self, house: House, name: str, value: Any, healthy: Any) -> Effect:
        belts, belt = house.belts, house.belts.belt(self.zone)

        def change(to: Any) -> None:
            was = belt.eye
            belts.touch()
            setattr(belt.ails, name, to)
            belts.eye_may_differ(belt, was)
            belts.touch()

        change(value)
        return Effect(lambda: change(healthy))


class StuckEye(OfZone):
    """The photo-eye says the same whatever stands before it. `blocked`: true or false."""

    kind: Literal["stuck-eye"]
    blocked: bool

    def begin(self, house: House) -> Effect:
        return self._ail(house, "eye", self.blocked, None)


class DeadMotor(OfZone):
    """The rollers of a zone do not turn."""

    kind: Literal["dead-motor"]

    def begin(self, house: House) -> Effect:
        return self._ail(house, "motor", True, False)


class SlowBelt(OfZone):
    """The rollers turn so many times as fast as they were set to."""

    kind: Literal["slow-belt"]
    times: Annotated[float, Field(gt=0, le=2)] = 0.5

    def begin(self, house: House) -> Effect:
        return self._ail(house, "slow", self.times, 1.0)


class BeltJam(OfZone):
    """Something holds every container whose front comes to this place, in mm from the zone's beginning."""

    kind: Literal["belt-jam"]
    at_mm: Annotated[float, Field(ge=0, le=10_000)]

    def begin(self, house: House) -> Effect:
        return self._ail(house, "blocked_at", self.at_mm, None)


class OfGate(Fault):
    diverter: Name

    holds: ClassVar[tuple[str, ...]] = ("kind", "diverter")

    def _ail(self, house: House, name: str, value: Any, healthy: Any) -> Effect:
        if self.diverter not in house.gates:
            raise NotThere("diverter", f"diverter {self.diverter}", house.gates)
        gate = house.gates[self.diverter]

        def change(to: Any) -> None:
            setattr(gate.ails, name, to)
            gate.settle()

        change(value)
        return Effect(lambda: change(healthy))


class StuckGate(OfGate):
    """A diverter's gate stays where it is."""

    kind: Literal["stuck-gate"]

    def begin(self, house: House) -> Effect:
        return self._ail(house, "stuck", True, False)


class HalfGate(OfGate):
    """A diverter's gate stops half way to being drawn."""

    kind: Literal["half-gate"]

    def begin(self, house: House) -> Effect:
        return self._ail(house, "half", True, False)


class SlowGate(OfGate):
    """A diverter's gate takes so many times as long."""

    kind: Literal["slow-gate"]
    times: Annotated[float, Field(ge=1, le=100)] = 3.0

    def begin(self, house: House) -> Effect:
        return self._ail(house, "slow", self.times, 1.0)


class StuckEndSwitch(OfGate):
    """The switch that sees a gate drawn says so (true) or not (false), wherever the gate is."""

    kind: Literal["stuck-end-switch"]
    drawn: bool

    def begin(self, house: House) -> Effect:
        return self._ail(house, "drawn_switch", self.drawn, None)


class NoRead(Fault):
    """A reader misses this share of the codes, from 0 to 1."""

    kind: Literal["no-read"]
    reader: Name
    share: Annotated[float, Field(ge=0, le=1)] = 1.0

    holds: ClassVar[tuple[str, ...]] = ("kind", "reader")

    def begin(self, house: House) -> Effect:
        if self.reader not in house.readers:
            raise NotThere("reader", f"reader {self.reader}", house.readers)
        reader = house.readers[self.reader]
        reader.no_read = self.share
        return Effect(lambda: setattr(reader, "no_read", 0.0))
