"""A medicine is found by letters, and none is named while they fit several."""

from __future__ import annotations

import pytest

from api.console.medicines import alike
from api.console.narrowing import narrowed
from api.console.stocking import PocketRow
from api.rest.stock import PocketAnswer
from controller.formulary.doses import amount
from controller.formulary.items import Item

NAMES = {
    "D-01-1": ("metoprolol tartrate", "Lopressor"),
    "D-01-2": ("metoprolol succinate", "Toprol"),
    "D-02-1": ("metoclopramide", None),
    "D-02-2": ("midazolam", "Versed"),
    "D-03-1": ("insulin", None),
    "D-03-2": ("insulinase", None),
    "SHELF": ("docusate sodium", None),
}


def _row(pocket: str, name: str, brand: str | None) -> PocketRow:
    item = Item(name, name, amount("5", "mg"), "tablet", "tablet", (), "none", high_alert=False, brand=brand)
    answer = PocketAnswer(
        id=pocket, drawer=pocket[:4], item=name, capacity=9, par=0, state="ok", blind=False, on_hand=1, lots=[], unverified=None,
        count_due=False, verified_at=None, seq=1,
    )  # fmt: skip
    return PocketRow(answer, item)


ROWS = [_row(pocket, *names) for pocket, names in NAMES.items()]


@pytest.mark.parametrize(("letters", "found", "still"), [
    ("", [], 0),
    ("m", [], 4),
    ("met", [], 3),
    ("meto", [], 3),
    ("METOP", ["D-01-1", "D-01-2"], 0),
    ("tart", ["D-01-1"], 0),
    ("versed", ["D-02-2"], 0),
    ("etop", [], 0),
    ("insul", [], 2),
    ("insulin", ["D-03-1"], 0),
    ("insulina", ["D-03-2"], 0),
    ("d", ["SHELF"], 0),
    ("d-0", ["D-01-1", "D-01-2", "D-02-1", "D-02-2", "D-03-1", "D-03-2"], 0),
    ("D-02-2", ["D-02-2"], 0),
    ("shelf", ["SHELF"], 0),
])  # fmt: skip
def test_pockets_are_found_once_one_family_fits(letters: str, found: list[str], still: int) -> None:
    told = narrowed(ROWS, letters)
    assert ([row.pocket.id for row in told.rows], told.still) == (found, still)


def test_a_brand_finds_its_medicine_and_says_so() -> None:
    assert narrowed(ROWS, "vers").brands == [("Versed", "midazolam")]
    assert narrowed(ROWS, "mid").brands == []


@pytest.mark.parametrize(("one", "other", "look_alike"), [
    (("hydralazine", "hydrALAZINE"), ("hydromorphone", "HYDROmorphone"), True),
    (("prednisone", "predniSONE"), ("methylprednisolone", "methylPREDNISolone"), True),
    (("cefazolin", "ceFAZolin"), ("cefazolin", "ceFAZolin"), False),
    (("cefazolin", "ceFAZolin"), ("hydralazine", "hydrALAZINE"), False),
    (("metformin", "metFORMIN"), ("metoprolol", None), False),
])  # fmt: skip
def test_names_of_the_list_look_alike_by_how_they_begin_or_by_five_letters(
    one: tuple[str, str | None], other: tuple[str, str | None], look_alike: bool
) -> None:
    first, second = (
        Item(name, name, amount("5", "mg"), "tablet", "tablet", (), "none", high_alert=False, display=shown)
        for name, shown in (one, other)
    )
    assert alike(first, second) is alike(second, first) is look_alike
