"""How things are written on a page: amounts as ever, times and dates with the month in letters, ages in words.

Nothing here passes an amount through a locale (reference ecosystem C4): a dose is text before it comes here.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from gettext import NullTranslations

from markupsafe import Markup

from controller.formulary.doses import NO_BREAK_SPACE

Words = NullTranslations


def clock(words: Words, at: str | datetime.datetime) -> str:
    """`14:05`, in the station's own time of day."""
    return _local(at).strftime("%H:%M")


def moment(words: Words, at: str | datetime.datetime, now: datetime.datetime) -> str:
    """Both parts of a time: `today 14:05`, `yesterday 23:50`, `04-Mar-2027 08:00`."""
    then = _local(at)
    days = (_local(now).date() - then.date()).days
    said = {0: words.gettext("today"), 1: words.gettext("yesterday"), -1: words.gettext("tomorrow")}
    return f"{said.get(days) or _date(words, then.date())}{NO_BREAK_SPACE}{then:%H:%M}"


def date(words: Words, day: str) -> str:
    """`04-Mar-2027`, or `end Mar-2027` where only the month is said."""
    if len(day) == len("2027-03"):
        month = datetime.date.fromisoformat(f"{day}-01")
        return words.gettext("end %(month)s-%(year)s") % {"month": _month(words, month), "year": month.year}
    return _date(words, datetime.date.fromisoformat(day))


def age(words: Words, seconds: float) -> str:
    """How long ago, as somebody would say it: `3 s`, `12 min`, `5 h`, `2 days`."""
    for size, name in (
        (86_400, words.ngettext("%(n)s day", "%(n)s days", int(seconds // 86_400))),
        (3600, "%(n)s h"),
        (60, "%(n)s min"),
    ):
        if seconds >= size:
            return (name % {"n": int(seconds // size)}).replace(" ", NO_BREAK_SPACE)
    return f"{int(seconds)}{NO_BREAK_SPACE}s"


def since(words: Words, at: str, now: datetime.datetime) -> str:
    """The age of what began then."""
    return age(words, max(0.0, (now - datetime.datetime.fromisoformat(at)).total_seconds()))


def form(words: Words, drug_form: str) -> str:
    """A drug's form or unit in the visitor's language; one that nobody has translated stays as the formulary has it."""
    said = words.gettext(drug_form)
    return said if said != drug_form else units(words, drug_form, 1)  # Debian 12's gettext does not find what has a plural


def units(words: Words, unit: str, number: int) -> str:
    """A unit beside a number of it: `tablet`, `tablets`; one that nobody has translated takes English's own plural."""
    several = f"{unit}s"
    return words.ngettext(unit, several, number)


def whole(_: Words, name: str) -> Markup:
    """The name of a drawer, pocket or tote, which is never broken over two lines at its hyphens."""
    return Markup('<span class="whole">{}</span>').format(name)


def _date(words: Words, day: datetime.date) -> str:
    return f"{day.day:02}-{_month(words, day)}-{day.year}"


def _month(words: Words, day: datetime.date) -> str:
    """Three letters or so; English ones, translated as words."""
    return (
        words.gettext("Jan"), words.gettext("Feb"), words.gettext("Mar"), words.gettext("Apr"), words.gettext("May"),
        words.gettext("Jun"), words.gettext("Jul"), words.gettext("Aug"), words.gettext("Sep"), words.gettext("Oct"),
        words.gettext("Nov"), words.gettext("Dec"),
    )[day.month - 1]  # fmt: skip


def _local(at: str | datetime.datetime) -> datetime.datetime:
    moment_ = datetime.datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment_.astimezone()


FORMS: dict[str, Callable[..., str]] = {
    "clock": clock,
    "moment": moment,
    "date": date,
    "age": age,
    "since": since,
    "form": form,
    "units": units,
    "whole": whole,
}
"""The filters of the templates."""
