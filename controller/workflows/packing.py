"""Packing: what was picked into a tote is sealed, signed for and sent to another station, which says what came (B10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controller.ledger.port import Entry
from controller.ledger.views.tote_records import Tote
from controller.ledger.views.totes import over
from controller.machines.custody import Event, State
from controller.policy.roles import Right
from controller.policy.session import require
from controller.workflows.custody import differences, find, may, picks_into, witnessed
from controller.workflows.orders import orders_into
from controller.workflows.talk import request_hash
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controller.policy.session import Session
    from controller.station import Station


def may_fill(station: Station, id_: str, pick_list: str) -> None:
    """Whether picks of this list may go into the tote: one list a tote, until it is sealed. Raises Refused."""
    found = station.books.totes.totes.get(id_)
    if found is None or over(found):
        return
    may(found, Event.FILLED)
    if found["pick_list"] != pick_list:
        raise Refused("tote-of-another-list", tote=id_, list=found["pick_list"])


def pack(station: Station, session: Session, id_: str, asked: Mapping[str, Any]) -> bool:
    """Seals a tote: `list`, `to`, `seal`, and a `witness` token where something in it is controlled. Returns whether it is new.

    The same again by the same person is the same sealing. Raises Refused.
    """
    require(session, Right.PICK)
    found = station.books.totes.totes.get(id_)
    if found is None or found["pick_list"] != asked["list"]:
        raise Refused("tote-empty", tote=id_, list=asked["list"])
    if found["state"] == State.PACKED and (found["seal"], found["destination"]) == (asked["seal"], asked["to"]):
        return False
    may(found, Event.PACKED)
    if (fill := station.books.carts.of_list(asked["list"])) is not None:
        raise Refused("tote-of-cart", tote=id_, fill=fill["id"])
    if asked["to"] == station.site.station.id:
        raise Refused("tote-to-ourselves", to=asked["to"])
    if filling := [*picks_into(station, id_), *orders_into(station, id_)]:
        raise Refused("tote-being-filled", tote=id_, by=filling[0]["person"], since=filling[0]["since"])
    if found["unchecked"]:
        raise Refused("tote-not-checked", tote=id_)
    controlled = [item for item in found["contents"] if _controlled(station, item)]
    signed = what_is_packed(found, asked["to"], asked["seal"])
    witness, used = witnessed(station, session, signed, asked.get("witness"), needed=bool(controlled))
    body = {
        "tote": id_,
        "pick_list": asked["list"],
        "revision": station.books.work.pick_lists[asked["list"]]["revision"],
        "source": station.site.station.id,
        "destination": asked["to"],
        "seal": asked["seal"],
        "controlled": controlled,
        "station": station.site.station.id,
        "by": session.person,
        "witness": witness,
    }
    station.ledger.post(*used, Entry("tote.packed", body, session.person))
    return True


def send(station: Station, session: Session, id_: str) -> bool:
    """A sealed tote leaves the station. Returns whether it had not left before. Raises Refused."""
    require(session, Right.PICK)
    found = find(station, id_)
    if found["state"] == State.IN_TRANSIT:
        return False
    may(found, Event.SENT)
    body = {"tote": id_, "station": station.site.station.id, "by": session.person}
    station.ledger.post(Entry("tote.sent", body, session.person))
    return True


def manifest(tote: Tote) -> dict[str, Any]:
    """What the receiving station is told of a sealed tote: the body of its `PUT /v1/totes/{id}`. Raises Refused."""
    if State(tote["state"]) not in {State.PACKED, State.IN_TRANSIT}:
        raise Refused("tote-not-now", tote=tote["tote"], state=tote["state"], why="only a sealed tote has a manifest")
    return {
        "source": tote["source"],
        "destination": tote["destination"],
        "pick_list": tote["pick_list"],
        "revision": tote["revision"],
        "seal": tote["seal"],
        "contents": [
            {name: content[name] for name in _CONTENT}  # type: ignore[literal-required]
            for content in tote["contents"].values()
        ],
        "signers": [
            {name: signer[name] for name in _SIGNER}  # type: ignore[literal-required]
            for signer in tote["signers"]
            if signer["did"].startswith("packed")
        ],
    }


_CONTENT = ("item", "unit", "controlled", "quantity", "lots", "lines")
_SIGNER = ("did", "station", "person")


def told(station: Station, tote: Tote) -> None:
    """Its receiver has taken the manifest in."""
    station.ledger.post(Entry("tote.told", {"tote": tote["tote"], "to": tote["destination"]}))


def receipt_refused(station: Station, partner: str, tote: str, receipt: Mapping[str, Any], code: str) -> None:
    """A partner has signed for something that cannot be: kept, for somebody must look at both stations."""
    body = {"tote": tote, "station": partner, "code": code, "receipt": dict(receipt)}
    station.ledger.post(Entry("tote.receipt_refused", body, partner))


def confirm(station: Station, session: Session, id_: str, receipt: Mapping[str, Any]) -> bool:
    """The packing station learns what the receiver signed for. The same receipt again is the same. Returns whether it is new.

    From here on what was put away there is no longer ours; what is missing is a custody discrepancy, opened in the same
    commit; what was left in the tote is on its way back. Raises Refused.
    """
    require(session, Right.PUSH_PICK_LISTS)
    found = find(station, id_)
    digest = request_hash(receipt)
    if found["receipt"] is not None and found["digest"] == digest:
        return False
    may(found, Event.CONFIRMED)
    if receipt["station"] != found["destination"]:
        raise Refused("receipt-of-another-station", tote=id_, station=receipt["station"], to=found["destination"])
    if receipt["seal"] != found["seal"]:
        raise Refused("receipt-of-another-journey", tote=id_, seal=receipt["seal"])
    custody = differences(station, found, receipt, str(receipt["signers"][-1]["person"]))
    what = "differed" if custody else "confirmed"
    entries = [Entry(f"tote.{what}", {"tote": id_, "receipt": dict(receipt), "digest": digest}, session.person), *custody]
    if any(receipt["left"].values()):
        entries.append(Entry("tote.returning", {"tote": id_, "left": dict(receipt["left"])}, session.person))
    station.ledger.post(*entries)
    return True


def call_back(station: Station, session: Session, id_: str) -> bool:
    """A sealed tote that has not left is unpacked here again. Returns whether it is new. Raises Refused."""
    require(session, Right.PICK)
    found = find(station, id_)
    if found["state"] == State.RETURNING:
        return False
    may(found, Event.RETURNING)
    station.ledger.post(taken_back(session, found))
    return True


def taken_back(session: Session, tote: Tote) -> Entry:
    """The entry by which a tote that has not left is to be unpacked here again."""
    left = {content["item"]: content["quantity"] for content in tote["contents"].values()}
    return Entry("tote.returning", {"tote": tote["tote"], "left": left}, session.person)


def what_is_packed(tote: Tote, to: str, seal: str) -> dict[str, Any]:
    """What a witness of the sealing signs."""
    contents = {content["item"]: content["quantity"] for content in tote["contents"].values()}
    return {"what": "tote.packing", "tote": tote["tote"], "to": to, "seal": seal, "contents": contents}


def _controlled(station: Station, item: str) -> bool:
    known = station.books.formulary.item(item)
    return known is not None and known.controlled
