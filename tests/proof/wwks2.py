"""WWKS 2 under fire: RB-09 of the catalogue, on both halves of the codec; and orders over links that are cut at any byte."""

from __future__ import annotations

import random
import tracemalloc

from tests.drivers.test_wwks2 import cut_links
from tests.firmware_protocols.mutated import HALVES, hurt, play
from tests.proof.campaign import Score, campaign

BATCH, TRACED = 10_000, 100
"""Of so many streams the memory of so many is looked at."""
MOST_MEMORY = 4 << 20


@campaign(
    "WWKS2-FUZZ",
    "streams of WWKS 2 hurt in many ways: a message or a declared error, in bounded memory",
    sample=1000,
    full=1_000_000,
)
def hurt_streams(cases: int) -> Score:
    """`guessed` counts other exceptions and readings that depend on the splitting, `lost` batches that took too much memory."""
    score = Score()
    for number in range(cases):
        half = tuple(HALVES)[number % 2]
        chance = random.Random(f"WWKS2-FUZZ/{number}")
        if number % BATCH == 0:  # tracing is slow: the first of each batch
            tracemalloc.start()
        one = Score(tried=1, survived=1)
        try:
            play(half, hurt(chance, half), chance)
        except Exception as wrong:  # noqa: BLE001 - any other exception is what is looked for
            print(f"    WWKS2-FUZZ/{number}: {wrong!r}")
            one = Score(tried=1, guessed=1)
        if number % BATCH == TRACED or (tracemalloc.is_tracing() and number == cases - 1):
            if tracemalloc.get_traced_memory()[1] > MOST_MEMORY:
                one = Score(tried=1, lost=1)
            tracemalloc.stop()
        score.add(one)
    return score


@campaign("WWKS2-CUTS", "orders over a link that is cut at a random byte, out or in, one cut an order", sample=50, full=1000)
def cut_orders(cases: int) -> Score:
    """`doubled` counts orders that left twice, `guessed` those that left though the driver said that nothing had been written,
    `lost` those that neither left nor were said not to have."""
    sent, unsent = cut_links(cases, 8)
    doubled, guessed = len(sent) - len(set(sent)), len(set(sent) & unsent)
    lost = cases - len(set(sent) | unsent)
    return Score(tried=cases, survived=cases - doubled - guessed - lost, doubled=doubled, guessed=guessed, lost=lost)
