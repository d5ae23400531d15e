"""Take: one pull, from the drawer that opens to what was taken. What it asks is what the pull's own workflow asks.

"Taken" authorises the next drawer of the pass, which opens when this one is sensed locked.
"""

from __future__ import annotations

from typing import Any

from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.pages.patient import patient_facts
from api.console.visitor import Visitor
from api.console.working import Counted, Number, begun, declare, elsewhere_of, scan_into
from api.rest.works import find
from controller.ledger.views.work import LIVE
from controller.policy.roles import Right
from controller.workflows import pull
from controller.workflows.talk import say
from drivers.faults import Fault

pages = Pages()
declare(pages, "pull", Right.PULL, counts=False)


class Taken(Form):
    """How many units were taken; `then` are the orders still to come."""

    quantity: Number
    then: str = ""


class Left(Counted):
    """How many units are left in the pocket."""

    then: str = ""


class Next(Form):
    """The order to go on with, and those after it."""

    order: str
    then: str = ""


@pages.page("/pulls/{id}", "pull.html", Right.PULL)
def pull_page(visitor: Visitor, id: str) -> Shown:
    """Where the pull stands and what it asks of the person now."""
    then, following = visitor.query.get("then", ""), next_of(id)
    work, facts = begun(visitor, "pull", id)
    if then and visitor.station.books.work.get("pull", following) is not None and work["state"] not in LIVE:
        rest = ",".join(then.split(",")[1:])
        return Shown(go=f"{ROOT}/pulls/{following}" + (f"?then={rest}" if rest else ""))
    facts |= {
        **patient_facts(visitor, work["about"]["patient"]),
        "then": then,
        "elsewhere": elsewhere_of(visitor.station, work),
        "other": "other" in visitor.query,
    }
    about = {id, following, *(one["drawer"] for one in work["legs"]), *(one["pocket"] for one in work["legs"])}
    return Shown(facts, frozenset(about), ticks=work["state"] in LIVE)


@pages.post("/pulls/{id}/taken", Taken, Right.PULL)
async def taken(visitor: Visitor, said: Taken, id: str) -> Go:
    """Says what was taken; with more to come, the next opens once this drawer is locked. Raises Refused."""
    await say(visitor.station, visitor.who, "pull", id, "taken", quantity=said.quantity)
    _go_on(visitor, id, said.then)
    return Go()


@pages.post("/pulls/{id}/counted", Left, Right.PULL)
async def counted(visitor: Visitor, said: Left, id: str) -> Go:
    """Says what is left in the pocket. Raises Refused."""
    await say(visitor.station, visitor.who, "pull", id, "count", said.key or None, number=said.number)
    _go_on(visitor, id, said.then)
    return Go()


@pages.scan("/pulls/{id}")
async def scan(visitor: Visitor, code: str, id: str) -> Go:
    """A package that is scanned at an open drawer."""
    visitor.require(Right.PULL)
    await scan_into(visitor, "pull", id, code)
    return Go()


@pages.post("/pulls/{id}/next", Next, Right.PULL)
async def go_on(visitor: Visitor, said: Next, id: str) -> Go:
    """Opens the next of the pass because the person says so. Raises Refused as the pull does."""
    await pull.request(visitor.station, visitor.who, next_of(id), {"order": said.order})
    return Go(f"{ROOT}/pulls/{next_of(id)}" + (f"?then={said.then}" if said.then else ""))


def next_of(id_: str) -> str:
    """The id of the pull that follows another one on the same pass: c-1 is followed by c-1-2, c-1-3 …"""
    base, _, number = id_.rpartition("-")
    return f"{base}-{int(number) + 1}" if number.isdecimal() and len(number) < 4 else f"{id_}-2"


def _go_on(visitor: Visitor, id_: str, then: str) -> None:
    order = then.partition(",")[0]
    if order:
        visitor.station.spawn(_after(visitor, id_, order), f"pass after pull {id_}")


async def _after(visitor: Visitor, id_: str, order: str) -> None:
    """Opens the next drawer when this pull has come to a good end; after any other end the person decides. Said twice, it is
    the same next pull."""
    station = visitor.station
    work = find(station, "pull", id_)
    if work["state"] in LIVE:

        def this(body: Any) -> bool:
            return bool(body.get("pull") == id_)

        ends = [f"pull.{end}" for end in ("committed", "cancelled", "failed", "in_doubt")]
        await station.ledger.wait_for(ends, this, after=work["seq"])
    if find(station, "pull", id_)["state"] == "committed":
        try:
            await pull.request(station, station.people.still(visitor.who), next_of(id_), {"order": order})
        except Fault:
            return  # the page of this pull offers the next one with a button, and says why not when it is pressed
