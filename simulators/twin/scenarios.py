"""What can be played with one click: `scenarios.toml`, for the things that this house has. The page's module plays the steps."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from simulators.house import House

FILE = Path(__file__).parent / "scenarios.toml"
ENOUGH = 2
"""What a scenario takes at most."""
At = Literal["drawer", "robot", "zone"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One of them. A step has `says`, and `post` with its `body` or `lift`; it may wait `after_s` before it begins."""

    id: str
    at: At
    title: str
    says: str
    steps: tuple[Mapping[str, Any], ...]


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the file."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))["scenarios"]
    return tuple(Scenario(**{**one, "steps": tuple(one["steps"])}) for one in told)


def playable(house: House) -> tuple[Scenario, ...]:
    """Those for which this house has a place."""
    known = places(house)
    return tuple(one for one in scenarios() if known[one.at])


def places(house: House) -> dict[At, list[Mapping[str, str]]]:
    """Where a scenario can be played: each place with the words that are filled in, its own name first."""
    return {
        "drawer": list(_drawers(house)),
        "robot": [{"robot": id} for id in house.robots],
        "zone": [{"zone": id} for id in house.belts.belts],
    }


def _drawers(house: House) -> Iterator[Mapping[str, str]]:
    """Drawers with a pocket, the first in which enough lies if there is one, and with a neighbour on their board."""
    links = {board.id: board.link for board in house.site.boards}
    on_board = {board.id: [part.id for part in house.site.drawers if part.lock.board == board.id] for board in house.site.boards}
    for part in house.site.drawers:
        board = part.lock.board
        other = next((id for id in on_board[board] if id != part.id), None)
        pockets = [pocket.id for pocket in part.pockets]
        if pockets and other is not None:
            pocket = next((id for id in pockets if house.plant.pockets[id].quantity >= ENOUGH), pockets[0])
            yield {"drawer": part.id, "pocket": pocket, "other": other, "board": board, "link": links[board]}
