"""What the robot's scanner makes of a bar code: a bare number, or a GS1 element string with batch, serial and expiry."""

from __future__ import annotations

import calendar
from typing import NamedTuple

GS = "\x1d"
FIXED = {"01": 14, "02": 14, "11": 6, "13": 6, "15": 6, "17": 6}
"""Application identifiers of a length of their own (GS1 General Specifications 3.2, figure of pre-defined lengths)."""
OPEN = ("10", "21")
"""Those that a GS or the end of the symbol ends."""


class Code(NamedTuple):
    """What a code says."""

    number: str
    """The article part: a GTIN, or the whole code where it is no element string."""
    batch: str = ""
    serial: str = ""
    expiry: str = ""


def read(code: str) -> Code:
    """Reads a scanned code. One that is no element string is an article number."""
    found: dict[str, str] = {}
    rest = code
    while rest:
        identifier, rest = rest[:2], rest[2:]
        if identifier in FIXED and len(rest) >= FIXED[identifier] and rest[: FIXED[identifier]].isdecimal():
            found[identifier], rest = rest[: FIXED[identifier]], rest[FIXED[identifier] :].removeprefix(GS)
        elif identifier in OPEN:
            found[identifier], _, rest = rest.partition(GS)
        else:
            return Code(code)
    if "01" not in found:
        return Code(code)
    return Code(found["01"], found.get("10", ""), found.get("21", ""), _day(found.get("17", "")))


def _day(digits: str) -> str:
    """YYMMDD as YYYY-MM-DD; day 00 is the month's last (GS1 General Specifications 3.4.7). Empty where it is no date."""
    if not digits or not 1 <= int(digits[2:4]) <= 12:
        return ""
    year, month, day = 2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:])
    last = calendar.monthrange(year, month)[1]
    return f"{year}-{month:02}-{day or last:02}" if day <= last else ""
