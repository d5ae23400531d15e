"""Items: what the formulary says of a drug in one strength and one form, read from the record that was pushed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from controller.formulary.doses import Amount, DoseError, Packages, amount, packages

Class = Literal["none", "CII", "CIII", "CIV", "CV"]
"""`none`, or the schedule of the Controlled Substances Act (21 CFR 1308)."""


@dataclass(frozen=True, slots=True)
class Item:
    """One formulary entry; quantities of it are whole numbers of `unit`, each holding `strength`."""

    id: str
    name: str
    strength: Amount
    form: str
    unit: str
    gtins: tuple[str, ...]
    schedule: Class
    high_alert: bool
    refrigerated: bool = False
    """It is kept in a fridge."""
    pack: int = 1
    """Units in one full package."""
    display: str | None = None
    """The name as the site's list of look-alike names writes it (`hydrALAZINE`)."""
    brand: str | None = None

    @property
    def shown(self) -> str:
        """The name as people are shown it."""
        return self.display or self.name

    @property
    def controlled(self) -> bool:
        """Whether it is counted blind and witnessed."""
        return self.schedule != "none"

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Item:
        """From the body of an `item.put`, as `sites.data.Item` writes it in JSON. Raises DoseError."""
        return cls(
            id=record["id"],
            name=record["name"],
            strength=amount(record["strength"]["value"], record["strength"]["unit"]),
            form=record["form"],
            unit=record["unit"],
            gtins=tuple(record["gtins"]),
            schedule=record["class"],
            high_alert=record["high_alert"],
            refrigerated=record.get("refrigerated", False),  # records of before say nothing of it
            pack=record.get("pack", 1),
            display=record.get("display"),
            brand=record.get("brand"),
        )

    def dose(self, value: str, unit: str) -> Amount:
        """An ordered dose as an amount of drug; `1.5 tablet` of a 5 mg tablet is 7.5 mg. Raises DoseError."""
        if unit != self.unit:
            return amount(value, unit)
        try:
            return Amount(Decimal(value) * self.strength.value, self.strength.unit)
        except ArithmeticError:
            raise DoseError(f"{value!r} is not a decimal number") from None

    def packages(self, dose: Amount) -> Packages:
        """How many units make the dose, and what is left over. Raises DoseError."""
        return packages(dose, self.strength)
