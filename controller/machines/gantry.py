"""The states of a gantry (issue 4; reliability RB-07, RB-08): data only.

Where its head is, is known from a homing until anything casts doubt on it, and only a named person begins one. What happened to a
pack is never inferred from the head: an act that was broken off leaves IN_DOUBT, which ends when a person has settled every order
that is in doubt.
"""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules, every, stays


class State(StrEnum):
    """Where a gantry stands."""

    DOWN = "down"
    """There is no connection, or its board answers nothing, as after a limit switch has closed: then only homing helps."""
    UNHOMED = "unhomed"
    """Nobody knows where its head is; a person homes it."""
    HOMING = "homing"
    READY = "ready"
    """Homed and at rest: the next trip is planned from what is true now."""
    FETCHING = "fetching"
    """Packs go from the shelf into the tray, one by one."""
    HANDING_OVER = "handing_over"
    """The tray goes into the tote."""
    IN_DOUBT = "in_doubt"
    """Nobody knows where some pack is: a person looks and says so, order by order."""
    HALTED = "halted"
    OUT_OF_SERVICE = "out_of_service"
    """Hands may reach into its shelf."""
    FAULT = "fault"
    """A defect of ours: nothing moves."""


class Event(StrEnum):
    """What happens to it."""

    LINK_UP = "link_up"
    """A new epoch, in which nobody knows where its head is."""
    LINK_LOST = "link_lost"
    HOME = "home"
    """A named person who stands there."""
    HOMED = "homed"
    NOT_HOMED = "not_homed"
    TRIP = "trip"
    """A trip has been planned."""
    LOADED = "loaded"
    """What lies in the tray is to be handed over."""
    NOTHING_DONE = "nothing_done"
    """The trip brought nothing, or its tote is not there."""
    HANDED_OVER = "handed_over"
    LOST = "lost"
    """An act was refused before anything moved, or it was found that nobody knows where the head is."""
    STOPPED = "stopped"
    """A person has stopped it: an act under way ends by that itself."""
    IN_DOUBT = "in_doubt"
    SETTLED = "settled"
    """A named person has settled the last order in doubt."""
    HALT = "halt"
    RESUME = "resume"
    TAKE_OUT = "take_out"
    RETURN = "return"
    """Back into service, or out of a fault, by a named person."""
    DEFECT = "defect"


HOLDS = (State.IN_DOUBT, State.HALTED, State.OUT_OF_SERVICE, State.FAULT)
"""What no link and no restart ends: only a named person does."""
TAKES_ORDERS = frozenset({State.READY, State.FETCHING, State.HANDING_OVER})
WORKS = TAKES_ORDERS | {State.HOMING}
"""In every other state it goes on only when a person has done something: what nobody has begun to fetch is picked elsewhere."""
FREE = tuple(state for state in State if state not in HOLDS)


TABLE: tuple[tuple[Event, State, State], ...] = (
    *every(Event.LINK_LOST, [state for state in FREE if state is not State.HOMING], State.DOWN),
    *stays(Event.LINK_LOST, [State.HOMING, *HOLDS]),  # homing begins with a reset: how it ended is told by its end
    *every(Event.LINK_UP, [state for state in FREE if state is not State.HOMING], State.UNHOMED),
    *stays(Event.LINK_UP, [State.HOMING, *HOLDS]),
    (Event.HOME, State.DOWN, State.HOMING),
    (Event.HOME, State.UNHOMED, State.HOMING),
    (Event.HOME, State.READY, State.HOMING),
    (Event.HOMED, State.HOMING, State.READY),
    (Event.NOT_HOMED, State.HOMING, State.UNHOMED),
    (Event.TRIP, State.READY, State.FETCHING),
    (Event.LOADED, State.READY, State.HANDING_OVER),  # the tray was full before a restart
    (Event.LOADED, State.FETCHING, State.HANDING_OVER),
    (Event.NOTHING_DONE, State.FETCHING, State.READY),
    (Event.NOTHING_DONE, State.HANDING_OVER, State.READY),
    (Event.HANDED_OVER, State.HANDING_OVER, State.READY),
    *every(Event.LOST, sorted(TAKES_ORDERS), State.UNHOMED),
    (Event.STOPPED, State.READY, State.UNHOMED),
    *stays(Event.STOPPED, [state for state in State if state is not State.READY]),
    *every(Event.IN_DOUBT, FREE, State.IN_DOUBT),
    *stays(Event.IN_DOUBT, HOLDS),
    (Event.SETTLED, State.IN_DOUBT, State.DOWN),
    *stays(Event.SETTLED, [State.HALTED, State.OUT_OF_SERVICE, State.FAULT]),
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
    Event.HOME: "it is homed only while it stands, with nothing in doubt and nobody's hold on it",
    Event.HOMED: "it was not being homed",
    Event.NOT_HOMED: "it was not being homed",
    Event.TRIP: "a trip begins only where it is homed and at rest",
    Event.LOADED: "it was not on a trip",
    Event.NOTHING_DONE: "it was not on a trip",
    Event.HANDED_OVER: "it was not handing over",
    Event.LOST: "it was not at work",
    Event.SETTLED: "nothing is in doubt",
    Event.RESUME: "it is not halted",
    Event.RETURN: "it is in service, or something is in doubt",
}

RULES: Rules[State, Event] = Rules(TABLE, REFUSED)
