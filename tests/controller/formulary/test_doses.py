"""Doses: exact, in one written form, made of whole packages; nothing is rounded and nothing is a float."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.formulary.doses import NO_BREAK_SPACE, UNITS, Amount, DoseError, amount, left_over, packages, parse, plain
from controller.formulary.items import Item

values = st.decimals(min_value=Decimal("0.000001"), max_value=Decimal(999_999_999), places=6)
of_a_package = st.decimals(min_value=Decimal("0.000001"), max_value=Decimal(99_999), places=6)
masses = st.builds(Amount, of_a_package, st.sampled_from(["ug", "mg", "g"]))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("7.50", "mg", "7.5 mg"), ("0.5", "mg", "500 micrograms"), ("0.5", "g", "500 mg"), ("0.25", "L", "250 mL"),
        ("5000", "[iU]", "5,000 units"), ("1000", "mg", "1,000 mg"), ("0.5", "ug", "0.5 micrograms"), ("0", "mg", "0 mg"),
        ("1E+2", "mg", "100 mg"), ("0.0004", "g", "400 micrograms"), ("10", "meq", "10 mEq"), ("2", "m[iU]", "2 milliunits"),
    ],
)  # fmt: skip
def test_the_one_written_form(value: str, unit: str, text: str) -> None:
    assert str(amount(value, unit)) == text.replace(" ", NO_BREAK_SPACE)


@pytest.mark.parametrize(
    "text", [".5 mg", "5.0 mg", "5mg", "1000 mg", "5 U", "5 ug", "05 mg", "1,00 mg", "-5 mg", "5 mg ", "", "5  mg"]
)
def test_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(DoseError):
        parse(text)


@given(st.builds(Amount, values, st.sampled_from(sorted(UNITS))))
def test_what_is_written_is_read_back_as_the_same_amount(dose: Amount) -> None:
    assert parse(str(dose)) == dose == Amount.of_json(dose.as_json())
    assert hash(parse(str(dose))) == hash(dose)


@given(dose=masses, content=masses)
def test_packages_hold_the_dose_one_fewer_does_not_and_all_the_rest_is_waste(dose: Amount, content: Amount) -> None:
    made = packages(dose, content)
    assert made.quantity >= 1
    assert made.quantity * content.smallest - made.waste.smallest == dose.smallest
    assert (made.quantity - 1) * content.smallest < dose.smallest
    assert made.waste.smallest < content.smallest


def test_a_rest_too_large_to_be_written_is_refused_before_anything_is_taken() -> None:
    with pytest.raises(DoseError, match="at most 12 digits"):
        packages(amount("0.000001", "ug"), amount("999999999", "g"))


def test_seven_and_a_half_of_five_is_two_and_two_and_a_half_to_waste() -> None:
    made = packages(amount("7.5", "mg"), amount("5", "mg"))
    assert (made.quantity, made.waste) == (2, amount("2500", "ug"))
    assert left_over(amount("5", "mg"), 1, amount("7.5", "mg")) is None


@pytest.mark.parametrize(
    ("value", "unit"),
    [("x", "mg"), ("NaN", "mg"), ("-1", "mg"), ("Infinity", "mg"), ("1E+13", "mg"), ("1E-13", "mg"), ("1", "stone")],
)
def test_what_is_no_amount_is_refused(value: str, unit: str) -> None:
    with pytest.raises(DoseError):
        amount(value, unit)


def test_amounts_of_different_kinds_are_never_put_together() -> None:
    with pytest.raises(DoseError, match="cannot be made of"):
        packages(amount("5", "mL"), amount("5", "mg"))
    for dose, content in (("0", "5"), ("5", "0")):
        with pytest.raises(DoseError, match="more than nothing"):
            packages(amount(dose, "mg"), amount(content, "mg"))
    with pytest.raises(DoseError, match="unknown unit"):
        Amount(Decimal(1), "stone")
    assert amount("1", "mg") != amount("1", "mL")
    assert amount("1", "mg") != 1
    assert amount("1", "mg") == amount("0.001", "g")


def test_a_dose_in_the_items_own_unit_is_that_many_strengths() -> None:
    record = {
        "id": "p5", "name": "p", "strength": {"value": "5", "unit": "mg"}, "form": "tablet", "unit": "tablet", "gtins": [],
        "class": "none", "high_alert": False,
    }  # fmt: skip
    tablet = Item.of_record(record)
    assert tablet.dose("1.5", "tablet") == amount("7.5", "mg")
    assert tablet.packages(tablet.dose("1.5", "tablet")).quantity == 2
    assert not tablet.controlled
    with pytest.raises(DoseError, match="not a decimal"):
        tablet.dose("one", "tablet")


@given(values)
def test_a_plain_decimal_has_no_exponent_and_no_trailing_zero(value: Decimal) -> None:
    assert Decimal(plain(value)) == value
    assert "E" not in plain(value)
    assert not ("." in plain(value) and plain(value)[-1] in "0.")
