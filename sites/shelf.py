"""What lies where, for whom: the pockets of a site file against the formulary, patients, orders and stock beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sites.models import Site
from sites.positions import Path as KeyPath
from sites.reading import TomlFile, nearest, rows, text, whole
from sites.references import exists, given_once, names, pockets

DIMENSIONS = ({"ug", "mg", "g"}, {"mL", "L"}, {"[iU]", "m[iU]"})
"""UCUM codes that measure the same thing."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The data files that a site names."""

    formulary: TomlFile | None = None
    patients: TomlFile | None = None
    orders: TomlFile | None = None
    stock: TomlFile | None = None
    packs: TomlFile | None = None

    def all(self) -> tuple[TomlFile, ...]:
        """Those that there are."""
        return tuple(file for file in (self.formulary, self.patients, self.orders, self.stock, self.packs) if file is not None)


def check_shelf(file: TomlFile, site: Site | None, beside: Beside) -> None:
    """Every rule that crosses from one file into another, and the names within each."""
    for data, key, what in (
        (beside.formulary, "items", "item"),
        (beside.patients, "patients", "patient"),
        (beside.orders, "orders", "order"),
    ):
        if data is not None:
            given_once(data, names(data.table, key), what)
    _pockets(file, beside.formulary)
    if beside.formulary is not None:
        _codes(beside.formulary)
    if beside.orders is not None:
        _orders(beside.orders, beside)
    if beside.stock is not None:
        _stock(beside.stock, file)
        if site is not None and not site.station.simulated:
            file.say("warning", ("data", "stock"), "a site that is not simulated counts its pockets; this file is not read")


def fits(dose_unit: str, strength_unit: str, unit: str) -> bool:
    """True if a dose in `dose_unit` can be made of units that hold `strength_unit`: same dimension, or the unit itself."""
    return dose_unit in {unit, strength_unit} or any({dose_unit, strength_unit} <= same for same in DIMENSIONS)


def _items(formulary: TomlFile | None) -> list[str] | None:
    """The names of the items; None where there is no readable formulary, so that its absence is told once."""
    return None if formulary is None or not formulary.readable else [name for _, name in names(formulary.table, "items")]


def _pockets(file: TomlFile, formulary: TomlFile | None) -> None:
    items = _items(formulary)
    for path, pocket in pockets(file.table):
        item, capacity, par = text(pocket, "item"), whole(pocket, "capacity"), whole(pocket, "par")
        if items is not None and item is not None:
            exists(file, (*path, "item"), item, items, "item")
        if capacity is not None and par is not None and par > capacity:
            file.say("error", (*path, "par"), f"the par level is more than the pocket holds ({capacity})")
    if formulary is not None:
        _controlled(file, formulary)


def _controlled(file: TomlFile, formulary: TomlFile) -> None:
    """Warns where a controlled item shares a drawer with others: each pull of those opens it too."""
    controlled = {text(item, "id") for _, item in rows(formulary.table, "items") if text(item, "class") not in {None, "none"}}
    for index, drawer in rows(file.table, "drawers"):
        held = {text(pocket, "item") for _, pocket in rows(drawer, "pockets")} - {None}
        if held & controlled and held - controlled:
            some = min(str(item) for item in held & controlled)
            message = f"{some} is a controlled substance and shares its drawer with items that are none"
            file.say("warning", ("drawers", index), message)
    for index, shelf in rows(file.table, "shelves"):
        for number, pocket in rows(shelf, "pockets"):
            if (item := text(pocket, "item")) in controlled:
                message = f"{item} is a controlled substance and would lie on an open shelf"
                file.say("error", ("shelves", index, "pockets", number, "item"), message)


def _codes(formulary: TomlFile) -> None:
    codes: list[tuple[KeyPath, str]] = []
    for index, item in rows(formulary.table, "items"):
        listed = item.get("gtins")
        for number, code in enumerate(listed if isinstance(listed, list) else ()):
            codes.append((("items", index, "gtins", number), str(code).zfill(14)))
    given_once(formulary, codes, "item's code")


def _orders(orders: TomlFile, beside: Beside) -> None:
    items = _items(beside.formulary)
    by_name = {} if beside.formulary is None else {text(item, "id"): item for _, item in rows(beside.formulary.table, "items")}
    patients = beside.patients
    known = None if patients is None or not patients.readable else [name for _, name in names(patients.table, "patients")]
    for index, order in rows(orders.table, "orders"):
        if known is not None:
            exists(orders, ("orders", index, "patient"), text(order, "patient"), known, "patient")
        name, dose_unit = text(order, "item"), text(order, "dose", "unit")
        if items is None or not exists(orders, ("orders", index, "item"), name, items, "item"):
            continue
        strength, unit = text(by_name[name], "strength", "unit"), text(by_name[name], "unit")
        if dose_unit is not None and strength is not None and unit is not None and not fits(dose_unit, strength, unit):
            ways = sorted({strength, unit}.union(*(same for same in DIMENSIONS if strength in same)))
            message = f"{name} is given in {strength} or by the {unit}"
            orders.say(
                "error",
                ("orders", index, "dose", "unit"),
                message,
                allowed=f"one of {', '.join(ways)}",
                nearest=nearest(dose_unit, ways),
            )


def _stock(stock: TomlFile, file: TomlFile) -> None:
    by_name = {text(pocket, "id"): pocket for _, pocket in pockets(file.table)}
    filled: Counter[str] = Counter()
    lots: list[tuple[KeyPath, str]] = []
    for index, lot in rows(stock.table, "lots"):
        name, quantity, number = text(lot, "pocket"), whole(lot, "quantity"), text(lot, "lot")
        path: KeyPath = ("lots", index, "pocket")
        if not file.readable or not exists(stock, path, name, [one for one in by_name if one is not None], "pocket"):
            continue
        lots.append((("lots", index, "lot"), f"{name} {number}"))
        pocket = by_name[name]
        if text(pocket, "item") is None:
            stock.say("error", path, "this pocket is assigned to no item, so nothing can lie in it")
        filled[str(name)] += quantity or 0
        capacity = whole(pocket, "capacity")
        if capacity is not None and filled[str(name)] > capacity:
            message = f"with this lot, {filled[str(name)]} lie in a pocket that holds {capacity}"
            stock.say("error", ("lots", index, "quantity"), message)
    given_once(stock, lots, "row of this pocket's lots")
