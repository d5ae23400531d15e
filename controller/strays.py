"""Strays: a drawer that opened without an intent of its own points at whoever was being unlocked beside it (DV-01)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from controller.actors.requests import Told
from controller.machines.drawer import Event

if TYPE_CHECKING:
    from controller.station import Station

STRAY_S = 2.0
"""After its last possible effect, a pulse is still suspected so long of having opened another drawer."""


def strayed(station: Station, id_: str) -> None:
    """A drawer opened without us: whoever was being unlocked beside it has opened the wrong one."""
    now, stray = asyncio.get_running_loop().time(), station.drawers[id_]
    for drawer in station.drawers.values():
        intent = drawer.intent
        near = drawer.watch is stray.watch or drawer.turn is stray.turn
        if drawer is stray or not near or intent is None or intent.sent_at is None:
            continue
        if now - intent.sent_at <= max(drawer.part.limits.unlock_s, drawer.watch.board.longest_effect_s) + STRAY_S:
            drawer.tell(Told(Event.WRONG_DRAWER, more={"reason": id_}))
