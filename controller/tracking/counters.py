"""What counters of zones say: that something came or went, never what. Which one it was is the order's guess (lines.md B.2).

Counters are 16 bits wide and come round; the first value of a counter is where counting begins (devices.md 7.1).
"""

from __future__ import annotations

from controller.machines import segment as segment_table
from controller.machines import tote as tote_table
from controller.tracking.facts import Arrived, Departed
from controller.tracking.state import Belt, State, Thing, Tote, doubt, fire, settle, window
from controller.tracking.told import Kind
from controller.tracking.ways import release, send, under_way

ROUND = 1 << 16


def arrived(state: State, fact: Arrived, now: int) -> None:
    """Something is in the first zone of a segment."""
    belt = state.belts[fact.segment]
    more = _more(state, belt, belt.arrivals, fact.count, fact.at)
    belt.arrivals = fact.count
    belt.inside += more
    point = belt.segment.start
    for _ in range(more):
        _joined(state, point)
        if point in {one.id for one in state.routes.line.diverters}:
            _diverted(state, point, belt, fact.at, now)


def departed(state: State, fact: Departed) -> None:
    """Something has left the last zone of a segment."""
    belt = state.belts[fact.segment]
    more = _more(state, belt, belt.departures, fact.count, fact.at)
    belt.departures = fact.count
    belt.inside -= more
    point = belt.segment.end
    for _ in range(more):
        if point not in state.routes.readers:  # a reader is the better witness
            belt.left.append(_clocks(state, belt, fact.at))
        if point in state.routes.line.merges:
            _merged(state, belt, fact.at)


def jams(state: State, at: int) -> None:
    """What left one zone and has not come to the next in its time is stuck between them."""
    most = state.routes.line.limits.jam_us
    for name, belt in state.belts.items():
        if belt.left and min(now - then for now, then in zip(_clocks(state, belt, at), belt.left[0], strict=True)) > most:
            belt.left.clear()
            belt.state = segment_table.RULES.after(belt.state, segment_table.Event.JAMMED)
            state.tell(Kind.JAM, name, at)


def _clocks(state: State, belt: Belt, at: int) -> tuple[int, ...]:
    """What stands between two zones has not moved while either stood."""
    return belt.clock(at), *(state.belts[name].clock(at) for name in state.routes.after.get(belt.segment.end, ()))


def _more(state: State, belt: Belt, before: int | None, count: int, at: int) -> int:
    """By how many a counter has grown. More than there is room for is a counter that began anew, or lies."""
    if before is None:
        return 0
    more = (count - before) % ROUND
    if more > belt.segment.places:
        doubt(state, belt, at, f"its counter went from {before} to {count}")
        return 0
    return more


def _joined(state: State, point: str) -> None:
    """What is counted behind a point had left one of the zones before it: the one that has waited longest."""
    waiting = [state.belts[name] for name in state.routes.before.get(point, ()) if state.belts[name].left]
    if waiting:
        min(waiting, key=lambda belt: belt.left[0]).left.popleft()


def _first(belt: Belt) -> Thing | None:
    """What should come off a belt next; something late only if nothing else is expected."""
    return next((one for one in belt.things if not one.late), belt.things[0] if belt.things else None)


def _merged(state: State, lane: Belt, at: int) -> None:
    """A lane let its first one go onto the common belt."""
    (way,) = state.routes.after[lane.segment.end]
    onto, thing = state.belts[way], _first(lane)
    if thing is None:
        state.tell(Kind.SURPLUS, lane.segment.id, at)
        return
    lane.things.remove(thing)
    settle(state, lane, at)
    _put(state, onto, thing, at, 0)


def _diverted(state: State, diverter: str, onto: Belt, at: int, now: int) -> None:
    """An exit counted an arrival: that confirms the decision, or shows that it went astray."""
    (before,) = state.routes.before[diverter]
    tip = state.belts[before]
    state.unconfirmed.discard(before)
    due = _first(tip)
    more = due is not None and tip.clock(at) >= window(state, tip, due)[0]
    if not more:  # nothing, or nothing that could be here already: somebody put it there
        state.tell(Kind.SURPLUS, onto.segment.id, at)
        _put(state, onto, Thing("", 0), at, onto.segment.eye_mm)
    while more:
        alone, thing = len(tip.things) == 1, _first(tip)
        if thing is None:
            break
        tip.things.remove(thing)
        release(state, tip, at, under_way(state, tip, thing, at))
        confirmed, more = thing.exit == onto.segment.id, thing.joined
        state.tell(Kind.CONFIRMED if confirmed else Kind.STRAYED, onto.segment.id, at, thing.label)
        tote = state.totes.get(thing.label)
        if tote is not None and not confirmed:
            tote.cleared_for = ""
        if tote is not None and state.routes.towards.get((diverter, tote.to)) != onto.segment.id:
            _led_elsewhere(state, diverter, tote)
        thing.sure = thing.sure and alone and confirmed
        thing.laps += onto.segment.id in state.routes.loop
        _put(state, onto, thing, at, onto.segment.eye_mm)
    settle(state, tip, at)
    send(state, diverter, tip, now)


def _led_elsewhere(state: State, diverter: str, tote: Tote) -> None:
    """It was counted off its way: until it is read anew where it was parted from it, what bears its label there is a double."""
    tote.proofs = [proof for proof in tote.proofs if state.routes.readers[proof] != diverter]


def _put(state: State, belt: Belt, thing: Thing, at: int, at_mm: int) -> None:
    """It is on this belt now; in a lane that only a person empties it is out of our hands."""
    tote = state.totes.get(thing.label or thing.maybe)
    if tote is not None:
        tote.place = belt.segment.id
        fire(tote, tote_table.Event.DEPARTED)
    if belt.segment.id in state.lanes:
        state.lanes[belt.segment.id] += 1
        if tote is not None:
            fire(tote, tote_table.Event.REJECT)
        return
    thing.entered_us, thing.entered_mm, thing.exit, thing.goal, thing.sent = belt.clock(at), at_mm, "", "", False
    thing.late = thing.skipped = thing.orderless = thing.joined = False
    belt.things.append(thing)
