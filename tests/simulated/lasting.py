"""Laws of what lasts and what must not: the ledger after any cut (L7), nothing left running at the end (L8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulated.book import Work, ends
from tests.simulated.evidence import Evidence, Told
from tests.simulated.violation import Violation


def l7(e: Evidence) -> Iterator[Violation]:
    """The ledger opens after any cut, its chain holds, and what anybody was told is in it."""
    if e.ledger.flaw is not None:
        yield Violation("L7", e.ended_at, f"at the end: {e.ledger.flaw}")
    rows = e.ledger.rows
    ended = ends(rows)
    for death in e.deaths:
        left, how = death.left, "the power cut" if death.power else "the kill"
        if left.flaw is not None:
            yield Violation("L7", death.at, f"after {how}: {left.flaw}")
        if left.rows and (len(rows) < left.rows[-1].seq or rows[left.rows[-1].seq - 1].hash != left.rows[-1].hash):
            yield Violation("L7", death.at, f"row {left.rows[-1].seq} of what {how} left is not in the ledger any more")
        told = [one for one in e.told if one.life == death.life]
        for one in told:
            if (seq := _version(one.body)) > (left.rows[-1].seq if left.rows else 0):
                yield Violation("L7", one.at, f"{one.person} was told of row {seq}; {how} at {death.at:.3f} has lost it")
    for one in e.told:
        if one.durable is not None and (seq := _version(one.body)) > one.durable:
            yield Violation("L7", one.at, f"{one.person} was told of row {seq} while the disk held {one.durable}")
        yield from _told_so(ended, one)


def _version(body: Any) -> int:
    found = body.get("seq", 0) if isinstance(body, dict) else 0
    return found if isinstance(found, int) else 0


def _told_so(ended: Mapping[Work, str], one: Told) -> Iterator[Violation]:
    """A work that was told as ended is ended so in the ledger."""
    body = one.body
    if not isinstance(body, dict) or body.get("state") not in {"committed", "cancelled", "failed", "in_doubt"}:
        return
    if "kind" in body and ended.get((body["kind"], body["id"])) != body["state"]:
        yield Violation(
            "L7", one.at, f"{one.person} was told that {body['kind']} {body['id']} is {body['state']}: the ledger says not"
        )


def l8(e: Evidence) -> Iterator[Violation]:
    """No task, descriptor or timer is left over."""
    for what in e.left_over:
        yield Violation("L8", e.ended_at, what)
