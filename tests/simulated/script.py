"""What befalls a night, drawn from its seed: weather, faults, deaths, thieves, halts. Purpose-built nights write their own."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from simulators.weather import STORMS, Storm, Weather

DRAWERS = ("A-01", "A-02", "A-03", "A-04")


@dataclass(frozen=True, slots=True)
class Blow:
    """One death: at a time, or as the n-th unlock frame leaves, or in the n-th sync of the disk. `power` also loses what
    was not synced, and reboots the boards if `boards`."""

    when: Literal["time", "frame", "sync"]
    at: float
    power: bool
    boards: bool = False
    down_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault of `simulators.faults`, for so long (for faults that do not pass by themselves)."""

    at: float
    what: Mapping[str, Any]
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Theft:
    """Somebody tears a drawer open or has its key, and takes; with `hides`, shuts it again."""

    at: float
    drawer: str
    how: Literal["force", "key"]
    units: int
    hides: bool


@dataclass(frozen=True, slots=True)
class Script:
    """One night. Times are seconds from its beginning; the storm ends at `storm_s`."""

    seed: str
    relays: bool = False
    count: Literal["none", "before", "after", "both"] = "after"
    storm: Storm = field(default_factory=lambda: STORMS["calm"])
    storm_s: float = 120.0
    troubles: tuple[Trouble, ...] = ()
    blows: tuple[Blow, ...] = ()
    thefts: tuple[Theft, ...] = ()
    halts: tuple[tuple[float, float], ...] = ()
    """When, and for how long."""
    late_ms: int = 400
    """How long the links listen for a late answer."""
    slips: float = 0.15
    """How often people slip."""
    asks: float = 0.1
    """How often it is looked up at an answer what the disk would keep."""

    @property
    def lying(self) -> frozenset[str]:
        """Drawers whose switches lie at some time."""
        return frozenset(trouble.what["drawer"] for trouble in self.troubles if trouble.what["kind"] == "stuck-sensor")

    @property
    def forging(self) -> bool:
        """Whether bits flip: in twos they pass a sum."""
        ways = (self.storm.to_board, self.storm.to_host)
        return any(way.corrupt for way in ways)

    @property
    def copying(self) -> bool:
        """Whether frames are delivered twice."""
        return self.storm.to_board.duplicate > 0 or any(trouble.what["kind"] == "duplicate" for trouble in self.troubles)


def of_seed(seed: int) -> Script:
    """The night of a seed."""
    chance = random.Random(f"{seed} script")
    relays = chance.random() < 0.2
    storm_s = chance.uniform(90, 150)
    return Script(
        seed=str(seed),
        relays=relays,
        count=chance.choice(("none", "before", "after", "after", "after", "both")),
        storm=_tcp_storm(chance) if relays else _storm(chance),
        storm_s=storm_s,
        troubles=tuple(_trouble(chance, storm_s) for _ in range(chance.randint(1, 6))),
        blows=tuple(_blow(chance, storm_s) for _ in range(chance.choice((0, 1, 1, 1, 2, 2)))),
        thefts=tuple(_theft(chance, storm_s) for _ in range(chance.choice((0, 0, 1, 2)))),
        halts=((chance.uniform(5, storm_s), chance.uniform(1, 20)),) if chance.random() < 0.2 else (),
    )


def _storm(chance: random.Random) -> Storm:
    if chance.random() < 0.4:
        return STORMS[chance.choice(sorted(STORMS))]
    return Storm(
        _weather(chance, gap_s=0.002),
        _weather(chance, gap_s=0.03),
        flap_every_s=chance.choice((None, None, 30.0, 90.0)),
        flap_s=chance.choice((1.0, 5.0, 20.0)),
    )


def _weather(chance: random.Random, gap_s: float) -> Weather:
    def some(most: float) -> float:
        return chance.uniform(0, most) if chance.random() < 0.5 else 0.0

    return Weather(
        lose=some(0.15), corrupt=some(0.005), cut=some(0.05), split=some(1.0), gap_s=gap_s, delay=some(0.1),
        delay_s=chance.choice((0.1, 0.4, 1.0)), duplicate=some(0.03), noise=some(0.05),
    )  # fmt: skip


def _tcp_storm(chance: random.Random) -> Storm:
    """TCP loses and garbles nothing: it splits, merges, stalls, and breaks."""
    way = Weather(split=chance.random(), gap_s=0.01, delay=chance.uniform(0, 0.1), delay_s=0.5)
    return Storm(way, way, flap_every_s=chance.choice((None, 30.0, 90.0)), flap_s=10.0)


def _trouble(chance: random.Random, storm_s: float) -> Trouble:
    drawer = chance.choice(DRAWERS)
    other = chance.choice([one for one in DRAWERS if one != drawer])
    way = chance.choice(("replies", "commands"))
    what: dict[str, Any] = chance.choice((
        {"kind": "stuck-latch", "drawer": drawer, "stuck": chance.choice(("engaged", "free"))},
        {"kind": "stuck-sensor", "drawer": drawer, "sensor": chance.choice(("latch", "drawer")), "shows": chance.random() < 0.5},
        {"kind": "slow-drawer", "drawer": drawer, "seconds": chance.uniform(0.5, 4)},
        {"kind": "jam", "drawer": drawer},
        {"kind": "chatter", "drawer": drawer, "hz": chance.uniform(5, 100)},
        {"kind": "opens-late", "drawer": drawer, "seconds": chance.uniform(0.2, 1.0)},
        {"kind": "wrong-drawer", "drawer": drawer, "opens": other},
        {"kind": "uncommanded", "drawer": drawer},
        {"kind": "lose", "link": "lockbus", "what": way, "count": chance.randint(1, 6)},
        {"kind": "late", "link": "lockbus", "what": way, "seconds": chance.uniform(0.05, 0.9), "count": chance.randint(1, 3)},
        {"kind": "duplicate", "link": "lockbus", "what": way, "copies": 2},
        {"kind": "unplug", "link": "lockbus", "seconds": chance.uniform(0.5, 20)},
        {"kind": "noise", "link": "lockbus", "size": chance.randint(1, 2000)},
        {"kind": "reboot", "board": "board", "seconds": chance.uniform(0.2, 5)},
        {"kind": "silence", "board": "board", "acts": chance.random() < 0.5},
    ))  # fmt: skip
    return Trouble(chance.uniform(2, storm_s - 5), what, chance.uniform(1, 40))


def _blow(chance: random.Random, storm_s: float) -> Blow:
    when: Literal["time", "frame", "sync"] = chance.choice(("time", "frame", "sync"))
    at = {"time": chance.uniform(5, storm_s - 20), "frame": float(chance.randint(1, 5)), "sync": float(chance.randint(20, 160))}[
        when
    ]
    return Blow(when, at, chance.random() < 0.6, chance.random() < 0.5, chance.uniform(0.1, 15))


def _theft(chance: random.Random, storm_s: float) -> Theft:
    drawer, how = chance.choice(DRAWERS), chance.choice(("force", "key"))
    return Theft(chance.uniform(5, storm_s - 10), drawer, how, chance.randint(1, 3), chance.random() < 0.6)  # type: ignore[arg-type]
