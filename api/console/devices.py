"""Everything on the station's wires as a tree: each link, the boards and other devices on it, and the drawers on each board."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api.console.cabinet import shown
from api.console.drawing import State as Shown
from api.rest.links import LinkAnswer, links_of
from controller.station import Station
from drivers.registry import VERIFIED


@dataclass(frozen=True, slots=True)
class Twig:
    """A drawer: its state, as a word and as it is drawn, and whether an alarm of it stands."""

    id: str
    state: str
    shown: Shown
    alarms: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A device. `age_s` is since its last answer, None before the first; of a device that is no board, its link's."""

    id: str
    kind: str
    driver: str
    met: tuple[str, ...]
    """The devices that this driver has met; empty: only simulated ones."""
    up: bool
    epoch: int
    age_s: float | None
    drawers: tuple[Twig, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A link with what hangs on it."""

    link: LinkAnswer
    url: str
    protocol: str
    reason: str
    """Why it is down; empty while it is up."""
    branches: tuple[Branch, ...]


def trees(station: Station) -> list[Tree]:
    """Every link of the site file, in its order."""
    return [
        Tree(
            link=link,
            url=station.site.links[link.id].url,
            protocol=station.site.links[link.id].protocol,
            reason="" if link.up else station.devices.links[link.id].reason,
            branches=(*_boards(station, link), *_others(station, link)),
        )
        for link in links_of(station)
    ]


def tree(station: Station, link: str) -> Tree | None:
    """One of them; None where there is no such link."""
    return next((tree for tree in trees(station) if tree.link.id == link), None)


def _boards(station: Station, link: LinkAnswer) -> Iterator[Branch]:
    for part in station.site.boards:
        if part.link == link.id:
            watch = station.boards[part.id]
            age_s = watch.age_s
            drawers = tuple(
                Twig(id_, str(drawer.state), shown(station, id_), len(drawer.alarms))
                for id_, drawer in station.drawers.items()
                if drawer.part.lock.board == part.id
            )
            met = VERIFIED[part.driver]
            yield Branch(part.id, "board", part.driver, met, watch.up, watch.epoch, age_s if age_s < 1e9 else None, drawers)


def _others(station: Station, link: LinkAnswer) -> Iterator[Branch]:
    site = station.site
    for kind, parts in (
        ("scale", site.scales),
        ("scanner", site.scanners),
        ("belt", site.conveyors),
        ("gantry", site.gantries),
        ("robot", site.robots),
    ):
        for part in parts:
            if part.link == link.id:
                yield Branch(part.id, kind, part.driver, VERIFIED[part.driver], link.up, link.epoch, link.answered_s)
