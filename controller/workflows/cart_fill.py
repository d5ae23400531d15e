"""Cart fill: the doses of an area's patients for a window, as one pick list and a bag for each patient (domain A13, 113).

The list is an ordinary one, a line for each item; what it brings lies in totes, and a technician puts it dose by dose into the
bags (`bags.py`). Nothing is promised to a dose before it lies in its bag: of what there is, the dose that is due first has it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from controller.ledger.port import Entry
from controller.ledger.views.carts import LIST, Dose, Fill
from controller.ledger.views.work import LIVE
from controller.machines.custody import State as ToteState
from controller.policy.roles import Right
from controller.policy.session import require
from controller.workflows import pick_list
from controller.workflows.cart_doses import Wanted, due_within, moment, not_wanted
from controller.workflows.orders import on_order
from controller.workflows.split import replan
from controller.workflows.talk import request_hash
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controller.ledger.views.tote_records import Tote
    from controller.policy.session import Session
    from controller.station import Station

MOST_LINES = 1000
MOST_DOSES = 5000


class Stand(StrEnum):
    """Where one dose stands."""

    IN_BAG = "in-bag"
    READY = "ready"
    """It lies loose in a tote that has been looked into."""
    COMING = "coming"
    """It is being picked, or lies in a tote that nobody has looked into."""
    LACKING = "lacking"
    """Nobody here has it."""
    TAKE_OUT = "take-out"
    """Some of it is in the bag, and it is not to be given any more."""
    DROPPED = "dropped"
    """It is not to be given any more, and nothing of it is in the bag."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One dose with where it stands, and why it is not to be given where it is not."""

    dose: Dose
    stand: Stand
    why: str | None = None


def put(station: Station, session: Session, id_: str, asked: Mapping[str, Any]) -> bool:
    """Asks for a fill: `area`, `from`, `to`, `ward`, `revision`. Returns whether it is new. Raises Refused.

    The same revision again is the same fill. A newer one takes in how the orders stand now: what lies in a bag stays there
    until it is taken out, also where it is not wanted any more.
    """
    require(session, Right.FILL_CARTS)
    known, digest = station.books.carts.fills.get(id_), request_hash(asked)
    if known is not None:
        if known["revision"] == asked["revision"] and known["request_hash"] == digest:
            return False
        if known["sent"]:
            raise Refused("cart-sent", id=id_)
        if known["revision"] >= asked["revision"]:
            raise Refused("cart-fill-revision", id=id_, have=known["revision"], got=asked["revision"])
        if (known["area"], known["ward"]) != (asked["area"], asked["ward"]):
            raise Refused("cart-fill-elsewhere", id=id_, area=known["area"], ward=known["ward"])
    list_ = LIST + id_
    if known is None and list_ in station.books.work.pick_lists:
        raise Refused("cart-fill-name-taken", id=id_, list=list_)
    wanted, left_out = due_within(station, id_, asked["area"], asked["from"], asked["to"])
    if not wanted and known is None:
        raise Refused("nothing-to-fill", area=asked["area"], left_out=left_out)
    doses, bags, back = _numbered(id_, known, wanted)
    lines = _lines(station, known, doses)
    doses = sorted([*doses, *back], key=lambda dose: (moment(dose["due"]), dose["n"]))
    if len(doses) > MOST_DOSES or len(lines) > MOST_LINES:
        raise Refused("cart-fill-too-large", doses=len(doses), lines=len(lines))
    body = {"cart_fill": id_, **asked, "pick_list": list_, "request_hash": digest, "left_out": left_out}
    body |= {"bags": bags, "doses": doses}
    listed = pick_list.revised(station, session, list_, {"revision": asked["revision"], "due": asked["from"], "lines": lines})
    station.ledger.post(Entry("cart_fill.put", body, session.person), listed)
    replan(station)
    return True


