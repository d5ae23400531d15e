"""The start: who are you? By badge or name, then the PIN; and the way out again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from api.console.homes import home_of
from api.console.page import ROOT, Form, Go, Nothing, Pages, Shown
from api.console.visitor import LANGUAGE, SCREEN, SCREEN_S, SESSION, THEME, THEMES, Visitor
from api.words.language import LANGUAGES
from drivers.faults import Refused

pages = Pages()

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class LogIn(Form):
    """The PIN that goes with it."""

    who: str = Field("", max_length=200)
    """Empty for whoever's badge is held to this terminal's reader."""
    pin: Annotated[str, StringConstraints(pattern=r"^\d{1,16}$")]


class Screen(Form):
    """The credential of an enrolled terminal, as `galenic user terminal add` printed it."""

    credential: Text


class Taste(Form):
    """How this browser is to be spoken to."""

    language: str = ""
    theme: str = ""


@pages.page("", "start.html", anybody=True)
def start(visitor: Visitor) -> Shown:
    """Who is here is shown her own first page; to everybody else the cabinet says how it is."""
    if visitor.session is not None:
        return Shown(go=visitor.station.people.place_of(visitor.session) or home_of(visitor.session))
    states = [drawer.status().state for drawer in visitor.station.drawers.values()]
    return Shown(
        {"drawers": len(states), "shut": sum(str(state) == "locked" for state in states), "degraded": visitor.station.degraded},
        all_of=frozenset({"drawer", "station"}),
    )


@pages.page("/pin", "pin.html", anybody=True)
def pin(visitor: Visitor) -> Shown:
    """The keypad for the PIN of whoever was named."""
    who = visitor.query.get("who", "")
    if visitor.session is not None or not (who or visitor.badge) or visitor.terminal is None:
        return Shown(go=ROOT)
    return Shown({"who": who, "digits": visitor.station.site.policy.pin_digits})


@pages.post("/log-in", LogIn, anybody=True)
async def log_in(visitor: Visitor, said: LogIn) -> Go:
    """Lets a person in at this terminal. Raises Refused as `People.log_in`."""
    if visitor.screen is None:
        raise Refused("terminal-not-enrolled")
    token, _ = await visitor.station.people.log_in(said.who or visitor.badge, said.pin, visitor.screen)
    return Go(ROOT, {SESSION: (token, None)})


@pages.post("/log-out", Nothing, anybody=True)
async def log_out(visitor: Visitor, _: Nothing) -> Go:
    """Ends the session; what is open stays open and is asked for."""
    if visitor.token is not None:
        await visitor.station.people.log_out(visitor.token)
    return Go(ROOT, {SESSION: None})


@pages.post("/touch", Nothing, anybody=True)
async def touch(visitor: Visitor, _: Nothing) -> Go:
    """A finger on the glass: whoever is logged in is still here."""
    return Go()


@pages.page("/enrol", "enrol.html", anybody=True)
def enrol(visitor: Visitor) -> Shown:
    """Makes this browser a terminal: its credential is typed, or stands behind the `#` of the address."""
    return Shown({"terminal": visitor.terminal})


@pages.post("/enrol", Screen, anybody=True)
async def enrolled(visitor: Visitor, said: Screen) -> Go:
    """Keeps the credential. Raises Refused("terminal-not-enrolled") for one that is none."""
    visitor.station.people.enrolled(said.credential)
    return Go(ROOT, {SCREEN: (said.credential, SCREEN_S)})


@pages.post("/taste", Taste, anybody=True)
async def taste(visitor: Visitor, said: Taste) -> Go:
    """Language and theme of this browser from now on."""
    chosen = {LANGUAGE: said.language if said.language in LANGUAGES else "", THEME: said.theme if said.theme in THEMES else ""}
    return Go(ROOT, {name: (value, SCREEN_S) for name, value in chosen.items() if value})


@pages.page("/nothing", "nothing.html", anybody=True)
def nothing(visitor: Visitor) -> Shown:
    """For a person whose roles have no page here."""
    return Shown() if visitor.session is not None else Shown(go=ROOT)
