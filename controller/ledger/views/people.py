"""People, terminals and service accounts as the ledger tells of them. Verifiers are not here: they stand outside the chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast

from controller.ledger.port import Row


class Known(TypedDict):
    """A person or program. `version` is the ledger number of the last change; `active` ends with a removal."""

    name: str
    roles: list[str]
    rights: list[str]
    active: bool
    version: int
    same_as: NotRequired[str]
    """Another account of the same human being: neither may witness for the other."""


class PeopleView:
    """Folds `person.*`, `terminal.*`, `service.*` and `session.*`."""

    name = "people"
    version = 2
    families = frozenset({"person", "session", "terminal", "service"})

    def __init__(self) -> None:
        self.persons: dict[str, Known] = {}
        self.services: dict[str, Known] = {}
        self.terminals: dict[str, bool] = {}
        self.badges: dict[str, str] = {}
        """Badge fingerprint (keyed with the site's pepper) to person."""
        self.sessions: dict[str, str] = {}
        """Open session to person."""
        self.failures: dict[str, int] = {}
        """Wrong PINs since the person's last right one."""

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        subject, _, _ = row.kind.partition(".")
        if subject == "person":
            self._person(row, body)
        elif subject == "session":
            self._session(row.kind, body)
        elif subject == "terminal":
            self.terminals[body["terminal"]] = row.kind == "terminal.enrolled"
        elif row.kind == "service.added":
            self.services[body["service"]] = _known(row, body)
        elif row.kind == "service.removed":
            self.services[body["service"]] |= {"active": False, "version": row.seq}

    def _person(self, row: Row, body: Mapping[str, Any]) -> None:
        person = body["person"]
        match row.kind:
            case "person.added" | "person.changed":
                self.persons[person] = _known(row, body)
            case "person.removed":
                self.persons[person] |= {"active": False, "version": row.seq}
            case "person.badge_set":
                self.badges = {mark: holder for mark, holder in self.badges.items() if holder != person}
                if body["badge"] is not None:
                    self.badges[body["badge"]] = person
            case "person.pin_set" | "person.delay_cleared":
                self.failures.pop(person, None)

    def _session(self, kind: str, body: Mapping[str, Any]) -> None:
        match kind:
            case "session.opened":
                self.sessions[body["session"]] = body["person"]
                self.failures.pop(body["person"], None)
            case "session.resumed":
                self.failures.pop(body["person"], None)
            case "session.closed":
                self.sessions.pop(body["session"], None)
            case "session.refused" if body["person"] is not None:
                self.failures[body["person"]] = self.failures.get(body["person"], 0) + 1

    def dump(self) -> Any:
        """The whole view as JSON values."""
        return {
            "persons": self.persons,
            "services": self.services,
            "terminals": self.terminals,
            "badges": self.badges,
            "sessions": self.sessions,
            "failures": self.failures,
        }

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.persons = {id: cast("Known", dict(known)) for id, known in state["persons"].items()}
        self.services = {id: cast("Known", dict(known)) for id, known in state["services"].items()}
        self.terminals = dict(state["terminals"])
        self.badges = dict(state["badges"])
        self.sessions = dict(state["sessions"])
        self.failures = dict(state["failures"])


def _known(row: Row, body: Mapping[str, Any]) -> Known:
    known = Known(
        name=body["name"],
        roles=list(body.get("roles", [])),
        rights=list(body.get("rights", [])),
        active=True,
        version=row.seq,
    )
    if body.get("same_as") is not None:
        known["same_as"] = body["same_as"]
    return known
