"""People, terminals and service accounts as the ledger tells of them. Verifiers are not here: they stand outside the chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from controller.ledger.port import Row


class Known(TypedDict):
    """A person or program. `version` is the ledger number of the last change; `active` ends with a removal."""

    name: str
    roles: list[str]
    rights: list[str]
    active: bool
    version: int


class PeopleView:
    """Folds `person.*`, `terminal.*` and `service.*`."""

    name = "people"
    version = 1

    def __init__(self) -> None:
        self.persons: dict[str, Known] = {}
        self.services: dict[str, Known] = {}
        self.terminals: dict[str, bool] = {}
        self.badges: dict[str, str] = {}
        """Badge fingerprint (keyed with the site's pepper) to person."""

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        match row.kind:
            case "person.added" | "person.changed":
                self.persons[body["person"]] = _known(row, body)
            case "person.removed":
                self.persons[body["person"]] |= {"active": False, "version": row.seq}
            case "person.badge_set":
                self.badges = {mark: person for mark, person in self.badges.items() if person != body["person"]}
                self.badges[body["badge"]] = body["person"]
            case "terminal.enrolled" | "terminal.revoked":
                self.terminals[body["terminal"]] = row.kind == "terminal.enrolled"
            case "service.added":
                self.services[body["service"]] = _known(row, body)
            case "service.removed":
                self.services[body["service"]] |= {"active": False, "version": row.seq}

    def dump(self) -> Any:
        """The whole view as JSON values."""
        return {
            "persons": self.persons,
            "services": self.services,
            "terminals": self.terminals,
            "badges": self.badges,
        }

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.persons = {id: cast("Known", dict(known)) for id, known in state["persons"].items()}
        self.services = {id: cast("Known", dict(known)) for id, known in state["services"].items()}
        self.terminals = dict(state["terminals"])
        self.badges = dict(state["badges"])


def _known(row: Row, body: Mapping[str, Any]) -> Known:
    return Known(
        name=body["name"],
        roles=list(body.get("roles", [])),
        rights=list(body.get("rights", [])),
        active=True,
        version=row.seq,
    )
