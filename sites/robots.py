"""Storage and picking robots of a site: how to speak to each, where its packs come out, and the steel its simulator moves."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from sites.part import Id, Name, Part


class RobotOutput(Part):
    """A place where packs come out."""

    id: Id
    number: int = Field(ge=1, le=999)
    """The output's number in orders (WWKS 2: OutputDestination)."""
    name: Name
    point: int | None = Field(None, ge=1, le=999)
    """Where there are several points at one output (OutputPoint)."""
    holds: int = Field(40, ge=1, le=10_000)
    """Packs that have room there; a full output waits for a hand or a belt."""
    box_holds: int | None = Field(None, ge=1, le=1000)
    """Packs that go into a box there: the robot fills boxes, and orders name the tote as the box. None where packs lie loose."""


class RobotBelt(Part):
    """An input belt."""

    id: Id
    length_mm: int = Field(1200, gt=0, le=20_000)
    speed_mm_per_s: int = Field(150, gt=0, le=2000)
    starts: Literal["itself", "told", "fed"] = "itself"
    """What draws a pack in: the belt itself, an input that this station begins, or a feeder machine that lays packs there."""


class RobotRack(Part):
    """The storage of a robot, as its simulator builds it: places in columns and shelves, one arm along both."""

    columns: int = Field(40, ge=1, le=1000)
    shelves: int = Field(25, ge=1, le=200)
    place_width_mm: int = Field(150, gt=0, le=2000)
    place_height_mm: int = Field(100, gt=0, le=1000)
    place_depth_mm: int = Field(300, gt=0, le=2000)
    packs_deep: int = Field(1, ge=1, le=10)
    """How many packs lie behind each other in a place; only the foremost can be taken."""
    x_speed_mm_per_s: int = Field(2000, gt=0, le=20_000)
    x_acceleration_mm_per_s2: int = Field(2500, gt=0, le=50_000)
    y_speed_mm_per_s: int = Field(1200, gt=0, le=20_000)
    y_acceleration_mm_per_s2: int = Field(2000, gt=0, le=50_000)
    grip_ms: int = Field(1500, ge=0, le=60_000)
    """How long the arm needs to take a pack, or to lay one down."""
    tidy_after_s: int | None = Field(None, ge=1, le=86_400)
    """Idle for so long, the arm begins to move packs that are often asked for nearer to the outputs; without it never."""
    refrigerated_columns: int = Field(0, ge=0, le=1000)
    """How many of the columns, from the last, are a fridge."""
    rereads_hours: int = Field(24, ge=0, le=366 * 24)
    """So long after it has read all of its packs, the idle simulator reads them again, as real robots do; 0: never by itself."""


class Wwks2Robot(Part):
    """A storage and picking robot that speaks WWKS 2 (`firmware_protocols/wwks2`)."""

    protocols: ClassVar[frozenset[str]] = frozenset({"wwks2"})

    id: Id
    driver: Literal["wwks2"]
    link: Id
    number: int = Field(999, ge=1, le=999)
    """The robot's device number, as its simulator says it in the Hello; a real one says its own."""
    subscriber: int = Field(100, ge=1, le=999)
    """The device number under which this station speaks to it; 100 is the pharmacy system."""
    tenant: str = ""
    """The tenant to which everything on this connection belongs, where the robot serves several."""
    stock_location: str = Field("", max_length=64)
    """The virtual stock location that is this station's, where the robot keeps several: what it stores goes there, what it orders,
    asks after and compares is limited to it, and packs of another one are nobody's business here."""
    answer_s: float = Field(10, gt=0, le=120)
    """How long the robot may take to answer."""
    status_s: float = Field(15, ge=1, le=300)
    """How often it is asked whether it is ready."""
    article_master: bool = True
    """Whether it is this station that tells the robot the article master, whole, before it announces a delivery (WWKS 2:
    ArticleMasterSet); false where another system does."""
    packing_unit: bool = False
    """Whether this robot wants `PackingUnit`, where others say `PackagingUnit`."""
    outputs: tuple[RobotOutput, ...] = Field(min_length=1, strict=False)
    belts: tuple[RobotBelt, ...] = Field((), strict=False)
    rack: RobotRack = RobotRack()
