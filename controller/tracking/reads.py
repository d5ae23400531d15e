"""What passed a reader: a tote, something without a code, or two at once; and where it goes from there (lines.md B.2).

A reader's word is the only thing that names a tote. What was not read is never taken for the one that was expected.
"""

from __future__ import annotations

from controller.machines import reader as reader_table
from controller.machines import tote as tote_table
from controller.tracking.facts import Seen
from controller.tracking.line import SECOND
from controller.tracking.state import RESULTS, TWO, Belt, State, Thing, Tote, fire, take, unnamed_us, window
from controller.tracking.told import Kind
from controller.tracking.verdicts import Way, verdict
from controller.tracking.ways import drain, onward


def read(state: State, fact: Seen, now: int) -> None:
    """One report of a reader."""
    (before,) = state.routes.before[fact.reader]
    belt, labels = state.belts[before], tuple(dict.fromkeys(fact.labels))
    _judge(state, fact.reader, fact.at, read_it=bool(labels))
    if len(labels) > 1 or _longer_than_one(state, belt, fact.passed_mm):
        _several(state, fact, labels, now)
    elif labels:
        _one(state, fact, belt, labels[0], now)
    else:
        _none(state, fact, belt, now)


def _longer_than_one(state: State, belt: Belt, passed_mm: int | None) -> bool:
    """Whether the eye was covered for longer than one tote takes."""
    limits = state.routes.line.limits
    most = limits.tote_mm * (1 + limits.speed) + belt.segment.speed_mm_s * limits.jitter_us // SECOND
    return passed_mm is not None and passed_mm > most


def _one(state: State, fact: Seen, belt: Belt, label: str, now: int) -> None:
    tote, reader = state.totes.get(label), fact.reader
    second = unnamed_us(state, belt)
    if tote is None:
        state.tell(Kind.FOREIGN, reader, fact.at, label)
        taken = take(state, label, fact.at)  # as a foreign one it may have been seen before
        way = Way.REJECT
    else:
        way, taken = verdict(state, reader, belt, tote, fact.at)
    until = _until(state, belt, taken, fact.at)
    thing = Thing(label, 0, laps=taken[1].laps if taken else 0, sure=tote is not None)
    goal = _goal(state, reader, way, thing, tote, fact.at)
    if reader in state.routes.receiving:
        if taken is None or taken[0] != belt.segment.id:
            _counted(belt)
        two = way is Way.ON and second is not None and second <= until
        _receive(state, reader, Way.REJECT if two else way, label, fact.at, (belt.segment.id, until), TWO if two else "")
        return
    thing.goal = goal
    onward(state, reader, thing, fact.at, now)
    if tote is not None:
        fire(tote, tote_table.Event.DEPARTED)
        tote.place = state.routes.after[reader][0]


def _goal(state: State, reader: str, way: Way, thing: Thing, tote: Tote | None, at: int) -> str:
    """Where to: its destination, once more past this reader, or the reject lane."""
    diverter = state.routes.readers[reader]
    if diverter is None:
        return ""
    if way is Way.ON and tote is not None and (diverter, tote.to) in state.routes.towards and not _tired(state, reader, thing, at):
        return tote.to
    if way is Way.AGAIN and (diverter, reader) in state.routes.towards and not _tired(state, reader, thing, at):
        return reader
    if tote is not None:
        fire(tote, tote_table.Event.REJECT)
    return drain(state.routes, diverter)


def _tired(state: State, reader: str, thing: Thing, at: int) -> bool:
    """Whether it has gone round so often that a person should look."""
    if thing.laps < state.routes.line.limits.laps:
        return False
    state.tell(Kind.LAPS, reader, at, thing.label, str(thing.laps))
    return True


def _until(state: State, belt: Belt, taken: tuple[str, Thing] | None, at: int) -> int:
    """By the clock of this belt, the last moment at which a second one of the same label could still come in its place. Behind what
    is late everything is: then it is counted anew from now."""
    timely = taken is not None and taken[0] == belt.segment.id and not taken[1].late
    thing = taken[1] if taken is not None and timely else Thing("", belt.clock(at))
    _, until = window(state, belt, thing)
    return belt.clock(at) if until is None else until


def _counted(belt: Belt) -> None:
    """What was not expected on this belt and was read at its end is no longer what its eye had counted without a name."""
    unnamed = next((one for one in belt.things if not one.label), None)
    if unnamed is not None:
        belt.things.remove(unnamed)


