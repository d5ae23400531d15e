"""GS1: what the symbol on a package says. The grammar is biip's; here stands what a pharmacy must be stricter in.

Pure: the two-digit years need a current year, which the caller gives (GS1 General Specifications, 7.12).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from biip import ParseConfig, ParseError
from biip.gs1_element_strings import GS1ElementString
from biip.gtin import Gtin

from firmware_protocols.errors import MessageError

SEPARATOR = "\x1d"
THIS_YEAR = 2026
"""The window's centre unless the caller gives one: right for every date within 49 years before and after it."""
ITEM_NUMBER_LENGTHS = (8, 12, 13, 14)
ITEM_NUMBER_SYMBOLS = ("]E0", "]E4", "]I0")
"""EAN-13, UPC-A and UPC-E; EAN-8; ITF-14: the number alone."""
GS1_SYMBOLS = ("]d2", "]C1", "]e0", "]Q3")
"""GS1 DataMatrix, GS1-128, GS1 DataBar, GS1 QR."""
NATIONAL = tuple(str(number) for number in range(710, 717))
"""710 DE, 711 FR, 712 ES, 713 BR, 714 PT, 715 US (NDC), 716 IT."""

# Dates are read here, not by biip: it takes the year from the machine's clock.
_BIIP = ParseConfig(gs1_element_strings_verify_date=False)
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Code:
    """What was read. `gtin` always has 14 digits; `expiry` is the last good day; `expires_at` is local time (AI 7003).

    `count` is of a variable-count item (30), `contained` of what is inside (37). `national` and `others` keep, by AI and
    as printed, the national numbers (710 to 716) and whatever else stood there.
    """

    gtin: str | None = None
    lot: str | None = None
    expiry: date | None = None
    serial: str | None = None
    count: int | None = None
    contained: int | None = None
    expires_at: datetime | None = None
    produced: date | None = None
    best_before: date | None = None
    national: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)


def read(data: str, *, this_year: int = THIS_YEAR) -> Code:
    """What a scanned code says: GS1 element strings with GS (1D) as separator, or a bare GTIN of 8, 12, 13 or 14 digits.

    An AIM identifier and a GS in front are taken off. Raises MessageError, naming the element and what is wrong with it.
    """
    aim = _AIM.match(data)
    body = data[3:] if aim else data
    if not body.isascii():
        raise MessageError("the code holds characters that no GS1 symbol has")
    if aim and aim[0] in ITEM_NUMBER_SYMBOLS:
        return Code(gtin=_item_number(body))
    if aim and aim[0] not in GS1_SYMBOLS:
        raise MessageError(f"{aim[0]} is no GS1 symbol")
    if not aim and body.isdigit() and len(body) in ITEM_NUMBER_LENGTHS:
        return Code(gtin=_item_number(body))
    return _code(_elements(body.removeprefix(SEPARATOR)), this_year)


def _item_number(digits: str) -> str:
    try:
        return Gtin.parse(digits, config=_BIIP).as_gtin_14()
    except ParseError as wrong:
        raise MessageError(f"item number {digits!r}: {wrong}") from wrong


def _elements(body: str) -> dict[str, str]:
    """Each application identifier with its value, as printed."""
    elements: dict[str, str] = {}
    rest = body
    while rest:
        try:
            element = GS1ElementString.extract(rest, config=_BIIP)
        except ParseError as wrong:
            raise MessageError(f"no GS1 element: {rest[:30]!r} ({wrong})") from wrong
        ai, value = element.ai.ai, element.value
        wrong_digit = element.gtin_error or element.sscc_error or element.gln_error
        if wrong_digit:
            raise MessageError(f"({ai}) {value!r}: {wrong_digit}")
        if not value:
            raise MessageError(f"({ai}) is empty")
        rest = rest[len(element) :]
        if element.ai.separator_required and rest and not rest.startswith(SEPARATOR):
            raise MessageError(f"({ai}) begins {value!r} and is longer than it may be, or a separator is missing")
        if elements.setdefault(ai, value) != value:
            raise MessageError(f"({ai}) is there twice, with {elements[ai]!r} and {value!r}")
        rest = rest.removeprefix(SEPARATOR)
    if not elements:
        raise MessageError("the code is empty")
    return elements


def _code(elements: dict[str, str], this_year: int) -> Code:
    left = dict(elements)

    def day(ai: str) -> date | None:
        return _date(ai, left.pop(ai), this_year) if ai in left else None

    def number(ai: str) -> int | None:
        return int(left.pop(ai)) if ai in left else None

    gtin, expiry = left.pop("01", None), day("17")
    expires_at = _moment("7003", left.pop("7003"), this_year) if "7003" in left else None
    if expiry and expires_at and expires_at.date() != expiry:
        raise MessageError(f"(17) says {expiry} and (7003) says {expires_at}")
    return Code(
        gtin=gtin,
        lot=left.pop("10", None),
        expiry=expires_at.date() if expires_at else expiry,
        serial=left.pop("21", None),
        count=number("30"),
        contained=number("37"),
        expires_at=expires_at,
        produced=day("11"),
        best_before=day("15"),
        national={ai: left.pop(ai) for ai in NATIONAL if ai in left},
        others=left,
    )


def _date(ai: str, digits: str, this_year: int) -> date:
    """YYMMDD; day 00 is the last day of the month."""
    year, month, day = _year(int(digits[:2]), this_year), int(digits[2:4]), int(digits[4:6])
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except ValueError as wrong:
        raise MessageError(f"({ai}) {digits!r} is no date") from wrong


def _moment(ai: str, digits: str, this_year: int) -> datetime:
    """YYMMDDHHMM, local time."""
    day = _date(ai, digits[:6], this_year)
    try:
        return datetime(day.year, day.month, day.day, int(digits[6:8]), int(digits[8:10]))  # noqa: DTZ001 - as printed
    except ValueError as wrong:
        raise MessageError(f"({ai}) {digits!r} is no time") from wrong


def _year(two_digits: int, this_year: int) -> int:
    century, now = divmod(this_year, 100)
    ahead = two_digits - now
    if ahead >= 51:
        century -= 1
    elif ahead <= -50:
        century += 1
    return century * 100 + two_digits
