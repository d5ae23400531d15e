"""What happens on one day of the line: drawn from a seed, or written by a test."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """Times in seconds."""

    seed: str
    totes: int = 24
    every_s: float = 2.5
    unread: float = 0.0
    hands: tuple[tuple[float, str], ...] = ()
    """When a hand does what: remove, elsewhere, swap, foreign, clone, dead, void; `remove:on` on that belt alone."""
    stops: tuple[tuple[float, str, float], ...] = ()
    """When which belt stops, and for how long."""
    slow: tuple[tuple[float, float], ...] = ()
    """When the wires are slow (every fact two seconds late), and for how long."""
    stuck: tuple[tuple[float, str, float], ...] = ()
    """When which diverter does not move, and for how long."""
    race_ms: int | None = None
    """Two totes leave one gate that does not shut between them, so far apart."""
    reversed: bool = False
    """Whoever put them there says it in the wrong order."""
    tick: int = 20_000


HANDS = ("remove", "elsewhere", "swap", "foreign")
LABELS = ("foreign", "clone", "dead", "void")
BELTS = ("in-1", "in-2", "belt-1", "back", "on", "tip-2", "pack")


def drawn(kind: str, number: int) -> Story:
    """The day of this number: `unread`, `labels`, or `hands`."""
    chance = random.Random(f"{kind}/{number}")
    seed = f"{kind}/{number}"
    stops = tuple((chance.uniform(5, 60), chance.choice(BELTS), chance.uniform(1, 15)) for _ in range(chance.randint(0, 3)))
    slow = ((chance.uniform(5, 50), chance.uniform(2, 10)),) if chance.random() < 0.3 else ()
    if kind == "unread":
        return Story(seed, totes=30, unread=(0.001, 0.01, 0.05)[number % 3], stops=stops, slow=slow)
    unread = chance.choice((0.0, 0.0, 0.01, 0.05))
    among = {"labels": LABELS, "hands": HANDS}[kind]
    hands = tuple((chance.uniform(6, 65), chance.choice(among)) for _ in range(chance.randint(1, 5)))
    stuck = ((chance.uniform(5, 50), chance.choice(("div-1", "div-2")), chance.uniform(3, 15)),) if chance.random() < 0.2 else ()
    return Story(seed, unread=unread, hands=tuple(sorted(hands)), stops=stops, slow=slow, stuck=stuck)


def race(number: int) -> Story:
    """Two totes 0 to 50 ms apart, in steps of one, told in their order or not, and every third time a diverter that stays put."""
    apart, turn = number % 51, number // 51
    stuck = ((0.0, ("div-1", "div-2")[turn % 2], 60.0),) if turn % 3 == 2 else ()
    return Story(f"race/{number}", totes=0, race_ms=apart, reversed=bool(turn % 2), stuck=stuck, tick=4_000)


def vanishing(number: int) -> Story:
    """Something vanishes from, or appears on, each belt in turn."""
    deed = ("remove", "foreign")[number % 2]
    belt = (*BELTS, "tip-1")[number // 2 % (len(BELTS) + 1)]
    return Story(f"vanish/{number}", hands=((15 + number % 7 * 3.1, f"{deed}:{belt}"),), unread=0.3 if belt == "back" else 0.0)
