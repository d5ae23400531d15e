"""What is planned now: at every trip's end the queue is cut again, from what is true then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from controller.planning.problem import Pick, Trip

AHEAD = 50
"""Picks that are planned at once: further ahead too much will have changed."""


def ahead(queue: Iterable[Pick], running: Trip | None = None, most: int = AHEAD) -> tuple[Pick, ...]:
    """Urgent picks, then the others, in the order of the queue, at most `most`.

    The running trip is never changed: neither its picks nor its packs are planned again.
    """
    under_way = {fetch.pick.id for fetch in running.fetches} if running else set()
    gone = {fetch.pack.id for fetch in running.fetches} if running else set()
    waiting = sorted((pick for pick in queue if pick.id not in under_way), key=lambda pick: not pick.urgent)
    return tuple(replace(pick, packs=tuple(pack for pack in pick.packs if pack.id not in gone)) for pick in islice(waiting, most))
