"""Which steps of a recovery a drawer would take now, so that nobody has to try them (domain B0.1)."""

from __future__ import annotations

from controller.actors.requests import STEPS, Recovery
from controller.machines.drawer import RULES, Event, State
from controller.machines.drawer_one_switch import ONE_SWITCH_RULES


def steps_now(state: State, *, locked: bool, one_switch: bool) -> tuple[Recovery, ...]:
    """In the order in which they are tried. A test opening is one only where the latch is seen engaged (`locked`)."""
    rules = ONE_SWITCH_RULES if one_switch else RULES
    return tuple(step for step in Recovery if (STEPS[step], state) in rules.legal and _may_test(step, state, locked))


def _may_test(step: Recovery, state: State, locked: bool) -> bool:
    if STEPS[step] is not Event.TEST:
        return True
    return locked and (step is Recovery.RETURN_TO_SERVICE) is (state is State.OUT_OF_SERVICE)
