"""LC-10 to LC-12 once more, over real bytes: a whole station with its belts, gates and readers, its actor, drivers and simulators.

The belts are those of `tests/kit/line.toml`; a case is one shift of `tests.lines.shift`, some three minutes of virtual time.
"""

from __future__ import annotations

from tests.lines.shift import drawn, lived
from tests.lines.shift_judge import judge
from tests.proof.campaign import Score, campaign

FIGURE = {"SHIPPED": "guessed", "ROUTED": "guessed", "TOLD": "unauthorised", "FOUND": "unrecorded", "PLACE": "lost"}
"""In which figure of the score a broken law counts."""


def shifts(kind: str, cases: int) -> Score:
    """Lives through so many shifts of a kind."""
    score, arrived, lasted = Score(), 0, 0.0
    for number in range(cases):
        evidence = lived(drawn(kind, number))
        broken = judge(evidence)
        one = Score(tried=1, survived=int(not broken))
        for violation in broken:
            print(f"    {kind} {number}: {violation}")
            setattr(one, FIGURE[violation.law], getattr(one, FIGURE[violation.law]) + 1)
        score.add(one)
        arrived += sum(place == "packing" for _, place, _ in evidence.received)
        lasted += evidence.ended
    print(f"    {arrived} totes packed, {int(arrived * 3600 // max(lasted, 1))} an hour with the line's filling and emptying")
    return score


@campaign("LC-10-SITE", "readers that miss 0.1, 1 and 5 % of the totes, over real bytes", sample=3, full=90)
def unread(cases: int) -> Score:
    """Every unread tote is off the productive way at the next diverter; nothing is routed wrongly."""
    return shifts("unread", cases)


@campaign("LC-11-SITE", "strangers, doubles and closed labels among the totes, over real bytes", sample=2, full=90)
def labels(cases: int) -> Score:
    """None of them is taken for a tote of ours."""
    return shifts("labels", cases)


@campaign("LC-12-SITE", "hands take off, put elsewhere, put on and swap, over real bytes", sample=3, full=200)
def hands(cases: int) -> Score:
    """Nothing arrives under a name that is not its own, and every deed is in the ledger by the next reader or in the end."""
    return shifts("hands", cases)
