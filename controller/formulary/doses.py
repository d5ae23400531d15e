"""Amounts of drug: exact decimals with a unit, their one written form, and how many packages make a dose.

The written form follows ISMP's and the Joint Commission's rules (reference ecosystem C4): no trailing zero, always a
leading zero, thousands with a comma, a space that does not break between number and unit, `units` and `micrograms` in
full, and a smaller unit rather than a decimal below one. It never depends on a locale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from functools import lru_cache

NO_BREAK_SPACE = "\u00a0"
DIGITS = 12
"""The most digits an amount may have, on either side of the point: beyond is a slip, not a dose."""
PRECISION = 60
"""Digits that doses are reckoned with: more than any of them has, so that nothing is ever rounded."""


class DoseError(ValueError):
    """An amount that cannot be read, or amounts that cannot be put together."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its UCUM code, its word, what it measures and how many of the smallest unit of that kind it is."""

    code: str
    word: str
    measures: str
    size: Decimal


UNITS = {
    unit.code: unit
    for unit in (
        Unit("ug", "micrograms", "mass", Decimal(1)),
        Unit("mg", "mg", "mass", Decimal(1000)),
        Unit("g", "g", "mass", Decimal(1_000_000)),
        Unit("mL", "mL", "volume", Decimal(1)),
        Unit("L", "L", "volume", Decimal(1000)),
        Unit("m[iU]", "milliunits", "units", Decimal(1)),
        Unit("[iU]", "units", "units", Decimal(1000)),
        Unit("mmol", "mmol", "substance", Decimal(1)),
        Unit("meq", "mEq", "equivalents", Decimal(1)),
    )
}
"""By UCUM code."""
_BY_WORD = {unit.word: unit for unit in UNITS.values()}
_SMALLER = {"g": "mg", "mg": "ug", "L": "mL"}
_WRITTEN = re.compile(r"(0|[1-9]\d{0,2}(?:,\d{3})*)(\.\d*[1-9])?[ \u00a0](.+)")


@dataclass(frozen=True, slots=True, eq=False)
class Amount:
    """An exact amount: `value` of `unit` (UCUM code). Equal when the same amount, whatever the unit it is said in."""

    value: Decimal
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise DoseError(f"unknown unit {self.unit!r}; known: {', '.join(UNITS)}")
        if not self.value.is_finite() or self.value < 0:
            raise DoseError("an amount is a finite number, zero or more")
        if not -DIGITS <= self.value.adjusted() <= DIGITS or len(self.value.as_tuple().digits) > 2 * DIGITS:
            raise DoseError(f"an amount has at most {DIGITS} digits on either side of the point")

    @property
    def measures(self) -> str:
        """What it is an amount of: mass, volume, units…"""
        return UNITS[self.unit].measures

    @property
    def smallest(self) -> Decimal:
        """The amount in the smallest unit of its kind."""
        return self.value * UNITS[self.unit].size

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Amount):
            return NotImplemented
        return (self.measures, self.smallest) == (other.measures, other.smallest)

    def __hash__(self) -> int:
        return hash((self.measures, self.smallest))

    def __str__(self) -> str:
        return written(self)

    def as_json(self) -> dict[str, str]:
        """As the ledger and the API say it: the decimal as text, the UCUM code, and the written form."""
        return {"value": plain(self.value), "unit": self.unit, "text": written(self)}

    @classmethod
    def of_json(cls, body: dict[str, str]) -> Amount:
        """Back from `as_json`; the written form is not needed."""
        return amount(body["value"], body["unit"])


@lru_cache(maxsize=1024)
def amount(value: str | Decimal, unit: str) -> Amount:
    """An amount from a decimal's text and a unit's code or word. Raises DoseError."""
    known = UNITS.get(unit) or _BY_WORD.get(unit)
    if known is None:
        raise DoseError(f"unknown unit {unit!r}; known: {', '.join([*UNITS, *_BY_WORD])}")
    try:
        return Amount(Decimal(value), known.code)
    except ArithmeticError:
        raise DoseError(f"{value!r} is not a decimal number") from None


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros: `2.50` is `2.5`, `1E+2` is `100`."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def written(dose: Amount) -> str:
    """The one written form, with a no-break space: `7.5 mg`, `500 micrograms`, `5,000 units`."""
    value, unit = dose.value, dose.unit
    while 0 < value < 1 and unit in _SMALLER:
        value, unit = value * 1000, _SMALLER[unit]
    whole, _, part = plain(value).partition(".")
    return f"{int(whole):,}{'.' + part if part else ''}{NO_BREAK_SPACE}{UNITS[unit].word}"


def parse(text: str) -> Amount:
    """Reads the one written form, and only that: `.5 mg`, `5.0 mg`, `5mg`, `1000 mg` and `5 U` are refused.

    Raises DoseError.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None or found[3] not in _BY_WORD:
        raise DoseError(f"{text!r} is not an amount as it is written: like 7.5 mg, 500 micrograms, 5,000 units")
    return amount(found[1].replace(",", "") + (found[2] or ""), found[3])


@dataclass(frozen=True, slots=True)
class Packages:
    """How a dose is made of packages: `quantity` of them, and what is left over to be wasted (zero or more)."""

    quantity: int
    waste: Amount


@lru_cache(maxsize=1024)
def packages(dose: Amount, content: Amount) -> Packages:
    """The smallest number of whole packages that hold the dose, where one package holds `content`.

    7.5 mg of 5 mg tablets: 2, and 2.5 mg to be wasted. Raises DoseError if the two do not measure the same, or for
    nothing of either.
    """
    if content.measures != dose.measures:
        raise DoseError(f"a dose in {UNITS[dose.unit].word} cannot be made of packages in {UNITS[content.unit].word}")
    if dose.value == 0 or content.value == 0:
        raise DoseError("a dose is more than nothing, and so is a package")
    with localcontext() as exact:
        exact.prec = PRECISION
        quantity = int((dose.smallest / content.smallest).to_integral_value(ROUND_CEILING))
    over = left_over(content, quantity, dose)
    return Packages(quantity, over or Amount(Decimal(0), dose.unit))


def left_over(content: Amount, quantity: int, dose: Amount) -> Amount | None:
    """What is left of `quantity` packages after the dose, in the dose's unit; None if nothing is, or they do not reach."""
    with localcontext() as exact:
        exact.prec = PRECISION
        over = (content.smallest * quantity - dose.smallest) / UNITS[dose.unit].size
    return Amount(over, dose.unit) if over > 0 else None
