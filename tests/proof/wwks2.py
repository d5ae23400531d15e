"""WWKS 2 under fire: RB-09 of the catalogue, on both halves of the codec."""

from __future__ import annotations

import random
import tracemalloc

from tests.firmware_protocols.mutated import HALVES, hurt, play
from tests.proof.campaign import Score, campaign

BATCH = 1000
"""Streams between two looks at the memory."""
MOST_MEMORY = 4 << 20


@campaign(
    "WWKS2-FUZZ",
    "streams of WWKS 2 hurt in many ways: a message or a declared error, in bounded memory",
    sample=2000,
    full=1_000_000,
)
def hurt_streams(cases: int) -> Score:
    """`guessed` counts other exceptions and readings that depend on the splitting, `lost` batches that took too much memory."""
    score = Score()
    for number in range(cases):
        half = tuple(HALVES)[number % 2]
        chance = random.Random(f"WWKS2-FUZZ/{number}")
        if number % BATCH == 0:
            tracemalloc.start()
        one = Score(tried=1, survived=1)
        try:
            play(half, hurt(chance, half), chance)
        except Exception as wrong:  # noqa: BLE001 - any other exception is what is looked for
            print(f"    WWKS2-FUZZ/{number}: {wrong!r}")
            one = Score(tried=1, guessed=1)
        if number % BATCH == BATCH - 1 or number == cases - 1:
            if tracemalloc.get_traced_memory()[1] > MOST_MEMORY:
                one = Score(tried=1, lost=1)
            tracemalloc.stop()
        score.add(one)
    return score
