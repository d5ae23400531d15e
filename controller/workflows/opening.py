"""Opening: what a station's ledger begins with, and how a changed planogram reaches it.

A new ledger takes in the data files once; from then on only what is pushed counts. On a simulated site the stock file is
the opening count; on a real one every pocket is unverified until a person has counted it.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import TYPE_CHECKING

from controller.formulary import lots as lotting
from controller.formulary.lots import Lot
from controller.ledger.port import Entry
from sites.pockets import Pocket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from controller.ledger.books import Books
    from sites.data import Record, SiteData
    from sites.models import Site

MOST_UNITS = 100_000
"""No pocket holds more."""


def started(site: Site, known: str | None) -> list[Entry]:
    """That the station starts, and its configuration where its hash is not the `known` one."""
    text = json.dumps(site.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    entries = [Entry("station.started", {"version": version("galenic"), "config_hash": digest})]
    if known != digest:
        entries.append(Entry("station.configured", {"hash": digest, "site": text}))
    return entries


def at_start(site: Site, data: SiteData, books: Books) -> list[Entry]:
    """The entries a start begins with: everything for an empty ledger, the changes of the planogram for any other."""
    if not books.stock.pockets and not books.formulary.items:
        return open_books(site, data)
    return planogram_changes(site, books)


def open_books(site: Site, data: SiteData) -> list[Entry]:
    """The entries of an empty ledger: items, patients and orders from the data files, the planogram, the opening counts."""
    entries = [
        Entry(kind, {"id": record.id, "record": as_record(record)})
        for kind, records in (("item.put", data.items), ("patient.put", data.patients), ("order.put", data.orders))
        for record in records
    ]
    units = {item.id: item.unit for item in data.items}
    packs = {item.id: item.pack for item in data.items}
    in_packs = {place.id for gantry in site.gantries for place in gantry.shelf}
    for holder, pocket in _pockets(site, packs):
        entries.append(_assigned(holder, pocket))
        if pocket.item is None:
            continue
        if site.station.simulated:
            times = packs.get(pocket.item, 1) if pocket.id in in_packs else 1
            lying = [
                Lot(lot=lot.lot, expiry=lot.expiry.isoformat(), quantity=lot.quantity * times)
                for lot in data.lots
                if lot.pocket == pocket.id
            ]
            entries.append(_opening_count(holder, pocket, units.get(pocket.item, "unit"), lying))
        else:
            entries.append(_never_counted(pocket))
    return entries


def _pockets(site: Site, packs: Mapping[str, int]) -> Iterator[tuple[str, Pocket]]:
    """Every pocket with what holds it. A place of a gantry's shelf is one whose capacity the site file gives in packs."""
    for holder in site.holders:
        for pocket in holder.pockets:
            yield holder.id, pocket
    for gantry in site.gantries:
        for place in gantry.shelf:
            units = place.capacity * packs.get(place.item or "", 1)
            yield gantry.id, Pocket(id=place.id, item=place.item, capacity=min(units, MOST_UNITS))


def planogram_changes(site: Site, books: Books) -> list[Entry]:
    """The entries that bring a ledger to a changed site file. A pocket given to another item is to be counted."""
    entries = []
    items = {id_: books.formulary.item(id_) for id_ in books.formulary.items}
    packs = {id_: item.pack for id_, item in items.items() if item is not None}
    for holder, pocket in _pockets(site, packs):
        known = books.stock.pockets.get(pocket.id)
        if known is None:
            entries.append(_assigned(holder, pocket))
            if pocket.item is not None:
                entries.append(_never_counted(pocket))
            continue
        item = pocket.item if pocket.item is not None else known["item"]
        if (known["drawer"], known["item"]) != (holder, item):
            entries += [_assigned(holder, pocket), Entry("pocket.unverified", _doubt(pocket.id, "reassigned"))]
        elif (known["capacity"], known["par"]) != (pocket.capacity, pocket.par):
            entries.append(_assigned(holder, pocket, item))
    return entries


def as_record(record: Record) -> dict[str, object]:
    """A pushed record as the ledger keeps it: the JSON of its model, under the names that files and bodies use."""
    return record.model_dump(mode="json", by_alias=True)


def _assigned(holder: str, pocket: Pocket, item: str | None = None) -> Entry:
    body = {
        "pocket": pocket.id,
        "drawer": holder,
        "item": pocket.item if item is None else item,
        "capacity": pocket.capacity,
        "par": pocket.par,
    }
    return Entry("pocket.assigned", body)


def _never_counted(pocket: Pocket) -> Entry:
    return Entry("pocket.unverified", _doubt(pocket.id, "never-counted"))


def _doubt(pocket: str, reason: str) -> dict[str, str | None]:
    return {"pocket": pocket, "reason": reason, "intent": None}


def _opening_count(holder: str, pocket: Pocket, unit: str, lying: Sequence[Lot]) -> Entry:
    lots = lotting.together([], lying)
    counted = sum(lot["quantity"] for lot in lying)
    body = {
        "code": "C",
        "pocket": pocket.id,
        "drawer": holder,
        "item": pocket.item,
        "unit": unit,
        "counted": counted,
        "expected": counted,
        "delta": 0,
        "lots": lots,
        "work": {"kind": "opening", "id": holder},
        "by": "station",
    }
    return Entry("stock.counted", body)
