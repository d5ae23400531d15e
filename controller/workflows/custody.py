"""Custody: who had a tote in hand, what of it is not accounted for, and how long it has been on its way (B10).

What a tote holds is the packing station's until the receiving one has signed for it. Every unit that was packed and neither
put away nor left in the tote is a discrepancy that names everybody who had it in hand.
"""

from __future__ import annotations

import asyncio
import datetime
from typing import TYPE_CHECKING, Any

from controller.ledger.port import Entry
from controller.ledger.views.tote_records import Signer, Tote
from controller.machines.custody import RULES, Event, State
from controller.machines.table import IllegalEvent
from controller.policy.session import subject_of
from controller.workflows.discrepancy import Where, opened
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from controller.ledger.views.work_records import Work
    from controller.policy.session import Session
    from controller.station import Station


def find(station: Station, id_: str) -> Tote:
    """The tote. Raises Refused("unknown-tote")."""
    found = station.books.totes.totes.get(id_)
    if found is None:
        raise Refused("unknown-tote", id=id_)
    return found


def may(tote: Tote, event: Event) -> None:
    try:
        RULES.after(State(tote["state"]), event)
    except IllegalEvent as illegal:
        raise Refused("tote-not-now", tote=tote["tote"], state=tote["state"], why=illegal.reason) from illegal


def picks_into(station: Station, id_: str) -> list[Work]:
    return [work for work in station.books.work.live() if work["kind"] == "pick" and work["about"]["tote"] == id_]


def witnessed(
    station: Station, session: Session, signed: Mapping[str, Any], token: str | None, *, needed: bool
) -> tuple[str | None, list[Entry]]:
    """Who witnesses, and the entry that spends the token. Raises Refused("witness-needed") with what is to be signed."""
    if not needed and token is None:
        return None, []
    subject = subject_of(signed)
    if token is None:
        raise Refused("witness-needed", subject=subject.hex())
    witness, used = station.people.witness(token, subject, session)
    return witness, [used]


def differences(station: Station, tote: Tote, receipt: Mapping[str, Any], finder: str) -> list[Entry]:
    """A custody discrepancy for each item of which not all is accounted for, with all hands it went through."""
    entries = []
    for content in tote["contents"].values():
        item, packed = content["item"], content["quantity"]
        arrived = receipt["loaded"].get(item, 0) + receipt["left"].get(item, 0)
        if arrived == packed:
            continue
        hands = (*tote["signers"], *receipt["signers"])
        entries.append(discrepancy(station, tote, item, content["unit"], (packed, arrived), finder, hands))
    return entries


def discrepancy(
    station: Station,
    tote: Tote,
    item: str,
    unit: str,
    figures: tuple[int, int],
    finder: str,
    hands: Sequence[Signer | Mapping[str, Any]],
) -> Entry:
    """The entry that opens one for an item of a tote: `figures` are what it should hold and what was found, `hands` who had it."""
    delta = figures[1] - figures[0]
    other_side = (one for one in station.books.discrepancies.unsettled() if one["robot"] is not None and one["item"] == item)
    return opened(
        station,
        Where(tote=tote["tote"]),
        item=item,
        unit=unit,
        figures=figures,
        finder=finder,
        by=finder,
        since=tote["signers"][0]["seq"] if tote["signers"] else tote["seq"],
        accesses=[_access(signer, tote["tote"]) for signer in hands],
        linked=[one["discrepancy"] for one in other_side if one["delta"] * delta < 0],
    )


def _access(signer: Signer | Mapping[str, Any], tote: str) -> dict[str, Any]:
    """One pair of hands, as a discrepancy lists who could reach what is missing."""
    who = {"person": signer["person"], "station": signer["station"], "kind": signer["did"], "work": tote, "intent": None}
    return {"seq": signer.get("seq", 0), "at": signer.get("at"), **who}


async def watch(station: Station) -> None:
    """Says of each tote on its way once when it is late, and again for each further such time.

    Waiting is by the loop's time; what left before a restart has waited as long as the wall times of the ledger say.
    """
    loop = asyncio.get_running_loop()
    due: dict[tuple[str, int], float] = {}
    while True:
        head = station.ledger.head[0]
        known = {(tote["tote"], tote["overdue"]): tote for tote in station.books.totes.on_their_way()}
        due = {key: due.get(key, loop.time() + _left_s(station, tote)) for key, tote in known.items()}
        for key in [key for key, at in due.items() if at <= loop.time()]:
            tote = known[key]
            alarm = {"tote": key[0], "step": tote["overdue"] + 1, "destination": tote["destination"]}
            station.ledger.post(Entry("tote.overdue", alarm))
            del due[key]
            due[key[0], key[1] + 1] = loop.time() + _patience_s(station, tote)
        try:
            async with asyncio.timeout_at(min(due.values(), default=None)):
                await station.ledger.wait_for(_MOVES, lambda _body: True, after=head)
        except TimeoutError:
            continue


_MOVES = ("tote.sent", "tote.returning", "tote.confirmed", "tote.differed", "tote.arrived")


def _patience_s(station: Station, tote: Tote) -> float:
    controlled = any(content["controlled"] for content in tote["contents"].values())
    policy = station.site.policy
    return policy.tote_late_controlled_s if controlled else policy.tote_late_s


def _left_s(station: Station, tote: Tote) -> float:
    whole = _patience_s(station, tote) * (tote["overdue"] + 1)
    waited = (station.clock.now() - datetime.datetime.fromisoformat(tote["since"])).total_seconds()
    return whole - min(max(waited, 0.0), whole)
