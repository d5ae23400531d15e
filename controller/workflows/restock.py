"""Restock: a technician scans a package, the matching pocket opens, what lies there is counted, and more is put to it (B6).

One restock is one line: one item into one pocket. What names the physical thing (the line of a list, a tote, a package's
serial number) is locked by the first restock that has it and never loaded twice, across sessions and restarts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from controller.formulary import lots as lotting
from controller.formulary.lots import Lot, LotError
from controller.ledger.port import Entry
from controller.policy.roles import Right
from controller.workflows import scans
from controller.workflows.blind_count import count, count_entries
from controller.workflows.may_open import may_open
from controller.workflows.receiving import may_unpack
from controller.workflows.talk import begin
from controller.workflows.visit import Cancelled, NotOpened, Visit
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controller.formulary.items import Item
    from controller.policy.session import Session
    from controller.station import Station
    from controller.workflows.talk import Course, Said, Talk

_NOT_IN_THE_BOOKS = frozenset({"cancelled", "failed", "in_doubt"})
"""Ends that loaded nothing in the books. After one in doubt the pocket is counted before anything is added to it."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be put where: the scanned item, its pocket, lot and expiry as far as the code says them."""

    item: Item
    pocket: str
    lot: str | None
    expiry: str | None
    serial: str | None
    assigns: bool
    """Whether the pocket has no item yet and gets this one: the load is an L, not an F."""


async def request(station: Station, session: Session, id_: str, asked: Mapping[str, Any]) -> bool:
    """Asks for a restock: `scan`, and as wanted `pocket`, `list` with `line` and `quantity`, `tote`, `reason`.

    Returns whether it is new. Raises Refused: nothing opens for a code that is unknown, expired or restocked already.
    """
    return await begin(station, session, "restock", id_, asked, restock)


async def restock(talk: Talk) -> Course:
    """One restock, from the scan to its end."""
    line = _line(talk)
    visit = Visit(talk, line.pocket, line.item)
    await visit.unlock(partial(_begin, talk, line))
    yield
    with visit:
        try:
            await visit.opened()
            on_hand = await count(visit, "before")
            begin_count = await count_entries(visit, on_hand)
            expected: int = begin_count[0].body["expected"]
            talk.post(*begin_count)
            place = partial(_place, talk, line, on_hand.number)
            placed = await visit.hear("placed", check=place)
        except NotOpened:
            failed = talk.entry("failed", code="not-opened", facts={"drawer": visit.drawer.id})
            talk.post(talk.entry("cancelled") if talk.work["cancelling"] else failed)
            return
        except Cancelled:
            await _cancel(visit)
            return
        corrected = await visit.shut("placed", check=place)
    _settle(talk, line, (corrected or placed).facts, expected, on_hand.number)


def _line(talk: Talk) -> Line:
    """What the scan means here. Raises Refused before anything opens."""
    station, asked = talk.station, talk.request
    gtin, code = scans.read(station, asked["scan"])
    item = station.books.formulary.by_gtin(gtin)
    if item is None:
        raise Refused("item-not-known", gtin=gtin)
    lot, expiry = code.lot or asked.get("lot"), (code.expiry.isoformat() if code.expiry else asked.get("expiry"))
    _in_date(station, expiry)
    pocket, assigns = _pocket(station, item, asked.get("pocket"))
    line = Line(item, pocket, lot, expiry, code.serial, assigns)
    if expiry is not None:
        _reasoned(station, expiry, asked.get("reason"))
    return line


def _pocket(station: Station, item: Item, named: str | None) -> tuple[str, bool]:
    pockets = station.books.stock.pockets
    if named is not None:
        if named not in pockets:
            raise Refused("unknown-pocket", id=named)
        if pockets[named]["item"] not in {None, item.id}:
            raise Refused("pocket-of-another-item", item=item.id, pocket=named)
        return named, pockets[named]["item"] is None
    mine = station.books.stock.holding(item.id)
    if not mine:
        raise Refused("not-stocked", item=item.id)
    emptiest = max(mine, key=lambda pocket: (pocket["par"] - pocket["balance"], pocket["pocket"]))
    return emptiest["pocket"], False


