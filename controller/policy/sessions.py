"""Who is logged in: sessions, how they are touched, locked, taken up again and ended, over restarts of the daemon too."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from controller.clock import Ids
from controller.ledger.port import Entry, Ledger
from controller.ledger.views.people import PeopleView
from controller.policy.kept import Keeping, KeptSession, read, written
from controller.policy.pins import Pins
from controller.policy.register import Register, digest
from controller.policy.roles import Role, rights_of
from controller.policy.session import Session
from drivers.faults import Refused
from sites.models import Policy

LOOK_S = 5.0
"""How often sessions are looked at, so that one ends about when it should with nobody asking. After a death of the daemon a
session may so have been touched this much later than is known, and ends that much early; never late."""
LONGEST_PLACE = 300
"""Characters of a page's path."""


@dataclass(slots=True)
class _Live:
    """A session that has not ended; times are the loop's. `held` is B0's HELD_OPEN: over, but a drawer of it is open.

    `session` is what the person was at `version` of her record. `locked` is since when it waits for its person to come
    back to `place`: she has no rights until then.
    """

    session: Session
    version: int
    opened: float
    touched: float
    held: bool = False
    locked: float | None = None
    place: str = ""


class Sessions(Register):
    """All that are known, and who of them is here. `_now` is the loop's time: of the machine's monotonic clock."""

    def __init__(self, ledger: Ledger, view: PeopleView, ids: Ids, pins: Pins, policy: Policy, keeping: Keeping) -> None:
        super().__init__(ledger, view, pins, self._end_all)
        self._ids, self._policy, self._keeping = ids, policy, keeping
        self._live: dict[bytes, _Live] = {}
        self._last_kept = b""
        self.holds_open: Callable[[Session], bool] = lambda _: False
        """Whether a drawer that this session opened is still open: then it is held, however long nobody touches anything."""

    async def run(self) -> None:
        """Ends sessions that are over. Ends only by cancellation; without it they end when next asked for."""
        try:
            while True:
                await asyncio.sleep(LOOK_S)
                for key, live in list(self._live.items()):
                    self._end_if_over(key, live)
                self._keep()
        finally:
            self._keep()

    # --- what the console and the API ask

    def session(self, token: str, terminal: str | None, *, touched: bool = True) -> Session:
        """Who holds this token; `touched` unless a page only listens. A person's is worth nothing away from its terminal.
        Raises Refused."""
        if token.startswith("service."):
            return self.program_of(token)
        key = digest(token)
        live = self._live.get(key)
        if live is None or self._end_if_over(key, live):
            raise Refused("log-in-needed")
        if self.enrolled(terminal or "") != live.session.terminal:
            raise Refused("other-terminal")
        if touched:
            live.touched, live.held = _now(), False
        return self._afresh(live)

    def still(self, session: Session) -> Session:
        """The session as it is now, where an act is decided (I-42). Raises Refused("log-in-needed") when it has ended
        or is locked."""
        if session.terminal is None:
            return self.program(session.person)
        for key, live in self._of(session.id):
            if not self._end_if_over(key, live):
                return self._afresh(live)
        raise Refused("log-in-needed")

    def touch(self, session: str) -> None:
        """Something was moved or scanned by whoever has this session (by id): it is not idle. One that is over, locked or
        only held by its open drawer stays so: whoever shuts a drawer need not be who opened it."""
        for key, live in self._of(session):
            if not live.held and not self._end_if_over(key, live):
                live.touched = _now()

    def idle_ends(self, session: Session) -> float:
        """Seconds until this session locks or ends if nobody touches anything; for a console that wants to warn. 0 for a
        program, and for one that is over."""
        for _, live in self._of(session.id):
            ends = min(live.touched + self._policy.idle_s, live.opened + self._policy.session_s)
            return 0.0 if live.locked is not None else max(0.0, ends - _now())
        return 0.0

    def at_place(self, session: Session, path: str) -> None:
        """Remembers the page that this session was last shown, as a path of the console; over a restart too.

        Nothing of one that has ended; a path longer than `LONGEST_PLACE` is none.
        """
        for _, live in self._of(session.id):
            if live.place != path and len(path) <= LONGEST_PLACE:
                live.place = path
                self._keep()

    def place_of(self, session: Session) -> str:
        """The page that this session was last shown; "" where none was, and of one that has ended."""
        return next((live.place for _, live in self._of(session.id)), "")

    def here(self, terminal: str) -> list[Session]:
        """Whoever is logged in there now, who last touched something first; the locked are not."""
        here = [(key, live) for key, live in self._live.items() if live.session.terminal == terminal]
        open_ = [live for key, live in here if not self._end_if_over(key, live)]
        return [self._afresh(live) for live in sorted(open_, key=lambda live: -live.touched)]

    async def log_out(self, token: str, reason: str = "logged-out") -> None:
        """Ends a session; nothing happens where there is none."""
        live = self._live.pop(digest(token), None)
        if live is not None:
            self._keep()
            await self._ledger.append(_closed(live, reason))

    # --- inside: the beginning of a session

    def _taken_up(self) -> list[Entry]:
        """At a start: the sessions of before go on where they may, and the entries that end the others. To be posted."""
        kept = read(self._keeping.load(), self._keeping.boot, _now())
        ended: list[Entry] = []
        for id, person in self._view.sessions.items():
            one = kept.get(id)
            reason = self._why_not(one, person)
            if one is None or reason is not None:
                ended.append(Entry("session.closed", {"session": id, "reason": reason}, person))
                continue
            session = self._session_of(person, id, one.terminal)
            live = _Live(session, one.version, one.opened, one.touched, one.held, one.locked, one.place)
            self._live[bytes.fromhex(one.token)] = live
        return ended

    def _why_not(self, one: KeptSession | None, person: str) -> str | None:
        """Why a session does not outlive the restart; None where it does."""
        known = self._view.persons.get(person)
        if one is None or one.person != person:
            return "restart"
        if known is None or not known["active"]:
            return "removed"
        if known["version"] != one.version:
            return "person-changed"
        if not self._view.terminals.get(one.terminal):
            return "terminal-revoked"
        return None if self._enrolment(one.terminal) == one.enrolment else "terminal-enrolled-anew"

    async def _opened(self, person: str, terminal: str) -> tuple[str, Session]:
        """A session for a person whose PIN was right, or the one that is locked and waits for her there, with a new token."""
        found = self._waiting(person, terminal)
        token, now = secrets.token_urlsafe(32), _now()
        if found is None:
            live = _Live(self._session_of(person, self._ids.new(), terminal), self._view.persons[person]["version"], now, now)
            kind = "session.opened"
        else:
            key, live = found
            del self._live[key]
            live.touched, live.locked, live.held = now, None, False
            kind = "session.resumed"
        session = self._afresh(live)
        body = {"session": session.id, "person": person, "terminal": terminal, "roles": sorted(session.roles)}
        posting = self._ledger.post(Entry(kind, body, person))
        self._live[digest(token)] = live
        await posting.durable
        self._keep()
        return token, session

    def _waiting(self, person: str, terminal: str) -> tuple[bytes, _Live] | None:
        """The last session of hers that was locked there and is not over."""
        hers = [(key, live) for key, live in self._live.items() if live.session.person == person]
        here = [
            (key, live)
            for key, live in hers
            if live.session.terminal == terminal and self._end_if_over(key, live) and key in self._live
        ]
        return max(here, key=lambda found: found[1].locked or 0.0, default=None)

    # --- inside: what it is, and its end

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

    def _of(self, id: str) -> Iterator[tuple[bytes, _Live]]:
        return ((key, live) for key, live in list(self._live.items()) if live.session.id == id)

    def _end_if_over(self, key: bytes, live: _Live) -> bool:
        """Whether the session gives no rights now: locks it if nobody has touched anything for too long, never while a
        drawer it opened is open (AU-07), and ends it when nobody came back or it has lasted too long."""
        now, policy = _now(), self._policy
        too_long = now - live.opened >= policy.session_s
        if live.locked is not None:
            if too_long or now - live.locked >= policy.locked_s:
                self._close(key, live, "too-long" if too_long else "idle")
            return True
        idle = now - live.touched >= policy.idle_s
        if not idle and not too_long and not live.held:
            return False
        if self.holds_open(live.session):
            if not live.held:
                live.held = True
                self._ledger.post(Entry("session.held_open", {"session": live.session.id}, live.session.person))
            return False
        over_since = now if live.held else live.touched + policy.idle_s
        reason = "too-long" if too_long else "drawer-shut" if live.held else "idle"
        if too_long or now - over_since >= policy.locked_s:
            self._close(key, live, reason)
        else:
            live.locked = over_since
            self._ledger.post(Entry("session.locked", {"session": live.session.id, "reason": reason}, live.session.person))
        return True

    def _close(self, key: bytes, live: _Live, reason: str) -> None:
        if self._live.pop(key, None) is not None:
            self._ledger.post(_closed(live, reason))

    def _end_all(self, of: Callable[[Session], bool], reason: str) -> list[Entry]:
        ended = [key for key, live in self._live.items() if of(live.session)]
        return [_closed(self._live.pop(key), reason) for key in ended]

    # --- inside: what a restart will find

    def _keep(self) -> None:
        """Has kept what has changed of the sessions."""
        content = written((self._kept(key, live) for key, live in self._live.items()), self._keeping.boot)
        if content != self._last_kept:
            self._keeping.save(content)
            self._last_kept = content

    def _kept(self, key: bytes, live: _Live) -> KeptSession:
        """`version` is the person's of now: what was changed while we run is in force for the session already."""
        session, terminal = live.session, live.session.terminal or ""
        return KeptSession(
            session=session.id,
            person=session.person,
            terminal=terminal,
            token=key.hex(),
            enrolment=self._enrolment(terminal),
            version=self._view.persons[session.person]["version"],
            opened=live.opened,
            touched=live.touched,
            locked=live.locked,
            held=live.held,
            place=live.place,
        )

    def _enrolment(self, terminal: str) -> str:
        """Tells one enrolment of a terminal from another."""
        return hashlib.sha256(self._ledger.credential("terminal", terminal) or b"").hexdigest()


def _closed(live: _Live, reason: str) -> Entry:
    return Entry("session.closed", {"session": live.session.id, "reason": reason}, live.session.person)


def _now() -> float:
    return asyncio.get_running_loop().time()
