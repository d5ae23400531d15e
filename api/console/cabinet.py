"""The cabinet as a hand goes along it: which of several drawers comes next, and how each is shown in its picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol, TypeVar

from api.console.drawing import Drawing, State, front_of
from controller.machines.drawer import State as Known
from controller.station import Station
from controller.workflows.resolve import distance_mm


class InDrawer(Protocol):
    """Something that lies in a drawer, or nowhere."""

    @property
    def drawer(self) -> str | None:
        """The drawer's id."""


Thing = TypeVar("Thing", bound=InDrawer)


def nearest_first(station: Station, things: Iterable[Thing]) -> list[Thing]:
    """One pass over the drawers: each time the nearest of those that are left, from the screen on. What lies nowhere is last."""
    left, ordered, at = list(things), list[Thing](), None
    while left:
        nearest = min(left, key=lambda thing: _way(station, at, thing.drawer))
        left.remove(nearest)
        ordered.append(nearest)
        at = nearest.drawer or at
    return ordered


def _way(station: Station, at: str | None, drawer: str | None) -> float:
    return float("inf") if drawer is None else distance_mm(station, at, drawer)


HIGH = frozenset({"forced", "uncommanded"})
"""Alarms of a drawer that opened without us."""


def priority(kind: str) -> Literal["high", "medium"]:
    """How an alarm looks and sounds (reference ecosystem C6). What would be low or less is said in the pages, and is no alarm."""
    return "high" if kind in HIGH else "medium"


_SHOWN: dict[Known, State] = {
    Known.OPEN: "open",
    Known.AJAR: "open",
    Known.UNLOCKED: "open",
    Known.CLOSING: "open",
    Known.FAULT: "out",
    Known.OFFLINE: "out",
    Known.HALTED: "out",
    Known.OUT_OF_SERVICE: "out",
    Known.FORCED: "alarm-high",
    Known.RECOVERING: "out",
}
"""What is not here is shown as a drawer that is shut."""


def front(station: Station, cabinet: str, room_px: tuple[int, int], here: str | None = None) -> Drawing:
    """The picture of a cabinet's front as it is now; `here` is the drawer to go to."""
    part = next(part for part in station.site.cabinets if part.id == cabinet)
    states = {id_: shown(station, id_) for id_, drawer in station.drawers.items() if drawer.part.cabinet == cabinet}
    return front_of(part, station.site.drawers, states, *room_px, here=here)


def shown(station: Station, drawer: str) -> State:
    """How a drawer is shown: an alarm goes before its state, and its state before pockets that are in doubt."""
    actor = station.drawers[drawer]
    if actor.alarms:
        return "alarm-high" if HIGH & actor.alarms.keys() else "alarm-medium"
    if actor.state in _SHOWN:
        return _SHOWN[actor.state]
    doubt = any(station.books.stock.pockets[pocket]["unverified"] is not None for pocket in actor.pockets)
    return "doubt" if doubt else "locked"
