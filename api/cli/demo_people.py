"""Who works in the demo's ward. Invented, and gone with it; their PINs are made anew each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

Somebody = tuple[str, str, str]
"""Id, name and role."""

PEOPLE: tuple[Somebody, ...] = (
    ("nina", "Nina Okafor", "nurse"),
    ("cleo", "Cleo Marsh", "charge_nurse"),
    ("theo", "Theo Lind", "technician"),
    ("petra", "Petra Vance", "pharmacist"),
    ("avery", "Avery Stone", "auditor"),
    ("emil", "Emil Rask", "biomedical_engineer"),
    ("ada", "Ada Holm", "administrator"),
)

STOCKING = tuple(somebody for somebody in PEOPLE if "nurse" not in somebody[2])
"""Who works at both ends of a tote's way."""

TERMINAL, SERVICE = "med-room", "pharmacy"

SERVICES: Mapping[str, Sequence[str]] = MappingProxyType({SERVICE: ()})
"""Programs and their rights; none named: all that a program may have."""
