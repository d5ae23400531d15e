"""Who stands before a page: through which screen, logged in or not, in which language; and the cookies that say so.

Both cookies are `__Host-` ones: this origin's alone, out of reach for scripts, sent by this station's own pages only. The
session's ends with the browser; the screen's is the credential of an enrolled terminal and stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request, cookie_parser
from starlette.responses import Response

from api.console.readers import Readers
from api.standing import Standing
from api.words.language import LANGUAGES
from controller.policy.roles import Right
from controller.policy.session import Session, require
from controller.station import Station
from drivers.faults import Refused

SESSION, SCREEN, LANGUAGE, THEME = "__Host-galenic-session", "__Host-galenic-screen", "galenic-language", "galenic-theme"
SCREEN_S = 400 * 24 * 3600
"""The longest that a browser keeps a cookie."""
KEYBOARD = "qwerty"
"""Of a browser that is no terminal."""
THEMES = ("day", "night")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever looks at a page now. `terminal` is None for a browser that is no enrolled terminal: it can only look."""

    station: Station
    terminal: str | None
    screen: str | None
    """The credential that makes this browser that terminal."""
    session: Session | None
    token: str | None
    language: str
    keyboard: str
    """How the keys of the screen's own keyboard lie."""
    theme: str
    badge: str = field(repr=False)
    """The badge that is held to a reader of this terminal; empty where none is."""
    seen: int
    """The ledger number at which this page was asked for."""
    path: str
    query: Mapping[str, str]

    @property
    def who(self) -> Session:
        """The person. Raises Refused: `terminal-not-enrolled` where nobody can log in, `log-in-needed` where nobody has."""
        if self.session is None:
            raise Refused("terminal-not-enrolled" if self.terminal is None else "log-in-needed")
        return self.session

    def may(self, right: Right) -> bool:
        """Whether the person may do this."""
        return self.session is not None and right in self.session.rights

    def require(self, *rights: Right) -> Session:
        """The person, who has all of these rights. Raises Refused."""
        session = self.who
        for right in rights:
            require(session, right)
        return session


def visitor(request: Request, standing: Standing, station: Station) -> Visitor:
    """Who sends this request; the gate has looked at the session before."""
    held = request.cookies
    terminal = terminal_of(station, held)
    screen = next((part for part in station.site.terminals if part.id == terminal), None)
    session = request.scope.get("galenic.session")
    return Visitor(
        station=station,
        terminal=terminal,
        screen=held.get(SCREEN),
        session=session if isinstance(session, Session) else None,
        token=held.get(SESSION),
        language=chosen(LANGUAGES, held.get(LANGUAGE), screen.language if screen is not None else LANGUAGES[0]),
        keyboard=screen.keyboard if screen is not None else KEYBOARD,
        theme=chosen(THEMES, held.get(THEME)),
        badge=readers_of(standing, station).badge(terminal),
        seen=station.ledger.durable_seq,
        path=request.url.path,
        query=dict(request.query_params),
    )


def readers_of(standing: Standing, station: Station) -> Readers:
    """The station's readers, heard from the first page on."""
    if standing.readers is None or standing.readers.station is not station:
        standing.readers = Readers(station)
    return standing.readers


def session_of(station: Station, headers: Mapping[str, str], *, touched: bool) -> Session | None:
    """The session that the cookies prove, and whether it is touched by this; None where they prove none."""
    held = cookie_parser(headers.get("cookie", ""))
    if SESSION not in held:
        return None
    try:
        return station.people.session(held[SESSION], held.get(SCREEN), touched=touched)
    except Refused:
        return None


def terminal_of(station: Station, held: Mapping[str, str]) -> str | None:
    """The enrolled terminal whose credential a browser holds."""
    try:
        return station.people.enrolled(held.get(SCREEN, ""))
    except Refused:
        return None


def keep(response: Response, name: str, value: str, lasts_s: int | None = None) -> None:
    """Gives the browser one of the two cookies that prove something."""
    response.set_cookie(name, value, max_age=lasts_s, path="/", secure=True, httponly=True, samesite="strict")


def drop(response: Response, name: str) -> None:
    """Takes it away again."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")


def chosen(known: tuple[str, ...], asked: str | None, otherwise: str = "") -> str:
    """What was asked for, if it is known; else the other, or the first."""
    return asked if asked in known else otherwise or known[0]
