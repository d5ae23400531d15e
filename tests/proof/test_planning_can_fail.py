"""LC-23 and LC-24 bite: a planner that passes something over is seen by the judge, and so is a worker that is believed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.planning import planner as planning
from controller.planning.problem import Plan, Problem, Trip
from tests.kit.shelf import Shelf
from tests.proof.planning import Seen, faults, queue, right, worked


def worked_with(bug: Callable[[Shelf, Problem], Problem], tolerance_days: int = 0) -> list[str]:
    """What the judge says of picks that are planned from a wrong problem, until it says something."""

    class Wrong(Shelf):
        def problem(self, most: int, running: Trip | None = None) -> Problem:
            return bug(self, super().problem(most, running))

    shelf = Wrong("bugs", tolerance_days)
    for picks in range(30, 600, 30):
        if asyncio.run(worked(shelf, picks)).wrong:
            break
    return shelf.wrong


def unpromised(shelf: Shelf, problem: Problem) -> Problem:
    """Reservations are forgotten."""
    kept, shelf.promised = shelf.promised, set()
    try:
        return Shelf.problem(shelf, len(problem.picks))
    finally:
        shelf.promised = kept


def certain(shelf: Shelf, problem: Problem) -> Problem:
    """A jam is forgotten."""
    kept = shelf.packs
    shelf.packs = {id: replace(pack, uncertain=False) for id, pack in kept.items()}
    try:
        return Shelf.problem(shelf, len(problem.picks))
    finally:
        shelf.packs = kept


BUGS: dict[str, tuple[Callable[[Shelf, Problem], Problem], str]] = {
    "any expiry will do": (lambda _, problem: replace(problem, tolerance_days=400), "expires before"),
    "a day too tolerant": (lambda shelf, problem: replace(problem, tolerance_days=shelf.tolerance_days + 1), "expires before"),
    "promised packs": (unpromised, "may not be fetched"),
    "uncertain packs": (certain, "may not be fetched"),
    "nothing is urgent": (
        lambda _, problem: replace(problem, picks=tuple(replace(pick, urgent=False) for pick in problem.picks)), "not fetched first"
    ),
    "five on a tray for four": (lambda _, problem: replace(problem, carries=5), "a trip of"),
    "the wrong output": (
        lambda _, problem: replace(problem, picks=tuple(replace(pick, output="cellar") for pick in problem.picks)), "is not what"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BUGS)
def test_the_judge_sees(name: str) -> None:
    bug, said = BUGS[name]
    assert any(said in each for each in worked_with(bug))


def test_the_judge_sees_a_running_trip_planned_again() -> None:
    class Forgetful(Shelf):
        def problem(self, most: int, running: Trip | None = None) -> Problem:
            now = super().problem(most)
            again = tuple(fetch.pick for fetch in running.fetches) if running else ()
            return replace(now, picks=(*now.picks, *again))

    assert any("planned again" in each for each in asyncio.run(worked(Forgetful("bugs", 0), 200)).wrong)


def test_nothing_is_wrong_without_a_bug() -> None:
    assert asyncio.run(worked(Shelf("bugs", 0), 60)).wrong == []


def test_a_refused_rule_is_counted_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "wrong", lambda problem, plan: "it is a Monday")
    assert any(each.startswith("rule ") for each in worked_with(lambda _, problem: problem))


def test_right_is_not_said_of_what_is_wrong() -> None:
    problem = queue(random.Random(1), 6)
    first, second = Seen(), planning.rule.first_come(problem)
    assert right(problem, second, None)
    assert not right(problem, second, Plan(second.trips[::-1]))
    assert not right(problem, Plan(second.trips[1:]), None)
    assert not right(problem, Plan((*second.trips, second.trips[0])), None)
    assert first.late == []


def test_a_worker_that_is_believed_fails_the_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without our check an overloaded trip would be taken from a liar."""
    monkeypatch.setattr(planning, "wrong", lambda problem, plan: None)
    monkeypatch.setattr(planning, "WORTH_PERCENT", -1000)
    monkeypatch.setattr("tests.kit.lying_worker.HOW", ("more than it can carry",))
    score = faults(4)
    assert not score.holds
    assert score.guessed == 1
