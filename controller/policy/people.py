"""Who is here: log-in at an enrolled terminal, sessions, service accounts, and witnesses who sign one thing once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from controller.clock import Ids
from controller.ledger.port import Credential, Entry, Ledger
from controller.ledger.views.people import PeopleView
from controller.policy.patience import Patience
from controller.policy.pins import Pins
from controller.policy.roles import NEEDS_PRESENCE, Right, Role, rights_of
from controller.policy.session import Session, require
from drivers.faults import Refused
from sites.models import Policy


@dataclass(slots=True)
class _Live:
    """A session that has not ended; times are the loop's."""

    session: Session
    opened: float
    touched: float


@dataclass(frozen=True, slots=True)
class _Grant:
    """A witness's word: for one subject, at one terminal, until a time."""

    id: str
    person: str
    subject: bytes
    terminal: str
    until: float


class People:
    """All of a station's people. Sessions live in memory: after a restart everybody logs in again, and that is recorded."""

    def __init__(self, ledger: Ledger, view: PeopleView, ids: Ids, pins: Pins, policy: Policy) -> None:
        self._ledger, self._view, self._ids, self._pins, self._policy = ledger, view, ids, pins, policy
        self._live: dict[bytes, _Live] = {}
        self._grants: dict[bytes, _Grant] = {}
        self.patience = Patience()
        self.holds_open: Callable[[Session], bool] = lambda _: False
        """Whether a drawer that this session opened is still open: then it is held, however long nobody touches anything."""

    # --- being let in

    async def log_in(self, who: str, pin: str, terminal: str) -> tuple[str, Session]:
        """A session for a person, by name (id) or badge, at an enrolled terminal (`id:secret`). The token is told once.

        Raises Refused: terminal-not-enrolled, try-later, log-in-failed (which never says whether the name exists).
        """
        place = self._enrolled(terminal)
        person = await self._proved(who, pin, place)
        session = self._session_of(person, self._ids.new(), place)
        body = {"session": session.id, "person": person, "terminal": place, "roles": sorted(session.roles)}
        posting = self._ledger.post(Entry("session.opened", body, person))
        token, now = secrets.token_urlsafe(32), _now()
        self._live[_digest(token)] = _Live(session, now, now)
        await posting.durable
        return token, session

    def session(self, token: str, terminal: str | None) -> Session:
        """Who holds this token. A person's is worth nothing away from its terminal. Raises Refused."""
        if token.startswith("service."):
            return self._service(token)
        live = self._live.get(_digest(token))
        if live is None:
            raise Refused("log-in-needed")
        if self._enrolled(terminal or "") != live.session.terminal:
            raise Refused("other-terminal")
        self._end_if_over(token, live)
        live.touched = _now()
        return self._afresh(live)

    def still(self, session: Session) -> Session:
        """The session as it is now, where an act is decided (I-42). Raises Refused("log-in-needed") when it has ended."""
        if session.terminal is None:
            return self._program(session.person)
        for live in self._live.values():
            if live.session.id == session.id:
                return self._afresh(live)
        raise Refused("log-in-needed")

    async def log_out(self, token: str, reason: str = "logged-out") -> None:
        """Ends a session; nothing happens where there is none."""
        live = self._live.pop(_digest(token), None)
        if live is not None:
            await self._ledger.append(self._closed(live, reason))

    # --- witnesses

    async def grant(self, who: str, pin: str, terminal: str, subject: bytes, session: Session) -> str:
        """A different person signs `subject` at the asker's own terminal. Returns a token that is good once.

        Raises Refused: as `log_in`, and witness-same-person, other-terminal, not-allowed.
        """
        place = self._enrolled(terminal)
        if place != session.terminal:
            raise Refused("other-terminal")
        person = await self._proved(who, pin, place)
        if person == session.person:
            raise Refused("witness-same-person")
        require(self._session_of(person, "", place), Right.WITNESS)
        grant = _Grant(self._ids.new(), person, subject, place, _now() + self._policy.witness_s)
        body = {"grant": grant.id, "person": person, "subject": subject.hex(), "terminal": place, "session": session.id}
        token = secrets.token_urlsafe(32)
        self._grants[_digest(token)] = grant
        await self._ledger.append(Entry("witness.granted", body, person))
        return token

    def witness(self, token: str, subject: bytes, session: Session) -> tuple[str, Entry]:
        """Who signed, and the entry that uses the grant up: post it with what was signed. Raises Refused.

        The token is spent by this call whatever comes of it.
        """
        grant = self._grants.pop(_digest(token), None)
        if grant is None:
            raise Refused("witness-token-used")
        if _now() >= grant.until:
            raise Refused("witness-too-late")
        if grant.person == session.person:
            raise Refused("witness-same-person")
        if grant.subject != subject or grant.terminal != session.terminal:
            raise Refused("witness-other-subject")
        require(self._session_of(grant.person, "", grant.terminal), Right.WITNESS)
        body = {"grant": grant.id, "person": grant.person, "subject": subject.hex()}
        return grant.person, Entry("witness.used", body, grant.person)

    # --- made by an administrator

    @property
    def has_administrator(self) -> bool:
        """Whether the first run has been done."""
        return any(known["active"] and Role.ADMINISTRATOR in known["roles"] for known in self._view.persons.values())

    async def add_person(self, id: str, name: str, roles: Iterable[Role], pin: str, by: str, badge: str | None = None) -> None:
        """Adds a person. Raises Refused: person-exists, roles-wrong, badge-taken, pin-weak."""
        roles = sorted(set(roles))
        if not roles or Role.SERVICE_ACCOUNT in roles:
            raise Refused("roles-wrong", person=id)
        verifier = await self._pins.verifier(pin)
        if id in self._view.persons or id in self._view.services:
            raise Refused("person-exists", person=id)
        entries = [Entry("person.added", {"person": id, "name": name, "roles": [str(role) for role in roles]}, by)]
        if badge is not None:
            mark = self._pins.fingerprint(badge)
            if mark in self._view.badges:
                raise Refused("badge-taken")
            entries.append(Entry("person.badge_set", {"person": id, "badge": mark}, by))
        entries.append(Entry("person.pin_set", {"person": id}, by))
        await self._ledger.post(*entries, credentials=[Credential("pin", id, verifier)]).durable

    async def remove_person(self, id: str, by: str) -> None:
        """Ends a person's rights at once; their sessions end with them. Raises Refused("person-unknown")."""
        if id not in self._view.persons or not self._view.persons[id]["active"]:
            raise Refused("person-unknown", person=id)
        ended = [key for key, live in self._live.items() if live.session.person == id]
        closed = [self._closed(self._live.pop(key), "removed") for key in ended]
        await self._ledger.append(Entry("person.removed", {"person": id}, by), *closed)

    async def set_pin(self, id: str, pin: str, by: str) -> None:
        """A new PIN. Raises Refused: person-unknown, pin-weak."""
        verifier = await self._pins.verifier(pin)
        if id not in self._view.persons:
            raise Refused("person-unknown", person=id)
        entry = Entry("person.pin_set", {"person": id}, by)
        await self._ledger.post(entry, credentials=[Credential("pin", id, verifier)]).durable

    async def enrol_terminal(self, id: str, by: str) -> str:
        """Makes a terminal one, with a new credential `id:secret` that is told once; an older one ends."""
        secret = secrets.token_urlsafe(32)
        entry = Entry("terminal.enrolled", {"terminal": id}, by)
        await self._ledger.post(entry, credentials=[Credential("terminal", id, _digest(secret))]).durable
        return f"{id}:{secret}"

    async def revoke_terminal(self, id: str, by: str) -> None:
        """Ends a terminal and every session at it. Raises Refused("terminal-not-enrolled")."""
        if not self._view.terminals.get(id):
            raise Refused("terminal-not-enrolled")
        ended = [key for key, live in self._live.items() if live.session.terminal == id]
        closed = [self._closed(self._live.pop(key), "terminal-revoked") for key in ended]
        await self._ledger.append(Entry("terminal.revoked", {"terminal": id}, by), *closed)

    async def add_service(self, id: str, name: str, rights: Iterable[Right], by: str) -> str:
        """A program's account with some of a service account's rights, none of which means presence. Its token is told once."""
        wanted = sorted(set(rights))
        if not wanted or set(wanted) & NEEDS_PRESENCE or set(wanted) - rights_of([Role.SERVICE_ACCOUNT]):
            raise Refused("rights-wrong", service=id)
        if id in self._view.persons or id in self._view.services:
            raise Refused("person-exists", person=id)
        secret = secrets.token_urlsafe(32)
        entry = Entry("service.added", {"service": id, "name": name, "rights": [str(right) for right in wanted]}, by)
        await self._ledger.post(entry, credentials=[Credential("service", id, _digest(secret))]).durable
        return f"service.{id}.{secret}"

    # --- inside

    async def _proved(self, who: str, pin: str, terminal: str) -> str:
        person = self._view.badges.get(self._pins.fingerprint(who), who)
        self.patience.ask(person, terminal, _now())
        known = self._view.persons.get(person)
        active = known is not None and known["active"]
        verifier = self._ledger.credential("pin", person) if active else None
        right = await self._pins.match(pin, verifier)
        known = self._view.persons.get(person)
        if right and known is not None and known["active"]:
            self.patience.passed(person, terminal)
            return person
        self.patience.failed(person, terminal, _now())
        named = person if known is not None else None
        await self._ledger.append(Entry("session.refused", {"terminal": terminal, "person": named, "code": "log-in-failed"}))
        raise Refused("log-in-failed")

    def _enrolled(self, terminal: str) -> str:
        id, _, secret = terminal.partition(":")
        kept = self._ledger.credential("terminal", id)
        if not self._view.terminals.get(id) or kept is None or not hmac.compare_digest(kept, _digest(secret)):
            raise Refused("terminal-not-enrolled")
        return id

    def _service(self, token: str) -> Session:
        _, _, rest = token.partition(".")
        id, _, secret = rest.partition(".")
        kept = self._ledger.credential("service", id)
        if kept is None or not hmac.compare_digest(kept, _digest(secret)):
            raise Refused("log-in-needed")
        return self._program(id)

    def _program(self, id: str) -> Session:
        known = self._view.services.get(id)
        if known is None or not known["active"]:
            raise Refused("log-in-needed")
        rights = frozenset(Right(right) for right in known["rights"])
        return Session(f"service-{id}", id, known["name"], frozenset({Role.SERVICE_ACCOUNT}), rights, None)

    def _session_of(self, person: str, id: str, terminal: str) -> Session:
        known = self._view.persons.get(person)
        if known is None or not known["active"]:
            raise Refused("log-in-needed")
        roles = frozenset(Role(role) for role in known["roles"])
        return Session(id, person, known["name"], roles, rights_of(roles), terminal)

    def _afresh(self, live: _Live) -> Session:
        return self._session_of(live.session.person, live.session.id, live.session.terminal or "")

    def _end_if_over(self, token: str, live: _Live) -> None:
        now = _now()
        if self.holds_open(live.session):
            return
        if now - live.touched >= self._policy.idle_s or now - live.opened >= self._policy.session_s:
            del self._live[_digest(token)]
            self._ledger.post(self._closed(live, "idle"))
            raise Refused("log-in-needed")

    def _closed(self, live: _Live, reason: str) -> Entry:
        return Entry("session.closed", {"session": live.session.id, "reason": reason}, live.session.person)


def _digest(secret: str) -> bytes:
    """Of a 256-bit secret, which no list of guesses holds: a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def _now() -> float:
    return asyncio.get_running_loop().time()
