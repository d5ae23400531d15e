"""A simulated station with one WWKS 2 robot: the site, the robot's real packs, and short ways to look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulators.boards.wwks2.station import Wwks2Station
from simulators.plant.robot.pack import Article, Held
from simulators.plant.robot.robot import Robot
from sites.models import Site
from tests.kit.station import World, small_site

ROBOT, LINK = "R1", "robotbus"
RACK = {"columns": 16, "shelves": 20, "place_width_mm": 600}


def robot_site(site: Mapping[str, Any] | None = None, **more: Any) -> Site:
    """A small cabinet, and a robot with three outputs on a link of its own; `site` are further tables of the site file."""
    told = small_site().model_dump(mode="json")
    told["links"][LINK] = {"url": "tcp://127.0.0.1:6050", "protocol": "wwks2"}
    outputs = [{"id": f"out-{n}", "number": n, "name": f"Output {n}"} for n in (1, 2, 3)]
    belts = [{"id": "1"}]
    more = {"rack": RACK, **more}
    told["robots"] = [{"id": ROBOT, "driver": "wwks2", "link": LINK, "outputs": outputs, "belts": belts, **more}]
    return Site.model_validate({**told, **(site or {})})


def station_of(world: World) -> Wwks2Station:
    """The simulated robot's board."""
    return world.house.robots[ROBOT]


def hold(robot: Robot, item: str, lot: str, expiry: str, packs: int = 1) -> list[Held]:
    """Packs that stand in the rack from the start."""
    return [robot.hold(Article(item, item), f"code of {item}", batch=lot, expiry=expiry) for _ in range(packs)]


def out(robot: Robot, outputs: Sequence[str] = ("1", "2", "3")) -> list[int]:
    """The plant's numbers of the packs that have really come out, wherever a hand has taken them since, in that order."""
    reached = {f"output:{output}" for output in outputs}
    return [move.pack for move in robot.steel.moves.entries if move.reached in reached and move.pack is not None]
