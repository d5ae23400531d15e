"""What a problem's facts are called on a page: codes in words, times with the month in letters (reference ecosystem C4)."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from api.console import written
from api.problems import CATALOGUE
from api.words.language import FOLDER

SAID: Mapping[str, Mapping[str, str]] = tomllib.loads((FOLDER.parent / "facts.toml").read_text(encoding="utf-8"))
"""By the fact's name and what it is told as."""
SAME = {"wanted": "state"}
"""Facts whose values are another's."""
REASONS = frozenset({"why", "reason"})
NAMED = [(re.compile(re.escape(told).replace(r"\{name\}", "(?P<name>.+)")), said) for told, said in SAID["why_of"].items()]
"""Reasons with a name in them."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
DAYS = frozenset({"expiry", "expires_from", "ends", "due"})
DAY = re.compile(r"\d{4}-\d\d(-\d\d)?")


def told(words: NullTranslations, facts: Mapping[str, Any], now: datetime.datetime) -> dict[str, Any]:
    """The facts as a person reads them; ids, numbers and what nobody has words for stay as they are."""
    return {name: _said(words, name, value, now) for name, value in facts.items()}


def reason(words: NullTranslations, why: str) -> str:
    """A reason, or several behind one another, in the visitor's language; what a device or a person phrased stays so."""
    known = SAID["why"].get(why) or (CATALOGUE[why].title if why in CATALOGUE else None)
    return words.gettext(known) if known else ", ".join(_named(words, part) for part in why.split(", "))


def _named(words: NullTranslations, why: str) -> str:
    for pattern, said in NAMED:
        if (found := pattern.fullmatch(why)) is not None:
            return words.gettext(said).format(name=found["name"])
    known = SAID["why"].get(why)
    return words.gettext(known) if known else why


def _said(words: NullTranslations, name: str, value: Any, now: datetime.datetime) -> Any:
    if not isinstance(value, str):
        return value
    if name in REASONS:
        return reason(words, value)
    known = SAID.get(SAME.get(name, name), {}).get(value)
    if known is not None:
        return words.gettext(known)
    if TIME.fullmatch(value):
        return written.moment(words, value, now)
    if name in DAYS and DAY.fullmatch(value):
        return written.date(words, value)
    return value
