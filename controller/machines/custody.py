"""The custody of a tote (reference domain.md B10): filled and sealed where it is packed, received where it is unpacked.

Each station has its own record of a tote, and both go by this table. Age in transit is an alarm beside it and changes no state.
"""

from __future__ import annotations

from enum import StrEnum

from controller.machines.table import Rules


class State(StrEnum):
    """Where a tote stands, as this station knows it."""

    NONE = "none"
    FILLING = "filling"
    PACKED = "packed"
    """Sealed and signed for."""
    IN_TRANSIT = "in_transit"
    CONFIRMED = "confirmed"
    """The receiver has all that was packed."""
    PARTIAL = "partial"
    """The receiver has something else than was packed: the difference is a discrepancy."""
    RETURNING = "returning"
    """What the receiver could not put away, or nobody wants any more, comes back to be put away here."""
    ANNOUNCED = "announced"
    """Another station says that it is coming."""
    ARRIVED = "arrived"
    RECEIVED = "received"
    """Unpacked and signed for."""


class Event(StrEnum):
    """What happens to it."""

    PLACED = "placed"
    """It stands where a robot or a gantry fills it, or where it is packed."""
    FILLED = "filled"
    CHECKED = "checked"
    """A person has looked what is really in it."""
    BAGGED = "bagged"
    """A person has put some of it into a patient's bag."""
    PACKED = "packed"
    TOLD = "told"
    """Its receiver knows of it."""
    SENT = "sent"
    OVERDUE = "overdue"
    CONFIRMED = "confirmed"
    DIFFERED = "differed"
    RETURNING = "returning"
    ANNOUNCED = "announced"
    ARRIVED = "arrived"
    UNPACKED = "unpacked"
    RECEIVED = "received"


TABLE = [  # event,           from,              to
    (Event.PLACED, State.NONE, State.FILLING),
    (Event.PLACED, State.FILLING, State.FILLING),
    (Event.FILLED, State.NONE, State.FILLING),
    (Event.FILLED, State.FILLING, State.FILLING),
    (Event.CHECKED, State.FILLING, State.FILLING),
    (Event.BAGGED, State.FILLING, State.FILLING),
    (Event.PACKED, State.FILLING, State.PACKED),
    (Event.TOLD, State.PACKED, State.PACKED),
    (Event.TOLD, State.IN_TRANSIT, State.IN_TRANSIT),
    (Event.SENT, State.PACKED, State.IN_TRANSIT),
    (Event.OVERDUE, State.IN_TRANSIT, State.IN_TRANSIT),
    (Event.OVERDUE, State.RETURNING, State.RETURNING),
    (Event.CONFIRMED, State.IN_TRANSIT, State.CONFIRMED),
    (Event.DIFFERED, State.IN_TRANSIT, State.PARTIAL),
    (Event.RETURNING, State.FILLING, State.RETURNING),  # its list was cancelled
    (Event.RETURNING, State.PACKED, State.RETURNING),
    (Event.RETURNING, State.CONFIRMED, State.RETURNING),
    (Event.RETURNING, State.PARTIAL, State.RETURNING),
    (Event.ANNOUNCED, State.NONE, State.ANNOUNCED),
    (Event.ARRIVED, State.ANNOUNCED, State.ARRIVED),
    (Event.ARRIVED, State.RETURNING, State.ARRIVED),
    (Event.UNPACKED, State.ARRIVED, State.ARRIVED),
    (Event.RECEIVED, State.ARRIVED, State.RECEIVED),
]

REFUSED = {
    Event.PLACED: "a tote is filled until it is sealed",
    Event.FILLED: "a tote is filled until it is sealed",
    Event.CHECKED: "only a tote that is being filled is checked",
    Event.BAGGED: "bags are filled out of a tote that is being filled",
    Event.PACKED: "only a tote that is being filled is sealed",
    Event.TOLD: "only a sealed tote is announced",
    Event.SENT: "only a sealed tote leaves, and once",
    Event.OVERDUE: "only a tote on its way can be late",
    Event.CONFIRMED: "only what is on its way is received, and once",
    Event.DIFFERED: "only what is on its way is received, and once",
    Event.RETURNING: "it is on its way, and only its receiver sends it back",
    Event.ANNOUNCED: "its name is taken",
    Event.ARRIVED: "it was not announced, or is here already",
    Event.UNPACKED: "it is not here",
    Event.RECEIVED: "it is not here, or has been signed for",
}

RULES = Rules(TABLE, REFUSED)

ON_ITS_WAY = frozenset({State.IN_TRANSIT, State.RETURNING})
OURS = frozenset({State.FILLING, State.PACKED, *ON_ITS_WAY})
"""The stock in such a tote is this station's, and lies in none of its pockets."""
