"""Who may do what: roles, rights and the one table between them (data; the whole of it is read in one look)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a person is at this station. A person may hold several; a program holds `SERVICE_ACCOUNT` alone."""

    NURSE = "nurse"
    CHARGE_NURSE = "charge_nurse"
    TECHNICIAN = "technician"
    PHARMACIST = "pharmacist"
    AUDITOR = "auditor"
    BIOMEDICAL_ENGINEER = "biomedical_engineer"
    ADMINISTRATOR = "administrator"
    SERVICE_ACCOUNT = "service_account"


class Right(StrEnum):
    """One thing that can be asked of a station. A service account's scopes are rights too."""

    SEE_STATION = "see-station"
    """Station, cabinets, drawers, events: what any working person sees."""
    SEE_ITEMS = "see-items"
    SEE_STOCK = "see-stock"
    """Pockets and what is assigned to them; figures stay hidden from whoever counts blind."""
    SEE_PATIENTS = "see-patients"
    SEE_ORDERS = "see-orders"
    PULL = "pull"
    RESTOCK = "restock"
    COUNT = "count"
    PICK = "pick"
    WITNESS = "witness"
    RECOVER_DRAWERS = "recover-drawers"
    SEE_DISCREPANCIES = "see-discrepancies"
    RESOLVE_DISCREPANCIES = "resolve-discrepancies"
    SEE_PICK_LISTS = "see-pick-lists"
    FILL_CARTS = "fill-carts"
    """Asks for patients' bags to be filled ahead, and sees whose doses belong into which; putting them in is `pick`."""
    PUSH_FORMULARY = "push-formulary"
    PUSH_PATIENTS = "push-patients"
    PUSH_ORDERS = "push-orders"
    PUSH_PICK_LISTS = "push-pick-lists"
    ANNOUNCE_DELIVERIES = "announce-deliveries"
    """What will come over a robot's belts: it lets nothing in and moves nothing."""
    SEE_LINKS = "see-links"
    SEE_LEDGER = "see-ledger"
    SEE_PEOPLE = "see-people"
    EDIT_PEOPLE = "edit-people"
    """People, their roles, PINs and badges, service accounts, terminals."""
    CLEAR_DELAYS = "clear-delays"
    """Ends the waiting time that wrong PINs have earned somebody."""
    SEE_OUTWARD = "see-outward"
    """How far each consumer outside has come, and each attempt to reach a webhook."""
    EDIT_OUTWARD = "edit-outward"
    """Switches a webhook on or off, sends it an event again, gives it a new key."""


_WARD = frozenset({
    Right.SEE_STATION, Right.SEE_ITEMS, Right.SEE_STOCK, Right.SEE_PATIENTS, Right.SEE_ORDERS,
    Right.PULL, Right.COUNT, Right.WITNESS,
})  # fmt: skip
_STOCKING = frozenset({
    Right.SEE_STATION, Right.SEE_ITEMS, Right.SEE_STOCK, Right.SEE_PICK_LISTS,
    Right.RESTOCK, Right.COUNT, Right.PICK, Right.FILL_CARTS, Right.WITNESS, Right.RECOVER_DRAWERS,
    Right.ANNOUNCE_DELIVERIES,
})  # fmt: skip

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.NURSE: _WARD,
    Role.CHARGE_NURSE: _WARD
    | {Right.SEE_DISCREPANCIES, Right.RESOLVE_DISCREPANCIES, Right.RECOVER_DRAWERS, Right.CLEAR_DELAYS},
    Role.TECHNICIAN: _STOCKING,
    Role.PHARMACIST: _WARD | _STOCKING | {Right.SEE_DISCREPANCIES, Right.RESOLVE_DISCREPANCIES},
    Role.AUDITOR: frozenset({
        Right.SEE_STATION, Right.SEE_ITEMS, Right.SEE_STOCK, Right.SEE_ORDERS, Right.SEE_PICK_LISTS,
        Right.SEE_DISCREPANCIES, Right.SEE_LEDGER, Right.SEE_PEOPLE, Right.SEE_OUTWARD,
    }),
    Role.BIOMEDICAL_ENGINEER: frozenset({Right.SEE_STATION, Right.SEE_LINKS, Right.RECOVER_DRAWERS}),
    Role.ADMINISTRATOR: frozenset({
        Right.SEE_STATION, Right.SEE_LINKS, Right.SEE_PEOPLE, Right.EDIT_PEOPLE, Right.CLEAR_DELAYS,
        Right.SEE_OUTWARD, Right.EDIT_OUTWARD,
    }),
    Role.SERVICE_ACCOUNT: frozenset({
        Right.SEE_STATION, Right.SEE_ITEMS, Right.SEE_STOCK, Right.SEE_PATIENTS, Right.SEE_ORDERS, Right.SEE_PICK_LISTS,
        Right.PUSH_FORMULARY, Right.PUSH_PATIENTS, Right.PUSH_ORDERS, Right.PUSH_PICK_LISTS, Right.FILL_CARTS,
        Right.ANNOUNCE_DELIVERIES,
    }),
}  # fmt: skip
"""An administrator makes people and opens nothing; an auditor reads everything and opens nothing; a program never opens."""

NEEDS_PRESENCE = frozenset({
    Right.PULL, Right.RESTOCK, Right.COUNT, Right.PICK, Right.WITNESS, Right.RECOVER_DRAWERS,
    Right.RESOLVE_DISCREPANCIES,
})  # fmt: skip
"""Rights that mean standing at the station: no program can be given them, whatever its scopes say (law 8)."""


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """Everything that somebody with these roles may do."""
    return frozenset().union(*(RIGHTS[role] for role in roles))
