"""The cabinet as a hand goes along it: which of several drawers comes next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

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
