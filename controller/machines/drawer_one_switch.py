"""The table of a drawer whose latch has a switch and whose slide has none: nobody can see whether it was opened.

A latch that let go is all there is to see. So there is no OPEN and no CLOSING, whatever was released leaves its pockets
unverified, and what was taken is settled by a person's count.
"""

from __future__ import annotations

from controller.machines.drawer import REFUSED, Event, Row, State, common, stays
from controller.machines.table import Rules

STATES = tuple(state for state in State if state not in {State.OPEN, State.CLOSING})

ONE_SWITCH_TABLE: tuple[Row, ...] = (
    *common(STATES),
    (Event.LEFT_OPEN, State.UNLOCKED, State.AJAR),
    *stays(Event.SEEN_RELEASED, [State.AJAR]),
)

ONE_SWITCH_REFUSED: dict[Event, str] = {
    **REFUSED,
    Event.SEEN_OPEN: "no switch of its could have seen that",
    Event.FOUND_OPEN: "no switch of its could have seen that",
    Event.LEFT_UNLOCKED: "a free latch may be an open drawer: that is ajar",
    Event.NOT_LATCHED: "a free latch may be an open drawer: that is ajar",
}

ONE_SWITCH_RULES: Rules[State, Event] = Rules(ONE_SWITCH_TABLE, ONE_SWITCH_REFUSED)


def seen(latched: bool | None, shut: bool | None) -> Event:
    """What a look says when only the latch has a switch; `shut` is never believed."""
    del shut
    if latched is None:
        return Event.SEEN_NOTHING
    return Event.SEEN_LOCKED if latched else Event.SEEN_RELEASED
