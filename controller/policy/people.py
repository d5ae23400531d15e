"""Who is here: log-in at an enrolled terminal, sessions and how they end, and witnesses who sign one thing once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from controller.clock import Ids
from controller.ledger.port import Entry, Ledger
from controller.ledger.views.people import PeopleView
from controller.policy.patience import Patience
from controller.policy.pins import Pins
from controller.policy.register import Register, digest
from controller.policy.roles import Right, Role, rights_of
from controller.policy.session import Session, at_terminal, require
from drivers.faults import Refused
from sites.models import Policy

MOST_PROVING = 32
"""So many log-ins may wait to be worked out; more are asked to come again, so that a flood cannot fill the memory."""
LOOK_S = 5.0
"""How often sessions are looked at, so that one ends about when it should with nobody asking."""


@dataclass(slots=True)
class _Live:
    """A session that has not ended; times are the loop's. `held` is B0's HELD_OPEN: over, but a drawer of it is open.

    `session` is what the person was at `version` of her record.
    """

    session: Session
    version: int
    opened: float
    touched: float
    held: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class _Grant:
    """A witness's word: for one subject, to one session, at one terminal, until a time."""

    id: str
    person: str
    subject: bytes
    session: str
    terminal: str
    until: float


class People(Register):
    """All of a station's people. Sessions live in memory: after a restart everybody logs in again, and that is recorded."""

    def __init__(self, ledger: Ledger, view: PeopleView, ids: Ids, pins: Pins, policy: Policy) -> None:
        super().__init__(ledger, view, pins, self._end_all)
        self._ids, self._policy = ids, policy
        self._live: dict[bytes, _Live] = {}
        self._grants: dict[bytes, _Grant] = {}
        self._proving: set[str] = set()
        self.patience = Patience()
        self.holds_open: Callable[[Session], bool] = lambda _: False
        """Whether a drawer that this session opened is still open: then it is held, however long nobody touches anything."""

    def begin(self) -> list[Entry]:
        """At a start: the sessions of before have ended, and nobody's waiting for wrong PINs has. To be posted."""
        self.patience.restore(self._view.failures, _now())
        left = list(self._view.sessions.items())
        return [Entry("session.closed", {"session": id, "reason": "restart"}, person) for id, person in left]

    async def run(self) -> None:
        """Ends sessions that are over. Ends only by cancellation; without it they end when next asked for."""
        while True:
            await asyncio.sleep(LOOK_S)
            for key, live in list(self._live.items()):
                self._end_if_over(key, live)

    # --- being let in

    async def log_in(self, who: str, pin: str, terminal: str) -> tuple[str, Session]:
        """A session for a person, by badge, id or name, at an enrolled terminal (`id:secret`). The token is told once.

        Raises Refused: terminal-not-enrolled, try-later, log-in-busy, log-in-failed (which never says whether the name exists).
        """
        place = self.enrolled(terminal)
        person = await self._proved(who, pin, place)
        session = self._session_of(person, self._ids.new(), place)
        body = {"session": session.id, "person": person, "terminal": place, "roles": sorted(session.roles)}
        posting = self._ledger.post(Entry("session.opened", body, person))
        token, now = secrets.token_urlsafe(32), _now()
        self._live[digest(token)] = _Live(session, self._view.persons[person]["version"], now, now)
        await posting.durable
        return token, session

    def session(self, token: str, terminal: str | None) -> Session:
        """Who holds this token. A person's is worth nothing away from its terminal. Raises Refused."""
        if token.startswith("service."):
            return self.program_of(token)
        key = digest(token)
        live = self._live.get(key)
        if live is None or self._end_if_over(key, live):
            raise Refused("log-in-needed")
        if self.enrolled(terminal or "") != live.session.terminal:
            raise Refused("other-terminal")
        live.touched, live.held = _now(), False
        return self._afresh(live)

    def still(self, session: Session) -> Session:
        """The session as it is now, where an act is decided (I-42). Raises Refused("log-in-needed") when it has ended."""
        if session.terminal is None:
            return self.program(session.person)
        for key, live in list(self._live.items()):
            if live.session.id == session.id and not self._end_if_over(key, live):
                return self._afresh(live)
        raise Refused("log-in-needed")

    def idle_ends(self, session: Session) -> float:
        """Seconds until this session ends if nobody touches anything; for a console that wants to warn. 0 for a program."""
        for live in self._live.values():
            if live.session.id == session.id:
                ends = min(live.touched + self._policy.idle_s, live.opened + self._policy.session_s)
                return max(0.0, ends - _now())
        return 0.0

    def at_place(self, session: Session, path: str) -> None:
        """Notes the page of the console that the person was last shown."""
        for live in self._live.values():
            if live.session.id == session.id:
                live.place = path

    def place_of(self, session: Session) -> str:
        """That page; empty where there was none."""
        return next((live.place for live in self._live.values() if live.session.id == session.id), "")

    async def log_out(self, token: str, reason: str = "logged-out") -> None:
        """Ends a session; nothing happens where there is none."""
        live = self._live.pop(digest(token), None)
        if live is not None:
            await self._ledger.append(_closed(live, reason))

    async def change_own_pin(self, session: Session, current: str, pin: str) -> None:
        """A person's own new PIN, proved by the present one. Raises Refused: as `log_in`, and pin-weak, presence-required."""
        await self._proved(session.person, current, at_terminal(session))
        await self.set_pin(session.person, pin, session.person)

    async def clear_delay(self, id: str, by: str) -> None:
        """Ends a person's waiting after wrong PINs. Raises Refused("person-unknown")."""
        self.active(id)
        self.patience.clear(id)
        await self._ledger.append(Entry("person.delay_cleared", {"person": id}, by))

    # --- witnesses

    async def grant(self, who: str, pin: str, terminal: str, subject: bytes, session: Session) -> str:
        """A different person signs `subject` at the asker's own terminal. Returns a token that is good once.

        Raises Refused: as `log_in`, and witness-same-person, other-terminal, not-allowed.
        """
        place = self.enrolled(terminal)
        if place != session.terminal:
            raise Refused("other-terminal")
        person = await self._proved(who, pin, place)
        self._check_witness(person, session)
        grant = _Grant(self._ids.new(), person, subject, session.id, place, _now() + self._policy.witness_s)
        body = {"grant": grant.id, "person": person, "subject": subject.hex(), "terminal": place, "session": session.id}
        token = secrets.token_urlsafe(32)
        self._grants = {key: kept for key, kept in self._grants.items() if kept.until > _now()}
        self._grants[digest(token)] = grant
        await self._ledger.append(Entry("witness.granted", body, person))
        return token

    def witness(self, token: str, subject: bytes, session: Session) -> tuple[str, Entry]:
        """Who signed, and the entry that uses the grant up: post it with what was signed. Raises Refused.

        The token is spent by this call whatever comes of it.
        """
        grant = self._grants.pop(digest(token), None)
        if grant is None:
            raise Refused("witness-token-used")
        if _now() >= grant.until:
            raise Refused("witness-too-late")
        self._check_witness(grant.person, session)
        if (grant.subject, grant.session, grant.terminal) != (subject, session.id, session.terminal):
            raise Refused("witness-other-subject")
        body = {"grant": grant.id, "person": grant.person, "subject": subject.hex()}
        return grant.person, Entry("witness.used", body, grant.person)

    def _check_witness(self, person: str, session: Session) -> None:
        """Another human being than the asker, who may witness now."""
        if self.human(person) == self.human(session.person):
            raise Refused("witness-same-person")
        require(self._session_of(person, "", session.terminal or ""), Right.WITNESS)

    # --- inside

    async def _proved(self, who: str, pin: str, terminal: str) -> str:
        """The person whose PIN this is. For a name that nobody has it takes as long, and it waits as long."""
        person = self.called(who)
        self.patience.ask(person, terminal, _now())
        async with self._one_at_a_time(person):
            known = self._view.persons.get(person)
            active = known is not None and known["active"]
            verifier = self._ledger.credential("pin", person) if active else None
            right = await self._pins.match(pin, verifier, person)
            known = self._view.persons.get(person)
            if right and known is not None and known["active"]:
                self.patience.passed(person, terminal)
                return person
            self.patience.failed(person, terminal, _now(), known=known is not None)
        named = person if known is not None else None
        await self._ledger.append(Entry("session.refused", {"terminal": terminal, "person": named, "code": "log-in-failed"}))
        raise Refused("log-in-failed")

    @asynccontextmanager
    async def _one_at_a_time(self, account: str) -> AsyncIterator[None]:
        """Guesses at one account wait for each other's outcome: many at once would all pass before the first has failed."""
        account = account.casefold()
        if account in self._proving or len(self._proving) >= MOST_PROVING:
            raise Refused("log-in-busy", wait_s=1)
        self._proving.add(account)
        try:
            yield
        finally:
            self._proving.discard(account)

    def _session_of(self, person: str, id: str, terminal: str) -> Session:
        known = self._view.persons.get(person)
        if known is None or not known["active"]:
            raise Refused("log-in-needed")
        roles = frozenset(Role(role) for role in known["roles"])
        return Session(id, person, known["name"], roles, rights_of(roles), terminal)

    def _afresh(self, live: _Live) -> Session:
        known = self._view.persons.get(live.session.person)
        if known is None or not known["active"] or known["version"] != live.version:
            live.session = self._session_of(live.session.person, live.session.id, live.session.terminal or "")
            live.version = self._view.persons[live.session.person]["version"]
        return live.session

    def _end_if_over(self, key: bytes, live: _Live) -> bool:
        """Ends the session if nobody has touched anything for too long, and never while a drawer it opened is open (AU-07)."""
        now, policy = _now(), self._policy
        if now - live.touched < policy.idle_s and now - live.opened < policy.session_s and not live.held:
            return False
        if self.holds_open(live.session):
            if not live.held:
                live.held = True
                self._ledger.post(Entry("session.held_open", {"session": live.session.id}, live.session.person))
            return False
        if self._live.pop(key, None) is not None:
            reason = "drawer-shut" if live.held else "idle" if now - live.touched >= policy.idle_s else "too-long"
            self._ledger.post(_closed(live, reason))
        return True

    def _end_all(self, of: Callable[[Session], bool], reason: str) -> list[Entry]:
        ended = [key for key, live in self._live.items() if of(live.session)]
        return [_closed(self._live.pop(key), reason) for key in ended]


def _closed(live: _Live, reason: str) -> Entry:
    return Entry("session.closed", {"session": live.session.id, "reason": reason}, live.session.person)


def _now() -> float:
    return asyncio.get_running_loop().time()
