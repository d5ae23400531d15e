"""Pick lists: a pharmacy system asks, a technician picks each line at its drawer into a tote (reference domain B10, thin).

A program pushes the list and opens nothing. What cannot be picked is said line by line: refused at once where the item is
unknown or has no pocket here, short where there was too little.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from controller.ledger.port import Entry
from controller.ledger.views.work import LIVE
from controller.machines.custody import State as ToteState
from controller.policy.roles import Right
from controller.policy.session import require
from controller.workflows.draw import draw
from controller.workflows.may_open import may_open
from controller.workflows.orders import criteria_of, on_order, orders
from controller.workflows.packing import may_fill, taken_back
from controller.workflows.resolve import Allocation, StockMoved, allocate, elsewhere, still_free
from controller.workflows.split import replan, stocked
from controller.workflows.talk import begin, request_hash
from controller.workflows.visit import Visit
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controller.formulary.criteria import Criteria
    from controller.formulary.items import Item
    from controller.formulary.lots import Lot
    from controller.ledger.views.work_records import PickList
    from controller.policy.session import Session
    from controller.station import Station
    from controller.workflows.talk import Course, Talk


_IN_VAIN = frozenset({"cancelled", "failed", "in_doubt"})


def put(station: Station, session: Session, id_: str, body: Mapping[str, Any]) -> bool:
    """Takes a list, or a newer revision of one, in. Returns whether it changed anything. Raises Refused.

    The same revision again is the same list; an older one, or another body under the same revision, is refused. A newer
    one keeps what has been picked, and may not ask for less than that, nor for less of a line that is being picked.
    """
    require(session, Right.PUSH_PICK_LISTS)
    if (fill := station.books.carts.of_list(id_)) is not None:
        raise Refused("pick-list-of-cart", id=id_, fill=fill["id"])
    known = station.books.work.pick_lists.get(id_)
    if known is not None and (known["revision"], known["request_hash"]) == (body["revision"], request_hash(body)):
        return False
    station.ledger.post(revised(station, session, id_, body))
    replan(station)
    return True


def revised(station: Station, session: Session, id_: str, body: Mapping[str, Any]) -> Entry:
    """The entry that takes a new list in, or a newer revision of one. Raises Refused."""
    known = station.books.work.pick_lists.get(id_)
    if known is not None:
        _may_change(station, known)
        if known["revision"] >= body["revision"]:
            raise Refused("pick-list-revision", id=id_, have=known["revision"], got=body["revision"])
        _keeps_what_was_picked(station, known, body)
    lines = [{**line, "refused": _refusal(station, line["item"])} for line in body["lines"]]
    told = {"revision": body["revision"], "due": body.get("due"), "request_hash": request_hash(body)}
    put_ = {"pick_list": id_, "lines": lines, **told}
    return Entry("pick_list.put", put_, session.person)


def cancel(station: Station, session: Session, id_: str) -> bool:
    """Ends a list of which nothing is sealed. What was picked for it comes back: its totes are to be unpacked here again.

    Returns whether it is new. Raises Refused.
    """
    require(session, Right.PUSH_PICK_LISTS)
    known = station.books.work.pick_lists.get(id_)
    if known is None:
        raise Refused("unknown-pick-list", id=id_)
    if known["cancelled"]:
        return False
    fill = station.books.carts.of_list(id_)
    if fill is not None and (filled_ := sorted({dose["bag"] for dose in fill["doses"].values() if dose["put"]})):
        raise Refused("bags-hold-doses", id=id_, bags=filled_)
    _may_change(station, known)
    _nobody_picks(station, known)
    filled = [tote for tote in station.books.totes.of_list(id_) if tote["state"] == ToteState.FILLING]
    back = [taken_back(session, tote) for tote in filled]
    station.ledger.post(Entry("pick_list.cancelled", {"pick_list": id_}, session.person), *back)
    replan(station)
    return True


def close(station: Station, session: Session, id_: str) -> bool:
    """Ends the rest of a list: nothing more of it is picked, and what was picked goes its way. Returns whether it is new.

    A newer revision takes it up again as long as nothing of it is sealed. Raises Refused.
    """
    require(session, Right.PUSH_PICK_LISTS)
    known = station.books.work.pick_lists.get(id_)
    if known is None:
        raise Refused("unknown-pick-list", id=id_)
    if known["cancelled"]:
        raise Refused("pick-list-cancelled", id=id_)
    if known["closed"]:
        return False
    _nobody_picks(station, known)
    station.ledger.post(Entry("pick_list.closed", {"pick_list": id_}, session.person))
    replan(station)
    return True


def _nobody_picks(station: Station, known: PickList) -> None:
    for order in orders(station):
        if order["purpose"]["list"] == known["id"]:
            by = order.get("robot") or order["gantry"]
            raise Refused("pick-line-taken", line=order["purpose"]["line"], by=by, since=order["since"])
    for work in (work for line in known["lines"].values() for work in station.books.work.picks(line)):
        if work["state"] in LIVE:
            raise Refused("pick-line-taken", line=work["about"]["line"], by=work["person"], since=work["since"])


def _may_change(station: Station, known: PickList) -> None:
    """Raises Refused once something of the list is sealed, or it was cancelled."""
    if known["cancelled"]:
        raise Refused("pick-list-cancelled", id=known["id"])
    for tote in station.books.totes.of_list(known["id"]):
        if tote["state"] != ToteState.FILLING:
            raise Refused("pick-list-packed", id=known["id"], tote=tote["tote"])


def _keeps_what_was_picked(station: Station, known: PickList, body: Mapping[str, Any]) -> None:
    wanted = {str(line["n"]): line for line in body["lines"]}
    for n, line in known["lines"].items():
        new = wanted.get(n, {"item": None, "quantity": 0})
        same = new["item"] == line["item"]
        for work in station.books.work.picks(line):
            if work["state"] in LIVE and (not same or new["quantity"] < line["quantity"]):
                raise Refused("pick-line-taken", line=int(n), by=work["person"], since=work["since"])
        on_its_way = on_order(station, known["id"], int(n))
        if on_its_way and (not same or new["quantity"] < line["picked"] + on_its_way):
            raise Refused("pick-line-taken", line=int(n), by="a machine", since=known["at"])
        if line["picked"] > 0 and (not same or new["quantity"] < line["picked"]):
            raise Refused("pick-list-picked", line=int(n), picked=line["picked"])


def _refusal(station: Station, item: str) -> str | None:
    if station.books.formulary.item(item) is None:
        return "unknown-item"
    return None if stocked(station, item) else "not-stocked"


async def request(station: Station, session: Session, id_: str | None, asked: Mapping[str, Any]) -> str:
    """Asks for a pick of `list`, `line` into `tote`, and if wanted `quantity` and `pocket`. Returns its id. Raises Refused.

    Without an id, what is asked names it: the same again by the same person is the same pick, until it has ended with
    nothing put into that tote.
    """
    if id_ is None:
        found = station.books.work.pick_lists.get(asked["list"])
        line = found["lines"].get(str(asked["line"])) if found is not None else None
        picks = station.books.work.picks(line) if line is not None else []
        vain = sum(1 for work in picks if work["request"] == asked and work["state"] in _IN_VAIN)
        id_ = request_hash({**asked, "person": session.person, "vain": vain})[:32]
    await begin(station, session, "pick", id_, asked, pick)
    return id_


async def pick(talk: Talk) -> Course:
    """One pick: one pocket, into one tote."""
    while True:
        item, quantity = _open_line(talk)
        criteria = _criteria(talk)
        part = _part(talk, item, quantity, criteria)
        visit = Visit(talk, part.pocket, item)
        visit.criteria = criteria
        try:
            await visit.unlock(partial(_begin, talk, part, criteria))
            break
        except StockMoved:
            continue
    yield
    drawn = await draw(visit, part.quantity, partial(_picked, talk))
    if not drawn.opened:
        near = elsewhere(talk.station, item, part.drawer, part.pocket)
        failed = talk.entry("failed", code="not-opened", facts={"drawer": part.drawer, "elsewhere": near})
        talk.post(talk.entry("cancelled") if drawn.cancelled else failed)
    elif drawn.taken == 0 and drawn.cancelled:
        talk.post(talk.entry("cancelled"))
    else:
        asked = talk.work["quantity"]
        outcome = "done" if drawn.taken >= asked else "short"
        talk.post(talk.entry("committed", taken=drawn.taken, outcome=outcome, remainder=asked - drawn.taken))


def _criteria(talk: Talk) -> Criteria:
    """What the line wants; where all is to be of one lot and none is chosen yet, the lot that the plan has chosen."""
    found = talk.station.books.work.pick_lists[talk.request["list"]]
    line = found["lines"][str(talk.request["line"])]
    criteria = criteria_of(talk.station, found["id"], line)
    if criteria.one_lot and criteria.lot is None:
        criteria = criteria.in_lot(next((part["lot"] for part in found["parts"] if part["n"] == line["n"] and "lot" in part), None))
    return criteria


def _part(talk: Talk, item: Item, quantity: int, criteria: Criteria) -> Allocation:
    """The pocket for this pick, out of what is not promised to another list. Raises Refused."""
    work = talk.station.books.work
    named, others = talk.request.get("pocket"), work.promised(talk.request["list"])
    try:
        return allocate(talk.station, item, quantity, named, others, criteria)[0]
    except Refused as refused:
        if refused.code != "no-stock":
            raise
        mine, pockets = talk.request["list"], {pocket["pocket"] for pocket in talk.station.books.stock.holding(item.id)}
        lists = {found["id"]: {part["pocket"] for part in found["parts"]} for found in work.pick_lists.values()}
        holders = sorted(id_ for id_, promised in lists.items() if id_ != mine and promised & pockets)
        if not holders:
            raise
        raise Refused("stock-promised", item=item.id, lists=holders) from refused


def _open_line(talk: Talk) -> tuple[Item, int]:
    """The item and how much of the line is still to be picked. Raises Refused."""
    station, asked = talk.station, talk.request
    found = station.books.work.pick_lists.get(asked["list"])
    if found is None:
        raise Refused("unknown-pick-list", id=asked["list"])
    if found["cancelled"]:
        raise Refused("pick-list-cancelled", id=asked["list"])
    if found["closed"]:
        raise Refused("pick-list-closed", id=asked["list"])
    line = found["lines"].get(str(asked["line"]))
    if line is None:
        raise Refused("unknown-pick-line", id=asked["list"], line=asked["line"])
    item = station.books.formulary.item(line["item"])
    if line["refused"] is not None or item is None:
        raise Refused("pick-line-refused", line=asked["line"], why=line["refused"] or "unknown-item")
    for work in station.books.work.live():
        same = work["kind"] == "pick" and (work["about"]["list"], work["about"]["line"]) == (asked["list"], asked["line"])
        if same and work["id"] != talk.id:
            raise Refused("pick-line-taken", line=asked["line"], by=work["person"], since=work["since"])
    left = line["quantity"] - line["picked"]
    if left <= 0:
        raise Refused("pick-line-done", line=asked["line"], picked=line["picked"])
    ordered = on_order(station, asked["list"], asked["line"])
    if left <= ordered:
        raise Refused("pick-line-ordered", line=asked["line"], ordered=ordered)
    left -= ordered
    quantity = asked.get("quantity") or left
    if quantity > left:
        raise Refused("more-than-the-line", asked=quantity, left=left)
    return item, quantity


def _begin(talk: Talk, part: Allocation, criteria: Criteria, intent: str) -> list[Entry]:
    item, quantity = _open_line(talk)
    may_open(talk, Right.PICK, part.pocket, item)
    may_fill(talk.station, talk.request["tote"], talk.request["list"])
    if not still_free(talk.station, [part], f"pick/{talk.id}"):
        raise StockMoved
    asked, lot = talk.request, {} if criteria.lot is None else {"lot": criteria.lot}
    return [
        talk.requested(item.id, quantity, list=asked["list"], line=asked["line"], tote=asked["tote"], unit=item.unit, **lot),
        talk.entry("reserved", allocations=[part.as_json()]),
        talk.entry("accessing", pocket=part.pocket, intent=intent),
    ]


def _picked(talk: Talk, quantity: int, lots: list[Lot]) -> Entry:
    work = talk.work
    leg, about = work["legs"][work["at"]], work["about"]
    body = {
        "pocket": leg["pocket"],
        "drawer": leg["drawer"],
        "item": work["item"],
        "quantity": quantity,
        "unit": about["unit"],
        "lots": lots,
        "work": talk.name,
        "pick_list": about["list"],
        "line": about["line"],
        "tote": about["tote"],
    }
    return Entry("stock.picked", body, talk.session.person)
