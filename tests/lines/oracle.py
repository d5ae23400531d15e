"""The judge of a day: what left the line in truth, what was said, what was commanded. It knows nothing of the product.

Laws: SHIPPED only what was read on its way and is what its label says; ROUTED nothing unread onto a productive way;
TOLD no diverter for another tote than the next, or too late; FOUND every deed of a hand by the next reader or the end of its
window; PLACE nobody forgets a tote; CALM no alarm where nothing happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tests.lines.layout import ACTUATE_US, CHAIN, DIVERTERS, READERS, SPEED_MM_S
from tests.lines.world import Body

if TYPE_CHECKING:
    from tests.lines.day import Evidence
    from tests.lines.hands import Deed

S = 1_000_000
OPEN = {"bound", "moving", "at", "in_station", "late", "unread", "in_lane"}
USUAL = {"routed", "confirmed", "received", "released", "certain"}
GONE = {"late", "lost", "vanished"}
LEADS_TO = {"tip-1": ("reader-1", "reader-2"), "on": ("reader-2",), "tip-2": ("reader-3",), "pack": ("reader-3",)}
COVERED = 750_000
"""So long an eye is covered by one tote."""
READ_FOR = {"reader-1": "div-1", "reader-2": "div-2"}


class Violation(NamedTuple):
    law: str
    at: int
    what: str

    def __str__(self) -> str:
        return f"{self.law} at {self.at / S:.2f} s: {self.what}"


def judge(evidence: Evidence) -> list[Violation]:
    """Every violation of every law."""
    return [one for law in (shipped, routed, told, found, place, calm) for one in law(evidence)]


def shipped(evidence: Evidence) -> Iterator[Violation]:
    """What the line says it handed on is what was in the packer's hands."""
    received: dict[str, int] = {}
    released: set[str] = set()
    for kind, _, at, label, _ in evidence.said:
        if kind == "received":
            received[label] = at
        if kind != "released":
            continue
        if label in released:
            yield Violation("SHIPPED", at, f"{label} twice")
        released.add(label)
        bodies = evidence.world.windows.get(("reader-3", received.get(label, -1)), [])
        if [body.code for body in bodies] != [label]:
            yield Violation("SHIPPED", at, f"{label}, and there were {[body.code for body in bodies]}")
        for body in bodies:
            yield from _whole(evidence, body, received[label], at)


def _whole(evidence: Evidence, body: Body, received: int, released: int) -> Iterator[Violation]:
    if not body.genuine:
        yield Violation("SHIPPED", received, f"{body.code} was never filled")
    if evidence.voided.get(body.code, released) < received:
        yield Violation("SHIPPED", received, f"{body.code} was voided before")
    read = [where for at, what, where in body.trail if what == "read" and at <= received]
    if tuple(read[-len(CHAIN) - 1 :]) != (*CHAIN, "reader-3"):
        yield Violation("SHIPPED", received, f"{body.code} was read at {read}")


def routed(evidence: Evidence) -> Iterator[Violation]:
    """What was not read leaves the productive way at the very next diverter, and nothing else goes wrong there."""
    if evidence.story.hands or evidence.story.stuck:
        return
    for body in [*evidence.world.packed, *evidence.world.everything(), *evidence.world.gone]:
        last: list[tuple[str, str]] = []
        for at, what, where in body.trail:
            if what in {"read", "unread"}:
                last.append((what, where))
            if what != "exit" or not last:
                continue
            default, productive = DIVERTERS[READ_FOR[last[-1][1]]]
            twice = last[-2:] == [("unread", "reader-1")] * 2
            if where == productive and last[-1][0] == "unread" and not twice:
                yield Violation("ROUTED", at, f"{body.code} was not read and went to {where}")
            if where not in {default, productive}:
                yield Violation("ROUTED", at, f"{body.code} went to {where}")


def told(evidence: Evidence) -> Iterator[Violation]:
    """A diverter is told about the tote that comes next, while there is time."""
    if evidence.story.hands:
        return
    needs = SPEED_MM_S * ACTUATE_US // 1000
    for at, diverter, exit_, label, there in evidence.commands:
        if not there:
            yield Violation("TOLD", at, f"{diverter} to {exit_} for {label}: nothing comes")
        elif (label and there[0][0] != label) or there[0][1] < needs:
            yield Violation("TOLD", at, f"{diverter} to {exit_} for {label}, and {there[0]} came next")


def found(evidence: Evidence) -> Iterator[Violation]:
    """What hands did is known when the next reader saw it, or when what they took off should have been there."""
    for deed in evidence.deeds:
        match deed.kind:
            case "remove":
                yield from _missed(evidence, deed)
            case "swap" if any(_has_no_turn(body, deed) for body in deed.bodies):
                pass  # a stranger, or one that a hand put there, has no turn that could be changed: it is found as what it is
            case "elsewhere" | "foreign" | "dead" | "swap":
                yield from _unseen(evidence, deed)


