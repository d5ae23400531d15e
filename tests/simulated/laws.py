"""The laws, each a function from a night's evidence to what breaks it. Written from reference architecture 3.13 and
reliability part E, not from the station's code, of which nothing is imported.

L1, L2, L5, L7 and the I- laws hold under unlimited faults; L3, L4, L6 once the storm has passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tests.simulated.belief import i06, i09, i3, i9, l3
from tests.simulated.evidence import Evidence
from tests.simulated.lasting import l7, l8
from tests.simulated.motion import l1, l2, l5
from tests.simulated.rest import i08, l4, l6
from tests.simulated.violation import Violation

Law = Callable[[Evidence], Iterator[Violation]]

LAWS: Mapping[str, Law] = {
    "L1": l1, "L2": l2, "L3": l3, "L4": l4, "L5": l5, "L6": l6, "L7": l7, "L8": l8,
    "I-06": i06, "I-08": i08, "I-09": i09, "I3": i3, "I9": i9,
}  # fmt: skip


def judge(evidence: Evidence) -> list[Violation]:
    """Every violation of every law."""
    return [violation for law in LAWS.values() for violation in law(evidence)]
