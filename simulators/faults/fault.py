"""What all faults are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from simulators.house import House

Name = Annotated[str, Field(min_length=1, max_length=48)]
Seconds = Annotated[float, Field(ge=0, le=3600)]


class Effect(NamedTuple):
    """What a fault has begun."""

    lift: Callable[[], None]
    """Ends it."""
    over: Callable[[], bool] = lambda: False
    """Whether it has ended by itself."""


DONE = Effect(lambda: None, lambda: True)
"""Over as soon as it has begun."""


class Fault(BaseModel):
    """One fault. `begin` makes it so and gives what ends it; NotThere if its target is not there."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    holds: ClassVar[tuple[str, ...]] = ()
    """The fields that say what it has taken hold of: no second fault holds the same at once. Without any, they add up."""

    @property
    def held(self) -> tuple[str, ...]:
        """What it has taken hold of."""
        return tuple(getattr(self, name) for name in self.holds)

    def begin(self, house: House) -> Effect:
        """Makes it so."""
        raise NotImplementedError
