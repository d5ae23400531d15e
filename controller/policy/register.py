"""Who is known here: people, programs and terminals, made and unmade by an administrator, each change an entry (I-25)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from controller.ledger.port import Credential, Entry, Ledger
from controller.ledger.views.people import Known, PeopleView
from controller.policy.pins import Pins
from controller.policy.roles import NEEDS_PRESENCE, Right, Role, rights_of
from controller.policy.session import Session
from drivers.faults import Refused


class Register:
    """All that are known. `ended(of, reason)` gives the entries that close the sessions for which `of(session)` holds."""

    def __init__(
        self, ledger: Ledger, view: PeopleView, pins: Pins, ended: Callable[[Callable[[Session], bool], str], list[Entry]]
    ) -> None:
        self._ledger, self._view, self._pins, self._ended = ledger, view, pins, ended

    # --- people

    @property
    def has_administrator(self) -> bool:
        """Whether the first run has been done."""
        return bool(self._administrators())

    async def add_person(
        self,
        id: str,
        name: str,
        roles: Iterable[Role],
        pin: str,
        by: str,
        badge: str | None = None,
        same_as: str | None = None,
    ) -> None:
        """Adds a person. Raises Refused: person-exists, person-unknown (same_as), roles-wrong, badge-taken, pin-weak."""
        body = self._described(id, name, roles, same_as)
        verifier = await self._pins.verifier(pin, id)
        if id in self._view.persons or id in self._view.services:
            raise Refused("person-exists", person=id)
        entries = [Entry("person.added", body, by)]
        if badge is not None:
            entries.append(self._badge_set(id, badge, by))
        entries.append(Entry("person.pin_set", {"person": id}, by))
        await self._ledger.post(*entries, credentials=[Credential("pin", id, verifier)]).durable

    async def change_person(self, id: str, name: str, roles: Iterable[Role], by: str, same_as: str | None = None) -> None:
        """Another name or other roles, in force for the next decision. Raises Refused: person-unknown, roles-wrong,
        last-administrator."""
        self.active(id)
        body = self._described(id, name, roles, same_as)
        if Role.ADMINISTRATOR not in body["roles"]:
            self._keep_one_administrator(id)
        await self._ledger.append(Entry("person.changed", body, by))

    async def remove_person(self, id: str, by: str) -> None:
        """Ends a person's rights at once, and their sessions with them. Raises Refused: person-unknown, last-administrator."""
        self.active(id)
        self._keep_one_administrator(id)
        closed = self._ended(lambda session: session.person == id, "removed")
        await self._ledger.append(Entry("person.removed", {"person": id}, by), *closed)

    async def set_pin(self, id: str, pin: str, by: str) -> None:
        """A new PIN. Raises Refused: person-unknown, pin-weak."""
        verifier = await self._pins.verifier(pin, id)
        self.active(id)
        entry = Entry("person.pin_set", {"person": id}, by)
        await self._ledger.post(entry, credentials=[Credential("pin", id, verifier)]).durable

    async def set_badge(self, id: str, badge: str | None, by: str) -> None:
        """A new badge in place of the old one, or none at all. Raises Refused: person-unknown, badge-taken."""
        self.active(id)
        await self._ledger.append(self._badge_set(id, badge, by))

    def active(self, id: str) -> Known:
        """What is known of a person who may still come. Raises Refused("person-unknown")."""
        known = self._view.persons.get(id)
        if known is None or not known["active"]:
            raise Refused("person-unknown", person=id)
        return known

    def called(self, who: str) -> str:
        """The person's id behind a badge, an id, or a full name that only one active person has; else the text itself."""
        if (holder := self._view.badges.get(self._pins.fingerprint(who))) is not None:
            return holder
        if who in self._view.persons:
            return who
        wanted = " ".join(who.split()).casefold()
        named = [id for id, known in self._view.persons.items() if known["active"] and known["name"].casefold() == wanted]
        return named[0] if len(named) == 1 else who

    def human(self, id: str) -> str:
        """The account that stands for the human being behind an account: a second one made for the same person is no other."""
        while (known := self._view.persons.get(id)) is not None and (first := known.get("same_as")) is not None:
            id = first
        return id

    # --- terminals and programs

    async def enrol_terminal(self, id: str, by: str) -> str:
        """Makes a terminal one, with a new credential `id:secret` that is told once; an older one ends, and its sessions."""
        secret = secrets.token_urlsafe(32)
        closed = self._ended(lambda session: session.terminal == id, "terminal-enrolled-anew")
        entry = Entry("terminal.enrolled", {"terminal": id}, by)
        await self._ledger.post(entry, *closed, credentials=[Credential("terminal", id, digest(secret))]).durable
        return f"{id}:{secret}"

    async def revoke_terminal(self, id: str, by: str) -> None:
        """Ends a terminal and every session at it. Raises Refused("terminal-unknown")."""
        if not self._view.terminals.get(id):
            raise Refused("terminal-unknown", terminal=id)
        closed = self._ended(lambda session: session.terminal == id, "terminal-revoked")
        await self._ledger.append(Entry("terminal.revoked", {"terminal": id}, by), *closed)

    def enrolled(self, credential: str) -> str:
        """The terminal whose `id:secret` this is. Raises Refused("terminal-not-enrolled")."""
        id, _, secret = credential.partition(":")
        kept = self._ledger.credential("terminal", id)
        right = hmac.compare_digest(kept or bytes(32), digest(secret))
        if not right or not self._view.terminals.get(id):
            raise Refused("terminal-not-enrolled")
        return id

    async def add_service(self, id: str, name: str, rights: Iterable[Right], by: str) -> str:
        """A program's account with some of a service account's rights, none of which means presence. Its token is told once."""
        wanted = sorted(set(rights))
        if not wanted or set(wanted) & NEEDS_PRESENCE or set(wanted) - rights_of([Role.SERVICE_ACCOUNT]):
            raise Refused("rights-wrong", service=id)
        if id in self._view.persons or id in self._view.services:
            raise Refused("person-exists", person=id)
        secret = secrets.token_urlsafe(32)
        entry = Entry("service.added", {"service": id, "name": name, "rights": [str(right) for right in wanted]}, by)
        await self._ledger.post(entry, credentials=[Credential("service", id, digest(secret))]).durable
        return f"service.{id}.{secret}"

    async def remove_service(self, id: str, by: str) -> None:
        """Ends a program's account. Raises Refused("person-unknown")."""
        known = self._view.services.get(id)
        if known is None or not known["active"]:
            raise Refused("person-unknown", person=id)
        await self._ledger.append(Entry("service.removed", {"service": id}, by))

    def program(self, id: str) -> Session:
        """A program is its own session. Raises Refused("log-in-needed") when it may no longer come."""
        known = self._view.services.get(id)
        if known is None or not known["active"]:
            raise Refused("log-in-needed")
        rights = frozenset(Right(right) for right in known["rights"])
        return Session(f"service-{id}", id, known["name"], frozenset({Role.SERVICE_ACCOUNT}), rights, None)

    def program_of(self, token: str) -> Session:
        """Whose `service.<id>.<secret>` this is. Raises Refused("log-in-needed")."""
        id, _, secret = token.removeprefix("service.").partition(".")
        kept = self._ledger.credential("service", id)
        if not hmac.compare_digest(kept or bytes(32), digest(secret)):
            raise Refused("log-in-needed")
        return self.program(id)

    # --- inside

    def _described(self, id: str, name: str, roles: Iterable[Role], same_as: str | None) -> dict[str, Any]:
        wanted = sorted({str(role) for role in roles})
        if not wanted or Role.SERVICE_ACCOUNT in wanted:
            raise Refused("roles-wrong", person=id)
        body: dict[str, Any] = {"person": id, "name": " ".join(name.split()), "roles": wanted}
        if same_as is not None:
            if same_as not in self._view.persons:
                raise Refused("person-unknown", person=same_as)
            if self.human(same_as) == id:
                raise Refused("same-as-itself", person=id)
            body["same_as"] = same_as
        return body

    def _badge_set(self, id: str, badge: str | None, by: str) -> Entry:
        mark = None if badge is None else self._pins.fingerprint(badge)
        if mark is not None and self._view.badges.get(mark, id) != id:
            raise Refused("badge-taken")
        return Entry("person.badge_set", {"person": id, "badge": mark}, by)

    def _administrators(self) -> list[str]:
        return [id for id, one in self._view.persons.items() if one["active"] and Role.ADMINISTRATOR in one["roles"]]

    def _keep_one_administrator(self, going: str) -> None:
        if self._administrators() == [going]:
            raise Refused("last-administrator", person=going)


def digest(secret: str) -> bytes:
    """Of a 256-bit secret, which no list of guesses holds: a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()