def _in_date(station: Station, expiry: str | None) -> None:
    try:
        late = lotting.expired(expiry, station.clock.now().date())
    except LotError as wrong:
        raise Refused("expiry-unreadable", expiry=expiry) from wrong
    if late:
        raise Refused("expired-on-arrival", expiry=expiry)


def _reasoned(station: Station, expiry: str, reason: str | None) -> None:
    days = station.site.policy.short_dated_days
    if reason is None and lotting.short_dated(expiry, station.clock.now().date(), days):
        raise Refused("short-dated", expiry=expiry, days=days)


def _begin(talk: Talk, line: Line, intent: str) -> list[Entry]:
    """Decides the opening: looked at once more, with the lock on the physical thing, in one commit with the intent."""
    may_open(talk, Right.RESTOCK, line.pocket, line.item)
    may_unpack(talk.station, talk.request.get("tote"), line.item.id)
    _only_once(talk, line)
    drawer = talk.station.books.stock.pockets[line.pocket]["drawer"]
    asked = talk.request
    about = {
        "pocket": line.pocket,
        "unit": line.item.unit,
        "lot": line.lot,
        "expiry": line.expiry,
        "things": _things(talk, line),
        "code": "L" if line.assigns else "F",
    }
    return [
        talk.requested(line.item.id, asked.get("quantity") or 0, **about),
        talk.entry("reserved", allocations=[{"pocket": line.pocket, "drawer": drawer, "quantity": 0}]),
        talk.entry("accessing", pocket=line.pocket, intent=intent),
    ]


def _things(talk: Talk, line: Line) -> list[str]:
    """The names of the physical thing, each of which is restocked once."""
    asked, item = talk.request, line.item.id
    named = []
    if asked.get("list") is not None:
        named.append(f"list {asked['list']} line {asked.get('line')}")
    if asked.get("tote") is not None:
        named.append(f"tote {asked['tote']} item {item}")
    if line.serial is not None:
        named.append(f"serial {line.serial} item {item}")
    return named


def _only_once(talk: Talk, line: Line) -> None:
    """Refuses a thing that is being restocked, or was in full; the first is named (CC-04, AT6.7)."""
    mine = set(_things(talk, line))
    for other in talk.station.books.work.restocking(mine):
        if other["id"] == talk.id or other["state"] in _NOT_IN_THE_BOOKS or other["result"].get("outcome") == "partial":
            continue
        live = other["state"] in {"accessing", "counting"}
        same = mine & set(other["about"]["things"])
        if not live and talk.request.get("tote") in talk.station.books.totes.totes:
            same = {thing for thing in same if not thing.startswith("tote ")}  # what is left of it, its contents say
        if not same:
            continue
        code, thing = "restock-line-taken" if live else "already-restocked", min(same)
        raise Refused(code, thing=thing, by=other["person"], since=other["since"], restock=other["id"])


def _may_place(talk: Talk, line: Line, on_hand: int, facts: Mapping[str, Any]) -> None:
    """Checks what the technician says was put in. Raises Refused, which leaves the question open."""
    asked = talk.request
    reason = facts.get("reason") or asked.get("reason")
    room = talk.station.books.stock.pockets[line.pocket]["capacity"] - on_hand
    if facts["quantity"] > room:
        raise Refused("over-capacity", pocket=line.pocket, room=max(room, 0), said=facts["quantity"])
    if asked.get("quantity") is not None and facts["quantity"] > asked["quantity"] and reason is None:
        raise Refused("over-list", listed=asked["quantity"], said=facts["quantity"])
    if facts["quantity"] == 0:
        return
    lot, expiry = _lot(line, facts)
    if lot is None or expiry is None:
        raise Refused("lot-and-expiry-needed", lot=lot, expiry=expiry)
    _as_a_machine_needs(talk, line, on_hand, lot, expiry, facts["quantity"])
    _in_date(talk.station, expiry)
    _reasoned(talk.station, expiry, reason)


def _as_a_machine_needs(talk: Talk, line: Line, on_hand: int, lot: str, expiry: str, quantity: int) -> None:
    """What a machine fetches comes in full packs, and a place holds one lot: it cannot read which pack is in front."""
    pocket = talk.station.books.stock.pockets[line.pocket]
    if talk.station.holders[pocket["drawer"]].by_hand:
        return
    if quantity % line.item.pack:
        raise Refused("whole-packs-only", pocket=line.pocket, pack=line.item.pack, said=quantity)
    lying = [known for known in pocket["lots"] if known["quantity"] > 0] if on_hand else []
    if any((known["lot"], known["expiry"]) != (lot, expiry) for known in lying):
        raise Refused("place-of-another-lot", pocket=line.pocket, lot=lot, lies=sorted({known["lot"] for known in lying}))


