"""Belts of a site: motor-roller modules and their zones, the diverters and readers that stand at them. Pure data.

A zone is one place where a container may stand by itself; zones follow each other by `to`. What the words mean as a graph of
points and segments is `sites/segments.py`'s; whether it can work is `sites/belts.py`'s (lines.md B.1, B.2).
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from sites.part import Id, Part

Side = Literal["upstream", "downstream"]


class Zone(Part):
    """One zone of a module: a stretch of rollers with a motor and a photo-eye near its end."""

    id: Id
    side: Side
    """Which of its module's two zones: the one a container enters first is upstream."""
    length_mm: int = Field(gt=0, le=10_000)
    speed_mm_s: int = Field(500, ge=50, le=2000)
    """What the motor is set to."""
    places: int = Field(1, ge=1, le=50)
    """Containers that may wait at its end: one, unless something behind the rollers holds more (a packer's table, a chute)."""
    eye_mm: int | None = Field(None, ge=1, le=10_000)
    """Where the photo-eye looks, from the zone's beginning; 50 mm before its end where nothing is said."""
    to: Id | None = None
    """The zone that follows; none at the end, where containers are taken off."""
    entry_per_hour: int | None = Field(None, ge=0, le=20_000)
    """Containers an hour that a robot or a person puts on here. Where it stands, the zone is an entry."""
    exit_per_hour: int | None = Field(None, ge=0, le=20_000)
    """Containers an hour that are taken off here (a packer, a lane's mouth). Where it stands, the zone is an exit."""
    recirculates: bool = False
    """It brings containers back to a place that they have passed: the one lawful way round."""

    @property
    def eye(self) -> int:
        """Where the photo-eye looks, in mm from the zone's beginning."""
        return max(1, self.length_mm - 50) if self.eye_mm is None else self.eye_mm


class ConveyorPart(Part):
    """A Pulseroller ConveyLinx module in ZPA mode: two zones, two motors, two photo-eyes, an address of its own."""

    protocols: ClassVar[frozenset[str]] = frozenset({"modbus-tcp"})

    id: Id
    driver: Literal["conveylinx"]
    link: Id
    unit: int = Field(1, ge=1, le=247)
    """The Modbus unit; a module answers for itself at its address, so mostly 1."""
    group: Id = "line"
    """Modules of one group stop together (ConveyStop)."""
    flow: Literal["left-to-right", "right-to-left"] = "left-to-right"
    """Which motor is upstream, seen as the maker's drawings show the module: with left-to-right the left one."""
    lost_host_s: int = Field(10, ge=0, le=600)
    """Without a word of the host for so long the group stops, as the module was set; 0: it goes on."""
    zones: tuple[Zone, ...] = Field(strict=False, min_length=1, max_length=2)


class DiverterPart(Part):
    """A gate on a relay: drawn it sends containers to `other`, at rest (and without current) to the zone's own `to`.

    The relay opens by itself after `hold_ms`, so that a lost "off" cannot leave the gate drawn. Two inputs see it: drawn
    and at rest, wired as the latch's and the drawer's switch of that channel (devices.md 2.7).
    """

    id: Id
    driver: Literal["relay-gate"]
    board: Id
    """A relay board of `boards`."""
    channel: int = Field(ge=1, le=4)
    zone: Id
    """Where it stands."""
    at_mm: int = Field(ge=1, le=10_000)
    """Where a container's front meets it, from the zone's beginning; before the photo-eye."""
    other: Id
    """The zone it leads to when drawn."""
    other_per_hour: int | None = Field(None, ge=0, le=20_000)
    """Containers an hour meant for `other`; all that come where nothing is said. The default exit must always take all."""
    container_mm: int = Field(300, ge=10, le=2000)
    """The longest container that comes here."""
    travel_ms: int = Field(150, ge=1, le=10_000)
    """From rest to drawn, and back."""
    confirm_ms: int = Field(100, ge=0, le=10_000)
    """What asking the end switch takes, and decoding the code: the rest of the budget of B.2."""
    hold_ms: int = Field(2000, ge=100, le=60_000, multiple_of=100)
    """How long the gate stays drawn for one container."""
    drawn_bit: bool = True
    """The bit of the channel's first input when the gate is drawn."""
    rest_bit: bool = True
    """The bit of its second input when the gate is at rest."""


class ReaderPart(Part):
    """A scanner that reads every container which passes a point of a belt."""

    id: Id
    scanner: Id
    zone: Id
    at_mm: int = Field(ge=1, le=10_000)
    """Where a container's middle is read, from the zone's beginning."""
    decides: Id | None = None
    """The diverter whose way is decided by what is read here."""
