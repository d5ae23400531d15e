"""What a judge of a misbehaving cabinet looks at: the ledger's rows, the plant's truth, and nothing else.

Each law says what it found wrong, under the figure of the score that it counts in.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.ledger import bodies
from simulators.plant.truth import Edge
from tests.acceptance.ward import Ward
from tests.kit.station import BEGAN
from tests.proof.campaign import Score

SEEN_S = 1.0
"""Within this a movement that a switch can see is recorded, and an opening without a person is an alarm."""
INSTANT_S = 0.001
"""Two clocks may round differently."""
WITHOUT_US = frozenset({"forced", "uncommanded"})
"""Alarms for an opening that was nobody's."""
OPEN_STILL = frozenset({"unlocking", "unlocked", "open", "ajar", "closing"})

Wrongs = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Told:
    """One row: when, of what kind, and what it says."""

    at: float
    kind: str
    body: Mapping[str, Any]


@dataclass(slots=True)
class Case:
    """One case: what is found wrong in it. `blind` are drawers of which a switch lies, so that nothing need be seen of them;
    after `seen_s` any other movement must have been."""

    ward: Ward
    blind: Collection[str] = ()
    seen_s: float = SEEN_S
    spoiling: bool = False
    """Bits flip on the way to the board: a lock that no intent meant may be freed, and then somebody must be told (WI-08)."""
    wrongs: list[tuple[str, str]] = field(default_factory=list)
    _book: list[Told] = field(default_factory=list)

    def expect(self, true: object, what: str, figure: str = "") -> None:
        """Holds `what` against the product, unless it is true; `figure` is the score's member that it counts in."""
        if not true:
            self.wrongs.append((figure, what))

    def rows(self, *kinds: str, since: float = 0.0, **where: Any) -> list[Told]:
        """Rows of these kinds (all without) from this moment on with these members."""
        new = self.ward.world.ledger.read(len(self._book), 1_000_000)
        self._book += [Told(_moment(row.at), row.kind, bodies.read(row.body)) for row in new]
        chosen = [row for row in self._book if row.at >= since - INSTANT_S and (not kinds or row.kind in kinds)]
        return [row for row in chosen if all(row.body.get(name) == value for name, value in where.items())]

    def due(self, at: float) -> float:
        """When a movement of that moment must have been seen: in time, or as long after the link was back."""
        due = at + self.seen_s
        ups = [row.at for row in self.rows("link.up")]
        for lost in [
            row.at for row in self.rows("link.lost") if at <= row.at + INSTANT_S or not any(row.at < up < at for up in ups)
        ]:
            if lost <= due:
                due = max(due, min((up for up in ups if up > lost), default=float("inf")) + self.seen_s)
        return due + INSTANT_S

    def alarmed(self, kind: str, drawer: str, at: float, within_s: float = SEEN_S) -> bool:
        """Whether this alarm was raised for this drawer in time after `at`."""
        return any(row.at <= at + within_s + INSTANT_S for row in self.rows("alarm.raised", since=at, kind=kind, drawer=drawer))

    def doubted(self, *drawers: str) -> bool:
        """Whether no pocket of these drawers is believed any more."""
        pockets = [pocket.id for pocket in self.ward.world.plant.pockets.values() if pocket.drawer in drawers]
        return all(self.ward.unverified(pocket) is not None for pocket in pockets)

    def state(self, drawer: str) -> str:
        """The drawer's state."""
        return str(self.ward.world.station.drawers[drawer].state)

    async def score(self) -> Score:
        """The laws and what the case itself expected."""
        await self.ward.quiet()
        for law in (_pulses, _openings, _strays, _intents, _stock):
            self.wrongs += law(self)
        score = Score(tried=1, survived=int(not self.wrongs))
        for figure, what in self.wrongs:
            print(f"    {figure or 'short'}: {what}")
            if figure:
                setattr(score, figure, getattr(score, figure) + 1)
        return score


def _moment(at: str) -> float:
    return (datetime.datetime.fromisoformat(at) - BEGAN).total_seconds()


def _pulses(case: Case) -> Wrongs:
    """Each pulse has an intent of its own for that channel, by a person, recorded before it."""
    asked = case.rows("drawer.unlock_intended")
    used: set[str] = set()
    for pulse in case.ward.world.plant.truth.pulses():
        mine = [row for row in asked if row.body["channel"] == pulse.channel and row.at <= pulse.at + INSTANT_S]
        left = [row.body["intent"] for row in mine if row.body["intent"] not in used]
        drawer = pulse.drawer or ""
        if case.spoiling and not left and any(case.alarmed(kind, drawer, pulse.at, case.seen_s) for kind in WITHOUT_US):
            continue
        if not mine or not all(row.body["person"] for row in mine):
            yield "unauthorised", f"a pulse on channel {pulse.channel} at {pulse.at:.2f} that nobody asked for"
        elif not left:
            yield "doubled", f"a pulse too many on channel {pulse.channel} at {pulse.at:.2f}"
        used.update(left[:1])


