"""Bags: a technician puts what a cart fill's list brought into each patient's bag, dose by dose in time order (domain A13, 113).

She scans the bag and then the pack. What does not belong there next is refused before it is in; what is not to be given any
more is taken out before the bag is closed, and a closed one is opened again for it as long as the cart has not left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controller.formulary import lots as lotting
from controller.formulary.lots import UNKNOWN_LOT
from controller.ledger.port import Entry
from controller.policy.roles import Right
from controller.policy.session import require
from controller.workflows.cart_doses import moment
from controller.workflows.cart_fill import Stand, Standing, find, standings, totes
from controller.workflows.packing import may_fill
from controller.workflows.scans import read
from controller.workflows.talk import request_hash
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controller.ledger.views.carts import Bag, Dose, Fill
    from controller.ledger.views.tote_records import Tote
    from controller.policy.session import Session
    from controller.station import Station
    from firmware_protocols.scanner_lines.gs1 import Code


def find_bag(station: Station, fill: Fill, bag: str) -> Bag:
    """The bag. Raises Refused("unknown-bag") with the bags of this fill."""
    if bag not in fill["bags"]:
        raise Refused("unknown-bag", bag=bag, fill=fill["id"], bags=sorted(fill["bags"]))
    return fill["bags"][bag]


def next_in(stands: list[Standing], bag: str) -> Standing | None:
    """What belongs into this bag next: the first dose that lies ready for it; one that was begun goes before."""
    ready = [one for one in stands if one.dose["bag"] == bag and one.stand == Stand.READY]
    return next((one for one in ready if one.dose["put"]), ready[0] if ready else None)


def enter(station: Station, session: Session, id_: str, bag: str, said: Mapping[str, Any]) -> bool:
    """One thing said at a bag: `scan` and its `data`, `confirm` or `take-out` of a `dose`. Returns whether it is new.

    With an `id` the same again is the same. A scan is one unit where each is a package of its own, else what the dose still
    needs of it. Raises Refused; nothing is recorded then, and nothing should be in the bag.
    """
    require(session, Right.PICK)
    fill = find(station, id_)
    digest = request_hash({**said, "bag": bag})
    before = next((dose["said"][said["id"]] for dose in fill["doses"].values() if said["id"] in dose["said"]), None)
    if before is not None and before != digest:
        raise Refused("entry-differs", id=said["id"])
    if before is not None:
        return False
    if find_bag(station, fill, bag)["closed"]:
        raise Refused("bag-closed", id=id_, bag=bag)
    _not_left(station, fill)
    moves = _taken_out if said["kind"] == "take-out" else _put_in
    body = {"cart_fill": id_, "bag": bag, "pick_list": fill["pick_list"], "how": said["kind"], "by": session.person}
    kind, facts = moves(station, fill, bag, said)
    station.ledger.post(Entry(kind, {**body, **facts, "entry": said["id"], "said": digest}, session.person))
    return True


def close(station: Station, session: Session, id_: str, bag: str) -> bool:
    """A bag is shut: all that lies ready for it is in, and nothing that is not to be given. Returns whether it is new.

    What lacks is recorded with it. Raises Refused.
    """
    require(session, Right.PICK)
    fill = find(station, id_)
    if find_bag(station, fill, bag)["closed"]:
        return False
    _not_left(station, fill)
    stands = standings(station, fill)
    _nothing_wrong(stands, [bag])
    if (missing := next_in(stands, bag)) is not None:
        raise Refused("bag-not-full", bag=bag, **_shown(missing.dose))
    lacking = [one.dose["n"] for one in stands if one.dose["bag"] == bag and one.stand in {Stand.LACKING, Stand.COMING}]
    body = {"cart_fill": id_, "bag": bag, "lacking": lacking, "by": session.person}
    station.ledger.post(Entry("cart_fill.bag_closed", body, session.person))
    return True


def reopen(station: Station, session: Session, id_: str, bag: str) -> bool:
    """A closed bag is opened again, until its cart has left. Returns whether it is new. Raises Refused."""
    require(session, Right.PICK)
    fill = find(station, id_)
    if not find_bag(station, fill, bag)["closed"]:
        return False
    _not_left(station, fill)
    station.ledger.post(Entry("cart_fill.bag_opened", {"cart_fill": id_, "bag": bag, "by": session.person}, session.person))
    return True


def send(station: Station, session: Session, id_: str) -> bool:
    """The cart leaves for its ward with all bags closed. Returns whether it is new. Raises Refused."""
    require(session, Right.PICK)
    fill = find(station, id_)
    if fill["sent"]:
        return False
    _not_left(station, fill)
    if still_open := sorted(bag["bag"] for bag in fill["bags"].values() if not bag["closed"]):
        raise Refused("bags-open", id=id_, bags=still_open)
    _nothing_wrong(standings(station, fill), list(fill["bags"]))
    body = {"cart_fill": id_, "bags": list(fill["bags"]), "ward": fill["ward"], "by": session.person}
    station.ledger.post(Entry("cart_fill.sent", body, session.person))
    return True


def _not_left(station: Station, fill: Fill) -> None:
    if fill["sent"]:
        raise Refused("cart-sent", id=fill["id"])
    if station.books.work.pick_lists[fill["pick_list"]]["cancelled"]:
        raise Refused("pick-list-cancelled", id=fill["pick_list"])


def _nothing_wrong(stands: list[Standing], bags: list[str]) -> None:
    wrong = [one for one in stands if one.dose["bag"] in bags and one.stand == Stand.TAKE_OUT]
    if wrong:
        first = wrong[0]
        raise Refused("bag-take-out", bag=first.dose["bag"], doses=[one.dose["n"] for one in wrong], why=str(first.why))


def _put_in(station: Station, fill: Fill, bag: str, said: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    stands = standings(station, fill)
    code: Code | None = None
    if said["kind"] == "scan":
        gtin, code = read(station, said["data"])
        scanned = station.books.formulary.by_gtin(gtin)
        wanted = _next(station, fill, stands, bag)
        if scanned is None or scanned.id != wanted["item"]:
            name = scanned.id if scanned is not None else gtin
            raise Refused("not-next-in-bag", bag=bag, **_shown(wanted), got=name, bags=_waiting(fill, stands, name))
    else:
        wanted = _next(station, fill, stands, bag)
        if wanted["n"] != said["dose"]:
            raise Refused("not-next-in-bag", bag=bag, **_shown(wanted), got=f"dose {said['dose']}", bags=[])
    item = station.books.formulary.item(wanted["item"])
    pack, tote = item.pack if item is not None else 1, _out_of(station, fill, wanted["item"])
    content, rest = tote["contents"][wanted["item"]], wanted["quantity"] - wanted["put"]
    units = min(1 if code is not None and pack == 1 else rest, content["quantity"])
    lot = _lot(tote, wanted, code)
    if code is not None and code.expiry is not None and lotting.expired(code.expiry.isoformat(), moment(wanted["due"]).date()):
        raise Refused("pack-expires-before", item=wanted["item"], expiry=code.expiry.isoformat(), due=wanted["due"])
    facts = {"tote": tote["tote"], "lots": lotting.draw(content["lots"], units, lot)}
    return "cart_fill.bagged", {**_what(wanted), "quantity": units, "unit": content["unit"], **facts}


def _next(station: Station, fill: Fill, stands: list[Standing], bag: str) -> Dose:
    """The dose that belongs into this bag next. Raises Refused where nothing does now."""
    following = next_in(stands, bag)
    if following is not None:
        return following.dose
    unseen = [tote["tote"] for tote in station.books.totes.of_list(fill["pick_list"]) if tote["unchecked"]]
    if unseen and any(one.dose["bag"] == bag and one.stand == Stand.COMING for one in stands):
        raise Refused("tote-not-checked", tote=unseen[0])
    raise Refused("nothing-for-bag", bag=bag)


def _waiting(fill: Fill, stands: list[Standing], item: str) -> list[str]:
    """The bags into which this item belongs next."""
    return sorted(bag for bag in fill["bags"] if (one := next_in(stands, bag)) is not None and one.dose["item"] == item)


def _out_of(station: Station, fill: Fill, item: str) -> Tote:
    """The tote to take it from; a dose that lies ready lies in one of them."""
    return next(tote for tote in totes(station, fill) if item in tote["contents"])


def _lot(tote: Tote, wanted: Dose, code: Code | None) -> str | None:
    """The lot that was scanned. Raises Refused("lot-not-in-tote") where no pack of the tote can be of it."""
    known = [lot["lot"] for lot in tote["contents"][wanted["item"]]["lots"]]
    if code is None or code.lot is None or code.lot in known:
        return code.lot if code is not None else None
    if UNKNOWN_LOT in known:
        return UNKNOWN_LOT
    raise Refused("lot-not-in-tote", tote=tote["tote"], item=wanted["item"], lot=code.lot)


def _taken_out(station: Station, fill: Fill, bag: str, said: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """All that lies in the bag of one dose goes back into a tote of the list."""
    dose = fill["doses"].get(str(said["dose"]))
    if dose is None or dose["bag"] != bag or dose["put"] == 0:
        raise Refused("not-in-bag", bag=bag, dose=said["dose"])
    may_fill(station, said["tote"], fill["pick_list"])
    item = station.books.formulary.item(dose["item"])
    unit = item.unit if item is not None else "unit"
    return "cart_fill.taken_out", {**_what(dose), "quantity": dose["put"], "unit": unit, "tote": said["tote"], "lots": dose["lots"]}


def _what(dose: Dose) -> dict[str, Any]:
    names = ("patient", "order", "item", "due", "line")
    return {"dose": dose["n"], **{name: dose[name] for name in names}}  # type: ignore[literal-required]


def _shown(dose: Dose) -> dict[str, Any]:
    return {"dose": dose["n"], "item": dose["item"], "due": dose["due"], "quantity": dose["quantity"] - dose["put"]}
