"""One row of the table: ours, the floor measured beside it, their ratio, and the goal it is held against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`ratio` is ours / floor; `goal` says which side of which number is good; `holds` whether it is met."""

    name: str
    ours: float
    floor: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    bound: float | None = None
    """Where the goal is on `ours` itself and not on the ratio: `ours` must not be above it."""
    above: float | None = None
    """Where the goal is on the difference: `ours` must not be more than so much above the floor."""

    @property
    def ratio(self) -> float:
        """Ours over the floor."""
        return self.ours / self.floor if self.floor else float("inf")

    @property
    def goal(self) -> str:
        """The goal in words."""
        if self.bound is not None:
            return f"ours <= {self.bound:g} {self.unit}"
        if self.above is not None:
            return f"floor + {self.above:g} {self.unit}"
        if self.at_least is not None:
            return f"ratio >= {self.at_least:g}"
        if self.at_most is not None:
            return f"ratio <= {self.at_most:g}"
        return "stated"

    @property
    def holds(self) -> bool:
        """Whether the goal is met; a row that only states a figure always holds."""
        return (
            (self.bound is None or self.ours <= self.bound)
            and (self.above is None or self.ours - self.floor <= self.above)
            and (self.at_least is None or self.ratio >= self.at_least)
            and (self.at_most is None or self.ratio <= self.at_most)
        )

    def line(self) -> dict[str, object]:
        """One entry of `bench.json`."""
        return {
            "name": self.name,
            "ours": round(self.ours, 6),
            "floor": round(self.floor, 6),
            "ratio": round(self.ratio, 4),
            "unit": self.unit,
            "goal": self.goal,
            "holds": self.holds,
        }
