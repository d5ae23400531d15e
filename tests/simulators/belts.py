"""The small belts (`tests/sites/belt.py`) as a house in virtual time, without any host."""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable

from simulators.boards.zpa import ZoneControl
from simulators.house import House
from simulators.plant.belt import Body
from sites.models import Site
from tests.kit import virtual_loop
from tests.sites.belt import SITE


def belt_house(*edits: tuple[str, str], seed: int = 0) -> House:
    """The house, with each first text of its site file replaced by the second."""
    text = SITE
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return House(Site.model_validate(tomllib.loads(text)), seed=seed)


def on_belts(story: Callable[[House], Awaitable[None]], *edits: tuple[str, str], seed: int = 0) -> House:
    """Plays a story in virtual time."""
    kept: list[House] = []

    async def play() -> None:
        kept.append(belt_house(*edits, seed=seed))
        await story(kept[0])
        kept[0].clear()

    virtual_loop.run(play())
    return kept[0]


def control(house: House, zone: str) -> ZoneControl:
    """A zone's logic."""
    return next(one for module in house.conveyors.values() for one in module.zones.values() if one.belt.id == zone)


def overlaps(bodies: list[Body]) -> list[tuple[str, str, str]]:
    """Bodies that lie in each other, which no steel does: the zone and both."""
    found = []
    for index, one in enumerate(bodies):
        for stretch in one.trail:
            low, high = one.span(stretch.belt) or (0.0, 0.0)
            for other in bodies[index + 1 :]:
                span = other.span(stretch.belt)
                if span is not None and max(low, span[0], 0.0) < min(high, span[1]) - 1e-3:
                    found.append((stretch.belt.id, one.id, other.id))
    return found
