"""GS1: what a package says, and every way in which it may say it wrong."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.errors import MessageError
from firmware_protocols.scanner_lines import gs1
from firmware_protocols.scanner_lines.gs1 import Code, read

GTIN = "00312345678906"
G = "\x1d"


def test_a_real_pack_in_two_orders() -> None:
    """Element strings as a storage robot logged them: lot last without separator, and lot first with one."""
    assert read(f"]d2010541506230323821128302034892{G}1729033110B32542") == Code(
        gtin="05415062303238", lot="B32542", expiry=date(2029, 3, 31), serial="128302034892"
    )
    assert read("01054150623032381726123110" + f"4A178B{G}2121157W4HPP") == Code(
        gtin="05415062303238", lot="4A178B", expiry=date(2026, 12, 31), serial="21157W4HPP"
    )


def test_every_element_a_pharmacy_reads() -> None:
    fixed = f"01{GTIN}112501311526040017260531"
    variable = ["3012", "3724", "70032605311430", "10L-1/2", "21S+1", "7150069306030", "240X", "422276"]
    assert read(f"]C1{fixed}{G.join(variable)}") == Code(
        gtin=GTIN,
        lot="L-1/2",
        expiry=date(2026, 5, 31),
        serial="S+1",
        count=12,
        contained=24,
        expires_at=datetime(2026, 5, 31, 14, 30),  # noqa: DTZ001 - as printed
        produced=date(2025, 1, 31),
        best_before=date(2026, 4, 30),
        national={"715": "0069306030"},
        others={"240": "X", "422": "276"},
    )


@pytest.mark.parametrize("ai", gs1.NATIONAL)
def test_national_numbers_are_kept_as_printed(ai: str) -> None:
    assert read(f"01{GTIN}{ai}0123456789").national == {ai: "0123456789"}


@pytest.mark.parametrize(
    ("digits", "day"),
    [("270600", date(2027, 6, 30)), ("280200", date(2028, 2, 29)), ("270200", date(2027, 2, 28)), ("251200", date(2025, 12, 31))],
)
def test_day_00_is_the_last_of_the_month(digits: str, day: date) -> None:
    assert read(f"01{GTIN}17{digits}").expiry == day
    assert read(f"01{GTIN}11{digits}").produced == day
    assert read(f"01{GTIN}15{digits}").best_before == day


@pytest.mark.parametrize(
    ("this_year", "two_digits", "year"),
    [
        (2026, 26, 2026),
        (2026, 76, 2076),  # 50 ahead: this century
        (2026, 77, 1977),  # 51 ahead: the last one
        (2026, 0, 2000),
        (2049, 0, 2000),  # 49 back: this century
        (2050, 0, 2100),  # 50 back: the next one
        (2050, 1, 2001),
        (2099, 50, 2050),
        (2099, 49, 2149),
        (2000, 50, 2050),
        (2000, 51, 1951),
    ],
)
def test_the_year_lies_in_a_window_around_this_one(this_year: int, two_digits: int, year: int) -> None:
    code = read(f"01{GTIN}17{two_digits:02}0101", this_year=this_year)
    assert code.expiry == date(year, 1, 1)


def test_an_expiry_with_a_time() -> None:
    code = read(f"01{GTIN}70032611151430")
    assert (code.expiry, code.expires_at) == (date(2026, 11, 15), datetime(2026, 11, 15, 14, 30))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("data", "gtin"),
    [
        ("]E05901234123457", "05901234123457"),
        ("5901234123457", "05901234123457"),
        ("]E0312345678906", "00312345678906"),
        ("312345678906", "00312345678906"),
        ("]E496385074", "00000096385074"),
        ("]I010614141000415", "10614141000415"),
        (f"{GTIN}", GTIN),
    ],
)
def test_a_bare_item_number_gets_fourteen_digits(data: str, gtin: str) -> None:
    assert read(data) == Code(gtin=gtin)


def test_a_bare_number_that_begins_10_is_no_lot() -> None:
    assert read("10614141000415") == Code(gtin="10614141000415")


def test_a_leading_separator_is_dropped_and_one_after_a_fixed_element_allowed() -> None:
    assert read(f"{G}01{GTIN}{G}10A1{G}") == Code(gtin=GTIN, lot="A1")


def test_the_same_element_twice_with_one_value_is_one() -> None:
    assert read(f"01{GTIN}10A1{G}10A1") == Code(gtin=GTIN, lot="A1")


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ("0100312345678907", r"\(01\).*check digit"),
        ("5901234123458", "item number.*check digit"),
        ("]E0590123412345", "item number.*check digit"),
        ("]E05901", "item number.*got 4"),
        ("10614141000416", "item number.*check digit"),
        ("00106141411234567890", r"\(00\).*check digit"),
        ("4105901234123450", r"\(410\).*check digit"),
        (f"01{GTIN}10A1{G}10A2", r"\(10\) is there twice"),
        (f"01{GTIN}10" + "A" * 21, r"\(10\).*longer"),
        (f"01{GTIN}30123456789", r"\(30\).*longer"),
        (f"01{GTIN}17260230", r"\(17\) '260230' is no date"),
        (f"01{GTIN}17260001", r"\(17\) '260001' is no date"),
        (f"01{GTIN}17261301", "no GS1 element"),
        (f"01{GTIN}70032602301200", r"\(7003\) '260230' is no date"),
        (f"01{GTIN}70032602282460", r"no time|no GS1 element"),
        (f"01{GTIN}17260101{G}70032601021200", r"\(17\) says 2026-01-01 and \(7003\) says 2026-01-02"),
        (f"01{GTIN}10{G}21S", "no GS1 element"),
        (f"01{GTIN}30", r"\(30\) is empty"),
        (f"01{GTIN}10LOT§", "characters that no GS1 symbol has"),
        (f"01{GTIN}10LOT 1", "longer"),
        ("01003123456789", "item number|no GS1 element"),
        (f"01{GTIN}99", "no GS1 element"),
        (f"(01){GTIN}", "no GS1 element"),
        (f"01{GTIN}10A1\\x1d21S", "longer|no GS1 element"),
        ("]C0ABC", "]C0 is no GS1 symbol"),
        ("]A0+A123BJC5D6E71G", "]A0 is no GS1 symbol"),
        ("]d1" + f"01{GTIN}", "]d1 is no GS1 symbol"),
        ("]d2", "empty"),
        ("", "empty"),
        (G, "empty"),
        ("not a code", "no GS1 element"),
        ("٠١00312345678906", "characters that no GS1 symbol has"),
    ],
)
def test_what_is_wrong_is_named(data: str, wrong: str) -> None:
    with pytest.raises(MessageError, match=wrong):
        read(data)


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_a_message_error(data: str) -> None:
    _is_code_or_message_error(data)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["01", "10", "17", "21", "30", "37", "7003", "11", "15", "710", "716", "00", "410", "3103", "8005", "391"]
            ),
            st.text("0123456789AZ-\x1d", max_size=22),
        ),
        max_size=5,
    ),
    st.sampled_from(["", "]d2", "]C1", "]E0"]),
)
def test_any_elements_are_a_code_or_a_message_error(elements: list[tuple[str, str]], aim: str) -> None:
    _is_code_or_message_error(aim + "".join(ai + value for ai, value in elements))


def _is_code_or_message_error(data: str) -> None:
    try:
        code = read(data)
    except MessageError:
        return
    assert code.gtin is None or len(code.gtin) == 14
