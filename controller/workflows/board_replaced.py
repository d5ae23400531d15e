"""A lock board was replaced: a named person says so, what its switches show now is recorded, and its drawers wait for their tests.

No board says how many locks hang on it, or which. A lock on its neighbour's terminal looks right while everything is shut, so a
shut drawer proves nothing: each drawer of the board is out of service until its own test opening (B0.1) has shown that the lock
that was pulsed is its own. What lies in it is counted after that. Nothing moves by this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from controller.actors.board import BoardWatch
from controller.actors.drawer import Drawer
from controller.actors.requests import STEPS, Recovery, Told, cannot_open
from controller.ledger.port import Entry
from controller.machines.drawer import State
from controller.policy.roles import Right
from controller.policy.session import Session, require
from drivers.faults import Refused

if TYPE_CHECKING:
    from controller.station import Station

LOOKED_AT_S = 5.0
"""Two looks that were asked after now must have come by then."""
_IN_USE = frozenset({State.UNLOCKING, State.UNLOCKED, State.OPEN, State.AJAR, State.CLOSING})


async def replaced(station: Station, board: str, session: Session) -> None:
    """Takes the board's drawers out of service and records its replacement. Returns when that is on the disk.

    Raises Refused: `unknown-board`, `board-does-not-answer`, and the drawer's own reason while one of them is in use. A refusal
    after the first drawer was told leaves those out of service that were, which is the safe side.
    """
    require(session, Right.RECOVER_DRAWERS)
    station.permit()
    watch = find(station, board)
    drawers = drawers_of(station, board)
    _not_in_use(drawers)
    await _looked_at(watch)
    _not_in_use(drawers)
    step = Recovery.OUT_OF_SERVICE
    orders = [drawer.order(Told(STEPS[step], by=session.person, more={"step": str(step)})) for drawer in drawers]
    await asyncio.gather(*orders)
    seen = {drawer.id: _seen(drawer) for drawer in drawers}
    where = {"board": board, "link": watch.board.link_id, "link_epoch": watch.epoch}
    body = {**where, "drawers": seen, "session": session.id, "terminal": session.terminal}
    await station.ledger.post(Entry("board.replaced", body, session.person)).durable


def find(station: Station, board: str) -> BoardWatch:
    """The board. Raises Refused("unknown-board")."""
    if board not in station.boards:
        raise Refused("unknown-board", id=board)
    return station.boards[board]


def drawers_of(station: Station, board: str) -> list[Drawer]:
    """The drawers whose locks the site file has on this board, by channel."""
    found = [drawer for drawer in station.drawers.values() if drawer.part.lock.board == board]
    return sorted(found, key=lambda drawer: drawer.part.lock.channel)


def _not_in_use(drawers: Sequence[Drawer]) -> None:
    for drawer in drawers:
        if drawer.intent is not None or drawer.state in _IN_USE:
            raise cannot_open(drawer.id, drawer.state if drawer.state in _IN_USE else State.UNLOCKING)


async def _looked_at(watch: BoardWatch) -> None:
    """Two looks that were asked after now."""
    try:
        async with asyncio.timeout(LOOKED_AT_S):
            await watch.fresh()
    except TimeoutError:
        raise Refused("board-does-not-answer", board=watch.id, link=watch.board.link_id) from None


def _seen(drawer: Drawer) -> dict[str, bool | None]:
    """What its switches say; None where there is no such switch, or no two looks agree."""
    look = drawer.looks.believed
    return {"latched": look.latched if look else None, "shut": look.shut if look else None}
