"""People and programs: who may come here and as what. An administrator's, recorded change by change as `/v1/people` does."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from api.console import once
from api.console.page import ROOT, Form, Go, Nothing, Pages, Shown
from api.console.visitor import Visitor
from api.rest.people import known_of, person_of, service_of
from controller.policy.roles import RIGHTS, Right, Role
from drivers.faults import Refused
from sites.part import Id, Name

pages = Pages()

ROLES = tuple(role for role in Role if role is not Role.SERVICE_ACCOUNT)
Pin = Annotated[str, StringConstraints(min_length=1, max_length=16)]
Badge = Annotated[str, StringConstraints(max_length=100)]


class NewPerson(Form):
    """Somebody new. Without a badge she logs in by name."""

    id: Id
    name: Name
    role: list[Role] = Field([], max_length=8)
    pin: Pin
    badge: Badge = ""


class Changed(Form):
    """Name and roles; `version` is the one that was looked at."""

    name: Name
    role: list[Role] = Field([], max_length=8)
    version: int


class NewPin(Form):
    """A new PIN."""

    pin: Pin


class NewBadge(Form):
    """Another badge; empty: none."""

    badge: Badge = ""


class Version(Form):
    """The version that was looked at."""

    version: int


class NewProgram(Form):
    """A program and what it may do."""

    id: Id
    name: Name
    right: list[Right] = Field([], max_length=30)


@pages.page("/people", "people.html", Right.SEE_PEOPLE)
def people(visitor: Visitor) -> Shown:
    """Everybody, those who may come first; and the programs."""
    view = visitor.station.books.people
    everybody = sorted(
        (person_of(visitor.station, id_) for id_ in view.persons), key=lambda one: (not one.active, one.name, one.id)
    )
    programs = sorted((service_of(visitor.station, id_) for id_ in view.services), key=lambda one: (not one.active, one.id))
    return Shown({"people": everybody, "programs": programs}, all_of=frozenset({"person", "service"}))


@pages.page("/people/new", "person_new.html", Right.EDIT_PEOPLE)
def new_person(visitor: Visitor) -> Shown:
    """Somebody new."""
    return Shown({"roles": ROLES, "digits": visitor.station.site.policy.pin_digits})


@pages.page("/people/programs/new", "program_new.html", Right.EDIT_PEOPLE)
def new_program(visitor: Visitor) -> Shown:
    """A new program: its rights are among those that no presence is needed for (law 8)."""
    return Shown({"rights": sorted(RIGHTS[Role.SERVICE_ACCOUNT])})


@pages.page("/people/{id}", "person.html", Right.SEE_PEOPLE)
def person(visitor: Visitor, id: str) -> Shown:
    """One person, and what an administrator may change."""
    known = known_of(visitor.station, id)
    facts = {
        "person": person_of(visitor.station, id),
        "version": known["version"],
        "failures": visitor.station.books.people.failures.get(id, 0),
        "roles": ROLES,
        "digits": visitor.station.site.policy.pin_digits,
    }
    return Shown(facts, frozenset({id}), frozenset({"session"}))


@pages.post("/people", NewPerson, Right.EDIT_PEOPLE)
async def add(visitor: Visitor, said: NewPerson) -> Go:
    """Adds somebody. Raises Refused as `PUT /v1/people/{id}` does."""
    by = visitor.who.person
    await visitor.station.people.add_person(said.id, said.name, said.role, said.pin, by, said.badge or None)
    return Go(f"{ROOT}/people/{said.id}")


@pages.post("/people/programs", NewProgram, Right.EDIT_PEOPLE)
async def add_program(visitor: Visitor, said: NewProgram) -> Go:
    """Adds a program; its token is told once. Raises Refused."""
    token = await visitor.station.people.add_service(said.id, said.name, said.right, visitor.who.person)
    return Go(f"{ROOT}/once/{once.keep('service', said.id, token, visitor.who.id)}")


@pages.post("/people/programs/{id}/removal", Nothing, Right.EDIT_PEOPLE)
async def remove_program(visitor: Visitor, _: Nothing, id: str) -> Go:
    """Ends a program's account at once. Raises Refused."""
    await visitor.station.people.remove_service(id, visitor.who.person)
    return Go()


@pages.post("/people/{id}", Changed, Right.EDIT_PEOPLE)
async def change(visitor: Visitor, said: Changed, id: str) -> Go:
    """Another name or other roles. Raises Refused, also where somebody else has changed it meanwhile."""
    _unchanged(visitor, id, said.version)
    same_as = known_of(visitor.station, id).get("same_as")
    await visitor.station.people.change_person(id, said.name, said.role, visitor.who.person, same_as)
    return Go(f"{ROOT}/people/{id}")


@pages.post("/people/{id}/pin", NewPin, Right.EDIT_PEOPLE)
async def pin(visitor: Visitor, said: NewPin, id: str) -> Go:
    """A new PIN for somebody who has forgotten hers. Raises Refused."""
    await visitor.station.people.set_pin(id, said.pin, visitor.who.person)
    return Go(f"{ROOT}/people/{id}")


@pages.post("/people/{id}/badge", NewBadge, Right.EDIT_PEOPLE)
async def badge(visitor: Visitor, said: NewBadge, id: str) -> Go:
    """Another badge in place of the old one, or none. Raises Refused."""
    await visitor.station.people.set_badge(id, said.badge or None, visitor.who.person)
    return Go(f"{ROOT}/people/{id}")


@pages.post("/people/{id}/delay", Nothing, Right.CLEAR_DELAYS)
async def delay(visitor: Visitor, _: Nothing, id: str) -> Go:
    """Ends the waiting that wrong PINs have earned her. Raises Refused."""
    await visitor.station.people.clear_delay(id, visitor.who.person)
    return Go(f"{ROOT}/people/{id}")


@pages.post("/people/{id}/removal", Version, Right.EDIT_PEOPLE)
async def remove(visitor: Visitor, said: Version, id: str) -> Go:
    """Ends her rights and sessions at once. Raises Refused."""
    _unchanged(visitor, id, said.version)
    await visitor.station.people.remove_person(id, visitor.who.person)
    return Go(f"{ROOT}/people")


def _unchanged(visitor: Visitor, id_: str, version: int) -> None:
    if known_of(visitor.station, id_)["version"] != version:
        raise Refused("changed-meanwhile")
