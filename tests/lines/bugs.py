"""Bugs to be planted in the tracking, each with days on which it shows and the law that must see it. The product has no switch
for any of them; every such day is also lived without its bug, and is green.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from controller.machines import tote as tote_table
from controller.tracking import counters, reads, tracking, verdicts, ways
from controller.tracking.facts import Bound, Seen
from controller.tracking.state import Belt, State, take
from tests.lines.story import Story

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Bug:
    plant: Callable[[Patch], None]
    law: str
    story: Story


def by_elimination(patch: Patch) -> None:
    """What was not read is taken for the first that was expected."""
    real = reads.read

    def guess(state: State, fact: Seen, now: int) -> None:
        (before,) = state.routes.before[fact.reader]
        labels = fact.labels or tuple(thing.label for thing in list(state.belts[before].things)[:1])
        real(state, Seen(fact.reader, labels, fact.at, fact.passed_mm), now)

    patch.setattr(tracking, "read", guess)


def learns_strangers(patch: Patch) -> None:
    """A label that nobody knows is given a way like any other."""
    real = reads.read

    def learn(state: State, fact: Seen, now: int) -> None:
        for label in fact.labels:
            if label not in state.totes:
                tracking._tote(state, Bound(label, "script-?", "packing", (), fact.at, under_way=True))
        real(state, fact, now)

    patch.setattr(tracking, "read", learn)


def knows_no_double(patch: Patch) -> None:
    """A label that is known is the tote that it was given to."""

    def believe(state: State, reader: str, belt: Belt, tote: Any, at: int) -> Any:
        if tote.state is tote_table.State.IN_LANE:
            tote.state = tote_table.State.AT
        verdicts.fire(tote, tote_table.Event.SEEN)
        return verdicts.Way.ON, take(state, tote.label, at)

    patch.setattr(reads, "verdict", believe)


def takes_dead_labels(patch: Patch) -> None:
    """A closed or voided label is as good as another."""
    patch.setattr(verdicts, "tote_table", _Table(DEAD=()))
    real = verdicts.fire

    def fire(tote: Any, event: Any) -> None:
        if tote.state in tote_table.DEAD and event is tote_table.Event.SEEN:
            tote.state = tote_table.State.AT
        real(tote, event)

    patch.setattr(verdicts, "fire", fire)


class _Table:
    """The tote's table with something else in one place."""

    def __init__(self, **other: Any) -> None:
        self.__dict__.update({name: getattr(tote_table, name) for name in dir(tote_table)} | other)


def asks_for_no_proof(patch: Patch) -> None:
    """Whatever is read at the packer's is packed."""
    patch.setattr(verdicts, "_proved", lambda *_: True)


def waits_for_ever(patch: Patch) -> None:
    """What does not come is still on its way."""
    patch.setattr(tracking, "passed", lambda *_: None)


def sees_no_order(patch: Patch) -> None:
    """Every tote comes in its turn."""
    patch.setattr(verdicts, "_disordered", lambda *_: verdicts.Way.ON)
    patch.setattr(verdicts, "overtaken", lambda *_: None)


def clock_never_stands(patch: Patch) -> None:
    """A window goes on while its belt stands."""
    patch.setattr(Belt, "clock", lambda self, at: at)


def tells_two_at_once(patch: Patch) -> None:
    """A diverter is told about a tote while another is still before it."""
    real = ways.send

    def send(state: State, diverter: str, belt: Belt, now: int) -> None:
        things = list(belt.things)
        for thing in things:
            belt.things.clear()
            belt.things.append(thing)
            real(state, diverter, belt, now)
        belt.things.clear()
        belt.things.extend(things)

    patch.setattr(ways, "send", send)
    patch.setattr(counters, "send", send)


def sends_too_late(patch: Patch) -> None:
    """A decision is sent whenever it is ready."""
    patch.setattr(ways, "budget_us", lambda *_: 60_000_000)


def one_shadow_is_one_tote(patch: Patch) -> None:
    """How long an eye was covered says nothing."""
    patch.setattr(reads, "_longer_than_one", lambda *_: False)
    patch.setattr(reads, "_several", lambda state, fact, labels, now: reads._one(state, fact, _belt(state, fact), labels[0], now))


def _belt(state: State, fact: Seen) -> Belt:
    return state.belts[state.routes.before[fact.reader][0]]


def default_is_packing(patch: Patch) -> None:
    """Where nothing is known to lead, the first way that packs is taken."""
    patch.setattr(reads, "drain", lambda *_: "packing")


BUGS: dict[str, Bug] = {
    "what was not read is decided by elimination": Bug(by_elimination, "ROUTED", Story("bug", totes=16, unread=0.15)),
    "a stranger is learned": Bug(learns_strangers, "SHIPPED", Story("bug", hands=((12.0, "foreign:in-1"), (20.0, "foreign:in-2")))),
    "two with one label are one": Bug(
        knows_no_double, "SHIPPED", Story("bug", hands=tuple((24.0 + 4 * n, "clone:belt-1") for n in range(5)))
    ),
    "a dead label is as good as another": Bug(
        takes_dead_labels, "SHIPPED", Story("bug", hands=((15.0, "void"), (18.0, "void"), (40.0, "dead:in-1"), (50.0, "dead:in-2")))
    ),
    "no proof is asked for": Bug(
        asks_for_no_proof, "SHIPPED", Story("bug", hands=tuple((12.0 + 3 * n, "elsewhere") for n in range(12)))
    ),
    "what does not come is waited for": Bug(
        waits_for_ever, "PLACE", Story("bug", hands=((25.0, "remove:on"), (50.0, "remove:pack")))
    ),
    "no order is seen": Bug(sees_no_order, "FOUND", Story("bug", hands=((20.0, "swap"), (26.0, "swap"), (32.0, "swap")))),
    "a window's clock goes on while its belt stands": Bug(
        clock_never_stands, "CALM", Story("bug", totes=12, stops=((12.0, "pack", 14.0),))
    ),
    "a diverter is told about two at once": Bug(tells_two_at_once, "CALM", Story("bug", totes=16, every_s=0.8)),
    "a decision is sent however late": Bug(sends_too_late, "TOLD", Story("bug", totes=16, slow=((8.0, 20.0),))),
    "one shadow is one tote": Bug(one_shadow_is_one_tote, "SHIPPED", Story("shadow-2", totes=0, race_ms=20)),
    "where nothing leads, it is packed": Bug(default_is_packing, "ROUTED", Story("bug", totes=16, unread=0.2)),
}
