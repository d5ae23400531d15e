"""Which files hold campaigns. Importing one enters its campaigns into the catalogue."""

from __future__ import annotations

import importlib

FILES: tuple[str, ...] = (
    "belts",
    "devices",
    "fetching",
    "gantry",
    "journeys",
    "killed",
    "looks",
    "outward",
    "people",
    "planning",
    "power",
    "storage",
    "totes",
    "wire",
    "wire_station",
    "wwks2",
)


def load() -> None:
    """Fills `CAMPAIGNS`."""
    for name in FILES:
        importlib.import_module(f"tests.proof.{name}")