def _numbered(
    id_: str, known: Fill | None, wanted: list[Wanted]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """The doses with the numbers they had before, new ones with new numbers; the bags, one a patient; and the doses that are
    wanted no more and lie in a bag, out of which they come back."""
    before = {_identity(dose): dose for dose in known["doses"].values()} if known else {}
    bags = {bag["patient"]: bag["bag"] for bag in known["bags"].values()} if known else {}
    lines = {dose["item"]: dose["line"] for dose in before.values()}
    last = max((dose["n"] for dose in before.values()), default=0)
    found = []
    for one in wanted:
        bag = bags.setdefault(one.patient, f"{id_}-{len(bags) + 1}")
        told = _told(one, bag, lines.setdefault(one.item.id, max(lines.values(), default=0) + 1))
        old = before.pop(_identity(told), None)
        last += old is None
        found.append({"n": old["n"] if old else last, **told})
    back = [{name: dose[name] for name in _TOLD} for dose in before.values() if dose["put"]]  # type: ignore[literal-required]
    return found, [{"bag": bag, "patient": patient} for patient, bag in bags.items()], back


def _told(one: Wanted, bag: str, line: int) -> dict[str, Any]:
    over = one.packages.waste
    return {
        "bag": bag,
        "patient": one.patient,
        "order": one.order,
        "item": one.item.id,
        "due": one.due,
        "dose": one.dose.as_json(),
        "quantity": one.packages.quantity,
        "waste": over.as_json() if over.value else None,
        "line": line,
    }


_TOLD = ("n", "bag", "patient", "order", "item", "due", "dose", "quantity", "waste", "line")


def _identity(dose: Mapping[str, Any]) -> tuple[Any, ...]:
    return dose["patient"], dose["order"], dose["item"], moment(dose["due"]), dose["quantity"], dose["dose"]["text"]


def _lines(station: Station, known: Fill | None, doses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line for each item, as much as its doses need, and never less than has been picked or is being picked."""
    need: dict[int, int] = defaultdict(int)
    items: dict[int, str] = {}
    for dose in doses:
        need[dose["line"]] += dose["quantity"]
        items[dose["line"]] = dose["item"]
    found = station.books.work.pick_lists.get(known["pick_list"]) if known else None
    for line in found["lines"].values() if found else ():
        being = line["picked"] + on_order(station, found["id"], line["n"]) if found else 0
        being += sum(work["quantity"] for work in station.books.work.picks(line) if work["state"] in LIVE)
        if being > need.get(line["n"], 0):
            need[line["n"]], items[line["n"]] = being, line["item"]
    return [{"n": n, "item": items[n], "quantity": quantity, "urgent": False} for n, quantity in sorted(need.items())]


def find(station: Station, id_: str) -> Fill:
    """The fill. Raises Refused("unknown-cart-fill")."""
    found = station.books.carts.fills.get(id_)
    if found is None:
        raise Refused("unknown-cart-fill", id=id_)
    return found


def totes(station: Station, fill: Fill) -> list[Tote]:
    """Those out of which its bags may be filled: being filled, and looked into since a machine gave something."""
    found = station.books.totes.of_list(fill["pick_list"])
    return [tote for tote in found if tote["state"] == ToteState.FILLING and not tote["unchecked"]]


def standings(station: Station, fill: Fill) -> list[Standing]:
    """Every dose in time order, with where it stands: what there is of an item goes to the dose that is due first."""
    loose, coming = _there(station, fill)
    found = []
    doses = sorted(fill["doses"].values(), key=lambda dose: (moment(dose["due"]), dose["n"]))
    whys = [None if fill["sent"] else not_wanted(station, fill, dose) for dose in doses]
    for dose, why in zip(doses, whys, strict=True):
        coming[dose["item"]] += dose["put"] if why is not None else 0
    for dose, why in zip(doses, whys, strict=True):
        rest, item = dose["quantity"] - dose["put"], dose["item"]
        if why is not None:
            found.append(Standing(dose, Stand.TAKE_OUT if dose["put"] else Stand.DROPPED, why))
        elif rest == 0:
            found.append(Standing(dose, Stand.IN_BAG))
        elif rest <= loose[item]:
            loose[item] -= rest
            found.append(Standing(dose, Stand.READY))
        elif rest <= loose[item] + coming[item]:
            coming[item] -= rest - loose[item]
            loose[item] = 0
            found.append(Standing(dose, Stand.COMING))
        else:
            found.append(Standing(dose, Stand.LACKING))
    return found


def _there(station: Station, fill: Fill) -> tuple[dict[str, int], dict[str, int]]:
    """Units of each item that lie loose in totes that were looked into, and those that are still to come."""
    loose: dict[str, int] = defaultdict(int)
    coming: dict[str, int] = defaultdict(int)
    for tote in station.books.totes.of_list(fill["pick_list"]):
        if tote["state"] == ToteState.FILLING:
            for content in tote["contents"].values():
                (coming if tote["unchecked"] else loose)[content["item"]] += content["quantity"]
    list_ = station.books.work.pick_lists[fill["pick_list"]]
    for line in list_["lines"].values():
        coming[line["item"]] += on_order(station, list_["id"], line["n"])
        coming[line["item"]] += sum(work["quantity"] for work in station.books.work.picks(line) if work["state"] in LIVE)
        coming[line["item"]] += sum(part["quantity"] for part in list_["parts"] if part["n"] == line["n"])
    return loose, coming


def behind(station: Station, fill: Fill) -> bool:
    """Whether orders have changed since so that a dose is due within its window that it does not have."""
    wanted, _ = due_within(station, fill["id"], fill["area"], fill["since"], fill["to"])
    bags = {bag["patient"]: bag["bag"] for bag in fill["bags"].values()}
    have = {_identity(dose) for dose in fill["doses"].values()}
    return any(one.patient not in bags or _identity(_told(one, bags[one.patient], 0)) not in have for one in wanted)
