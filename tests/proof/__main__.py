"""`make proof`: every campaign in full, its progress on the way, the list of results in `proof.json`."""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

from tests.proof.campaign import CAMPAIGNS, REQUIRED, line
from tests.proof.catalogue import load


def main(wanted: list[str]) -> int:
    """Runs the wanted campaigns (all when none is named); 0 if all that must hold does, 2 if one that is named is not there."""
    load()
    if unknown := [name for name in wanted if name not in CAMPAIGNS]:
        print(f"no such campaign: {', '.join(unknown)}; there are {', '.join(sorted(CAMPAIGNS))}")
        return 2
    logging.disable()  # what a station says of the faults put into it is no news here
    chosen = [CAMPAIGNS[name] for name in sorted(CAMPAIGNS) if not wanted or name in wanted]
    results = []
    for number, one in enumerate(chosen, start=1):
        print(f"[{number}/{len(chosen)}] {one.id} {one.what}: {one.full} cases ...", flush=True)
        began = time.monotonic()
        score = one.run(one.full)
        results.append(line(one, score))
        print(
            f"    survived {score.survived} of {score.tried}; lost {score.lost}; doubled {score.doubled}; "
            f"unauthorised {score.unauthorised}; unrecorded {score.unrecorded}; guessed {score.guessed}; "
            f"{'holds' if score.holds else 'FALLS SHORT'} ({time.monotonic() - began:.1f} s)",
            flush=True,
        )
    Path("proof.json").write_text(json.dumps(results, indent=1) + "\n")
    missing = [] if wanted else [name for name in REQUIRED if name not in CAMPAIGNS]
    short = [str(result["id"]) for result in results if not result["holds"]]
    if missing:
        print("missing: " + ", ".join(missing))
    if short:
        print("fall short: " + ", ".join(short))
    print(f"{len(results) - len(short)} of {len(results)} campaigns hold; proof.json written")
    return 1 if missing or short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
