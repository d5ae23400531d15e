"""One order to a gantry: packs of one item, fetched one by one and handed over into one tote.

Of an order that is in doubt nothing more is fetched: a person says what of it lies in the tote, and what is still wanted is a new
order (law 4).
"""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """Where an order stands."""

    NONE = "none"
    WAITING = "waiting"
    """Nothing of it was tried yet."""
    FETCHING = "fetching"
    """Packs of it are being fetched, lie in the tray or were handed over, and more is to come."""
    IN_DOUBT = "in_doubt"
    """Nobody knows where some pack of it is. A person looks."""
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    """The gantry has no more of it, or does not go on by itself: what is missing is picked elsewhere."""
    SETTLED = "settled"
    """A named person has said what of it lies in the tote."""


class Event(StrEnum):
    """What happens to it."""

    INTENDED = "intended"
    FETCH_INTENDED = "fetch_intended"
    """A pack of it is about to be fetched."""
    NOT_FETCHED = "not_fetched"
    """Nothing moved, and that is certain."""
    NOT_PICKED = "not_picked"
    """The gripper never held it: the place is not as the books say."""
    FETCHED = "fetched"
    """One pack more lies in the tray."""
    HANDED_OVER = "handed_over"
    IN_DOUBT = "in_doubt"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    SETTLED = "settled"


OPEN = (State.WAITING, State.FETCHING)
"""In these more of it may be fetched."""
LIVE = frozenset({*OPEN, State.IN_DOUBT})
"""In these its packs are promised to it."""
ENDED = frozenset(State) - LIVE - {State.NONE}

TABLE = [
    (Event.INTENDED, State.NONE, State.WAITING),
    *((Event.FETCH_INTENDED, state, State.FETCHING) for state in OPEN),
    (Event.NOT_FETCHED, State.FETCHING, State.FETCHING),
    (Event.NOT_PICKED, State.FETCHING, State.FETCHING),
    (Event.FETCHED, State.FETCHING, State.FETCHING),
    (Event.HANDED_OVER, State.FETCHING, State.FETCHING),
    (Event.IN_DOUBT, State.FETCHING, State.IN_DOUBT),
    (Event.COMPLETED, State.FETCHING, State.COMPLETED),
    *((Event.INCOMPLETE, state, State.INCOMPLETE) for state in OPEN),
    (Event.SETTLED, State.IN_DOUBT, State.SETTLED),
    (Event.SETTLED, State.FETCHING, State.SETTLED),  # by hands that have emptied the tray
]

REFUSED = {
    Event.INTENDED: "an order's id is used once",
    Event.FETCH_INTENDED: "it has ended, or is in doubt",
    Event.NOT_FETCHED: "nothing of it was being fetched",
    Event.NOT_PICKED: "nothing of it was being fetched",
    Event.FETCHED: "nothing of it was being fetched",
    Event.HANDED_OVER: "nothing of it lay in the tray",
    Event.IN_DOUBT: "nothing of it was moved, or it has ended",
    Event.COMPLETED: "it has ended, is in doubt, or nothing of it was fetched",
    Event.INCOMPLETE: "it has ended, or is in doubt",
    Event.SETTLED: "nothing of it was moved, or it has ended",
}

RULES = Rules(TABLE, REFUSED)
