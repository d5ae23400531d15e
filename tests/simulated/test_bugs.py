"""The judges are judged: each planted bug turns its night red by the law named here, and without it the night is green."""

from __future__ import annotations

import pytest

from tests.simulated.bugs import BUGS
from tests.simulated.laws import judge
from tests.simulated.night import night

KILLED_BY = {
    "an act is told twice": "L2",
    "the byte leaves before its intent is on the disk": "L1",
    "the disk is not asked to sync": "L1",
    "a restart sends an open intent again": "L2",
    "the channel is one off": "L1",
    "a late answer is taken for the next one": "L4",
    "a halted drawer is unlocked": "L5",
    "unknown is called opened": "I-08",
    "a drawer torn open is ignored": "L4",
    "a count that differs is accepted": "L3",
    "a balance is not a fold": "L3",
    "two nurses are promised the last dose": "I-09",
    "the expected count is shown before the count": "I9",
    "an answer goes out before the disk has it": "L7",
    "the same id does it again": "I-06",
    "a work left at its question waits for ever": "L6",
    "a timer is left over": "L8",
    "a row is sealed without its body": "L7",
    "a person is their own witness": "I3",
}


def test_every_bug_has_its_law() -> None:
    assert KILLED_BY.keys() == BUGS.keys()


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bug = BUGS[name]
    assert judge(night(bug.script, bug.cast, bug.morning)) == [], "without the bug"
    bug.plant(monkeypatch)
    seen = {violation.law for violation in judge(night(bug.script, bug.cast, bug.morning))}
    assert KILLED_BY[name] in seen, seen or "nobody saw it"
