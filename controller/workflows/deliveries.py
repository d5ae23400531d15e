"""Deliveries: what will come over a robot's belts is announced by its number, and what comes is counted against it.

Announcing lets nothing in: each pack is ruled on at its belt as ever. A delivery is complete when every line has come; before
that a person closes it, and what is missing is said as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controller.ledger.port import Entry
from controller.ledger.views.deliveries import OPEN, missing
from controller.policy.roles import Right
from controller.policy.session import require
from controller.robots import find
from controller.workflows.talk import request_hash
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controller.ledger.views.deliveries import Delivery
    from controller.policy.session import Session
    from controller.station import Station


def put(station: Station, session: Session, id_: str, body: Mapping[str, Any]) -> bool:
    """Announces a delivery: `robot`, `number`, and `lines` with `item`, `quantity` (packs), `lot` and `expiry`. Whether it is new.

    Raises Refused: `not-allowed`, `delivery-id-taken`, `unknown-robot`, `delivery-number-taken`, `unknown-item`; LedgerFault.
    """
    require(session, Right.ANNOUNCE_DELIVERIES)
    known, digest = station.books.deliveries.deliveries.get(id_), request_hash(body)
    if known is not None:
        if known["request_hash"] == digest:
            return False
        raise Refused("delivery-id-taken", id=id_)
    robot = find(station, body["robot"])
    if (other := station.books.deliveries.open(robot.id, body["number"])) is not None:
        raise Refused("delivery-number-taken", robot=robot.id, number=body["number"], id=other["delivery"])
    for line in body["lines"]:
        if station.books.formulary.item(line["item"]) is None:
            raise Refused("unknown-item", id=line["item"])
    lines = [{"n": n, **line} for n, line in enumerate(body["lines"], start=1)]
    told = {"delivery": id_, "robot": robot.id, "number": body["number"], "lines": lines, "request_hash": digest}
    station.ledger.post(Entry("delivery.put", told, session.person))
    robot.deliveries.wake()
    return True


def close(station: Station, session: Session, id_: str) -> bool:
    """A person says that no more of it comes. What is missing is said line by line. Whether it is new. Raises Refused."""
    require(session, Right.RESTOCK)
    delivery = get(station, id_)
    if delivery["state"] != OPEN:
        return False
    short = [
        {"n": line["n"], "item": line["item"], "expected": line["quantity"], "stored": len(line["packs"]), "missing": missing(line)}
        for line in delivery["lines"]
        if missing(line)
    ]
    body = {"delivery": id_, "robot": delivery["robot"], "number": delivery["number"], "by": session.person, "short": short}
    station.ledger.post(Entry("delivery.closed", body, session.person))
    return True


def get(station: Station, id_: str) -> Delivery:
    """The delivery. Raises Refused("unknown-delivery")."""
    found = station.books.deliveries.deliveries.get(id_)
    if found is None:
        raise Refused("unknown-delivery", id=id_)
    return found
