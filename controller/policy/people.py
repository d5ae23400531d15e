"""People: log-in at an enrolled terminal, and witnesses who sign one thing once; their sessions are `sessions.py`'s."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from controller.clock import Ids
from controller.ledger.port import Entry, Ledger
from controller.ledger.views.people import PeopleView
from controller.policy.kept import Keeping, NotKept
from controller.policy.patience import Patience
from controller.policy.pins import Pins
from controller.policy.register import digest
from controller.policy.roles import Right
from controller.policy.session import Session, at_terminal, require
from controller.policy.sessions import Sessions
from drivers.faults import Refused
from sites.models import Policy

MOST_PROVING = 32
"""So many log-ins may wait to be worked out; more are asked to come again, so that a flood cannot fill the memory."""


@dataclass(frozen=True, slots=True)
class _Grant:
    """A witness's word: for one subject, to one session, at one terminal, until a time."""

    id: str
    person: str
    subject: bytes
    session: str
    terminal: str
    until: float


class People(Sessions):
    """All of a station's people. `keeping` is what a restart of the daemon finds of their sessions."""

    def __init__(
        self, ledger: Ledger, view: PeopleView, ids: Ids, pins: Pins, policy: Policy, keeping: Keeping | None = None
    ) -> None:
        super().__init__(ledger, view, ids, pins, policy, keeping or NotKept())
        self._grants: dict[bytes, _Grant] = {}
        self._proving: set[str] = set()
        self.patience = Patience()

    def begin(self) -> list[Entry]:
        """At a start: sessions of before go on unless the machine has booted since, and nobody's waiting for wrong PINs has
        ended. The entries that close the other sessions; to be posted."""
        self.patience.restore(self._view.failures, _now())
        return self._taken_up()

    # --- being let in

    async def log_in(self, who: str, pin: str, terminal: str) -> tuple[str, Session]:
        """A session for a person, by badge, id or name, at an enrolled terminal (`id:secret`). The token is told once.

        It is the same session where hers was locked at that terminal and she is back in time; else a new one.
        Raises Refused: terminal-not-enrolled, try-later, log-in-busy, log-in-failed (which never says whether the name exists).
        """
        place = self.enrolled(terminal)
        return await self._opened(await self._proved(who, pin, place), place)

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


def _now() -> float:
    return asyncio.get_running_loop().time()
