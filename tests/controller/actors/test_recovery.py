"""What a drawer says could be done now is what it then takes, and nothing else: over every state, either kind of lock."""

from __future__ import annotations

import pytest

from controller.actors.recovery import steps_now
from controller.actors.requests import Recovery
from controller.machines.drawer import RULES, Event, State
from controller.machines.drawer_one_switch import ONE_SWITCH_RULES

BY_HAND = {Recovery.PUSH_PULL, Recovery.POWER_CYCLE, Recovery.KEY}


@pytest.mark.parametrize("one_switch", [False, True])
@pytest.mark.parametrize("state", list(State))
def test_every_step_that_is_offered_is_in_the_table(state: State, one_switch: bool) -> None:
    rules = ONE_SWITCH_RULES if one_switch else RULES
    offered = set(steps_now(state, locked=True, one_switch=one_switch))
    assert (Recovery.OUT_OF_SERVICE in offered) is ((Event.TAKE_OUT, state) in rules.legal)
    assert (Recovery.INSPECTED in offered) is (state in {State.FAULT, State.FORCED, State.RECOVERING})
    assert offered >= BY_HAND or not BY_HAND & offered
    assert (Recovery.RETURN_TO_SERVICE in offered) is (state is State.OUT_OF_SERVICE)
    assert (Recovery.RETRY in offered) is (state in {State.FAULT, State.FORCED, State.RECOVERING})


@pytest.mark.parametrize("state", list(State))
def test_nothing_is_opened_to_test_whose_latch_is_not_seen_engaged(state: State) -> None:
    assert not {Recovery.RETRY, Recovery.RETURN_TO_SERVICE} & set(steps_now(state, locked=False, one_switch=False))
