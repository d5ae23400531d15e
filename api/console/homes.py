"""Where a person begins, and what else is hers: the places of the console by right, the most needed first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api.console.page import ROOT
from controller.policy.roles import Right, Role
from controller.policy.session import Session


@dataclass(frozen=True, slots=True)
class Place:
    """A page that a person may go to from anywhere. `words` is its name in English."""

    path: str
    words: str
    right: Right
    first_for: Role | None = None
    """Whose home it is, whatever else she may see."""


PLACES = (
    Place(f"{ROOT}/patients", "Patients", Right.PULL),
    Place(f"{ROOT}/restock", "Restock", Right.RESTOCK),
    Place(f"{ROOT}/pick-lists", "Pick lists", Right.PICK),
    Place(f"{ROOT}/totes", "Totes", Right.PICK),
    Place(f"{ROOT}/counts", "Counts", Right.COUNT),
    Place(f"{ROOT}/expiries", "Expiries", Right.RESTOCK),
    Place(f"{ROOT}/station", "Station", Right.SEE_STATION, Role.PHARMACIST),
    Place(f"{ROOT}/discrepancies", "Discrepancies", Right.SEE_DISCREPANCIES),
    Place(f"{ROOT}/stock", "Stock", Right.SEE_STOCK),
    Place(f"{ROOT}/activity", "Activity", Right.SEE_STATION),
    Place(f"{ROOT}/lists", "All pick lists", Right.SEE_PICK_LISTS),
    Place(f"{ROOT}/people", "People", Right.SEE_PEOPLE, Role.ADMINISTRATOR),
    Place(f"{ROOT}/terminals", "Terminals", Right.SEE_PEOPLE),
    Place(f"{ROOT}/outward", "Outward", Right.SEE_OUTWARD),
    Place(f"{ROOT}/service", "Service", Right.SEE_LINKS, Role.BIOMEDICAL_ENGINEER),
    Place(f"{ROOT}/ledger", "Ledger", Right.SEE_LEDGER, Role.AUDITOR),
    Place(f"{ROOT}/configuration", "Configuration", Right.SEE_LINKS),
)
"""Who may see several begins at the one that is hers, else at the first."""


def places_of(session: Session) -> Iterator[Place]:
    """Those that a person may see."""
    seen = (place for place in PLACES if place.right in session.rights)
    return iter(sorted(seen, key=lambda place: place.first_for not in session.roles))


def home_of(session: Session) -> str:
    """The first of them; who may see none is told so at `/console/nothing`."""
    return next((place.path for place in places_of(session)), f"{ROOT}/nothing")
