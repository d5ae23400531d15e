"""The stock at a glance, by drawer or by item: full enough, low or out; a number only where `/v1/pockets` shows one."""

from __future__ import annotations

from collections.abc import Callable

from api.console.page import Pages, Shown
from api.console.pages.station import expiring
from api.console.paging import paged
from api.console.visitor import Visitor
from api.rest.stock import PocketAnswer, pocket_of
from controller.policy.roles import Right
from controller.station import Station

pages = Pages()

AT_ONCE = 6
SHOWS: dict[str, Callable[[Station, PocketAnswer], bool]] = {
    "all": lambda _, pocket: pocket.item is not None,
    "out": lambda _, pocket: pocket.item is not None and pocket.state == "out",
    "low": lambda _, pocket: pocket.item is not None and pocket.state == "low",
    "below-par": lambda _, pocket: pocket.item is not None and pocket.on_hand is not None and pocket.on_hand < pocket.par,
    "expiring": expiring,
    "unverified": lambda _, pocket: pocket.unverified is not None,
    "due": lambda _, pocket: pocket.count_due,
}
"""What may be looked at, by its name in the address."""


@pages.page("/stock", "stock.html", Right.SEE_STOCK)
def stock(visitor: Visitor) -> Shown:
    """Pockets that are chosen by what they are and by letters of their item or place; in the order of drawers or of names."""
    station, query = visitor.station, visitor.query
    show = query.get("show", "all") if query.get("show") in SHOWS else "all"
    by, letters = ("item" if query.get("by") == "item" else "drawer"), query.get("find", "").strip()
    pockets = [pocket_of(station, known) for known in station.books.stock.pockets.values()]
    named = {pocket.id: _named(station, pocket) for pocket in pockets}
    found = [pocket for pocket in pockets if SHOWS[show](station, pocket) and letters.casefold() in named[pocket.id]]
    found.sort(key=lambda pocket: (named[pocket.id] if by == "item" else pocket.drawer, pocket.id))
    page = paged(found, query.get("page", "1"), AT_ONCE)
    facts = {
        "page": page,
        "rows": [
            {"pocket": pocket, "item": station.books.formulary.item(pocket.item or ""), "expiring": expiring(station, pocket)}
            for pocket in page.rows
        ],
        "show": show,
        "by": by,
        "find": letters,
        "numbers": {name: sum(fits(station, pocket) for pocket in pockets) for name, fits in SHOWS.items()},
    }
    return Shown(facts, all_of=frozenset({"stock", "pocket", "item", "count", "pull", "restock", "pick", "gantry"}))


def _named(station: Station, pocket: PocketAnswer) -> str:
    """What a pocket is found by: the names of its item, and its own."""
    item = station.books.formulary.item(pocket.item or "")
    names = (item.name, item.brand or "", item.id) if item is not None else (pocket.item or "",)
    return " ".join((*names, pocket.id, pocket.drawer)).casefold()
