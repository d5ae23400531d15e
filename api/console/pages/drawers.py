"""One drawer for who mends it: what its switches say, its alarms, what is on its way, and the steps that lead it out (B0.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from api.console.cabinet import shown
from api.console.medicines import name_of
from api.console.page import Form, Go, Pages, Shown
from api.console.visitor import Visitor
from api.rest.station import drawer_of
from api.rest.stock import PocketAnswer, pocket_of
from controller.actors.drawer import Drawer
from controller.actors.recovery import steps_now
from controller.actors.requests import Recovery
from controller.machines.drawer import State
from controller.policy.roles import Right
from controller.station import Station
from drivers.faults import Refused

pages = Pages()


class Step(Form):
    """One step, taken by somebody who stands there."""

    step: Recovery


@pages.page("/drawers/{id}", "drawer.html", Right.SEE_STATION)
def drawer_page(visitor: Visitor, id: str) -> Shown:
    """How it is, and what could be done now. Which pockets are in doubt is said to everybody, how full they are to who may see the
    stock."""
    station, drawer = visitor.station, _drawer(visitor.station, id)
    status, steps = drawer.status(), _steps(drawer) if visitor.may(Right.RECOVER_DRAWERS) else ()
    lock, intent = drawer.part.lock, station.books.intents.open.get(status.intent or "")
    facts = {
        "drawer": drawer_of(station, drawer),
        "shown": shown(station, id),
        "alarms_here": sorted(
            (alarm for alarm in station.books.alarms.active.values() if alarm["drawer"] == id), key=lambda alarm: alarm["seq"]
        ),
        "board": lock.board,
        "channel": lock.channel,
        "link": drawer.watch.board.link_id,
        "epoch": drawer.watch.epoch,
        "answers": drawer.watch.up,
        "intent": None if intent is None else {**intent, "name": name_of(station, intent["person"])},
        "steps": steps,
        "main": _main(drawer, steps),
        "pockets": _pockets(visitor, drawer),
        "fault": _fault(station, drawer) if visitor.may(Right.SEE_LINKS) else None,
    }
    return Shown(facts, frozenset({id, *drawer.pockets}), frozenset({"drawer"}), ticks=True)


@pages.post("/drawers/{id}/recoveries", Step, Right.RECOVER_DRAWERS)
async def recover(visitor: Visitor, said: Step, id: str) -> Go:
    """Takes one step, as `POST /v1/drawers/{id}/recoveries` does. Raises Refused."""
    posting = await _drawer(visitor.station, id).recover(said.step, visitor.who)
    await posting.durable
    return Go()


def _drawer(station: Station, id: str) -> Drawer:
    if id not in station.drawers:
        raise Refused("unknown-drawer", id=id)
    return station.drawers[id]


def _steps(drawer: Drawer) -> tuple[Recovery, ...]:
    return steps_now(drawer.state, locked=drawer.looks.locked, one_switch=drawer.one_switch)


def _main(drawer: Drawer, steps: tuple[Recovery, ...]) -> Recovery | None:
    """What to do next: after a step by hand the drawer is looked at, else the first that helps."""
    if drawer.state is State.RECOVERING:
        return Recovery.INSPECTED
    return next((step for step in steps if step is not Recovery.OUT_OF_SERVICE), None)


def _pockets(visitor: Visitor, drawer: Drawer) -> list[PocketAnswer]:
    """The pockets as `/v1/pockets` tells them; nothing for who is told nothing there."""
    if not visitor.may(Right.SEE_STOCK):
        return []
    known = visitor.station.books.stock.pockets
    return [pocket_of(visitor.station, known[pocket]) for pocket in drawer.pockets if pocket in known]


def _fault(station: Station, drawer: Drawer) -> Mapping[str, Any] | None:
    """The entry that put the drawer into its fault, with the last frames of then."""
    record = station.books.drawers.drawers.get(drawer.id)
    if drawer.state is not State.FAULT or record is None:
        return None
    rows = station.ledger.read(record["seq"] - 1, 1)
    if not rows:
        return None
    body: dict[str, Any] = json.loads(rows[0].body)
    return {"seq": rows[0].seq, "at": rows[0].at, "event": body["event"], "frames": body.get("frames", [])}