def _receive(state: State, reader: str, way: Way, label: str, at: int, release: tuple[str, int], why: str = "") -> None:
    """The hand-over: what was read here, whole and expected, is received; nothing else is."""
    end, tote = state.routes.receiving[reader], state.totes.get(label)
    if tote is not None and way is Way.ON and tote.to == end:
        fire(tote, tote_table.Event.RECEIVED)
        tote.place, tote.release = end, release
        state.tell(Kind.RECEIVED, end, at, label)
        return
    if tote is not None:
        fire(tote, tote_table.Event.HOLD)
        tote.place = end
    state.tell(Kind.REFUSED, end, at, label, why)


def _none(state: State, fact: Seen, belt: Belt, now: int) -> None:
    """The eye saw something and no code was read: round once more, and after a second time to the reject lane."""
    reader, head = fact.reader, next((one for one in belt.things if not one.late), None)
    if head is None:
        state.tell(Kind.SURPLUS, belt.segment.id, fact.at)
    if head is not None and not head.label and head.unread:
        belt.things.remove(head)
        unread, maybe, laps = head.unread + 1, head.maybe, head.laps
    else:
        unread, (maybe, laps) = 1, _probably(state, belt, fact.at)
    twice = unread > 1
    state.tell(Kind.UNREAD_TWICE if twice else Kind.UNREAD, reader, fact.at, maybe)
    if reader in state.routes.receiving:
        _receive(state, reader, Way.REJECT, maybe, fact.at, (belt.segment.id, 0))
        return
    thing = Thing("", 0, unread=unread, maybe=maybe, laps=laps)
    thing.goal = _goal(state, reader, Way.REJECT if twice else Way.AGAIN, thing, None, fact.at)
    onward(state, reader, thing, fact.at, now)


def _probably(state: State, belt: Belt, at: int) -> tuple[str, int]:
    """The one tote that is expected at this moment, if it is one; it is no longer expected there, and its place is a guess."""
    clock, due = belt.clock(at), []
    for thing in belt.things:
        begins, ends = window(state, belt, thing)
        if thing.label and begins <= clock and (ends is None or clock <= ends):
            due.append(thing)
    if len(due) != 1 or due[0].label not in state.totes:
        return "", 0
    (thing,) = due
    take(state, thing.label, at)
    fire(state.totes[thing.label], tote_table.Event.NOT_READ)
    return thing.label, thing.laps


def _several(state: State, fact: Seen, labels: tuple[str, ...], now: int) -> None:
    """Two totes in one shadow: which came first is not known, so neither is decided. Both are read again."""
    reader, laps, totes = fact.reader, 0, []
    for label in labels:
        state.tell(Kind.DOUBLE_READ, reader, fact.at, label)
        taken, tote = take(state, label, fact.at), state.totes.get(label)
        laps = max(laps, taken[1].laps if taken is not None else 0)
        if tote is not None:
            double = tote.state is tote_table.State.IN_LANE
            fire(tote, tote_table.Event.SEEN)  # of one that was received, this is a second: SEEN holds it
            if double:
                state.tell(Kind.CLONE, reader, fact.at, label)
            tote.proofs.clear()
            tote.cleared_for, tote.reader, tote.seen_us = "", reader, fact.at
            totes.append(tote)
    if not labels:
        state.tell(Kind.DOUBLE_READ, reader, fact.at)
    if reader in state.routes.receiving:
        for label in labels or ("",):
            _receive(state, reader, Way.REJECT, label, fact.at, ("", 0))
        return
    several = (*labels, "", "")[: max(len(labels), 2)]
    for place, label in enumerate(several, start=1):
        thing = Thing(label, 0, laps=laps, unread=0 if label else 1, joined=place < len(several))
        thing.goal = _goal(state, reader, Way.AGAIN, thing, state.totes.get(label), fact.at)
        onward(state, reader, thing, fact.at, now)
    for tote in totes:
        fire(tote, tote_table.Event.DEPARTED)
        tote.place = state.routes.after[reader][0]


def _judge(state: State, name: str, at: int, *, read_it: bool) -> None:
    """How much of what passes this reader is read: its last 200 results, a missing one counted as good."""
    reader = state.readers[name]
    reader.results.append(read_it)
    unread, before = reader.results.count(False), reader.state
    event = reader_table.Event.FEW_UNREAD
    if unread * 10 > RESULTS:
        event = reader_table.Event.MANY_UNREAD
    elif unread * 50 > RESULTS:
        event = reader_table.Event.SOME_UNREAD
    if before is reader_table.State.DOWN:  # it reads, so it is back, whatever its link says
        reader.state = reader_table.RULES.after(before, reader_table.Event.LINK_UP)
    reader.state = reader_table.RULES.after(reader.state, event)
    if reader.state is not before:
        state.tell(Kind.READER, name, at, detail=str(reader.state))
