"""One fact after another: `step` is the whole of tracking. It has no clock, sends nothing, and the same facts lead to the same.

Facts may be told late, never out of their order: `now` is the moment at which a fact is told, and decides whether there is still
time for what follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.machines import reader as reader_table
from controller.machines import segment as segment_table
from controller.machines import tote as tote_table
from controller.tracking.counters import arrived, departed
from controller.tracking.facts import (
    Arrived,
    Bound,
    Cleared,
    Departed,
    Emptied,
    Fact,
    Freed,
    Passed,
    Placed,
    ReaderBack,
    ReaderLost,
    Readmitted,
    Seen,
    Started,
    Stopped,
    Voided,
    WrittenOff,
)
from controller.tracking.reads import read
from controller.tracking.state import State, Thing, Tote, doubt, fire, take
from controller.tracking.told import Feed, Kind, Step
from controller.tracking.windows import passed


def step(state: State, fact: Fact, now: int | None = None) -> Step:
    """Takes one fact in. `now` is when it is told, if that is later than it happened. Raises KeyError for a point or a segment
    that the line does not have."""
    told = fact.at if now is None else max(now, fact.at)
    state.events.clear()
    state.decisions.clear()
    passed(state, fact.at)
    match fact:
        case Seen():
            read(state, fact, told)
        case Arrived():
            arrived(state, fact, told)
        case Departed():
            departed(state, fact)
        case Stopped() | Started():
            _moves(state, fact)
        case ReaderLost() | ReaderBack():
            _reader(state, fact)
        case Placed() | Bound() | Voided() | Freed() | Readmitted() | WrittenOff():
            _tote(state, fact)
        case Cleared() | Emptied():
            _person(state, fact)
        case Passed():
            pass
    _feeding(state)
    return Step(tuple(state.events), tuple(state.decisions))


def _moves(state: State, fact: Stopped | Started) -> None:
    belt, stopped = state.belts[fact.segment], isinstance(fact, Stopped)
    belt.moved_us = belt.clock(fact.at)
    belt.moving_since = None if stopped else fact.at
    belt.state = segment_table.RULES.after(belt.state, segment_table.Event.STOPPED if stopped else segment_table.Event.STARTED)


def _reader(state: State, fact: ReaderLost | ReaderBack) -> None:
    reader, lost = state.readers[fact.reader], isinstance(fact, ReaderLost)
    reader.state = reader_table.RULES.after(reader.state, reader_table.Event.LINK_LOST if lost else reader_table.Event.LINK_UP)
    reader.results.clear()
    state.tell(Kind.READER, fact.reader, fact.at, detail=str(reader.state))


def _tote(state: State, fact: Placed | Bound | Voided | Freed | Readmitted | WrittenOff) -> None:
    """What is said about a label. Raises IllegalEvent where the tote's table refuses it."""
    tote = state.totes.get(fact.label)
    if isinstance(fact, Placed):
        _placed(state, fact, tote)
        return
    if tote is None:
        tote = Tote(fact.label)
    after = tote_table.RULES.after
    match fact:
        case Bound():
            tote.state = after(tote.state, tote_table.Event.BOUND)
            tote.script, tote.to, tote.chain, tote.proofs = fact.script, fact.to, fact.chain, list(fact.proofs)
            tote.reader, tote.cleared_for, tote.place, tote.release = "", "", "", None
            tote.expected = fact.under_way
        case Voided():
            tote.state = after(tote.state, tote_table.Event.VOIDED)
        case Freed():
            tote.state = after(tote.state, tote_table.Event.FREED)
            tote.script, tote.to, tote.chain, tote.release = "", "", (), None
        case Readmitted():
            tote.state = after(tote.state, tote_table.Event.READMITTED)
            take(state, tote.label, fact.at)
            tote.proofs, tote.reader, tote.cleared_for, tote.place = [], "", "", ""
        case WrittenOff():
            tote.state = after(tote.state, tote_table.Event.WRITTEN_OFF)
    state.totes[fact.label] = tote


def _placed(state: State, fact: Placed, tote: Tote | None) -> None:
    """It is expected to come in from there. Nothing else is believed of it."""
    (way,) = state.routes.after[fact.entry]
    belt = state.belts[way]
    take(state, fact.label, fact.at)
    belt.things.append(Thing(fact.label, belt.clock(fact.at)))
    if tote is not None:
        tote.expected, tote.place = True, way
        fire(tote, tote_table.Event.DEPARTED)


def _person(state: State, fact: Cleared | Emptied) -> None:
    if isinstance(fact, Emptied):
        state.lanes[fact.segment] = 0
        return
    belt = state.belts[fact.segment]
    belt.left.clear()
    state.unconfirmed.discard(fact.segment)
    belt.state = segment_table.RULES.after(belt.state, segment_table.Event.CLEARED)
    doubt(state, belt, fact.at, "somebody was at it")


def load(state: State) -> int:
    """How many things are believed on the loop."""
    return sum(len(state.belts[name].things) for name in state.routes.loop)


def against_feeding(state: State) -> Iterator[str]:
    """What speaks against letting anything more onto the line."""
    limits, segments = state.routes.line.limits, state.routes.segments
    yield from (f"jam {name}" for name, belt in state.belts.items() if belt.state is segment_table.State.JAM)
    yield from (f"unconfirmed {name}" for name in sorted(state.unconfirmed))
    yield from (f"reader {name}" for name, one in state.readers.items() if one.state is reader_table.State.BLINDED)
    if load(state) > limits.loop_share * sum(segments[name].places for name in state.routes.loop) and state.routes.loop:
        yield "loop full"
    yield from (f"lane {name}" for name, there in state.lanes.items() if there > limits.lane_share * segments[name].places)


def _feeding(state: State) -> None:
    """Says so when feeding must stop or may go on."""
    why = tuple(against_feeding(state))
    if bool(why) != bool(state.against_feeding):
        state.decisions.append(Feed(not why, why))
    state.against_feeding = why
