"""Terminals: which screens let people in. Enrolling one gives it a credential that is told once; secrets are read here."""

from __future__ import annotations

from api.console import once
from api.console.page import ROOT, Go, Nothing, Pages, Shown
from api.console.visitor import Visitor
from api.rest.terminals import enrolled_anew, terminals_of
from controller.policy.roles import Right

pages = Pages()


@pages.page("/terminals", "terminals.html", Right.SEE_PEOPLE)
def terminals(visitor: Visitor) -> Shown:
    """Every terminal of the site file."""
    return Shown({"terminals": terminals_of(visitor.station)}, all_of=frozenset({"terminal"}))


@pages.post("/terminals/{id}/enrolment", Nothing, Right.EDIT_PEOPLE)
async def enrol(visitor: Visitor, _: Nothing, id: str) -> Go:
    """A new credential; an older one ends, and the sessions at it. Raises Refused."""
    credential = await enrolled_anew(visitor.station, id, visitor.who.person)
    return Go(f"{ROOT}/once/{once.keep('terminal', id, credential, visitor.who.id)}")


@pages.post("/terminals/{id}/revocation", Nothing, Right.EDIT_PEOPLE)
async def revoke(visitor: Visitor, _: Nothing, id: str) -> Go:
    """Ends a terminal and every session at it. Raises Refused."""
    await visitor.station.people.revoke_terminal(id, visitor.who.person)
    return Go()


@pages.page("/once/{ticket}", "once.html", Right.SEE_PEOPLE)
def told_once(visitor: Visitor, ticket: str) -> Shown:
    """A secret that was just made; the second look finds nothing."""
    return Shown({"secret": once.look(ticket, visitor.who.id)})
