"""Receiving: a tote is announced by the station that packed it, arrives, is unpacked by restocks and signed for (B10).

A restock that names the tote takes from its contents; what is neither put away nor left in it is missing, and said to be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controller.ledger.port import Entry
from controller.ledger.views.tote_records import Tote
from controller.ledger.views.totes import over
from controller.machines.custody import Event, State
from controller.policy.roles import Right
from controller.policy.session import require
from controller.workflows.custody import differences, find, may, picks_into, witnessed
from controller.workflows.talk import request_hash
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controller.policy.session import Session
    from controller.station import Station


def announce(station: Station, session: Session, id_: str, told: Mapping[str, Any]) -> bool:
    """Takes the manifest of a tote that is coming in. The same again is the same tote. Returns whether it is new.

    Raises Refused: another manifest under that name, or a tote for another station.
    """
    require(session, Right.PUSH_PICK_LISTS)
    if told["destination"] != station.site.station.id:
        raise Refused("tote-for-another-station", tote=id_, to=told["destination"])
    known = station.books.totes.totes.get(id_)
    digest = request_hash(told)
    if known is not None and known["digest"] == digest:
        return False
    if (known is not None and not over(known)) or picks_into(station, id_):
        raise Refused("tote-name-taken", tote=id_, state=known["state"] if known is not None else "filling")
    station.ledger.post(Entry("tote.announced", {"tote": id_, **told, "digest": digest}, session.person))
    return True


def arrive(station: Station, session: Session, id_: str, seal: str) -> bool:
    """A tote stands here, and this is the seal on it. Returns whether it is new.

    A seal that is not the one that was put on is recorded, and the tote is unpacked all the same: what is in it decides.
    Raises Refused for a tote that this station was never told of, which is somebody else's.
    """
    require(session, Right.RESTOCK)
    found = station.books.totes.totes.get(id_)
    if found is None:
        raise Refused("tote-not-expected", tote=id_)
    if found["state"] == State.ARRIVED:
        return False
    may(found, Event.ARRIVED)
    body = {
        "tote": id_,
        "seal": seal,
        "seal_whole": found["seal"] in {"", seal},
        "station": station.site.station.id,
        "by": session.person,
    }
    station.ledger.post(Entry("tote.arrived", body, session.person))
    return True


def may_unpack(station: Station, id_: str | None, item: str) -> None:
    """Whether more of an item may be put away out of this tote. A name that no tote has is only a name.

    Raises Refused: `tote-not-here`, `not-in-tote`, `already-restocked`.
    """
    found = station.books.totes.totes.get(id_) if id_ is not None else None
    if found is None or id_ is None:
        return
    if found["state"] != State.ARRIVED:
        raise Refused("tote-not-here", tote=id_, state=found["state"])
    content = found["contents"].get(item)
    if content is None:
        raise Refused("not-in-tote", tote=id_, item=item)
    if content["loaded"] >= content["quantity"]:
        raise Refused("tote-item-done", tote=id_, item=item)


def receive(station: Station, session: Session, id_: str, left: Mapping[str, int], token: str | None) -> bool:
    """Signs for a tote that is unpacked; `left` are the units of each item that stay in it and go back.

    Whatever is neither put away nor left is missing, and said to be. Returns whether it is new. Raises Refused.
    """
    require(session, Right.RESTOCK)
    found = find(station, id_)
    if found["state"] == State.RECEIVED and found["receipt"] is not None:
        if found["receipt"]["left"] == dict(left):
            return False
        raise Refused("receipt-differs", tote=id_)
    may(found, Event.RECEIVED)
    for item in left:
        if item not in found["contents"]:
            raise Refused("not-in-tote", tote=id_, item=item)
    busy = [work for work in station.books.work.live() if work["kind"] == "restock" and work["request"].get("tote") == id_]
    if busy:
        raise Refused("tote-being-unpacked", tote=id_, by=busy[0]["person"], since=busy[0]["since"])
    needed = any(content["controlled"] for content in found["contents"].values())
    witness, used = witnessed(station, session, what_is_received(found, left), token, needed=needed)
    here = station.site.station.id
    arrived = next(signer for signer in reversed(found["signers"]) if signer["did"] == "arrived")
    signers = [{"did": "arrived", "station": here, "person": arrived["person"]}]
    signers += [{"did": "received", "station": here, "person": session.person}]
    signers += [{"did": "received-witness", "station": here, "person": witness}] if witness is not None else []
    loaded = {content["item"]: content["loaded"] for content in found["contents"].values()}
    receipt = {
        "station": here,
        "seal": found["seal"],
        "seal_whole": found["seal_whole"],
        "loaded": loaded,
        "left": dict(left),
        "signers": signers,
    }
    body = {"tote": id_, "receipt": receipt, "station": here, "by": session.person, "witness": witness}
    custody = differences(station, found, receipt, session.person) if found["source"] == here else []
    station.ledger.post(*used, Entry("tote.received", body, session.person), *custody)
    return True


def what_is_received(tote: Tote, left: Mapping[str, int]) -> dict[str, Any]:
    """What a witness of the receipt signs: what was put away, and what stays. Never what was packed (law 9)."""
    loaded = {content["item"]: content["loaded"] for content in tote["contents"].values()}
    return {"what": "tote.receipt", "tote": tote["tote"], "loaded": loaded, "left": dict(left)}
