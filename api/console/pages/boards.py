"""One lock board for who mends it: how it answers and how long that takes; and what to do when it was replaced."""

from __future__ import annotations

import json

from api.console.devices import trees
from api.console.page import Form, Go, Pages, Shown
from api.console.visitor import Visitor
from api.rest.links import board_of
from api.rest.station import drawer_of
from controller.machines.drawer import State
from controller.policy.roles import Right
from controller.workflows.board_replaced import drawers_of, find, replaced
from drivers.faults import Refused

pages = Pages()


class Nothing(Form):
    """There is nothing to be said beside who says it."""


@pages.page("/boards/{id}", "board.html", Right.SEE_LINKS)
def board(visitor: Visitor, id: str) -> Shown:
    """Its figures as `/v1/links` tells them, and its drawers."""
    for tree in trees(visitor.station):
        for branch in tree.branches:
            if branch.kind == "board" and branch.id == id:
                told = next(one for one in tree.link.boards if one.id == id)
                facts = {"branch": branch, "told": told, "link": tree.link.id}
                return Shown(facts, all_of=frozenset({"drawer"}), ticks=True)
    raise Refused("unknown-board", id=id)


@pages.page("/boards/{id}/replacement", "board_replaced.html", Right.SEE_LINKS, Right.RECOVER_DRAWERS)
def replacement(visitor: Visitor, id: str) -> Shown:
    """What can be seen of the new board, what cannot, and the drawers that wait for their tests."""
    station = visitor.station
    watch = find(station, id)
    part = next(part for part in station.site.boards if part.id == id)
    drawers = drawers_of(station, id)
    facts = {
        "board": board_of(watch),
        "unbroken_s": watch.unbroken_s,
        "set_to": {name: json.dumps(value) for name, value in part.model_dump().items() if name not in {"id", "driver", "link"}},
        "channels": part.channels,
        "drawers": [(drawer_of(station, drawer), drawer.part.lock.channel) for drawer in drawers],
        "gates": [gate.id for gate in station.site.diverters if gate.board == id],
        "waiting": [drawer.id for drawer in drawers if drawer.state is State.OUT_OF_SERVICE],
    }
    return Shown(facts, all_of=frozenset({"drawer", "board"}), ticks=True)


@pages.post("/boards/{id}/replacement", Nothing, Right.SEE_LINKS, Right.RECOVER_DRAWERS)
async def was_replaced(visitor: Visitor, _: Nothing, id: str) -> Go:
    """As `POST /v1/boards/{id}/replacement` does. Raises Refused."""
    await replaced(visitor.station, id, visitor.who)
    return Go()