def _openings(case: Case) -> Wrongs:
    """Each opening of a drawer is in the ledger within a second, or its pockets are not believed any more."""
    truth = case.ward.world.plant.truth
    for opened in [edge for edge in truth.edges if edge.what == "opened"]:
        rows = [row for row in case.rows(drawer=opened.drawer) if row.body.get("seen")]
        before = [row for row in rows if row.at <= opened.at][-1:]
        soon = [row for row in rows if opened.at < row.at <= case.due(opened.at)]
        if any(_open(row.body["seen"]) for row in before + soon):
            continue
        freed = max(edge.at for edge in truth.edges[: opened.number] if edge.what == "unlatched" and edge.drawer == opened.drawer)
        asked = [row for row in case.rows("drawer.unlock_intended", drawer=opened.drawer) if row.at <= opened.at]
        pockets = asked[-1].body["pockets"] if asked else case.ward.world.station.drawers[opened.drawer].pockets
        known = {row.body["pocket"] for row in case.rows("pocket.unverified", since=freed)}
        if not all(pocket in known or case.ward.unverified(pocket) for pocket in pockets):
            yield "unrecorded", f"{opened.drawer} opened at {opened.at:.2f}, and nobody was told"


def _open(seen: Mapping[str, Any]) -> bool:
    """Where the drawer has no switch of its own, a free latch is all that can be seen."""
    return seen["latched"] is False if seen["shut"] is None else seen["shut"] is False


def _strays(case: Case) -> Wrongs:
    """A drawer that comes free or open without an intent of its own is an alarm within a second, or is one already."""
    intents = _lives(case)
    for edge in _episodes(case.ward.world.plant.truth.edges):
        its = [life for life in intents if life.drawer == edge.drawer and life.began <= edge.at <= life.ended]
        last = [row for row in case.rows(drawer=edge.drawer) if row.kind.startswith("drawer.") and row.at <= edge.at][-1:]
        recovering = any(row.kind == "drawer.recovering" for row in last)  # by the hand of the person who recovers it
        if its or recovering or edge.drawer in case.blind:
            continue
        raised = {
            row.body["alarm"]
            for row in case.rows("alarm.raised", drawer=edge.drawer)
            if row.at <= case.due(edge.at) and row.body["kind"] in WITHOUT_US
        }
        if not raised - {row.body["alarm"] for row in case.rows("alarm.cleared") if row.at < edge.at}:
            yield "unrecorded", f"{edge.drawer} {edge.what} by {edge.cause} at {edge.at:.2f} without an alarm in time"


def _episodes(edges: list[Edge]) -> Iterator[Edge]:
    """The first edge of each time in which a drawer is not both shut and held."""
    loose: dict[str, set[str]] = {}
    for edge in edges:
        now = loose.setdefault(edge.drawer, set())
        if edge.what in {"unlatched", "opened"}:
            if not now:
                yield edge
            now.add("hook" if edge.what == "unlatched" else "slide")
        elif edge.what in {"latched", "shut"}:
            now.discard("hook" if edge.what == "latched" else "slide")


@dataclass(frozen=True, slots=True)
class Life:
    """One intent: its drawer, from when to when it was open, and how it ended."""

    intent: str
    drawer: str
    began: float
    ended: float
    outcomes: tuple[str, ...]


def _lives(case: Case) -> list[Life]:
    ends = case.rows("drawer.intent_closed")
    lives = []
    for row in case.rows("drawer.unlock_intended"):
        its = [end for end in ends if end.body["intent"] == row.body["intent"]]
        ended = its[0].at if its else float("inf")
        outcomes = tuple(end.body["outcome"] for end in its)
        lives.append(Life(row.body["intent"], row.body["drawer"], row.at, ended, outcomes))
    return lives


def _intents(case: Case) -> Wrongs:
    """Each intent is closed once, as opened only if it was and as not opened only if it was not."""
    for life in _lives(case):
        opened = [
            edge
            for edge in case.ward.world.plant.truth.edges
            if edge.what == "opened" and edge.drawer == life.drawer and life.began <= edge.at <= life.ended
        ]
        if len(life.outcomes) != 1 and not (life.outcomes == () and case.state(life.drawer) in OPEN_STILL):
            yield "unrecorded", f"the intent of {life.drawer} at {life.began:.2f} was closed as {life.outcomes}"
        if "opened" in life.outcomes and not opened:
            yield "guessed", f"{life.drawer} was never open, and its intent says it was"
        if opened and not {"not_opened", "refused"}.isdisjoint(life.outcomes):
            yield "guessed", f"{life.drawer} opened at {opened[0].at:.2f}, and its intent says {life.outcomes}"


def _stock(case: Case) -> Wrongs:
    """What the books believe lies there, and nothing was written down as taken that no hand took."""
    busy = {work["legs"][work["at"]]["pocket"] for work in case.ward.world.books.work.live() if work["legs"]}
    for pocket in case.ward.world.plant.pockets:
        believed, lies = case.ward.believed(pocket), case.ward.lies_in(pocket)
        if believed != lies and case.ward.unverified(pocket) is None and pocket not in busy:
            yield "guessed", f"{pocket} holds {lies}, and the books believe {believed}"
        booked = sum(row.body["quantity"] for row in case.rows("stock.taken", pocket=pocket))
        taken = sum(
            edge.quantity or 0 for edge in case.ward.world.plant.truth.edges if (edge.what, edge.pocket) == ("taken", pocket)
        )
        if booked > taken:
            yield "guessed", f"{booked} units of {pocket} are recorded as taken, and {taken} were"
