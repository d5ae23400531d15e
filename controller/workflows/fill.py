"""Fill: robots and gantries give into a tote what the plan promises its list from them (reference domain B10).

A person puts a tote at a loading place and says so; from then on the station orders there what the plan has for the list, and
again whenever the plan changes. An order is a machine's own record, which survives restarts; what it gave out becomes the
tote's in the same commit that ends it. An order in doubt is not made good by another until a person has looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controller.formulary import lots as lotting
from controller.formulary.criteria import ANY
from controller.formulary.lots import Lot
from controller.ledger.port import Entry
from controller.machines.custody import RULES, Event, State
from controller.machines.table import IllegalEvent
from controller.policy.roles import Right
from controller.policy.session import require
from controller.workflows.orders import KIND, criteria_of, orders_into, pack_of
from controller.workflows.packing import may_fill
from controller.workflows.stage import due_later, may_begin
from drivers.faults import LedgerFault, Refused
from drivers.robot_facts import OrderPriority
from drivers.robot_labels import Label, LabelState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from controller.actors.line import LineActor
    from controller.ledger.views.tote_records import Tote
    from controller.ledger.views.work_records import Promise
    from controller.policy.session import Session
    from controller.station import Station
    from sites.loading import LoadingPlace


@dataclass(frozen=True, slots=True)
class Asker:
    """Who put a tote in its place: in their name it is filled, also after they have logged out."""

    id: str
    person: str
    terminal: str | None


def place(station: Station, session: Session, id_: str, asked: Mapping[str, Any]) -> bool:
    """A person has put a tote somewhere: `list` is what it is for, `at` a loading or packing place. Returns whether it is new.

    Whatever stood there before has been taken away. Raises Refused.
    """
    require(session, Right.PICK)
    list_, at = asked["list"], asked["at"]
    if at not in station.site.tote_places:
        raise Refused("unknown-place", id=at)
    found = station.books.work.pick_lists.get(list_)
    if found is None:
        raise Refused("unknown-pick-list", id=list_)
    if found["cancelled"]:
        raise Refused("pick-list-cancelled", id=list_)
    if found["closed"]:
        raise Refused("pick-list-closed", id=list_)
    may_fill(station, id_, list_)
    standing = station.books.totes.standing()
    here = standing.get(at)
    if here is not None and here["tote"] == id_:
        return False
    for tote in (here, station.books.totes.totes.get(id_)):
        if tote is not None and (orders := orders_into(station, tote["tote"])):
            raise Refused("tote-being-filled", tote=tote["tote"], by=orders[0]["person"], since=orders[0]["since"])
    stands = {"at": at, "by": session.person, "session": session.id, "terminal": session.terminal}
    station.ledger.post(Entry("tote.placed", {"tote": id_, "pick_list": list_, **stands}, session.person))
    return True


def go_on(station: Station) -> bool:
    """Orders, at every place where a tote stands, what the plan promises its list there; what has all goes on over the belts.

    Returns whether something waits that no row of the ledger tells of: a tote that is to be let go.
    """
    waits = False
    if not station.ready or station.stopping:
        return waits
    for at, tote in station.books.totes.standing().items():
        place_ = next((place for place in station.site.loading if place.id == at), None)
        if place_ is None or tote["state"] != State.FILLING or tote["pick_list"] is None:
            continue
        parts = parts_at(station, place_, tote["pick_list"])
        if may_begin(station, station.books.work.pick_lists[tote["pick_list"]]):
            for part in parts:
                _order(station, place_, tote, part)
        if not parts and not orders_into(station, tote["tote"]):
            waits = _carry(station, place_, tote) or waits
    return waits


def _carry(station: Station, place_: LoadingPlace, tote: Tote) -> bool:
    """To the next loading place with something for its list, or to a packing place; whether there is a way."""
    list_, line = str(tote["pick_list"]), station.line
    if line is None or place_.id not in line.layout.places:
        return False
    wanted = [one.id for one in station.site.loading if one is not place_ and parts_at(station, one, list_)]
    onward = next((to for to in (*wanted, *(one.id for one in station.site.packing)) if line.layout.leads(place_.id, to)), None)
    if onward is not None:
        station.spawn(_sent(line, tote["tote"], list_, place_.id, onward), f"sending {tote['tote']} to {onward}")
    return onward is not None


async def _sent(line: LineActor, tote: str, list_: str, at: str, to: str) -> None:
    try:
        await line.send(tote, list_, at, to, "station")
    except (Refused, LedgerFault):
        return  # not now: it is tried again soon


def parts_at(station: Station, place_: LoadingPlace, list_: str) -> list[Promise]:
    """What of a list the plan takes from the machine of this place, urgent lines first."""
    found = station.books.work.pick_lists[list_]
    parts = [part for part in found["parts"] if part["drawer"] == (place_.robot or place_.gantry)]
    return sorted(parts, key=lambda part: (not found["lines"][str(part["n"])]["urgent"], part["n"]))


def _order(station: Station, place_: LoadingPlace, tote: Tote, part: Promise) -> None:
    """One order; a machine that takes none now gets it when it does."""
    stands, list_ = tote["stands"], tote["pick_list"]
    if stands is None:
        return
    found = station.books.work.pick_lists[str(list_)]
    line, later = found["lines"][str(part["n"])], due_later(station, found) is not None
    criteria = criteria_of(station, str(list_), line).in_lot(part.get("lot"))
    purpose: dict[str, Any] = {"kind": KIND, "list": list_, "line": part["n"], "tote": tote["tote"], "at": place_.id}
    if criteria != ANY:
        purpose["criteria"] = criteria.told()
    if line["labels"]:
        purpose["labels"] = True
    who = Asker(stands["session"], stands["person"], stands["terminal"])
    packs = part["quantity"] // pack_of(station, line["item"])
    urgency = OrderPriority.HIGH if line["urgent"] else OrderPriority.LOW if later else OrderPriority.NORMAL
    try:
        if place_.gantry is not None:
            if later and not line["urgent"] and station.books.gantries.live(place_.gantry):
                return  # it knows urgent and not urgent only: what can wait is asked for when it has nothing else
            station.gantries[place_.gantry].fetch(line["item"], packs, purpose, who, urgent=line["urgent"])
        elif place_.robot is not None and place_.output is not None:
            box = tote["tote"] if _boxed(station, place_) else None
            labels = [Label(label["template"], label["data"]) for label in line["labels"]]
            robot = station.robots[place_.robot]
            wanted = (line["item"], packs, purpose, who, place_.output)
            robot.pick(*wanted, priority=urgency, box=box, labels=labels, criteria=criteria)
    except (Refused, LedgerFault):
        return  # not now, or nothing can be recorded, which the station says by itself: it is asked again when something changes


def received(
    station: Station, source: str, order: str, purpose: Mapping[str, Any], packs: Sequence[Mapping[str, Any]]
) -> list[Entry]:
    """What an order gave out lies in its tote: the entries for it, one for each item. None for an order that fills no tote."""
    if purpose.get("kind") != KIND:
        return []
    place_ = next((one for one in station.site.loading if one.id == purpose["at"]), None)
    boxed = place_ is not None and _boxed(station, place_)
    totes: dict[str, list[Mapping[str, Any]]] = {}
    for pack in packs:  # a full box goes, and the robot takes another one
        totes.setdefault((pack.get("box") if boxed else None) or purpose["tote"], []).append(pack)
    entries = []
    for tote, those in totes.items():
        if _takes(station, tote):
            entries += _filled(station, source, order, {**purpose, "tote": tote}, those)
    return entries


def _boxed(station: Station, place_: LoadingPlace) -> bool:
    """Whether what comes out there is put into boxes by the robot, each called by the tote's own name."""
    robot = next((one for one in station.site.robots if one.id == place_.robot), None)
    return robot is not None and any(one.number == place_.output and one.box_holds is not None for one in robot.outputs)


