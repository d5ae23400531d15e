"""Pockets: each a place for one item, in a drawer behind a lock or on an open shelf. Pure data."""

from __future__ import annotations

from pydantic import Field

from sites.part import Id, Name, Part


class Place(Part):
    """A rectangle on the cabinet's front (drawers) or in a drawer (pockets), in millimetres from the upper left."""

    x_mm: int = Field(ge=0)
    y_mm: int = Field(ge=0)
    width_mm: int = Field(gt=0)
    height_mm: int = Field(gt=0)


class Pocket(Part):
    """A place for one item."""

    id: Id
    item: Id | None = None
    """The item of the formulary that lies in it."""
    capacity: int = Field(gt=0, le=100_000)
    """Units that fit, in the item's smallest unit."""
    par: int = Field(0, ge=0)
    """Units it is restocked to."""
    place: Place | None = None


class OpenShelf(Part):
    """A shelf without a lock, in a room that itself is locked. Whoever takes something there scans it: no drawer says which is
    the right one."""

    id: Id
    name: Name
    place: Place | None = None
    pockets: tuple[Pocket, ...] = Field((), strict=False)
