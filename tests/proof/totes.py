"""Totes on a line: LC-10 to LC-12 of the line catalogue, RB-04 and RB-06. Whole days on belts that know nothing of who tracks them.

The line of `tests.lines.layout`: robot outputs, a reader and a diverter with a way round, a reader and a diverter to packing or to
the reject lane, and a reader where packing receives. A case is one day of about two minutes.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.lines import story
from tests.lines.day import Evidence, lived
from tests.lines.oracle import Violation, judge
from tests.lines.story import Story
from tests.proof.campaign import Score, campaign

FIGURE = {"SHIPPED": "guessed", "ROUTED": "guessed", "TOLD": "unauthorised", "FOUND": "unrecorded", "PLACE": "lost", "CALM": ""}
"""In which figure of the score a broken law counts."""


def scored(cases: int, day: Callable[[int], Story], spread: int = 1) -> Score:
    """Lives through so many days; `spread` days apart, so that a sample has some of everything."""
    score, received, lasted = Score(), 0, 0
    for number in range(0, cases * spread, spread):
        evidence = lived(day(number))
        broken = judge(evidence)
        for one in broken:
            print(f"    {evidence.story.seed}: {one}")
        score.add(_of(broken, evidence))
        received += sum(kind == "released" for kind, *_ in evidence.said)
        lasted += evidence.ended
    print(
        f"    {received} totes handed on, {received * 3_600_000_000 // max(lasted, 1)} an hour with the line's filling and emptying"
    )
    return score


def _of(broken: list[Violation], evidence: Evidence) -> Score:
    score = Score(tried=1, survived=int(not broken))
    handed_on = [label for kind, _, _, label, _ in evidence.said if kind == "released"]
    score.doubled = len(handed_on) - len(set(handed_on))
    for one in broken:
        if FIGURE[one.law]:
            setattr(score, FIGURE[one.law], getattr(score, FIGURE[one.law]) + 1)
    return score


@campaign("LC-10", "readers that miss 0.1, 1 and 5 % of the totes, 30 a day", sample=3, full=300)
def unread(cases: int) -> Score:
    """Every unread tote is off the productive way at the next diverter; nothing is routed wrongly."""
    return scored(cases, lambda number: story.drawn("unread", number))


@campaign("LC-11", "strangers, doubles, closed and voided labels among 24 totes", sample=5, full=200)
def labels(cases: int) -> Score:
    """None of them is handed on."""
    return scored(cases, lambda number: story.drawn("labels", number))


@campaign("LC-12", "hands take off, put elsewhere, put on and swap", sample=6, full=200)
def hands(cases: int) -> Score:
    """Nothing is handed on under a label that is not its own, and every deed is known by the next reader or the end of a window."""
    return scored(cases, lambda number: story.drawn("hands", number))


@campaign("RB-04", "two totes through one gate, 0 to 50 ms apart in steps of 1 ms", sample=6, full=306)
def race(cases: int) -> Score:
    """Neither is ever taken for the other, in whatever order they were announced, whether or not a diverter is stuck."""
    return scored(cases, story.race, 1 if cases > 51 else 61)


@campaign("RB-06", "a tote vanishes from, or appears on, each belt", sample=8, full=160)
def vanishing(cases: int) -> Score:
    """The discrepancy is told by the end of its window, or at the next reader."""
    return scored(cases, story.vanishing)
