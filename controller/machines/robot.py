"""The robot's own states (reference domain.md B11, link, device health and jam): data only.

What a robot says of itself moves it between RUNNING and STOPPED; what it cannot tell is its steel, so after a break of the
link, and after every stop, it is asked anew for its orders (ASKING) and then for its packs (SYNCING). Orders go out in
SYNCING and READY; in READY every pack in the books has been told by the robot since the break.
"""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules, every, stays


class State(StrEnum):
    """Where a robot stands."""

    DOWN = "down"
    """There is no connection on which it has said Hello."""
    ASKING = "asking"
    """It is asked how far each open order is."""
    SYNCING = "syncing"
    """It is asked what it holds. Orders go between the slices."""
    READY = "ready"
    STOPPED = "stopped"
    """By its own word it is not ready: jammed, opened, without power. What it was moving is uncertain."""
    HALTED = "halted"
    """A person has stopped all orders to it."""
    OUT_OF_SERVICE = "out_of_service"
    FAULT = "fault"
    """A defect of ours: its messages are still taken down, and no order goes out."""


class Event(StrEnum):
    """What happens to it."""

    GREETED = "greeted"
    """It has said Hello: a new epoch, in which nothing is known."""
    LINK_LOST = "link_lost"
    RUNNING = "running"
    """It says that it is ready."""
    NOT_READY = "not_ready"
    ASKED = "asked"
    """All its open orders have been asked for."""
    SYNCED = "synced"
    """What it holds has been compared with the books."""
    HALT = "halt"
    RESUME = "resume"
    TAKE_OUT = "take_out"
    RETURN = "return"
    """Back into service, or out of a fault, by a named person."""
    DEFECT = "defect"


HOLDS = (State.HALTED, State.OUT_OF_SERVICE, State.FAULT)
"""What no link, no word of the robot and no restart ends: only a named person does."""
TAKES_ORDERS = frozenset({State.SYNCING, State.READY})
FREE = tuple(state for state in State if state not in HOLDS)
UP = (State.ASKING, State.SYNCING, State.READY, State.STOPPED)


TABLE: tuple[tuple[Event, State, State], ...] = (
    *every(Event.GREETED, FREE, State.ASKING),
    *stays(Event.GREETED, HOLDS),
    *every(Event.LINK_LOST, FREE, State.DOWN),
    *stays(Event.LINK_LOST, HOLDS),
    (Event.ASKED, State.ASKING, State.SYNCING),
    (Event.SYNCED, State.SYNCING, State.READY),
    *every(Event.NOT_READY, UP, State.STOPPED),
    *stays(Event.NOT_READY, [State.DOWN, *HOLDS]),
    (Event.RUNNING, State.STOPPED, State.ASKING),  # what it moved when it stopped is looked for
    *stays(Event.RUNNING, [state for state in State if state is not State.STOPPED]),
    *every(Event.HALT, FREE, State.HALTED),
    *stays(Event.HALT, HOLDS),
    (Event.RESUME, State.HALTED, State.DOWN),
    *every(Event.TAKE_OUT, State, State.OUT_OF_SERVICE),
    (Event.RETURN, State.OUT_OF_SERVICE, State.DOWN),
    (Event.RETURN, State.FAULT, State.DOWN),
    *every(Event.DEFECT, [state for state in State if state is not State.OUT_OF_SERVICE], State.FAULT),
    *stays(Event.DEFECT, [State.OUT_OF_SERVICE]),
)

REFUSED: dict[Event, str] = {
    Event.ASKED: "it was not being asked for its orders",
    Event.SYNCED: "it was not being asked for its packs",
    Event.RESUME: "it is not halted",
    Event.RETURN: "it is in service",
}

RULES: Rules[State, Event] = Rules(TABLE, REFUSED)
