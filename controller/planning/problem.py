"""What is to be planned, what a plan is, and what it costs in our own times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from controller.planning.travel import Times


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that may be fetched. `expiry` is its last day as a number of days."""

    id: str
    place: str
    expiry: int


@dataclass(frozen=True, slots=True)
class Pick:
    """One pack for one line. `packs`: every free pack that meets the line's criteria, whenever it expires (`eligible.free`)."""

    id: str
    output: str
    packs: tuple[Pack, ...]
    urgent: bool = False


@dataclass(frozen=True)
class Problem:
    """`picks` in the order of the queue; `carries` packs a trip; `pick_us` for each pack and `trip_us` for each trip by itself."""

    picks: tuple[Pick, ...]
    times: Times
    hand_overs: Mapping[str, str]
    """The place of each output."""
    carries: int
    pick_us: int
    trip_us: int
    tolerance_days: int = 0
    """A pack may be taken before another that expires up to so many days earlier."""
    at: str | None = None
    """Where the head stands; None for the hand-over of the first trip."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """This pack for this pick."""

    pick: Pick
    pack: Pack


@dataclass(frozen=True, slots=True)
class Trip:
    """Packs in the order in which they are taken, all handed over at one output."""

    output: str
    fetches: tuple[Fetch, ...]

    @property
    def urgent(self) -> bool:
        """Whether it is one of the trips that go first."""
        return self.fetches[0].pick.urgent


@dataclass(frozen=True, slots=True)
class Plan:
    """Trips in their order; `short`: picks for which no pack is left."""

    trips: tuple[Trip, ...]
    short: tuple[Pick, ...] = ()

    def groups(self) -> Iterator[tuple[str, list[Trip]]]:
        """Trips that may exchange packs: those of one output, and urgent ones among themselves."""
        for (_, output), trips in groupby(self.trips, key=lambda trip: (trip.urgent, trip.output)):
            yield output, list(trips)


def cost(problem: Problem, plan: Plan) -> int:
    """Microseconds until the last pack is handed over. A trip begins where the one before it ended."""
    total, at = 0, problem.at
    for trip in plan.trips:
        end = problem.hand_overs[trip.output]
        at = end if at is None else at
        for fetch in trip.fetches:
            total += problem.times(at, fetch.pack.place) + problem.pick_us
            at = fetch.pack.place
        total += problem.times(at, end) + problem.trip_us
        at = end
    return total
