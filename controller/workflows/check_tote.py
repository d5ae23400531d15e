"""Check: a person looks what is really in a tote before it is sealed (reference domain B10: picked, checked, packed).

A machine knows what it meant to give. What a person finds is what the tote holds from then on; what that differs by is a
discrepancy, opened in the same commit, and what is lacking is planned anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controller.formulary import lots as lotting
from controller.formulary.lots import Lot
from controller.ledger.port import Entry
from controller.machines.custody import Event
from controller.policy.roles import Right
from controller.policy.session import require
from controller.workflows.custody import discrepancy, find, may, picks_into
from controller.workflows.orders import orders_into
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from controller.ledger.views.tote_records import Tote
    from controller.policy.session import Session
    from controller.station import Station


def check(
    station: Station, session: Session, id_: str, found: Sequence[Mapping[str, Any]], *, labelled: bool = False
) -> list[dict[str, Any]]:
    """A person says what lies in a tote: `item` and `lots` of each, and, where a machine left packs without their labels, that
    these bear them now (`labelled`). Returns what differs from what it should hold.

    Raises Refused: `not-allowed`, `presence-required`, `unknown-tote`, `tote-not-now`, `tote-being-filled`,
    `tote-labels-lacking`, `unknown-item`, `item-told-twice`.
    """
    require(session, Right.PICK)
    tote = find(station, id_)
    may(tote, Event.CHECKED)
    if filling := [*picks_into(station, id_), *orders_into(station, id_)]:
        raise Refused("tote-being-filled", tote=id_, by=filling[0]["person"], since=filling[0]["since"])
    if tote["to_label"] and not labelled:
        packs = sum(one["packs"] for one in tote["to_label"])
        raise Refused("tote-labels-lacking", tote=id_, packs=packs, lines=sorted({one["line"] for one in tote["to_label"]}))
    told = [_told(station, one) for one in found]
    names = [one["item"] for one in told]
    for name in names:
        if names.count(name) > 1:
            raise Refused("item-told-twice", item=name)
    differences = _differences(tote, {one["item"]: one["quantity"] for one in told})
    about = {"tote": id_, "pick_list": tote["pick_list"], "by": session.person}
    body = {**about, "found": told, "differences": differences, "labelled": tote["to_label"]}
    opened = [_discrepancy(station, session, tote, one) for one in differences]
    station.ledger.post(Entry("tote.checked", body, session.person), *opened)
    return differences


def _told(station: Station, one: Mapping[str, Any]) -> dict[str, Any]:
    item = station.books.formulary.item(one["item"])
    if item is None:
        raise Refused("unknown-item", id=one["item"])
    lots = lotting.together([], [Lot(lot=lot["lot"], expiry=lot["expiry"], quantity=lot["quantity"]) for lot in one["lots"]])
    return {"item": item.id, "unit": item.unit, "quantity": sum(lot["quantity"] for lot in lots), "lots": lots}


def _differences(tote: Tote, found: Mapping[str, int]) -> list[dict[str, Any]]:
    contents = tote["contents"]
    differences = []
    for item in dict.fromkeys((*contents, *found)):
        expected = contents[item]["quantity"] if item in contents else 0
        if found.get(item, 0) != expected:
            lines = contents[item]["lines"] if item in contents else []
            differences.append({"item": item, "expected": expected, "found": found.get(item, 0), "lines": lines})
    return differences


def _discrepancy(station: Station, session: Session, tote: Tote, differs: Mapping[str, Any]) -> Entry:
    """Nobody has signed for a tote that is still being filled, so nobody's hands stand in it."""
    known = station.books.formulary.item(differs["item"])
    unit, figures = known.unit if known is not None else "unit", (differs["expected"], differs["found"])
    return discrepancy(station, tote, differs["item"], unit, figures, session.person, tote["signers"])
