"""`python -m tests.simulated --seeds 1000` runs many nights; `--seed 17` repeats one and prints what broke."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.simulated.laws import judge
from tests.simulated.night import night
from tests.simulated.script import of_seed


def tried(seed: int) -> tuple[int, list[str], str, dict[str, int]]:
    """One night: its seed, what broke, its digest, and how much happened in it."""
    evidence = night(of_seed(seed))
    broken = [str(violation) for violation in judge(evidence)]
    happened = {
        "rows": len(evidence.ledger.rows), "frames": len(evidence.sent), "answers": len(evidence.told),
        "pulses": sum(edge.what == "pulse" for edge in evidence.edges), "deaths": len(evidence.deaths),
        "hands": len(evidence.did), "discrepancies": len(evidence.of("discrepancy.opened")),
    }  # fmt: skip
    return seed, broken, evidence.digest(), happened


def main() -> int:
    """The number of nights in which a law was broken, at most 1 for the shell."""
    asked = argparse.ArgumentParser(prog="python -m tests.simulated", description=__doc__)
    asked.add_argument("--seed", type=int, help="this night alone")
    asked.add_argument("--seeds", type=int, default=50, help="so many nights, from --first on")
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--processes", type=int, default=2)
    options = asked.parse_args()
    seeds = [options.seed] if options.seed is not None else range(options.first, options.first + options.seeds)
    began, red, total = time.perf_counter(), 0, dict[str, int]()
    with ProcessPoolExecutor(options.processes) as pool:
        for seed, broken, digest, happened in map(tried, seeds) if options.seed is not None else pool.map(tried, seeds):
            for name, count in happened.items():
                total[name] = total.get(name, 0) + count
            if broken:
                red += 1
                print(f"python -m tests.simulated --seed {seed}", *broken, sep="\n  ", flush=True)
            if options.seed is not None:
                print(digest)
    took = time.perf_counter() - began
    print(f"{len(seeds)} nights, {red} red, {took:.1f} s; {total}")
    return min(red, 1)


if __name__ == "__main__":
    sys.exit(main())
