"""The whole matrix of both drawer tables: every event in every state is legal or refused with a reason."""

from __future__ import annotations

import itertools
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.machines import drawer, drawer_one_switch
from controller.machines.drawer import HOLDS, Event, State
from controller.machines.table import IllegalEvent, Rules

TABLES = {"two switches": drawer.RULES, "one switch": drawer_one_switch.ONE_SWITCH_RULES}
ended_by_a_person = {Event.TEST, Event.RECOVER, Event.INSPECTED, Event.TAKE_OUT, Event.RESUME}

both = pytest.mark.parametrize("rules", TABLES.values(), ids=TABLES.keys())


@both
def test_every_pair_is_legal_or_refused_with_a_reason(rules: Rules[State, Event]) -> None:
    assert len(rules.legal) == len(rules.rows)
    for event, state in itertools.product(Event, rules.states):
        if (event, state) in rules.legal:
            assert rules.after(state, event) in rules.states
            continue
        with pytest.raises(IllegalEvent) as refused:
            rules.after(state, event)
        assert (refused.value.event, refused.value.state) == (event, state)
        assert refused.value.reason == rules.refused[event]


@both
def test_no_reason_is_kept_for_what_is_legal_everywhere(rules: Rules[State, Event]) -> None:
    everywhere = {event for event in Event if all((event, state) in rules.legal for state in rules.states)}
    assert not everywhere & rules.refused.keys()


def _reachable(rules: Rules[State, Event], start: State) -> set[State]:
    found, open_ = {start}, deque([start])
    while open_:
        state = open_.popleft()
        for event, source, target in rules.rows:
            if source is state and target not in found and event is not None:
                found.add(target)
                open_.append(target)
    return found


@both
def test_locked_and_halted_are_reachable_from_everywhere(rules: Rules[State, Event]) -> None:
    for state in rules.states:
        assert {State.LOCKED, State.HALTED, State.OUT_OF_SERVICE} <= _reachable(rules, state), state


@both
def test_only_a_named_person_ends_a_hold(rules: Rules[State, Event]) -> None:
    out = {(event, source, target) for event, source, target in rules.rows if source in HOLDS and target not in HOLDS}
    assert {event for event, _, _ in out} <= ended_by_a_person
    assert {source for _, source, _ in out} == set(HOLDS)


@both
def test_link_loss_and_return_leave_every_hold_as_it_is(rules: Rules[State, Event]) -> None:
    for hold in HOLDS:
        for event in (Event.LINK_LOST, Event.LINK_UP, Event.SEEN_LOCKED, Event.SEEN_RELEASED, Event.SEEN_NOTHING):
            assert rules.after(hold, event) is hold


def test_a_drawer_is_released_from_a_sensed_state_alone() -> None:
    for rules in TABLES.values():
        ways = {(event, source) for event, source, target in rules.rows if target is State.UNLOCKING is not source}
        assert {source for event, source in ways if event is Event.UNLOCK} == {State.LOCKED}
        assert {event for event, _ in ways} == {Event.UNLOCK, Event.TEST}


@pytest.mark.parametrize(("latched", "shut"), list(itertools.product((True, False, None), repeat=2)))
@pytest.mark.parametrize("state", State)
def test_dv09_every_combination_of_switches_means_something_in_every_state(
    state: State, latched: bool | None, shut: bool | None
) -> None:
    event = drawer.seen(latched, shut)
    after = drawer.RULES.after(state, event)
    if shut is False and state in {State.UNKNOWN, State.LOCKED}:
        assert after is State.FORCED
    if after is State.LOCKED:
        assert (latched, shut) == (True, True) or state is State.LOCKED
    if state in drawer_one_switch.STATES:
        drawer_one_switch.ONE_SWITCH_RULES.after(state, drawer_one_switch.seen(latched, shut))


def test_what_is_not_known_satisfies_nothing() -> None:
    for latched, shut in ((None, True), (None, None), (True, None), (False, None)):
        assert drawer.seen(latched, shut) is Event.SEEN_NOTHING
    assert drawer_one_switch.seen(None, shut=True) is Event.SEEN_NOTHING
    assert drawer.seen(latched=True, shut=False) is Event.SEEN_OPEN, "a latch that is forward holds no open drawer"


@given(st.lists(st.sampled_from(Event), max_size=60))
def test_walks_stay_in_the_table_and_never_unlock_twice_without_a_switch_between(events: list[Event]) -> None:
    state, last_moved_by_a_switch = State.OFFLINE, True
    for event in events:
        try:
            after = drawer.RULES.after(state, event)
        except IllegalEvent:
            continue
        if event is Event.UNLOCK:
            assert state is State.LOCKED
            assert last_moved_by_a_switch
            last_moved_by_a_switch = False
        if event in {Event.SEEN_LOCKED, Event.STILL_LATCHED, Event.NOT_SENT} and after is State.LOCKED:
            last_moved_by_a_switch = True
        state = after


def test_two_rows_for_one_pair_are_refused() -> None:
    rows = [(Event.UNLOCK, State.LOCKED, State.UNLOCKING), (Event.UNLOCK, State.LOCKED, State.FAULT)]
    with pytest.raises(ValueError, match="two rows"):
        Rules(rows, {})
