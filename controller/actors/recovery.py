"""Which steps of a recovery a drawer would take now, so that nobody has to try them (domain B0.1)."""

from __future__ import annotations

from controller.actors.drawer import Drawer
from controller.actors.requests import STEPS, Recovery
from controller.machines.drawer import RULES, Event, State
from controller.machines.drawer_one_switch import ONE_SWITCH_RULES


def steps_now(drawer: Drawer) -> tuple[Recovery, ...]:
    """In the order in which they are tried. A test opening is one only where the latch is seen engaged."""
    rules = ONE_SWITCH_RULES if drawer.one_switch else RULES
    return tuple(step for step in Recovery if (STEPS[step], drawer.state) in rules.legal and _may_test(drawer, step))


def _may_test(drawer: Drawer, step: Recovery) -> bool:
    if STEPS[step] is not Event.TEST:
        return True
    back = step is Recovery.RETURN_TO_SERVICE
    return drawer.looks.locked and back is (drawer.state is State.OUT_OF_SERVICE)
