"""The judge of a shift is judged: an evidence that was tampered with, and a tracking that guesses, are seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.actors import line as actor
from controller.tracking.facts import Fact, Seen
from controller.tracking.state import State
from controller.tracking.told import Step
from controller.tracking.tracking import step
from tests.lines.shift import Deed, Evidence, Story, lived
from tests.lines.shift_judge import USUAL, judge

STORY = Story(seed=3, totes=4, hands=((20.0, "remove"), (30.0, "foreign")))


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return lived(STORY)


def laws(evidence: Evidence) -> set[str]:
    return {violation.law for violation in judge(evidence)}


def test_a_shift_is_right(evidence: Evidence) -> None:
    assert judge(evidence) == []
    assert [deed.kind for deed in evidence.deeds] == ["remove", "foreign"]


def test_deeds_that_nobody_tells_of_are_seen(evidence: Evidence) -> None:
    assert laws(replace(evidence, rows=[row for row in evidence.rows if row[1] in USUAL])) == {"FOUND"}


def test_a_swap_counts_unless_it_is_taken_back_in_the_same_instant(evidence: Evidence) -> None:
    passed = next(one for one in evidence.passages if one.what == "read")
    at, body = passed.at - 0.5, str(passed.body)
    other = next(one for one in evidence.codes if one != body and evidence.codes[one].startswith("T-"))
    swap = Deed("swap", at, (body, other))
    quiet = replace(evidence, rows=[row for row in evidence.rows if row[1] in USUAL], deeds=[swap])
    assert laws(quiet) == {"FOUND"}
    assert laws(replace(quiet, deeds=[swap, Deed("swap", at, (other, body))])) == set()
    away, back = [Deed("elsewhere", at, (body,), ways) for ways in (("read-1", "read-2"), ("read-2", "read-1"))]
    assert laws(replace(quiet, deeds=[away])) == {"FOUND"}
    assert laws(replace(quiet, deeds=[away, back])) == set()


def test_another_tote_than_the_one_that_arrived_is_seen(evidence: Evidence) -> None:
    codes = {**evidence.codes, **dict.fromkeys([body for _, _, body in evidence.received], "T-77")}
    assert "SHIPPED" in laws(replace(evidence, codes=codes))


def test_a_tote_that_was_not_read_on_its_way_is_seen(evidence: Evidence) -> None:
    passages = [one for one in evidence.passages if one.place not in {"read-1", "read-2"}]
    assert {"SHIPPED", "ROUTED"} <= laws(replace(evidence, passages=passages))


def test_a_forgotten_tote_is_seen(evidence: Evidence) -> None:
    assert laws(replace(evidence, believed={"T-1": "moving"}, left=["T-1"])) == {"PLACE"}


def test_a_gate_that_hits_a_tote_is_seen() -> None:
    calm = lived(Story(seed=4, totes=1))
    assert judge(calm) == []
    caught = replace(calm.passages[-1], what="caught", place="gate-1", body="T-1")
    assert laws(replace(calm, passages=[*calm.passages, caught])) == {"TOLD"}


def test_a_tracking_that_decides_by_elimination_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not read is taken for the one that was expected."""

    def guesses(state: State, fact: Fact, now: int | None = None) -> Step:
        if isinstance(fact, Seen) and not fact.labels:
            (before,) = state.routes.before[fact.reader]
            expected: list[Any] = [thing.label for thing in state.belts[before].things if thing.label]
            fact = replace(fact, labels=tuple(expected[:1]))
        return step(state, fact, now)

    story = Story(seed=5, totes=4, unread=0.5)
    assert judge(lived(story)) == []
    monkeypatch.setattr(actor, "step", guesses)
    assert laws(lived(story)) & {"ROUTED", "SHIPPED"}
