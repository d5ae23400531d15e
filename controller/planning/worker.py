"""The planner's other process: a problem in a line of JSON, trips in a line of JSON. The only file that imports pyvrp.

It is run as a file, imports nothing of ours, and ends with its standard input. What it prints: `{"ready": true}` once, or
`{"missing": "pyvrp"}` and it ends; then for each `{"id", "seconds", "carries", "trip", "groups": [{"times", "trips"}]}` a
`{"id", "groups": [[[row, ...], ...], ...]}`. Rows and times are those of `exchange.py`; `trips` is where the search begins, so that
what it finds is no worse.

PyVRP is given milliseconds. Its penalties are bounded, and with microseconds an overloaded trip costs less than another trip:
it then answers, without an error, with trips of more packs than the tray holds (0.14.1, tried).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import pairwise
from typing import Any

MS = 1_000
"""Microseconds in a millisecond."""
SEED = 1


def main() -> int:
    """Answers until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at the terminal is for the daemon, which ends us
    os.nice(5)
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    try:
        import pyvrp  # noqa: F401 - loaded before it is needed in a hurry
    except ImportError as error:
        print(json.dumps({"missing": error.name}), file=out)
        return 1
    print(json.dumps({"ready": True}), file=out)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=out)
    return 0


def answer(asked: dict[str, Any]) -> dict[str, object]:
    """Every group by itself, each with its share of the time."""
    each = asked["seconds"] / sum(len(group["times"]) - 1 for group in asked["groups"])
    found = [
        trips(group["times"], group["trips"], asked["carries"], asked["trip"], each * (len(group["times"]) - 1))
        for group in asked["groups"]
    ]
    return {"id": asked["id"], "groups": found}


def trips(times: list[list[int]], begin: list[list[int]], carries: int, trip_us: int, seconds: float) -> list[list[int]]:
    """The best trips that PyVRP finds in so many seconds."""
    import numpy as np
    from pyvrp import Client, Depot, Location, ProblemData, Solution, VehicleType, solve
    from pyvrp.stop import MaxRuntime

    picks = len(times) - 1
    matrix: Any = np.array(times, np.int64) // MS
    data = ProblemData(
        locations=[Location(0, 0) for _ in times],
        clients=[Client(location=row, delivery=[1]) for row in range(1, picks + 1)],
        depots=[Depot(location=0)],
        vehicle_types=[VehicleType(num_available=picks, capacity=[carries], fixed_cost=trip_us // MS)],
        distance_matrices=[matrix],
        duration_matrices=[matrix],
    )
    start = Solution(data, [[row - 1 for row in one] for one in begin])
    best = solve(data, MaxRuntime(seconds), seed=SEED, collect_stats=False, display=False, initial_solution=start).best
    found = [[visit.idx + 1 for visit in route if visit.is_client()] for route in best.routes()]
    return min(begin, found, key=lambda trips: cost(times, trips, trip_us))  # by microseconds: PyVRP's own were rounded


def cost(times: list[list[int]], trips: list[list[int]], trip_us: int) -> int:
    """What these trips take."""
    return sum(trip_us + sum(times[a][b] for a, b in pairwise((0, *trip, 0))) for trip in trips)


if __name__ == "__main__":
    sys.exit(main())
