"""What time says: what should have come and did not (lines.md B.2). The clock of a window stands when its belt stands,
and before a diverter also when the exit behind it stands: nothing can go onto that."""

from __future__ import annotations

from controller.machines import tote as tote_table
from controller.tracking.counters import jams
from controller.tracking.state import TWO, Belt, State, Thing, fire, settle, unnamed_us, window
from controller.tracking.told import Kind
from controller.tracking.ways import under_way


def passed(state: State, at: int) -> None:
    """Nothing more has happened up to this moment: late, lost, vanished, stuck, and doubles that can come no more."""
    jams(state, at)
    for belt in state.belts.values():
        for thing in list(belt.things):
            if not _overdue(state, belt, thing, at) and thing.exit:
                break  # nothing overtakes before a diverter: what is behind waits for this one
    for tote in state.totes.values():
        if tote.state is tote_table.State.IN_LANE and tote.release is not None:
            segment, until = tote.release
            second = unnamed_us(state, state.belts[segment])
            if second is not None and second <= until:
                fire(tote, tote_table.Event.HOLD)
                state.tell(Kind.REFUSED, tote.place, at, tote.label, TWO)
            elif state.belts[segment].clock(at) > until:
                fire(tote, tote_table.Event.RELEASED)
                state.tell(Kind.RELEASED, tote.place, at, tote.label, tote.script)


def _overdue(state: State, belt: Belt, thing: Thing, at: int) -> bool:
    """Whether its time is over; it is late then, and after three times as long gone."""
    _, ends = window(state, belt, thing)
    clock = thing.entered_us + under_way(state, belt, thing, at)
    if ends is None or clock <= ends:
        return False
    where, tote = belt.segment.id, state.totes.get(thing.label or thing.maybe)
    if not thing.late:
        thing.late = True
        if thing.sent and thing.exit:
            state.unconfirmed.add(where)
        state.tell(Kind.LATE, where, at, thing.label or thing.maybe)
        if tote is not None:
            fire(tote, tote_table.Event.OVERDUE)
    windows = thing.entered_us + (ends - thing.entered_us) * state.routes.line.limits.late_windows
    empty = belt.arrivals is not None and belt.departures is not None and belt.inside <= 0
    if clock <= windows and not empty:
        return True
    belt.things.remove(thing)
    if tote is not None and tote.state in tote_table.ON_THE_LINE:
        fire(tote, tote_table.Event.MISSING)
        state.tell(Kind.LOST, where, at, tote.label, tote.script)
    else:
        state.tell(Kind.VANISHED, where, at, thing.label)
    settle(state, belt, at)
    return True
