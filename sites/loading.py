"""Where totes are filled and where they are packed: what ties robots and gantries to belts and people. Pure data."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from sites.part import Id, Name, Part


class LoadingPlace(Part):
    """A tote that stands here takes what one output of a robot, or a gantry's hand-over, gives out."""

    id: Id
    name: Name
    robot: Id | None = None
    output: int | None = Field(None, ge=1, le=999)
    """The number of that robot's output."""
    gantry: Id | None = None
    zone: Id | None = None
    """The belt zone on which the tote stands: it is held there, and let go when it is filled. None: a table, and a person."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.robot is None) is (self.gantry is None) or (self.robot is None) is not (self.output is None):
            raise ValueError("it takes from a `robot` with its `output`, or from a `gantry`")
        return self


class PackingPlace(Part):
    """A person seals totes here. The belt zone ends here."""

    id: Id
    name: Name
    zone: Id
