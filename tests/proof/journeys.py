"""One list of forty lines all the way, on days on which things go wrong: the pharmacy and the ward as they ship, a ledger each."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.journey.journey import journey
from tests.journey.judge import judge
from tests.journey.story import cut, drawn
from tests.kit.virtual_loop import run
from tests.proof.campaign import Score, campaign

FIGURE = {"LOST": "lost", "DOUBLED": "doubled", "UNMARKED": "guessed"}
LONGEST_S = 5000.0


def days(cases: int, story: Callable[[int], Sequence[tuple[float, str]]], *, sent: bool) -> Score:
    """Lives through so many days, each with the story of its number."""
    score, sure = Score(), list[float]()
    for number in range(cases):
        broken, again = _day(number, story(number), sent=sent)
        one = Score(tried=1, survived=int(not broken))
        for law, how in broken:
            print(f"    {number} {story(number)}: {law} {how}", flush=True)
            setattr(one, FIGURE[law], getattr(one, FIGURE[law]) + 1)
        score.add(one)
        sure += again
    if sure:
        sure.sort()
        print(f"    after a cut all is known again within {sure[len(sure) // 2]:.0f} s (median), {sure[-1]:.0f} s (longest)")
    return score


def _day(number: int, mishaps: Sequence[tuple[float, str]], *, sent: bool) -> tuple[list[tuple[str, str]], list[float]]:
    async def tale() -> tuple[list[tuple[str, str]], list[float]]:
        with tempfile.TemporaryDirectory() as folder:
            async with journey(Path(folder), number) as day:
                try:
                    async with asyncio.timeout(LONGEST_S):
                        await day.lives(mishaps, sent=sent)
                except TimeoutError:
                    return [("LOST", "the day had no end")], []
                return list(judge(day)), day.all.sure_again_s

    return run(tale())


@campaign(
    "AT10-DAYS", "forty lines to the ward on days with jams, cut links, power cuts, wrong packs, swapped totes", sample=1, full=66
)
def mishaps(cases: int) -> Score:
    """Truth and both ledgers are one after every step, but for what the books themselves mark."""
    return days(cases, drawn, sent=False)


@campaign("AT10-CUTS", "a torn power cut at any instant of a list of forty lines", sample=1, full=1000)
def cuts(cases: int) -> Score:
    """Nothing is picked twice, nothing is lost, and every unknown is marked."""
    return days(cases, cut, sent=True)
