"""The whole matrices of a robot's three tables: every event in every state is legal or refused with a reason."""

from __future__ import annotations

import itertools
from enum import StrEnum
from typing import Any

import pytest

from controller.machines import robot, robot_input, robot_pick
from controller.machines.table import IllegalEvent, Rules

MODULES = {"robot": robot, "pick": robot_pick, "input": robot_input}
each = pytest.mark.parametrize("module", MODULES.values(), ids=MODULES.keys())


@each
def test_every_pair_is_legal_or_refused_with_a_reason(module: Any) -> None:
    rules: Rules[StrEnum, StrEnum] = module.RULES
    assert set(rules.states) == set(module.State)
    for event, state in itertools.product(module.Event, module.State):
        if (event, state) in rules.legal:
            assert rules.after(state, event) in rules.states
            continue
        with pytest.raises(IllegalEvent) as refused:
            rules.after(state, event)
        assert refused.value.reason == rules.refused[event]


@each
def test_no_reason_is_kept_for_what_is_legal_everywhere(module: Any) -> None:
    rules: Rules[StrEnum, StrEnum] = module.RULES
    everywhere = {event for event in module.Event if all((event, state) in rules.legal for state in module.State)}
    assert not everywhere & rules.refused.keys()


def _reachable(rules: Rules[Any, Any], start: StrEnum) -> set[StrEnum]:
    found, left = {start}, [start]
    while left:
        state = left.pop()
        new = {target for _, source, target in rules.rows if source is state} - found
        found |= new
        left += new
    return found


def test_a_robot_can_become_ready_again_from_everywhere() -> None:
    for state in robot.State:
        assert {robot.State.READY, robot.State.HALTED, robot.State.OUT_OF_SERVICE} <= _reachable(robot.RULES, state), state


def test_only_a_named_person_ends_a_robot_s_hold() -> None:
    out = {event for event, source, target in robot.TABLE if source in robot.HOLDS and target not in robot.HOLDS}
    assert out == {robot.Event.RESUME, robot.Event.RETURN}


def test_orders_go_out_only_after_the_open_ones_were_asked_for() -> None:
    ways = {event for event, source, target in robot.TABLE if target in robot.TAKES_ORDERS and source not in robot.TAKES_ORDERS}
    assert ways == {robot.Event.ASKED}


def test_no_order_is_ever_requested_again() -> None:
    into = {(event, source) for event, source, target in robot_pick.TABLE if target is robot_pick.State.REQUESTED is not source}
    assert into == {(robot_pick.Event.INTENDED, robot_pick.State.NONE)}


def test_what_has_ended_stays_ended_and_what_is_in_doubt_ends_by_the_robot_s_word_or_a_person_s() -> None:
    assert not [row for row in robot_pick.TABLE if row[1] in robot_pick.ENDED]
    out = {
        event for event, source, target in robot_pick.TABLE if source is robot_pick.State.IN_DOUBT and target in robot_pick.ENDED
    }
    assert out == {robot_pick.Event(name) for name in ("completed", "incomplete", "aborted", "settled")}


def test_only_an_allowed_input_is_stored() -> None:
    into = {source for _, source, target in robot_input.TABLE if target is robot_input.State.STORED}
    assert into == {robot_input.State.ALLOWED}
