"""Discrepancies: opened in one way, whatever differs, and what people do with them until they are closed (domain B9).

History is never changed: a resolution explains a number and moves no stock. The system names no culprit; it lists who had
access since the last good count, key and service access included.
"""

from __future__ import annotations

import asyncio
import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from controller.ledger.port import Entry
from controller.machines.discrepancy import RULES, Event, State
from controller.machines.table import IllegalEvent
from controller.policy.roles import Right, Role
from controller.policy.session import Session, require, subject_of
from controller.workflows.accesses import Access, accesses, suggestions
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from controller.ledger.views.discrepancies import DifferentPack, Discrepancy
    from controller.station import Station
    from controller.workflows.visit import Visit

ESCALATIONS = ("charge-nurse", "pharmacy", "suspected-loss")


@dataclass(frozen=True, slots=True)
class Where:
    """Where something differs: a pocket in its drawer, a tote, or packs of a robot by its numbers."""

    pocket: str | None = None
    drawer: str | None = None
    tote: str | None = None
    robot: str | None = None
    packs: Mapping[str, DifferentPack] = field(default_factory=dict)


def opened(
    station: Station,
    where: Where,
    *,
    item: str,
    unit: str,
    figures: tuple[int, int],
    finder: str,
    by: str,
    since: int,
    accesses: Sequence[Mapping[str, Any]],
    work: Mapping[str, str] | None = None,
    suggestions: Sequence[Mapping[str, Any]] = (),
    linked: Sequence[str] = (),
) -> Entry:
    """The entry that opens one. `figures` are what should be there and what was found, in `unit`; `accesses` is everybody who
    could have reached it above row `since`; `by` is who records it."""
    expected, counted = figures
    body = {
        "discrepancy": station.ids.new(),
        "pocket": where.pocket,
        "drawer": where.drawer,
        "tote": where.tote,
        "robot": where.robot,
        "packs": dict(where.packs),
        "item": item,
        "unit": unit,
        "expected": expected,
        "counted": counted,
        "delta": counted - expected,
        "finder": finder,
        "work": work,
        "since_seq": since,
        "accesses": list(accesses),
        "suggestions": list(suggestions),
        "linked": list(linked),
    }
    return Entry("discrepancy.opened", body, by)


async def opening(visit: Visit, expected: int, counted: int, hint: str | None) -> Entry:
    """The entry that opens one at the pocket of a visit, with every access since its last good count."""
    talk, station, pocket = visit.talk, visit.talk.station, visit.pocket
    since = station.books.stock.pockets[pocket]["good"]
    seen = await accesses(station.ledger, visit.drawer.id, pocket, since)
    if all(access["intent"] != visit.intent for access in seen.accesses):
        seen.accesses.append(
            Access(
                seq=station.ledger.head[0],
                at=station.clock.stamp(),
                person=talk.session.person,
                kind=talk.kind,
                work=talk.id,
                intent=visit.intent,
            )
        )
    return opened(
        station,
        Where(pocket=pocket, drawer=visit.drawer.id),
        item=visit.item.id,
        unit=visit.item.unit,
        figures=(expected, counted),
        finder=talk.session.person,
        by=talk.session.person,
        since=since,
        accesses=seen.accesses,
        work=talk.name,
        suggestions=suggestions(station.books, pocket, visit.drawer.id, counted - expected, hint, seen),
        linked=[other["discrepancy"] for other in station.books.discrepancies.unsettled_at(pocket)],
    )


async def watch(station: Station) -> None:
    """Alerts once for each step of age that an unresolved discrepancy reaches, and never for anything else.

    Waiting is by the loop's time. What was open before a restart has already waited as long as the ledger's wall times
    say (between nothing and the whole step: a wrong clock alerts early or late, and orders nothing).
    """
    ledger, view = station.ledger, station.books.discrepancies
    due: dict[str, float] = {}
    loop = asyncio.get_running_loop()
    while True:
        head = ledger.head[0]
        for known in [known for known in due if not view.escalates(known)]:
            del due[known]
        for found in view.unsettled():
            if found["discrepancy"] not in due and view.escalates(found["discrepancy"]):
                due[found["discrepancy"]] = loop.time() + _left(station, found)
        for known in [known for known, at in due.items() if at <= loop.time()]:
            step = view.all[known]["escalated"]
            ledger.post(Entry("discrepancy.escalated", {"discrepancy": known, "step": ESCALATIONS[step]}))
            del due[known]
            if step + 1 < len(ESCALATIONS):
                due[known] = loop.time() + _steps(station)[step + 1] - _steps(station)[step]
        try:
            async with asyncio.timeout_at(min(due.values(), default=None)):
                await ledger.wait_for(_TURNS, lambda _body: True, after=head)
        except TimeoutError:
            continue


_TURNS = ("discrepancy.opened", "discrepancy.rejected", "discrepancy.resolved")


