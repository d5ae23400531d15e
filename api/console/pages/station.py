"""The station: what needs a person, what is out or runs out, what expires, what waits in which queue; and its alarms."""

from __future__ import annotations

from typing import Any

from api.console.needs import FAILED, needs
from api.console.page import ROOT, Pages, Shown
from api.console.paging import paged
from api.console.visitor import Visitor
from api.rest.pick_lists import list_answer
from api.rest.station import drawer_of
from api.rest.stock import PocketAnswer, pocket_of
from controller.formulary import lots as lotting
from controller.policy.roles import Right
from controller.station import Station

pages = Pages()

AT_ONCE = 6


@pages.page("/station", "station.html", Right.SEE_STATION)
def station(visitor: Visitor) -> Shown:
    """The whole of it on one page, each figure the way to what it counts."""
    found = needs(visitor)
    facts: dict[str, Any] = {
        "page": paged(found, visitor.query.get("page", "1"), AT_ONCE),
        "first": found[0].to if found else None,
        "stock": _stock(visitor) if visitor.may(Right.SEE_STOCK) else None,
        "queues": queues(visitor.station) if visitor.may(Right.SEE_PICK_LISTS) else [],
        "machines": _machines(visitor.station),
    }
    families = {"alarm", "drawer", "pocket", "stock", "discrepancy", "robot", "gantry", "line", "pick_list", "pick", "count"}
    return Shown(facts, all_of=frozenset(families), ticks=True)


@pages.page("/alarms", "alarms.html", Right.SEE_STATION)
def alarms(visitor: Visitor) -> Shown:
    """Every alarm that is raised, and every drawer that does not work, with its age. An alarm clears when what raised it has
    ended; nobody can put it out."""
    drawers = [drawer_of(visitor.station, drawer) for drawer in visitor.station.drawers.values()]
    facts = {"drawers": [drawer for drawer in drawers if drawer.state in FAILED], "raised": _alarms(visitor.station)}
    return Shown(facts, all_of=frozenset({"alarm", "drawer"}), ticks=True)


def queues(station: Station) -> list[dict[str, Any]]:
    """What waits: pick lists that are open, orders of each machine, totes on their way; how many, and the oldest."""
    lists = [list_answer(station, found) for found in station.books.work.open_lists()]
    open_ = [found.at for found in lists if found.state == "open"]
    robots = {id_: [order["asked_at"] for order in station.books.robots.live(id_)] for id_ in station.robots}
    gantries = {id_: [order["asked_at"] for order in station.books.gantries.live(id_)] for id_ in station.gantries}
    totes = [tote["since"] for tote in station.books.totes.on_their_way()]
    found = [("pick-lists", "", f"{ROOT}/lists", open_)]
    found += [("machine", id_, f"{ROOT}/robots/{id_}", ages) for id_, ages in robots.items()]
    found += [("machine", id_, f"{ROOT}/gantries/{id_}", ages) for id_, ages in gantries.items()]
    found.append(("totes", "", f"{ROOT}/lists", totes))
    return [{"what": what, "id": id_, "to": to, "n": len(ages), "oldest": min(ages, default=None)} for what, id_, to, ages in found]


def expiring(station: Station, pocket: PocketAnswer) -> bool:
    """Whether a lot of it expires within the days that the site calls short dated."""
    today, days = station.clock.now().date(), station.site.policy.short_dated_days
    return any(lotting.short_dated(lot.expiry, today, days) for lot in pocket.lots)


def _stock(visitor: Visitor) -> dict[str, int]:
    known = visitor.station.books.stock.pockets.values()
    pockets = [pocket for pocket in (pocket_of(visitor.station, one) for one in known) if pocket.item is not None]
    return {
        "out": sum(pocket.state == "out" for pocket in pockets),
        "low": sum(pocket.state == "low" for pocket in pockets),
        "below-par": sum(pocket.on_hand is not None and pocket.on_hand < pocket.par for pocket in pockets),
        "expiring": sum(expiring(visitor.station, pocket) for pocket in pockets),
        "unverified": sum(pocket.unverified is not None for pocket in pockets),
        "due": sum(pocket.count_due for pocket in pockets),
    }


def _machines(station: Station) -> list[dict[str, str]]:
    """The ways to the machines' own pages."""
    found = [{"id": id_, "to": f"{ROOT}/robots/{id_}", "state": str(one.state)} for id_, one in station.robots.items()]
    found += [{"id": id_, "to": f"{ROOT}/gantries/{id_}", "state": str(one.state)} for id_, one in station.gantries.items()]
    if station.line is not None:
        found.append({"id": "line", "to": f"{ROOT}/line", "state": station.line.stands() or "moves"})
    return found


def _alarms(station: Station) -> list[dict[str, Any]]:
    return [dict(alarm) for alarm in sorted(station.books.alarms.active.values(), key=lambda alarm: alarm["seq"])]
