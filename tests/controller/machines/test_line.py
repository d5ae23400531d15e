"""The tables of a line, whole: tote, segment, reader, lane (reference lines.md B.3)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from controller.machines import lane, reader, segment, tote
from controller.machines.table import IllegalEvent, Rules

TABLES: dict[str, tuple[Rules[Any, Any], Any, Any]] = {
    "tote": (tote.RULES, tote.State, tote.Event),
    "segment": (segment.RULES, segment.State, segment.Event),
    "reader": (reader.RULES, reader.State, reader.Event),
    "lane": (lane.RULES, lane.State, lane.Event),
}
each = pytest.mark.parametrize("name", TABLES)


@each
def test_every_pair_is_legal_or_refused_with_a_reason(name: str) -> None:
    rules, states, events = TABLES[name]
    assert set(rules.states) == set(states)
    for event, state in itertools.product(events, states):
        if (event, state) in rules.legal:
            assert rules.after(state, event) in states
            continue
        with pytest.raises(IllegalEvent) as refused:
            rules.after(state, event)
        assert refused.value.reason == rules.refused[event]


@each
def test_no_reason_is_kept_for_what_is_legal_everywhere(name: str) -> None:
    rules, states, events = TABLES[name]
    everywhere = {event for event in events if all((event, state) in rules.legal for state in states)}
    assert not everywhere & rules.refused.keys()


@each
def test_the_beginning_is_reached_again_from_everywhere(name: str) -> None:
    rules, states, _ = TABLES[name]
    for state in states:
        found, size = {state}, 0
        while size != len(found):
            size = len(found)
            found |= {target for _, source, target in rules.rows if source in found}
        assert rules.states[0] in found, state


def test_only_a_person_ends_what_is_held_against_a_tote() -> None:
    by_a_person = {tote.Event.VOIDED, tote.Event.READMITTED, tote.Event.WRITTEN_OFF}
    out = [row for row in tote.TABLE if row[1] in tote.BY_A_PERSON and row[2] not in tote.BY_A_PERSON]
    assert {event for event, _, _ in out} <= by_a_person


def test_no_label_that_is_dead_comes_alive_but_by_being_bound() -> None:
    out = [row for row in tote.TABLE if row[1] in tote.DEAD and row[2] not in tote.DEAD]
    assert {event for event, _, _ in out} == {tote.Event.BOUND}


def test_a_tote_is_handed_on_only_after_it_was_read_where_it_is_received() -> None:
    assert [source for _, source, target in tote.TABLE if target is tote.State.RELEASED is not source] == [tote.State.IN_LANE]
    assert [source for _, source, target in tote.TABLE if target is tote.State.IN_LANE] == [tote.State.AT]


def test_a_jam_ends_by_a_person_and_what_was_touched_is_read_again() -> None:
    out = [row for row in segment.TABLE if row[1] is segment.State.JAM is not row[2]]
    assert out == [(segment.Event.CLEARED, segment.State.JAM, segment.State.UNCERTAIN)]


def test_a_reader_that_is_down_comes_back_by_its_link_alone() -> None:
    out = {row[0] for row in reader.TABLE if row[1] is reader.State.DOWN is not row[2]}
    assert out == {reader.Event.LINK_UP}