def _filled(
    station: Station, source: str, order: str, purpose: Mapping[str, Any], packs: Sequence[Mapping[str, Any]]
) -> list[Entry]:
    line = station.books.work.pick_lists[purpose["list"]]["lines"].get(str(purpose["line"]))
    wanted = line["item"] if line is not None else None
    entries = []
    for item in dict.fromkeys(pack["item"] or wanted for pack in packs):
        known = station.books.formulary.item(str(item))
        unit, full = (known.unit, known.pack) if known is not None else ("unit", 1)
        lots = [
            Lot(
                lot=pack["lot"] or lotting.UNKNOWN_LOT,
                expiry=pack["expiry"],
                quantity=full if pack["units"] is None else pack["units"],
            )
            for pack in packs
            if (pack["item"] or wanted) == item
        ]
        body = {
            "tote": purpose["tote"],
            "pick_list": purpose["list"],
            "line": purpose["line"],
            "at": purpose["at"],
            "source": source,
            "order": order,
            "item": item,
            "unit": unit,
            "quantity": sum(lot["quantity"] for lot in lots),
            "packs": len(lots),
            "lots": lotting.together([], lots),
            "unlabelled": _unlabelled(purpose, [pack for pack in packs if (pack["item"] or wanted) == item]),
        }
        entries.append(Entry("tote.filled", body))
    return entries


def _unlabelled(purpose: Mapping[str, Any], packs: Sequence[Mapping[str, Any]]) -> int:
    """Packs that are to bear labels and of which no machine says that they do."""
    return sum(pack.get("label") != LabelState.LABELLED for pack in packs) if purpose.get("labels") else 0


def _takes(station: Station, id_: str) -> bool:
    found = station.books.totes.totes.get(id_)
    try:
        RULES.after(State(found["state"]) if found is not None else State.NONE, Event.FILLED)
    except IllegalEvent:
        return False
    return True
