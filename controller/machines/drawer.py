"""The drawer's table: two switches, the latch's and the drawer's own (domain B0). It decides and never acts.

Events are facts in the past or requests. A look is one of four events, whatever the state: `seen` below. `FOUND_…` is the
same fact where the drawer is unknown and an intent of ours is still open: it is that intent's, and no alarm.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """Where a drawer is, as far as anybody knows."""

    OFFLINE = "offline"
    """Its board does not answer. Every drawer starts here."""
    UNKNOWN = "unknown"
    """The board answers; not yet looked at twice."""
    LOCKED = "locked"
    UNLOCKING = "unlocking"
    """An intent is recorded; its one pulse is about to be sent, or was."""
    UNLOCKED = "unlocked"
    """The latch let go; the drawer was not seen to move."""
    OPEN = "open"
    AJAR = "ajar"
    """Open for longer than it should be."""
    CLOSING = "closing"
    """Shut, and not latched yet."""
    FORCED = "forced"
    """Opened without us. Ends by a named person."""
    FAULT = "fault"
    """Nobody knows, or something broke. Ends by a named person."""
    RECOVERING = "recovering"
    """A named person is at it (B0.1)."""
    HALTED = "halted"
    """Stopped by decision. Ends by a named person."""
    OUT_OF_SERVICE = "out_of_service"
    """Closed for use by decision. Ends by a test opening."""


class Event(StrEnum):
    """What can happen to a drawer."""

    # requests
    UNLOCK = "unlock"
    TEST = "test"
    """A named person's test opening: the retry of a recovery, and the way back into service."""
    RECOVER = "recover"
    INSPECTED = "inspected"
    """A named person looked; now look again."""
    TAKE_OUT = "take_out"
    HALT = "halt"
    RESUME = "resume"
    # what the switches said
    SEEN_LOCKED = "seen_locked"
    SEEN_RELEASED = "seen_released"
    SEEN_OPEN = "seen_open"
    SEEN_NOTHING = "seen_nothing"
    FOUND_RELEASED = "found_released"
    FOUND_OPEN = "found_open"
    # what a duty found out
    NOT_SENT = "not_sent"
    STILL_LATCHED = "still_latched"
    TEST_FAILED = "test_failed"
    IN_DOUBT = "in_doubt"
    LEFT_UNLOCKED = "left_unlocked"
    LEFT_OPEN = "left_open"
    NOT_LATCHED = "not_latched"
    # the world around
    WRONG_DRAWER = "wrong_drawer"
    """Another drawer opened when this one was commanded."""
    LINK_UP = "link_up"
    LINK_LOST = "link_lost"
    DEFECT = "defect"


HOLDS = (State.FORCED, State.FAULT, State.RECOVERING, State.HALTED, State.OUT_OF_SERVICE)
"""What no link, look or restart ends: only a named person does."""

Row = tuple[Event, State, State]


def seen(latched: bool | None, shut: bool | None) -> Event:
    """What a look at two switches says. A drawer that is not shut is open, wherever its latch stands."""
    if shut is False:
        return Event.SEEN_OPEN
    if latched is None or shut is None:
        return Event.SEEN_NOTHING
    return Event.SEEN_LOCKED if latched else Event.SEEN_RELEASED


def every(event: Event, states: Iterable[State], to: State) -> list[Row]:
    """The event leads from each of the states to one."""
    return [(event, state, to) for state in states]


def stays(event: Event, states: Iterable[State]) -> list[Row]:
    """The event is taken note of in each of the states and changes none."""
    return [(event, state, state) for state in states]