def _missed(evidence: Evidence, deed: Deed) -> Iterator[Violation]:
    (body,) = deed.bodies
    if not body.genuine or body.code in evidence.voided or deed.due is None:
        return
    before = [kind for kind, _, at, label, _ in evidence.said if label == body.code and at <= deed.at]
    if before and before[-1] in GONE:
        return  # it was missed already, and nobody has seen it since
    until, missed = deed.due + S // 2, {body.code}
    if evidence.story.unread:  # something else that was not read may have been taken for it: then until it has come round
        until = evidence.ended
        missed |= set(_taken_for_it(evidence, body.code, deed.at))
    for kind, where, at, label, _ in evidence.said:
        if kind in GONE and (label in missed or (where == deed.belt and not label)) and deed.at <= at <= until:
            return
    yield Violation("FOUND", deed.at, f"nobody missed {body.code} on {deed.belt} until {until / S:.2f}")


def _taken_for_it(evidence: Evidence, code: str, since: int) -> Iterator[str]:
    """What was not read where this one was expected. No sign tells the two apart: one is missed, and a person finds which."""
    wrongly = {
        (at, where) for kind, where, at, label, _ in evidence.said if kind.startswith("unread") and label == code and at > since
    }
    for body in [*evidence.world.packed, *evidence.world.everything(), *evidence.world.gone]:
        if any(what == "unread" and (at, where) in wrongly for at, what, where in body.trail):
            yield body.code


def _unseen(evidence: Evidence, deed: Deed) -> Iterator[Violation]:
    passes = [one for body in deed.bodies if (one := _next_reader(body, deed)) is not None]
    if not passes:
        return  # another hand, a person or a lane had it before
    if deed.kind == "swap" and _uncertain(evidence, deed):
        return  # its order was known to be worth nothing: everything on it is read anew and nothing decided by it
    first, reader = min(passes)
    for kind, where, at, label, _ in evidence.said:
        there = where in {reader, READERS[reader][0], "packing"} or label in {body.code for body in deed.bodies}
        if kind not in USUAL and there and deed.at <= at <= first:
            return
    codes = [body.code for body in deed.bodies]
    yield Violation("FOUND", first, f"{deed.kind} of {codes} on {deed.belt} at {deed.at / S:.2f} went unseen through {reader}")


def _has_no_turn(body: Body, deed: Deed) -> bool:
    earlier = [what for at, what, _ in body.trail if at < deed.at]
    return not body.genuine or earlier[-1:] == ["hand"]


def _uncertain(evidence: Evidence, deed: Deed) -> bool:
    """Whether this belt had been called uncertain, and not certain again, when the hand was there."""
    said = [kind for kind, where, at, *_ in evidence.said if where == deed.belt and at <= deed.at and kind.endswith("certain")]
    return said[-1:] == ["uncertain"]


def _next_reader(body: Body, deed: Deed) -> tuple[int, str] | None:
    """When it was before a reader that its belt leads to. (The report of the reader it was just taken from may come after.)"""
    taken = deed.at + (COVERED if deed.kind in {"elsewhere", "swap"} else 0)
    for at, what, where in body.trail:
        if at > deed.at and what == "hand":
            return None
        if at > taken and what in {"read", "unread"} and where in LEADS_TO.get(deed.belt, ("reader-1",)):
            return at, where
    return None


def place(evidence: Evidence) -> Iterator[Violation]:
    """At the end nobody is believed to be on the way."""
    for label, state in evidence.believed.items():
        if state in OPEN:
            yield Violation("PLACE", evidence.ended, f"{label} is still {state}")
    for label in evidence.placed.keys() - evidence.believed.keys():
        yield Violation("PLACE", evidence.ended, f"nobody knows of {label}")


def calm(evidence: Evidence) -> Iterator[Violation]:
    """Where belts only stop and go, everything arrives and nobody is alarmed. But a tote that is before a diverter while its belt
    stands for longer than a decision lasts takes the safe exit, and is said to have strayed there."""
    story = evidence.story
    if story.hands or story.stuck or story.slow or story.unread or story.race_ms is not None:
        return
    safe = {exits[0] for exits in DIVERTERS.values()} if story.stops else set()
    for kind, where, at, label, detail in evidence.said:
        if kind not in USUAL and not (kind == "strayed" and where in safe):
            yield Violation("CALM", at, f"{kind} at {where}: {label} {detail}")
    if set(evidence.believed.values()) - {"released", "rejected" if story.stops else "released"}:
        yield Violation("CALM", evidence.ended, f"not everything arrived: {evidence.believed}")
