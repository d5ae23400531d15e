"""The whole matrices of a gantry's two tables: every event in every state is legal or refused with a reason."""

from __future__ import annotations

import itertools
from enum import StrEnum
from typing import Any

import pytest

from controller.machines import gantry, gantry_order
from controller.machines.table import IllegalEvent, Rules

MODULES = {"gantry": gantry, "order": gantry_order}
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


def test_only_a_named_person_begins_a_homing_and_ends_a_hold() -> None:
    into = {event for event, source, target in gantry.TABLE if target is gantry.State.HOMING is not source}
    assert into == {gantry.Event.HOME}
    out = {event for event, source, target in gantry.TABLE if source in gantry.HOLDS and target not in gantry.HOLDS}
    assert out == {gantry.Event.RESUME, gantry.Event.RETURN, gantry.Event.SETTLED}


def test_nothing_is_fetched_or_handed_over_but_from_a_homed_gantry() -> None:
    ways = {event for event, source, target in gantry.TABLE if target in gantry.TAKES_ORDERS and source not in gantry.TAKES_ORDERS}
    assert ways == {gantry.Event.HOMED}


def test_no_act_leads_out_of_a_doubt_and_what_has_ended_stays_ended() -> None:
    assert not [row for row in gantry_order.TABLE if row[1] in gantry_order.ENDED]
    out = {event for event, source, _ in gantry_order.TABLE if source is gantry_order.State.IN_DOUBT}
    assert out == {gantry_order.Event.SETTLED}