def _lot(line: Line, facts: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Lot and expiry: what the code says is not typed over; what it does not say is typed."""
    return line.lot or facts.get("lot"), line.expiry or facts.get("expiry")


def _place(talk: Talk, line: Line, on_hand: int, said: Said) -> None:
    """Takes a number in, if it may be; it may be keyed again until the drawer is shut, and the last one counts."""
    _may_place(talk, line, on_hand, said.facts)
    facts = {"quantity": said.facts["quantity"], "reason": said.facts.get("reason")}
    talk.post(talk.entry("entered", pocket=line.pocket, **facts))


async def _cancel(visit: Visit) -> None:
    """Nothing was put in, the person says; a controlled pocket is counted all the same."""
    talk = visit.talk
    counts = talk.work["legs"][talk.work["at"]]["counts"]
    entries: list[Entry] = []
    if visit.item.controlled and not counts:
        entries = await count_entries(visit, await count(visit, "before", cancellable=False))
    await visit.shut()
    done = talk.entry("pocket_done", pocket=visit.pocket, quantity=0)
    talk.post(visit.nothing_moved(), *entries, done, talk.entry("cancelled"))


def _settle(talk: Talk, line: Line, facts: Mapping[str, Any], expected: int, on_hand: int) -> None:
    """One commit: what was put in, by lot, and how it compares with what was asked."""
    quantity: int = facts["quantity"]
    listed = talk.request.get("quantity")
    lot, expiry = _lot(line, facts)
    entries: list[Entry] = []
    pocket = talk.station.books.stock.pockets[line.pocket]
    earlier = quantity > 0 and _earlier(pocket["lots"], expiry)
    if line.assigns:
        assigned = {"pocket": line.pocket, "drawer": pocket["drawer"], "item": line.item.id}
        sizes = {"capacity": pocket["capacity"], "par": pocket["par"]}
        entries.append(Entry("pocket.assigned", {**assigned, **sizes}, talk.session.person))
    if quantity > 0:
        body = {
            "code": "L" if line.assigns else "F",
            "pocket": line.pocket,
            "drawer": pocket["drawer"],
            "item": line.item.id,
            "quantity": quantity,
            "unit": line.item.unit,
            "lots": [Lot(lot=lot or lotting.UNKNOWN_LOT, expiry=expiry, quantity=quantity)],
            "serial": line.serial,
            "work": talk.name,
            "restock": talk.id,
            "tote": talk.request.get("tote"),
            "expected": 0 if line.assigns else expected,
            "on_hand": on_hand,
            "earlier_expiry": earlier,
        }
        entries.append(Entry("stock.loaded", body, talk.session.person))
    wanted = quantity if listed is None else listed
    outcome = "partial" if quantity < wanted else "over" if quantity > wanted else "done"
    remainder = max(wanted - quantity, 0)
    done = talk.entry("pocket_done", pocket=line.pocket, quantity=quantity)
    reason = facts.get("reason") or talk.request.get("reason")
    told = {"placed": quantity, "outcome": outcome, "remainder": remainder, "reason": reason}
    end = talk.entry("committed", **told, earlier_expiry=earlier)
    talk.post(*entries, done, end)


def _earlier(lots: list[Lot], expiry: str | None) -> bool:
    """Whether what was put in expires before what lies there: worth a warning, first expired goes first from now on."""
    return any(lotting.last_day(expiry) < lotting.last_day(lot["expiry"]) for lot in lots if lot["quantity"] > 0)


def item_in(station: Station, pocket: str) -> Item:
    """The item a pocket is for. Raises Refused("unknown-pocket"), Refused("pocket-unassigned") where none is assigned."""
    at = station.books.stock.pockets.get(pocket)
    if at is None:
        raise Refused("unknown-pocket", id=pocket)
    item = station.books.formulary.item(at["item"]) if at["item"] is not None else None
    if item is None:
        raise Refused("pocket-unassigned", pocket=pocket)
    return item
