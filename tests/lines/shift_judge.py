"""The judge of a shift at the belts: what physically happened against what the ledger says. It knows nothing of the product.

Laws: SHIPPED what arrives is what its code says, was read all the way and is no double; ROUTED nothing that was not read is led
away from the safe way; TOLD no gate moves under a tote that nobody touched; FOUND every deed of a hand is in the ledger when
the next reader has seen it, or when its time is over; PLACE at the end nobody is believed to be on the way, and nothing lies about.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from tests.lines.shift import Deed, Evidence

READS = {"read-1": "gate-1", "read-2": "gate-2"}
USUAL = {
    "line.routed", "line.confirmed", "line.received", "line.arrived", "line.certain", "line.tote_changed", "line.belt_changed",
    "line.act_intended", "line.act_ended", "line.send_intended", "line.send_ended", "line.left", "line.module_changed",
}  # fmt: skip
ASIDE = {"late", "lost", "held", "rejected"}
OPEN = {"bound", "moving", "at", "late", "unread", "in_lane"}
NAMELESS = {"line.surplus", "line.vanished", "line.unread", "line.uncertain", "line.jam"}
"""What is said of a stranger that no reader has seen yet."""
SEEN_S = 1.0
"""A reader's word and a counter's are in the ledger by then."""
WAYS = {
    (("read-1",), "load-gantry"), (("read-1", "read-2"), "packing"), (("read-2",), "packing"),
}  # fmt: skip


class Violation(NamedTuple):
    law: str
    at: float
    what: str

    def __str__(self) -> str:
        return f"{self.law} at {self.at:.2f} s: {self.what}"


def judge(evidence: Evidence) -> list[Violation]:
    """Every violation of every law."""
    return [one for law in (shipped, routed, told, found, place) for one in law(evidence)]


def shipped(evidence: Evidence) -> Iterator[Violation]:
    """What the ledger says has arrived stands there, is no stranger's or double's, and was read wherever its way led."""
    arrived = [(at, body["tote"], body["at"]) for at, kind, body in evidence.rows if kind == "line.arrived"]
    for (at, tote, where), (seen_at, _, body) in zip(arrived, evidence.received, strict=True):
        if evidence.codes.get(body) != tote:
            yield Violation("SHIPPED", at, f"{tote} at {where}, and there stood {body or 'nothing'}")
            continue
        if body.startswith(("clone", "dead", "foreign")):
            yield Violation("SHIPPED", at, f"{body} was taken for {tote} at {where}")
        read = [one.place for one in evidence.passages if one.body == body and one.what == "read" and one.at <= seen_at]
        last = "read-packing" if where == "packing" else "read-gantry"
        if read[-1:] != [last] or not any(tuple(read[-1 - len(way) : -1]) == way for way, to in WAYS if to == where):
            yield Violation("SHIPPED", at, f"{tote} at {where} was read at {read}")


def routed(evidence: Evidence) -> Iterator[Violation]:
    """The next diverter after a reader that did not read it lets a tote go the safe way."""
    last: dict[str, tuple[str, str]] = {}
    touched = {body for deed in evidence.deeds for body in deed.bodies}
    for one in evidence.passages:
        if one.body is None or one.body in touched:
            continue
        if one.what in {"read", "unread"}:
            last[one.body] = one.what, one.place
        elif one.what == "diverted":
            what, reader = last.get(one.body, ("never read", ""))
            if what != "read" or READS.get(reader) != one.place:
                yield Violation("ROUTED", one.at, f"{one.body} was {what} at {reader} and led away at {one.place}")


def told(evidence: Evidence) -> Iterator[Violation]:
    """Where no hand was, no gate hits a tote."""
    if not evidence.deeds:
        for one in evidence.passages:
            if one.what == "caught":
                yield Violation("TOLD", one.at, f"{one.place} moved under {one.body}")


def found(evidence: Evidence) -> Iterator[Violation]:
    """Every deed is told of: something unusual about that label or at that place, in time."""
    for deed in _in_effect(evidence.deeds):
        until = _until(evidence, deed) if _counts(evidence, deed) else None
        codes = {evidence.codes[body] for body in deed.bodies}
        ours = any(code.startswith("T-") for code in codes)
        if until is None or any(
            kind not in USUAL and deed.at <= at <= until and (body.get("tote") in codes or (not ours and kind in NAMELESS))
            for at, kind, body in evidence.rows
        ):
            continue
        yield Violation("FOUND", deed.at, f"{deed.kind} of {sorted(codes)} went unseen until {until:.2f}")


def _in_effect(deeds: list[Deed]) -> Iterator[Deed]:
    """What was done in one instant to the same totes is one deed: swapped and swapped back is none, and what was put elsewhere
    twice lies where it was put last."""
    for (_, bodies), same in itertools.groupby(deeds, lambda deed: (deed.at, frozenset(deed.bodies))):
        first, *rest = same
        kinds = {deed.kind for deed in (first, *rest)}
        if rest and kinds == {"swap"}:
            if len(rest) % 2 == 0:
                yield first
        elif rest and kinds == {"elsewhere"}:
            yield Deed("elsewhere", first.at, tuple(bodies), (first.ways[0], rest[-1].ways[1]))
        else:
            yield from (first, *rest)


def _counts(evidence: Evidence, deed: Deed) -> bool:
    """Whether anybody could find it. Not what is looked for already; not a stranger that no reader has seen and that is gone again;
    not a tote that was put back before the very reader it was coming to: it comes a little later, and is read there."""
    if deed.kind == "remove" and not all(body.startswith("T-") for body in deed.bodies):
        return False
    if deed.ways and deed.ways[0] == deed.ways[1]:
        return False
    return not all(_told_of(evidence, evidence.codes[body], deed.at) for body in deed.bodies)


def _told_of(evidence: Evidence, code: str, at: float) -> bool:
    states = [
        body["state"] for when, kind, body in evidence.rows if kind == "line.tote_changed" and body["tote"] == code and when <= at
    ]
    return states[-1:] != [] and states[-1] in ASIDE


def _until(evidence: Evidence, deed: Deed) -> float | None:
    """When it must be known: at the next reader that one of them passes that is not looked for already, or for what was taken off
    at the end. None: no reader saw it before a person took it off."""
    if deed.kind == "remove":
        return evidence.ended
    missed = {body for body in deed.bodies if not _told_of(evidence, evidence.codes[body], deed.at)}
    passes = [one.at for one in evidence.passages if one.body in missed and one.at > deed.at and one.what in {"read", "unread"}]
    return min(passes) + SEEN_S if passes else None


def place(evidence: Evidence) -> Iterator[Violation]:
    """Nobody forgets a tote."""
    for label, state in evidence.believed.items():
        if state in OPEN:
            yield Violation("PLACE", evidence.ended, f"{label} is still {state}")
    if evidence.left:
        yield Violation("PLACE", evidence.ended, f"{evidence.left} lie on the belts")
