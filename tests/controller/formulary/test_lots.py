"""Lots: first expired, first out; nothing appears or vanishes whatever is done to them."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.formulary import lots as lotting
from controller.formulary.lots import UNKNOWN_LOT, Lot, LotError

TODAY = datetime.date(2031, 3, 1)
days = st.dates(datetime.date(2030, 1, 1), datetime.date(2034, 1, 1)).map(datetime.date.isoformat)
expiries = st.one_of(st.none(), days, days.map(lambda day: day[:7]))
some = st.lists(
    st.builds(lambda lot, expiry, quantity: Lot(lot=lot, expiry=expiry, quantity=quantity),
              st.sampled_from(["A", "B", "C"]), expiries, st.integers(1, 30)),
    max_size=5,
)  # fmt: skip


def total(lots: list[Lot]) -> int:
    return sum(lot["quantity"] for lot in lots)


def test_an_expiry_day_and_a_month_that_ends_on_its_last_day() -> None:
    assert lotting.last_day("2031-02") == datetime.date(2031, 2, 28)
    assert lotting.last_day("2032-02") == datetime.date(2032, 2, 29)
    assert lotting.expired("2031-03-01", TODAY), "on the expiry day, hour zero"
    assert not lotting.expired("2031-03", TODAY)
    assert not lotting.expired(None, TODAY)
    assert lotting.short_dated("2031-03-30", TODAY, 30)
    assert not lotting.short_dated("2031-03-31", TODAY, 30)
    assert not lotting.short_dated(None, TODAY, 30)


@pytest.mark.parametrize("expiry", ["2031-13", "2031-02-30", "31-02-01", "", "2031-2-1", "soon", "0000-01"])
def test_what_is_no_expiry_is_refused(expiry: str) -> None:
    with pytest.raises(LotError, match="is not an expiry"):
        lotting.last_day(expiry)


@given(lots=some, quantity=st.integers(0, 200))
def test_what_is_drawn_and_what_is_left_are_what_was_there(lots: list[Lot], quantity: int) -> None:
    drawn = lotting.draw(lots, quantity)
    assert total(drawn) == quantity
    left = lotting.without(lots, drawn)
    assert total(left) == total(lots) - quantity
    assert all(lot["quantity"] > 0 for lot in left if lot["lot"] != UNKNOWN_LOT)
    assert lotting.without(lotting.together(lots, drawn), drawn) == lotting.together(lots, [])


@given(lots=some, quantity=st.integers(1, 200))
def test_nothing_is_drawn_while_something_that_expires_sooner_is_left(lots: list[Lot], quantity: int) -> None:
    drawn = [lot for lot in lotting.draw(lots, quantity) if lot["lot"] != UNKNOWN_LOT]
    left = lotting.without(lots, lotting.draw(lots, quantity))
    if drawn and (kept := [lot for lot in left if lot["lot"] != UNKNOWN_LOT]):
        assert lotting.last_day(drawn[-1]["expiry"]) <= lotting.last_day(kept[0]["expiry"])


@given(lots=some)
def test_the_scanned_lot_is_drawn_first(lots: list[Lot]) -> None:
    for lot in lots:
        assert lotting.draw(lots, 1, lot["lot"])[0]["lot"] == lot["lot"]


@given(lots=some, owed=st.integers(0, 9), counted=st.integers(0, 200))
def test_after_a_count_the_lots_are_what_was_counted(lots: list[Lot], owed: int, counted: int) -> None:
    there = lotting.together(lots, [Lot(lot=UNKNOWN_LOT, expiry=None, quantity=-owed)] if owed else [])
    after = lotting.as_counted(there, counted)
    assert total(after) == counted
    known = {lot["lot"] for lot in lots} | {UNKNOWN_LOT}
    assert {lot["lot"] for lot in after} <= known


@given(lots=some)
def test_what_may_be_given_out_is_what_has_not_expired(lots: list[Lot]) -> None:
    good = [lot for lot in lots if not lotting.expired(lot["expiry"], TODAY)]
    assert lotting.in_date(lots, TODAY) == total(good)
    first = lotting.first_expiry(lots, TODAY)
    assert all(first <= lotting.last_day(lot["expiry"]) for lot in good)
    assert first == datetime.date.max or any(first == lotting.last_day(lot["expiry"]) for lot in good)
