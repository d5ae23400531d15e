"""A planner's worker that lies: `lying_worker.py HOW`. It asks and answers as the real one does, by the same lines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

Trips = list[list[Any]]
LIES: dict[str, Callable[[int, int, Trips], object]] = {
    "a pick left out": lambda id, k, trips: {"id": id, "groups": [[trips[0][1:] or trips[1], *trips[1:]]]},
    "a pick twice": lambda id, k, trips: {"id": id, "groups": [[*trips, [1]]]},
    "a pick that nobody asked for": lambda id, k, trips: {"id": id, "groups": [[*trips, [999]]]},
    "the hand-over as a pick": lambda id, k, trips: {"id": id, "groups": [[*trips, [0]]]},
    "more than it can carry": lambda id, k, trips: {"id": id, "groups": [_crammed(trips, k)]},
    "an empty trip": lambda id, k, trips: {"id": id, "groups": [[*trips, []]]},
    "no trips": lambda id, k, trips: {"id": id, "groups": [[]]},
    "a group too many": lambda id, k, trips: {"id": id, "groups": [trips, trips]},
    "no groups": lambda id, k, trips: {"id": id},
    "fractions": lambda id, k, trips: {"id": id, "groups": [[[float(row) for row in trip] for trip in trips]]},
    "words": lambda id, k, trips: {"id": id, "groups": [[["one"]]]},
    "an answer to something else": lambda id, k, trips: {"id": id - 1, "groups": [trips]},
    "a list": lambda id, k, trips: [trips],
    "nothing": lambda id, k, trips: None,
}
RAW = {
    "no JSON": "trips: many\n",
    "a nest": "[" * 200_000 + "\n",
    "a line without an end": "1" * (2 << 20),
    "bytes": "\udcff\udcfe\n",
}
HOW = (*LIES, *RAW)


def _crammed(trips: Trips, k: int) -> Trips:
    rows = [row for trip in trips for row in trip]
    return [rows[: k + 1], *([row] for row in rows[k + 1 :])]


def main(how: str) -> None:
    """Lies until nobody asks any more. `worse` is no lie: right trips, one pick each."""
    out = os.fdopen(os.dup(1), "w", buffering=1, errors="surrogateescape")
    print(json.dumps({"ready": True}), file=out)
    for line in sys.stdin:
        asked = json.loads(line)
        trips = asked["groups"][0]["trips"]
        if how == "worse":
            print(json.dumps({"id": asked["id"], "groups": [[[row] for trip in trips for row in trip]]}), file=out)
        elif how in RAW:
            out.write(RAW[how])
            out.flush()
        else:
            print(json.dumps(LIES[how](asked["id"], asked["carries"], trips)), file=out)


if __name__ == "__main__":
    main(sys.argv[1])