def _steps(station: Station) -> tuple[int, int, int]:
    policy = station.site.policy
    return policy.escalate_charge_s, policy.escalate_pharmacy_s, policy.suspected_loss_s


def _left(station: Station, found: Discrepancy) -> float:
    step = found["escalated"]
    opened = datetime.datetime.fromisoformat(found["open_since"])
    waited = (station.clock.now() - opened).total_seconds()
    whole = float(_steps(station)[step])
    return whole - min(max(waited, 0.0), whole)


def claim(station: Station, session: Session, id_: str) -> None:
    """Somebody takes it up. Raises Refused."""
    _post(station, session, id_, (Event.CLAIMED, {"by": session.person}))


def explain(station: Station, session: Session, id_: str, reason: str, explanation: str) -> None:
    """Says what happened, as far as anybody can; who explains has claimed it. Raises Refused."""
    found = _find(station, session, id_)
    claimed = [(Event.CLAIMED, {"by": session.person})] if found["state"] == State.OPEN else []
    said = {"reason": reason, "explanation": explanation, "by": session.person}
    _post(station, session, id_, *claimed, (Event.EXPLAINED, said))


def what_is_signed(found: Discrepancy, reason: str, explanation: str) -> dict[str, Any]:
    """What a witness of the resolution signs: its hash (`subject_of`) is what the token is bound to. Of a robot's it holds the
    packs as they stand: what is added to it afterwards, nobody has signed."""
    signed = {
        "what": "discrepancy.resolution",
        "discrepancy": found["discrepancy"],
        "reason": reason,
        "explanation": explanation,
    }
    return {**signed, "packs": found["packs"]} if found["robot"] is not None else signed


def resolve(station: Station, session: Session, id_: str, reason: str, explanation: str, token: str | None) -> None:
    """Resolves it with a witness, claiming and explaining it on the way if nobody has. Raises Refused.

    Without a token it is Refused("witness-needed") with the hash that a witness's token must be bound to.
    """
    found = _find(station, session, id_)
    subject = subject_of(what_is_signed(found, reason, explanation))
    if State(found["state"]) not in {State.OPEN, State.CLAIMED, State.EXPLAINED}:
        raise Refused("discrepancy-not-now", discrepancy=id_, state=found["state"], wanted="resolved")
    if token is None:
        raise Refused("witness-needed", subject=subject.hex())
    witness, used = station.people.witness(token, subject, session)
    steps: list[tuple[Event, dict[str, Any]]] = []
    if found["state"] == State.OPEN:
        steps.append((Event.CLAIMED, {"by": session.person}))
    if found["explanation"] is None or (found["reason"], found["explanation"]) != (reason, explanation):
        steps.append((Event.EXPLAINED, {"reason": reason, "explanation": explanation, "by": session.person}))
    resolved = {"reason": reason, "explanation": explanation, "by": session.person, "witness": witness}
    _post(station, session, id_, *steps, (Event.RESOLVED, resolved), also=[used])


def review(station: Station, session: Session, id_: str, accept: bool, note: str) -> None:
    """A pharmacist who had no part in it accepts the resolution, which closes it, or sends it back. Raises Refused."""
    found = _find(station, session, id_)
    if Role.PHARMACIST not in session.roles:
        raise Refused("not-allowed", right="review-discrepancies")
    if session.person in parties(found):
        raise Refused("reviewer-involved", discrepancy=id_)
    said = {"by": session.person, "note": note}
    if accept:
        _post(station, session, id_, (Event.REVIEWED, said), (Event.CLOSED, said))
    else:
        _post(station, session, id_, (Event.REJECTED, said))


def parties(found: Discrepancy) -> set[str]:
    """Everybody who may have caused it, found it, resolved it or signed for that: none of them reviews it."""
    named = {access["person"] for access in found["accesses"]} | {found["finder"]}
    named |= {found["resolution"][who] for who in ("by", "witness")} if found["resolution"] else set()
    return {person for person in named if person is not None}


def _find(station: Station, session: Session, id_: str) -> Discrepancy:
    require(session, Right.RESOLVE_DISCREPANCIES)
    found = station.books.discrepancies.all.get(id_)
    if found is None:
        raise Refused("unknown-discrepancy", id=id_)
    return found


def _post(
    station: Station,
    session: Session,
    id_: str,
    *steps: tuple[Event, dict[str, Any]],
    also: list[Entry] | None = None,
) -> None:
    found = _find(station, session, id_)
    state = State(found["state"])
    for event, _ in steps:
        try:
            state = RULES.after(state, event)
        except IllegalEvent as illegal:
            raise Refused("discrepancy-not-now", discrepancy=id_, state=found["state"], wanted=str(event)) from illegal
    entries = [Entry(f"discrepancy.{event}", {"discrepancy": id_, **facts}, session.person) for event, facts in steps]
    station.ledger.post(*(also or []), *entries)
