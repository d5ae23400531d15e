"""A gantry: a head on three axes before a shelf, with a vacuum gripper and a tray of its own.

X runs along the shelf, Y up, Z into it; the gripper moves on Z alone, and at `safe_z_mm` it is out of the shelf and of the
tray. All positions are whole millimetres in the machine's own coordinates, as its board counts them once it is homed.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from sites.part import Id, Part

FARTHEST_MM = 20_000


class Axis(Part):
    """One axis. A motion of d takes d/v + v/a, or 2√(d/a) where it is too short to reach its speed (lines D.1)."""

    low_mm: int = Field(0, ge=-FARTHEST_MM, le=FARTHEST_MM)
    high_mm: int = Field(ge=-FARTHEST_MM, le=FARTHEST_MM)
    """Travel between these two, which are the board's soft limits."""
    speed_mm_s: int = Field(gt=0, le=10_000)
    acceleration_mm_s2: int = Field(gt=0, le=50_000)
    homes: Literal["low", "high"] = "low"
    """The end at which its limit switch is; homing leaves the axis at this end."""

    @model_validator(mode="after")
    def _has_travel(self) -> Self:
        if self.low_mm >= self.high_mm:
            raise ValueError("`low_mm` must be less than `high_mm`")
        return self


class TrayPlace(Part):
    """A place of the head's tray: the gripper lets go there."""

    z_mm: int
    """Where on Z the gripper stands over it."""


class HandOverPlace(Part):
    """Where the tray is tipped: X and Y of the head."""

    x_mm: int
    y_mm: int


class ShelfPlace(Part):
    """A place of the shelf, with packs of one item one behind another; the next one slides to the front."""

    id: Id
    item: Id | None = None
    """The item of the formulary that lies in it."""
    capacity: int = Field(1, gt=0, le=1000)
    """Packs that fit."""
    x_mm: int
    y_mm: int
    z_mm: int
    """Where the gripper touches the front pack."""
    width_mm: int = Field(gt=0, le=1000)
    height_mm: int = Field(gt=0, le=1000)
    depth_mm: int = Field(gt=0, le=1000)
    """Of one pack."""


class GrblGantry(Part):
    """A pick robot on a GRBL 1.1 board (`firmware_protocols/grbl`): M8 and M9 switch the vacuum, whose sensor is the probe input;
    M3 and M5 tip and level the tray."""

    protocols: ClassVar[frozenset[str]] = frozenset({"grbl"})

    id: Id
    driver: Literal["grbl"]
    link: Id
    x: Axis
    y: Axis
    z: Axis
    safe_z_mm: int = 0
    """X and Y move only with the gripper here."""
    arrived_mm: int = Field(1, ge=1, le=10)
    """A head that is so far from where it was sent, or farther, is elsewhere."""
    grip_ms: int = Field(500, ge=50, le=10_000)
    """The vacuum is given so long to build up, and to let go."""
    home_s: int = Field(120, ge=1, le=600)
    """Homing takes no longer."""
    tip_ms: int = Field(1500, ge=100, le=60_000)
    """The tray takes so long to tip, and to level again."""
    tray: tuple[TrayPlace, ...] = Field(min_length=1, max_length=16, strict=False)
    hand_over: HandOverPlace
    shelf: tuple[ShelfPlace, ...] = Field((), strict=False)

    @property
    def axes(self) -> tuple[Axis, Axis, Axis]:
        """X, Y and Z."""
        return self.x, self.y, self.z
