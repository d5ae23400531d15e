"""The ward of the nights: four drawers, eight pockets, two of them blind with figures that nothing else in a night equals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sites.data import SiteData
from sites.models import Site
from tests.acceptance.ward import GTIN, item, order, patient
from tests.kit.station import small_site

PLAN: Mapping[str, tuple[str, str, int]] = {
    "A-01-1": ("amoxicillin-500", "AMX1", 8),
    "A-01-2": ("amoxicillin-250", "AML1", 10),
    "A-02-1": ("amoxicillin-500", "AMX2", 20),
    "A-02-2": ("prednisone-5", "PRD1", 30),
    "A-03-1": ("morphine-10", "MOR1", 40123),
    "A-03-2": ("oxycodone-5", "OXY1", 31457),
    "A-04-1": ("amoxicillin-500", "AMX3", 1),
    "A-04-2": ("prednisone-5", "PRD2", 12),
}
SECRET = frozenset({"A-03-1", "A-03-2"})
EXPIRY, EXPIRY_GS1 = "2032-12-31", "321231"
COUNT_WAIT_S = 45
"""A work left at its question for so long is in doubt."""

DOSES = [
    ("amoxicillin-500", "500"), ("amoxicillin-500", "1000"), ("amoxicillin-500", "500"), ("amoxicillin-250", "250"),
    ("prednisone-5", "10"), ("prednisone-5", "7.5"), ("morphine-10", "10"), ("morphine-10", "20"), ("oxycodone-5", "10"),
    ("oxycodone-5", "5"),
]  # fmt: skip
ORDERS = [f"O-{n}" for n in range(len(DOSES))]
RELAYS = {"id": "board", "driver": "waveshare-relay-d", "link": "lockbus"}


EVERYTHING = "O-29"
"""An order for all the amoxicillin there is: three pockets. Nobody pulls it by chance."""


def ward_site(*, relays: bool = False, count: str = "after", late_ms: int = 400) -> Site:
    """The cabinet on a CU16 board, or on Modbus relays."""
    site = small_site(drawers=4, board=RELAYS if relays else {}, limits={"ajar_s": 20}).model_dump(mode="json")
    for drawer in site["drawers"]:
        for pocket in drawer["pockets"]:
            pocket["item"], pocket["capacity"], pocket["par"] = PLAN[pocket["id"]][0], 100_000, 10
    site["links"]["lockbus"]["late_ms"] = late_ms
    site["policy"].update(count_wait_s=COUNT_WAIT_S, count_controlled=count)
    return Site.model_validate(site)


def ward_data() -> SiteData:
    """What its ledger begins with."""
    schedules: dict[str, tuple[str, str]] = {"morphine-10": ("vial", "CII"), "oxycodone-5": ("tablet", "CII")}
    return SiteData.model_validate_json(json.dumps({
        "items": [item(id_, id_.rsplit("-", 1)[1], *schedules.get(id_, ("tablet", "none"))) for id_ in GTIN],
        "patients": [patient("P-1"), patient("P-2")],
        "orders": [
            *(order(ORDERS[n], drug, dose, patient=f"P-{n % 2 + 1}") for n, (drug, dose) in enumerate(DOSES)),
            order(EVERYTHING, "amoxicillin-500", "14500"),
        ],
        "lots": [
            {"pocket": pocket, "lot": lot, "expiry": EXPIRY, "quantity": quantity}
            for pocket, (_, lot, quantity) in PLAN.items()
        ],
    }))  # fmt: skip


def package(drug: str, lot: str) -> str:
    """What the scanner gives for a package."""
    return f"]d201{GTIN[drug]}17{EXPIRY_GS1}10{lot}"


def drug_of(pocket: str) -> str:
    """What belongs there."""
    return PLAN[pocket][0]


def problem(body: Any) -> str:
    """The code of a refusal."""
    return str(body.get("code", "")) if isinstance(body, dict) else ""
