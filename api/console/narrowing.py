"""A pocket found by letters: its own name, or its medicine's, of which none is named until the letters fit one name family alone.

Names that look alike are the same for up to 29 letters; a list of them is what a wrong one is picked from (reference ecosystem C5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.console.stocking import PocketRow
from controller.formulary.items import Item


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What has been found so far."""

    rows: Sequence[PocketRow] = ()
    still: int = 0
    """So many medicines of several families fit: none of them is named yet."""
    brands: Sequence[tuple[str, str]] = ()
    """Brands that were typed, each with the name it is found under."""


def narrowed(rows: Sequence[PocketRow], letters: str) -> Narrowed:
    """The pockets whose name begins with these letters, as far as one with a digit in it does; else those of the one family of
    medicines that fits, or whose name is exactly this. Case does not matter; no letters find nothing."""
    letters = letters.strip().casefold()
    if not letters:
        return Narrowed()
    places = [row for row in rows if _is_place(row.pocket.id.casefold(), letters)]
    if places:
        return Narrowed(places)
    fitting = [row for row in rows if any(_begins(name, letters) for name in _names(row.item))]
    if len({_family(row.item) for row in fitting}) > 1:
        fitting = [row for row in fitting if letters in {_family(row.item), *map(str.casefold, _names(row.item))}] or fitting
    if len({_family(row.item) for row in fitting}) > 1:
        return Narrowed(still=len({row.item.id for row in fitting}))
    brands = {(row.item.brand, row.item.shown) for row in fitting if row.item.brand and not _begins(row.item.name, letters)}
    return Narrowed(fitting, brands=sorted(brands))


def _is_place(pocket: str, letters: str) -> bool:
    return pocket == letters or (pocket.startswith(letters) and any(letter.isdigit() for letter in letters))


def _names(item: Item) -> tuple[str, ...]:
    return (item.name, *([item.brand] if item.brand else []))


def _begins(name: str, letters: str) -> bool:
    """Whether the name, or one of its words, begins so."""
    said = name.casefold()
    return said.startswith(letters) or any(word.startswith(letters) for word in said.split())


def _family(item: Item) -> str:
    """The first word of the generic name: `metoprolol` of its tartrate and of its succinate."""
    return item.name.casefold().partition(" ")[0]
