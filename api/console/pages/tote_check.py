"""The check of a tote: a person looks what is really in it, lot by lot, and the tote holds what she found from then on.

What a package says that nobody expected is scanned, which puts a line of its own on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from pydantic import Field, model_validator

from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.pages.totes import tote_of
from api.console.visitor import Visitor
from api.console.working import Number
from controller.formulary.items import Item
from controller.machines.custody import State
from controller.policy.roles import Right
from controller.workflows import scans
from controller.workflows.check_tote import check
from drivers.faults import Refused
from sites.part import Id

pages = Pages()

SCANNED = "code"
"""Packages that were scanned stand in the address, one after the other: `code1`, `code2` …"""


@dataclass(frozen=True, slots=True)
class Lying:
    """One lot that may lie in the tote."""

    item: Item
    lot: str
    expiry: str | None


class Package(Form):
    """A package that lies in it; `codes` are those before it."""

    scan: str = Field(min_length=1, max_length=4096)
    codes: list[str] = Field([])


class Found(Form):
    """All that lies in it, lot by lot."""

    item: list[Id] = Field([], max_length=1000)
    lot: list[str] = Field([])
    expiry: list[str] = Field([])
    found: list[Number] = Field([])

    @model_validator(mode="after")
    def _as_long(self) -> Self:
        if len({len(self.item), len(self.lot), len(self.expiry), len(self.found)}) > 1:
            raise ValueError("each line has an item, a lot, an expiry and a number")
        return self


@pages.page("/totes/{id}/check", "tote_check.html", Right.PICK)
def look(visitor: Visitor, id: str) -> Shown:
    """A line for each lot that was put in, and for each that was scanned; no figure stands there before the person's own."""
    answer = tote_of(visitor, id, State.FILLING)
    codes = _codes(visitor)
    lying = [_known(visitor, one.item, lot["lot"], lot["expiry"]) for one in answer.contents for lot in one.lots]
    lying += [_scanned(visitor, code) for code in codes]
    facts = {
        "tote": answer,
        "rows": list(dict.fromkeys(one for one in lying if one is not None)),
        "codes": codes,
    }
    return Shown(facts, frozenset({id}))


@pages.post("/totes/{id}/check/scans", Package, Right.PICK)
async def scan(visitor: Visitor, said: Package, id: str) -> Go:
    """One more line, for a package that nobody expected. Raises Refused for a code that says nothing."""
    _scanned(visitor, said.scan)
    codes = [*dict.fromkeys([*said.codes, said.scan])]
    return Go(f"{ROOT}/totes/{id}/check?{urlencode({f'{SCANNED}{n}': code for n, code in enumerate(codes, start=1)})}")


@pages.post("/totes/{id}/check", Found, Right.PICK)
async def found(visitor: Visitor, said: Found, id: str) -> Go:
    """Says what lies in it. Raises Refused as the check does."""
    lots: dict[str, list[dict[str, object]]] = {}
    for item, lot, expiry, units in zip(said.item, said.lot, said.expiry, said.found, strict=True):
        if units:
            lots.setdefault(item, []).append({"lot": lot, "expiry": expiry or None, "quantity": units})
    differences = check(visitor.station, visitor.who, id, [{"item": item, "lots": of} for item, of in lots.items()])
    return Go(f"{ROOT}/totes/{id}" + (f"?differs={','.join(one['item'] for one in differences)}" if differences else ""))


def _codes(visitor: Visitor) -> list[str]:
    asked = visitor.query
    return [asked[name] for name in sorted(asked, key=lambda name: (len(name), name)) if name.startswith(SCANNED)]


def _known(visitor: Visitor, item: str, lot: str, expiry: str | None) -> Lying | None:
    known = visitor.station.books.formulary.item(item)
    return Lying(known, lot, expiry) if known is not None else None


def _scanned(visitor: Visitor, code: str) -> Lying:
    gtin, said = scans.read(visitor.station, code)
    item = visitor.station.books.formulary.by_gtin(gtin)
    if item is None:
        raise Refused("item-not-known", gtin=gtin)
    return Lying(item, said.lot or "", said.expiry.isoformat() if said.expiry else None)
