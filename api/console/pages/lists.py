"""Pick lists: what the pharmacy system wants picked, how far each list is, where the rest is, and in which totes it lies."""

from __future__ import annotations

from api.console.page import Pages, Shown
from api.console.paging import paged
from api.console.visitor import Visitor
from api.rest.pick_lists import list_answer
from controller.policy.roles import Right
from drivers.faults import Refused

pages = Pages()

AT_ONCE = 6
OVER = frozenset({"confirmed", "partial", "cancelled", "closed"})


@pages.page("/lists", "lists.html", Right.SEE_PICK_LISTS)
def pick_lists(visitor: Visitor) -> Shown:
    """All lists: those with work left first, the oldest first; then those that are over, the newest first."""
    station = visitor.station
    lists = [list_answer(station, found) for found in station.books.work.pick_lists.values()]
    open_ = sorted((one for one in lists if one.state not in OVER), key=lambda one: (one.state != "open", one.at))
    over = sorted((one for one in lists if one.state in OVER), key=lambda one: -one.seq)
    page = paged([*open_, *over], visitor.query.get("page", "1"), AT_ONCE)
    return Shown({"page": page}, all_of=frozenset({"pick_list", "pick", "tote", "robot", "gantry"}), ticks=bool(open_))


@pages.page("/lists/{id}", "list.html", Right.SEE_PICK_LISTS)
def pick_list(visitor: Visitor, id: str) -> Shown:
    """One list, line by line."""
    station = visitor.station
    found = station.books.work.pick_lists.get(id)
    if found is None:
        raise Refused("unknown-pick-list", id=id)
    told = list_answer(station, found)
    rows = [{"line": line, "item": station.books.formulary.item(line.item)} for line in told.lines]
    page = paged(rows, visitor.query.get("page", "1"), AT_ONCE)
    return Shown({"list": told, "page": page}, frozenset({id}), frozenset({"pick", "tote", "robot", "gantry"}))
