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
SAME = {"wanted": "state", "reason": "why"}
"""Facts whose values are another's."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
DAYS = frozenset({"expiry", "expires_from", "ends", "due"})
DAY = re.compile(r"\d{4}-\d\d(-\d\d)?")


def told(words: NullTranslations, facts: Mapping[str, Any], now: datetime.datetime) -> dict[str, Any]:
    """The facts as a person reads them; ids, numbers and what nobody has words for stay as they are."""
    return {name: _said(words, name, value, now) for name, value in facts.items()}


def _said(words: NullTranslations, name: str, value: Any, now: datetime.datetime) -> Any:
    if not isinstance(value, str):
        return value
    known = SAID.get(SAME.get(name, name), {}).get(value)
    if known is not None:
        return words.gettext(known)
    if name == "why" and value in CATALOGUE:
        return words.gettext(CATALOGUE[value].title)
    if TIME.fullmatch(value):
        return written.moment(words, value, now)
    if name in DAYS and DAY.fullmatch(value):
        return written.date(words, value)
    return value
