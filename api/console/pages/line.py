"""The line: belts, gates, readers and totes as they are believed to be, what a person does about them, and the day's throughput."""

from __future__ import annotations

from api.console.needs import age_s
from api.console.page import Form, Go, Nothing, Pages, Shown
from api.console.throughput import BOUNDS_S, day
from api.console.visitor import Visitor
from api.rest.lines import line_of
from controller.actors import line_people
from controller.belts import find
from controller.policy.roles import Right
from sites.part import Id

pages = Pages()


class Put(Form):
    """The loading place where a tote is put down again."""

    at: Id


@pages.page("/line", "line.html", Right.SEE_STATION)
def line(visitor: Visitor) -> Shown:
    """The belts now: why they stand, what is on them since when, and what somebody must do."""
    found = find(visitor.station)
    told = line_of(found)
    facts = {
        "line": told,
        "stands": found.stands(),
        "ages": {tote.id: age_s(visitor.station, tote.since) for tote in told.totes},
        "loading": [place.id for place in found.layout.places.values() if place.entry is not None],
        "jammed": sorted({zone for module in told.modules if module.faults for zone in module.zones}),
        "may": visitor.may(Right.RECOVER_DRAWERS),
    }
    return Shown(facts, all_of=frozenset({"line", "link", "tote"}), ticks=True)


@pages.page("/throughput", "throughput.html", Right.SEE_STATION)
def throughput(visitor: Visitor) -> Shown:
    """Packs, picks and totes of the last 24 hours by hour, and how long the robots' orders took."""
    return Shown({"day": day(visitor.station), "bounds": BOUNDS_S}, all_of=frozenset({"tote", "pick", "robot"}))


@pages.post("/line/stop", Nothing, Right.SEE_STATION)
async def stop(visitor: Visitor, _: Nothing) -> Go:
    """Stops every belt."""
    await line_people.stop(find(visitor.station), visitor.who.person, "asked")
    return Go()


@pages.post("/line/start", Nothing, Right.RECOVER_DRAWERS)
async def start(visitor: Visitor, _: Nothing) -> Go:
    """Lets the belts run again. Raises Refused."""
    await line_people.start(find(visitor.station), visitor.who)
    return Go()


@pages.post("/line/zones/{id}/clearance", Nothing, Right.RECOVER_DRAWERS)
async def clear(visitor: Visitor, _: Nothing, id: str) -> Go:
    """Nothing is jammed there any more. Raises Refused."""
    await line_people.clear(find(visitor.station), id, visitor.who)
    return Go()


@pages.post("/line/zones/{id}/emptying", Nothing, Right.RECOVER_DRAWERS)
async def empty(visitor: Visitor, _: Nothing, id: str) -> Go:
    """Everything has been taken off that lane. Raises Refused."""
    line_people.empty(find(visitor.station), id, visitor.who)
    return Go()


@pages.post("/line/totes/{id}/readmission", Put, Right.RECOVER_DRAWERS)
async def readmit(visitor: Visitor, said: Put, id: str) -> Go:
    """The tote is in hand, was looked into, and is put down at a loading place. Raises Refused."""
    line_people.readmit(find(visitor.station), id, said.at, visitor.who)
    return Go()


@pages.post("/line/totes/{id}/writing-off", Nothing, Right.RECOVER_DRAWERS)
async def write_off(visitor: Visitor, _: Nothing, id: str) -> Go:
    """Nobody looks for this tote any longer. Raises Refused."""
    line_people.write_off(find(visitor.station), id, visitor.who)
    return Go()
