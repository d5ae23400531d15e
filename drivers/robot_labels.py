"""Labels that a robot puts on packs on their way out, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Label:
    """A label for each pack of a line: a template that the robot's printer knows, and the data for it in the form that wants."""

    template: str
    data: str


class LabelState(StrEnum):
    """What a robot says of the labels of one pack. After FAILED it bears none, or one that nobody can read."""

    LABELLED = "labelled"
    NOT_LABELLED = "not-labelled"
    FAILED = "failed"
