"""What a read label means where it was read: expected, out of order, dead, a double; each row of the table in lines.md B.2."""

from __future__ import annotations

from enum import Enum

from controller.machines import tote as tote_table
from controller.tracking.state import Belt, State, Thing, Tote, doubt, fire, take, window
from controller.tracking.told import Kind, Stop

DISORDER = 2
"""So many reads after each other out of order, and the whole segment is uncertain."""


class Way(Enum):
    """Where a tote goes from a reader."""

    ON = "on"
    AGAIN = "again"
    REJECT = "reject"


def verdict(state: State, reader: str, belt: Belt, tote: Tote, at: int) -> tuple[Way, tuple[str, Thing] | None]:
    """What is to be done with a known label here, and what was believed of it: it is anchored at this reader now."""
    if tote.state in tote_table.DEAD:
        state.tell(Kind.DEAD, reader, at, tote.label, tote.script)
        fire(tote, tote_table.Event.SEEN)
        return Way.REJECT, take(state, tote.label, at)
    if tote.state in tote_table.BY_A_PERSON:
        if tote.state is tote_table.State.LOST:
            state.tell(Kind.FOUND, reader, at, tote.label)
        elif _outran(state, reader, tote, at):
            _double(state, reader, tote, at)
            return Way.REJECT, take(state, tote.label, at)
        fire(tote, tote_table.Event.SEEN)
        _anchor(tote, reader, at)
        return Way.REJECT, take(state, tote.label, at)
    if tote.state is tote_table.State.IN_LANE or _too_soon(state, reader, belt, tote, at):
        _double(state, reader, tote, at)
        return Way.REJECT, take(state, tote.label, at)
    way = _order(state, reader, belt, tote, at)
    taken = take(state, tote.label, at) or _guessed(belt, tote)
    known = not tote.reader or tote.reader == reader or (tote.reader, reader) in state.routes.soonest_us
    _anchor(tote, reader, at)
    fire(tote, tote_table.Event.SEEN)
    if not known:
        state.tell(Kind.SKIPPED, reader, at, tote.label, "no way leads here from where it was seen last")
        fire(tote, tote_table.Event.HOLD)
        return Way.REJECT, taken
    return (way if _proved(state, reader, tote, at) else Way.REJECT), taken


def _anchor(tote: Tote, reader: str, at: int) -> None:
    tote.reader, tote.seen_us, tote.place, tote.expected = reader, at, reader, True


def _too_soon(state: State, reader: str, belt: Belt, tote: Tote, at: int) -> bool:
    """Whether no belt could have brought it here since it was seen last, or since it was let go: then there are two of them."""
    if tote.reader == reader and (reader, reader) not in state.routes.soonest_us:
        return True  # no belt brings it back here at all
    if _outran(state, reader, tote, at):
        return True
    thing = next((one for one in belt.things if one.label == tote.label), None)
    return thing is not None and thing.sure and belt.clock(at) < window(state, belt, thing)[0]


def _outran(state: State, reader: str, tote: Tote, at: int) -> bool:
    """Whether it is here sooner than the quickest way from the reader that saw it last."""
    soonest = state.routes.soonest_us.get((tote.reader, reader))
    return soonest is not None and at - tote.seen_us < soonest


def _double(state: State, reader: str, tote: Tote, at: int) -> None:
    """Two carry one label. Nobody knows which is which: both points' exits stop, and the label is held."""
    state.tell(Kind.CLONE, reader, at, tote.label, tote.reader)
    fire(tote, tote_table.Event.HOLD)
    tote.cleared_for = ""
    for point in dict.fromkeys((tote.reader or reader, reader)):
        for segment in state.routes.after.get(point, ()) or state.routes.before[point]:
            state.decisions.append(Stop(segment, f"two with the label {tote.label}"))
    _anchor(tote, reader, at)


def _order(state: State, reader: str, belt: Belt, tote: Tote, at: int) -> Way:
    """Whether it came in its turn. Where it did not, the reader wins, and those expected before it are late."""
    thing = next((one for one in belt.things if tote.label in {one.label, one.maybe}), None)
    if thing is None:
        if tote.expected and not tote.place:  # after a restart nobody knows where it is: here
            return Way.ON
        return _disordered(state, reader, belt, tote, at, f"it was expected at {tote.place or 'no place'}")
    if thing.orderless:
        return Way.ON
    ahead = []
    for one in belt.things:
        if one is thing:
            break
        if not one.late and not one.orderless:
            ahead.append(one)
    for one in ahead:
        overtaken(state, belt, one, at)
    early = belt.clock(at) < window(state, belt, thing)[0]
    if ahead or thing.skipped or early:
        return _disordered(state, reader, belt, tote, at, "it came before its time" if early else "others were expected before it")
    belt.disorder = 0
    return Way.ON


def overtaken(state: State, belt: Belt, thing: Thing, at: int) -> None:
    """Another came in its place. What was never read and is passed over is no longer there, as far as anybody can tell: then no
    window waits for it any more, and a person must look."""
    tote = state.totes.get(thing.label or thing.maybe)
    expected = tote is not None and tote.state in tote_table.ON_THE_LINE
    thing.late = thing.skipped = True
    if not thing.label:
        belt.things.remove(thing)
        state.tell(Kind.VANISHED, belt.segment.id, at, thing.maybe)
    if tote is not None and expected:
        gone = not thing.label
        state.tell(Kind.LOST if gone else Kind.LATE, belt.segment.id, at, tote.label, tote.script if gone else "")
        fire(tote, tote_table.Event.MISSING if gone else tote_table.Event.OVERDUE)


def _disordered(state: State, reader: str, belt: Belt, tote: Tote, at: int, why: str) -> Way:
    state.tell(Kind.OUT_OF_ORDER, reader, at, tote.label, why)
    belt.disorder += 1
    if belt.disorder >= DISORDER:
        doubt(state, belt, at, "two reads after each other were out of order")
    again = (state.routes.readers[reader] or "", reader) in state.routes.towards
    return Way.AGAIN if again else Way.ON  # once round, where there is a way round: its double would be seen meanwhile


def _guessed(belt: Belt, tote: Tote) -> tuple[str, Thing] | None:
    """What was not read at its last reader and has turned out to be this one."""
    for thing in belt.things:
        if thing.maybe == tote.label:
            belt.things.remove(thing)
            return belt.segment.id, thing
    return None


def _proved(state: State, reader: str, tote: Tote, at: int) -> bool:
    """Whether it was read everywhere before, in order; being read here is a proof from now on, and ends those of later readers."""
    place = tote.chain.index(reader) if reader in tote.chain else len(tote.chain)
    tote.proofs = [proof for proof in tote.proofs if proof in tote.chain[:place]]
    missing = [one for one in tote.chain[:place] if one not in tote.proofs]
    end = state.routes.receiving.get(reader)
    if end is not None and tote.cleared_for != end:
        missing.append(f"the way to {end}")
    if end is None:
        tote.cleared_for = ""
    if missing:
        state.tell(Kind.SKIPPED, reader, at, tote.label, ", ".join(missing))
        fire(tote, tote_table.Event.HOLD)
        return False
    if reader in tote.chain:
        tote.proofs.append(reader)
    return True