def common(states: Iterable[State]) -> list[Row]:
    """The rows that every kind of drawer has, over its own states."""
    free = [state for state in states if state not in HOLDS]
    return [
        (Event.LINK_UP, State.OFFLINE, State.UNKNOWN),  # a new epoch knows nothing
        *every(Event.LINK_UP, [state for state in free if state is not State.OFFLINE], State.UNKNOWN),
        *stays(Event.LINK_UP, HOLDS),
        (Event.SEEN_LOCKED, State.UNKNOWN, State.LOCKED),
        (Event.UNLOCK, State.LOCKED, State.UNLOCKING),
        *every(Event.TEST, [state for state in HOLDS if state is not State.HALTED], State.UNLOCKING),
        (Event.SEEN_RELEASED, State.UNLOCKING, State.UNLOCKED),  # the switch, not the answer, moves us on
        (Event.FOUND_RELEASED, State.UNKNOWN, State.UNLOCKED),
        (Event.SEEN_LOCKED, State.UNLOCKED, State.LOCKED),
        (Event.SEEN_LOCKED, State.AJAR, State.LOCKED),
        *stays(Event.SEEN_LOCKED, [State.LOCKED, State.UNLOCKING, State.OFFLINE, *HOLDS]),
        (Event.SEEN_RELEASED, State.UNKNOWN, State.FORCED),  # released, and nobody's
        (Event.SEEN_RELEASED, State.LOCKED, State.FORCED),
        *stays(Event.SEEN_RELEASED, [State.UNLOCKED, State.OFFLINE, *HOLDS]),
        *stays(Event.SEEN_NOTHING, states),
        (Event.NOT_SENT, State.UNLOCKING, State.LOCKED),
        (Event.STILL_LATCHED, State.UNLOCKING, State.LOCKED),  # the pulse had no effect: again is a new intent
        (Event.TEST_FAILED, State.UNLOCKING, State.FAULT),
        (Event.TEST_FAILED, State.UNLOCKED, State.FAULT),
        (Event.TEST_FAILED, State.UNKNOWN, State.FAULT),
        (Event.IN_DOUBT, State.UNLOCKING, State.FAULT),
        (Event.WRONG_DRAWER, State.UNLOCKING, State.FAULT),
        (Event.WRONG_DRAWER, State.UNLOCKED, State.FAULT),
        *every(Event.RECOVER, [State.FAULT, State.FORCED, State.RECOVERING], State.RECOVERING),
        *every(Event.INSPECTED, [State.FAULT, State.FORCED, State.RECOVERING], State.UNKNOWN),
        *every(Event.TAKE_OUT, [state for state in states if state is not State.UNLOCKING], State.OUT_OF_SERVICE),
        *every(Event.LINK_LOST, free, State.OFFLINE),
        *stays(Event.LINK_LOST, HOLDS),
        *every(Event.HALT, free, State.HALTED),
        (Event.HALT, State.RECOVERING, State.FAULT),
        *stays(Event.LEFT_OPEN, [State.AJAR]),  # a reminder
        *stays(Event.HALT, [State.FORCED, State.FAULT, State.HALTED, State.OUT_OF_SERVICE]),
        (Event.RESUME, State.HALTED, State.UNKNOWN),
        *every(Event.DEFECT, [state for state in states if state is not State.OUT_OF_SERVICE], State.FAULT),
        *stays(Event.DEFECT, [State.OUT_OF_SERVICE]),
    ]


TABLE: tuple[Row, ...] = (
    *common(tuple(State)),
    (Event.SEEN_OPEN, State.UNKNOWN, State.FORCED),  # open, and nobody's
    (Event.SEEN_OPEN, State.LOCKED, State.FORCED),
    (Event.SEEN_OPEN, State.UNLOCKING, State.OPEN),  # a hand faster than the look
    (Event.SEEN_OPEN, State.UNLOCKED, State.OPEN),
    (Event.SEEN_OPEN, State.CLOSING, State.OPEN),  # pulled again before it latched
    *stays(Event.SEEN_OPEN, [State.OPEN, State.AJAR, State.OFFLINE, *HOLDS]),
    (Event.FOUND_OPEN, State.UNKNOWN, State.OPEN),
    (Event.LEFT_UNLOCKED, State.UNLOCKED, State.UNLOCKED),
    (Event.LEFT_OPEN, State.OPEN, State.AJAR),
    (Event.SEEN_RELEASED, State.OPEN, State.CLOSING),
    (Event.SEEN_RELEASED, State.AJAR, State.CLOSING),
    (Event.SEEN_RELEASED, State.CLOSING, State.CLOSING),
    (Event.SEEN_LOCKED, State.OPEN, State.LOCKED),  # shut and latched between two looks
    (Event.SEEN_LOCKED, State.CLOSING, State.LOCKED),
    (Event.NOT_LATCHED, State.CLOSING, State.FAULT),
    (Event.NOT_LATCHED, State.UNLOCKED, State.FAULT),  # nobody pulled and the latch does not come back
    *stays(Event.WRONG_DRAWER, [State.OPEN, State.AJAR, State.CLOSING]),
)

REFUSED: dict[Event, str] = {
    Event.UNLOCK: "only a drawer that is seen locked can be released",
    Event.TEST: "a test opening belongs to a recovery or to the way back into service",
    Event.RECOVER: "nothing to recover",
    Event.INSPECTED: "nothing to inspect",
    Event.TAKE_OUT: "its lock is being pulsed; in two seconds more is known",
    Event.RESUME: "it is not halted",
    Event.FOUND_RELEASED: "only an unknown drawer is found",
    Event.FOUND_OPEN: "only an unknown drawer is found",
    Event.NOT_SENT: "no pulse was due",
    Event.STILL_LATCHED: "no pulse was due",
    Event.TEST_FAILED: "no test is going on",
    Event.IN_DOUBT: "no pulse was due",
    Event.LEFT_UNLOCKED: "its latch is not free, or it was pulled",
    Event.LEFT_OPEN: "it is not open",
    Event.NOT_LATCHED: "it was not waiting for its latch",
    Event.WRONG_DRAWER: "it was not commanded",
}

RULES: Rules[State, Event] = Rules(TABLE, REFUSED)
