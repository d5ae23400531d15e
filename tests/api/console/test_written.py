"""Times, dates, ages and units as they are written on a page, in every language (reference ecosystem C4)."""

from __future__ import annotations

import datetime

import pytest

from api.console import written
from api.words.language import LANGUAGES, words
from controller.formulary.doses import NO_BREAK_SPACE

NOW = datetime.datetime(2027, 3, 4, 14, 5).astimezone()


@pytest.mark.parametrize(("language", "day", "month"), [
    ("en", "04-Mar-2027", "end Mar-2027"), ("es", "04-mar-2027", "fin mar-2027"),
    ("fr", "04-mars-2027", "fin mars-2027"), ("de", "04-März-2027", "Ende März-2027"),
])  # fmt: skip
def test_a_date_has_its_month_in_letters_and_its_true_precision(language: str, day: str, month: str) -> None:
    spoken = words(language)
    assert written.date(spoken, "2027-03-04") == day
    assert written.date(spoken, "2027-03") == month
    assert len({written.date(spoken, f"2027-{number:02}-04") for number in range(1, 13)}) == 12


@pytest.mark.parametrize(("language", "said"), [
    ("en", ("today", "yesterday", "tomorrow", "02-Mar-2027")), ("es", ("hoy", "ayer", "mañana", "02-mar-2027")),
    ("fr", ("aujourd'hui", "hier", "demain", "02-mars-2027")), ("de", ("heute", "gestern", "morgen", "02-März-2027")),
])  # fmt: skip
def test_a_time_has_both_its_parts_by_twenty_four_hours(language: str, said: tuple[str, ...]) -> None:
    spoken = words(language)
    moments = [written.moment(spoken, (NOW + datetime.timedelta(days=days)).isoformat(), NOW) for days in (0, -1, 1, -2)]
    assert moments == [f"{word}{NO_BREAK_SPACE}14:05" for word in said]
    assert written.clock(spoken, NOW) == "14:05"


@pytest.mark.parametrize(("language", "one", "several"), [
    ("en", "1 day", "2 days"), ("es", "1 día", "2 días"), ("fr", "1 jour", "2 jours"), ("de", "1 Tag", "2 Tage"),
])  # fmt: skip
def test_an_age_is_said_in_its_largest_part(language: str, one: str, several: str) -> None:
    spoken = words(language)
    ages = [written.age(spoken, seconds) for seconds in (3.9, 725, 18_000, 86_400, 172_800)]
    assert [said.replace(NO_BREAK_SPACE, " ") for said in ages] == ["3 s", "12 min", "5 h", one, several]


@pytest.mark.parametrize(("language", "one", "several"), [
    ("en", "tablet", "tablets"), ("es", "comprimido", "comprimidos"),
    ("fr", "comprimé", "comprimés"), ("de", "Tablette", "Tabletten"),
])  # fmt: skip
def test_a_unit_is_the_ward_s_word_for_one_and_for_several(language: str, one: str, several: str) -> None:
    spoken = words(language)
    assert written.form(spoken, "tablet") == written.units(spoken, "tablet", 1) == one
    assert written.units(spoken, "tablet", 2) == several


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_that_nobody_has_translated_stays_as_the_formulary_has_it(language: str) -> None:
    assert written.form(words(language), "lozenge") == "lozenge"
    assert written.units(words(language), "lozenge", 2) == "lozenges"
