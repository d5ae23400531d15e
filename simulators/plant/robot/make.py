"""How one robot is built and how long its moves take. Times are in seconds; where no document gives a figure they are ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from simulators.plant.robot.axes import Axes, Spot
from simulators.plant.robot.rack import Geometry

HAND_OVER = Spot(0, 900)
"""The rack's corner at the height of a table."""


@dataclass(frozen=True, slots=True)
class InputPoint:
    """Where packs come in."""

    id: str
    spot: Spot = HAND_OVER
    starts: Literal["itself", "told", "fed"] = "itself"
    """`itself`: a pack on the belt is drawn in at once. `told`: only once an input is initiated there. `fed`: a feeder
    machine lays packs there when the robot asks it to."""
    name: str = ""
    number: int = 0
    """What an InitiateInput calls it."""
    belt_s: float = 3.0
    """How long its belt takes from where a hand lays a pack to the scanner."""


@dataclass(frozen=True, slots=True)
class OutputPoint:
    """Where packs come out."""

    id: str
    spot: Spot = HAND_OVER
    capacity: int = 40
    """Packs that lie there, on the belt to it included; a full one waits for a hand."""
    cleared_s: float | None = None
    """Somebody, or a belt, takes each pack away after so long; None: it lies there until a hand takes it."""
    boxes: bool = False
    """Packs fall into a box there, which a box conveyor brings and takes away."""
    box_capacity: int = 12


@dataclass(frozen=True, slots=True)
class Make:
    """The whole machine."""

    geometry: Geometry = field(default_factory=Geometry)
    axes: Axes = field(default_factory=Axes)
    inputs: tuple[InputPoint, ...] = (InputPoint("1"),)
    outputs: tuple[OutputPoint, ...] = (OutputPoint("1"), OutputPoint("2"), OutputPoint("3"))
    turn_s: float = 1.2
    """From one front to the facing one."""
    grip_s: float = 1.5
    release_s: float = 1.0
    belt_s: float = 3.0
    """How long the belt to an output takes."""
    box_s: float = 4.0
    """An empty box comes, or a full one leaves."""
    homing_s: float = 8.0
    """After a stop: axes to their switches, gripper looked into."""
    ask_s: float = 30.0
    """How long the robot waits for the pharmacy system's answer to an input."""
    operator_s: float = 60.0
    """How long it waits for a person to add what was missing."""
    ocr_s: float = 20.0
    """A stored pack's printed expiry has been read by the camera."""
    look_s: float = 0.5
    """How long the gripper's camera reads a place."""
    rereads_s: float = 0.0
    """So long after it has read all of its packs, an idle robot reads them again; 0: only when somebody asks at its screen."""
    wait_pack_s: float = 20.0
    """How long an initiated input waits for its pack."""
    tidy_after_s: float | None = None
    """Idle for so long, it begins to move packs that are often asked for nearer to its outputs; None: it never does."""
    stock_locations: tuple[tuple[str, str], ...] = ()
    """Virtual stock locations, id and description."""
