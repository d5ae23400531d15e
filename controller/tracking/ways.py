"""Which exit, and whether there is still time to set it: the arithmetic of the decision (lines.md B.2)."""

from __future__ import annotations

from controller.tracking.line import SECOND, Diverter
from controller.tracking.routes import Routes
from controller.tracking.state import Belt, State, Thing, window
from controller.tracking.told import Kind, Route


def budget_us(to_diverter_mm: int, front_mm: int, speed_mm_s: int, actuate_us: int, confirm_us: int) -> int:
    """From a reader's report to the last moment at which the diverter may be told: it must be set, and seen to be, before the
    front of the tote is there. At the middle of a tote `front_mm` is half its length."""
    return (to_diverter_mm - front_mm) * SECOND // speed_mm_s - actuate_us - confirm_us


def decide(routes: Routes, diverter: str, goal: str) -> str:
    """The exit that leads to `goal`, an end or a reader; the default one if none does."""
    default = next(one.default for one in routes.line.diverters if one.id == diverter)
    return routes.towards.get((diverter, goal), default)


def drain(routes: Routes, diverter: str) -> str:
    """The reject lane that can be reached from here."""
    return next((end for end in routes.drains if (diverter, end) in routes.towards), "")


def send(state: State, diverter: str, belt: Belt, now: int) -> None:
    """Tells a diverter about the next tote before it, if there is something to tell and time to. One tote at a time: where two
    come too close to be parted, the second finds no time and takes the default exit."""
    thing = next((one for one in belt.things if not one.late), None)
    if thing is None or thing.sent or not thing.exit:
        return
    set_for = _of(state.routes, diverter)
    if thing.exit == set_for.default:
        thing.sent = True
        return
    left = thing.until_us - belt.clock(now)
    if left < 0:
        state.late_decisions += 1
        state.tell(Kind.LATE_DECISION, diverter, now, thing.label, thing.exit)
        thing.goal, thing.sent = "", True
        head(state, belt, thing, set_for.default, now)
        return
    thing.sent = True
    _, over = window(state, belt, thing)
    passes = now + max((thing.until_us if over is None else over) - belt.clock(now), left)
    state.decisions.append(Route(diverter, thing.exit, thing.label, now + left, passes))
    tote = state.totes.get(thing.label)
    if tote is not None and state.routes.segments[thing.exit].end in state.routes.receiving:
        tote.cleared_for = state.routes.receiving[state.routes.segments[thing.exit].end]


def head(state: State, belt: Belt, thing: Thing, way: str, at: int) -> None:
    """This is its exit from now on."""
    thing.beyond_us = state.belts[way].clock(at) - under_way(state, belt, thing, at)
    thing.exit = way


def under_way(state: State, belt: Belt, thing: Thing, at: int) -> int:
    """How long it has been on this belt, but for what the belt has stood, or the exit before it: nothing goes onto that then."""
    own = belt.clock(at) - thing.entered_us
    return min(own, state.belts[thing.exit].clock(at) - thing.beyond_us) if thing.exit else own


def release(state: State, belt: Belt, at: int, most_us: int) -> None:
    """One has left that was so long under way: what it held up behind itself counts as no longer on its way than it was."""
    for thing in belt.things:
        if thing.exit:
            thing.beyond_us = max(thing.beyond_us, state.belts[thing.exit].clock(at) - most_us)


def _of(routes: Routes, diverter: str) -> Diverter:
    return next(one for one in routes.line.diverters if one.id == diverter)


def onward(state: State, reader: str, thing: Thing, at: int, now: int) -> None:
    """A thing has passed a reader: it is on the short belt before the diverter now, with what was decided about it."""
    diverter = state.routes.readers[reader]
    if diverter is None:
        return  # it is where it was to be received
    (way,) = state.routes.after[reader]
    belt, front, about = state.belts[way], state.routes.front_mm[reader], _of(state.routes, diverter)
    thing.entered_us, thing.entered_mm = belt.clock(at), front
    head(state, belt, thing, decide(state.routes, diverter, thing.goal), at)
    thing.until_us = thing.entered_us + budget_us(
        belt.segment.length_mm, front, belt.segment.speed_mm_s, about.actuate_us, about.confirm_us
    )
    state.tell(Kind.ROUTED, diverter, at, thing.label, thing.exit)
    belt.things.append(thing)
    send(state, diverter, belt, now)
