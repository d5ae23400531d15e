"""`/v1/people`: who may come here and as what; `/v1/services`: programs. An administrator's, recorded change by change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints

from api.rest.asking import (
    After,
    Answer,
    Body,
    Limit,
    StationRequest,
    StationRoute,
    check_if_match,
    link_next,
    needs,
    page,
    set_etag,
)
from controller.ledger.views.people import Known
from controller.policy.roles import Right, Role
from controller.policy.session import require
from controller.station import Station
from drivers.faults import Refused
from sites.part import Id, Name

router = APIRouter(prefix="/v1", tags=["people"], route_class=StationRoute)

PersonId = Annotated[Id, Path(description="A person's id, which also stands in the ledger. Chosen here, never used again.")]
Pin = Annotated[str, StringConstraints(min_length=1, max_length=16)]
Badge = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class PersonBody(Body):
    """What can be edited. `pin` and `badge` only for a new person; `same_as` is another account of the same human being."""

    name: Name
    roles: Annotated[list[Annotated[Role, Field(strict=False)]], Field(min_length=1, max_length=8)]
    same_as: Id | None = None
    pin: Pin | None = None
    badge: Badge | None = None


class PinBody(Body):
    """A new PIN; `current` where a person changes their own."""

    pin: Pin
    current: Pin | None = None


class BadgeBody(Body):
    """A new badge in place of the old one, or null for none."""

    badge: Badge | None


class PersonAnswer(Answer):
    """A person. A badge or PIN is never told, only whether there is a badge."""

    id: str
    name: str
    roles: list[str]
    active: bool
    same_as: str | None
    badge: bool


class People(Answer):
    """A page of people."""

    items: list[PersonAnswer]
    next: str | None


class ServiceBody(Body):
    """A program and what it may do; rights that mean presence are refused (law 8)."""

    id: Id
    name: Name
    rights: Annotated[list[Annotated[Right, Field(strict=False)]], Field(min_length=1, max_length=30)]


class ServiceAnswer(Answer):
    """A program."""

    id: str
    name: str
    rights: list[str]
    active: bool


class NewService(ServiceAnswer):
    """A new program with its `token`, which is told once."""

    token: str


class Services(Answer):
    """A page of programs."""

    items: list[ServiceAnswer]
    next: str | None


@router.get("/people")
@needs(Right.SEE_PEOPLE)
async def list_people(request: StationRequest, response: Response, after: After = None, limit: Limit = 100) -> People:
    """Everybody, by id, those who may no longer come too."""
    shown, cursor = page(list(request.station.books.people.persons), str, after, limit)
    link_next(request, response, cursor)
    return People(items=[person_of(request.station, id) for id in shown], next=cursor)


@router.get("/people/{id}")
@needs(Right.SEE_PEOPLE)
async def get_person(id: PersonId, request: StationRequest, response: Response) -> PersonAnswer:
    """One person; the ETag is needed to change them."""
    set_etag(response, known_of(request.station, id)["version"])
    return person_of(request.station, id)


@router.put("/people/{id}")
@needs(Right.EDIT_PEOPLE)
async def put_person(id: PersonId, body: PersonBody, request: StationRequest, response: Response) -> PersonAnswer:
    """Adds a person (201), or changes name, roles and `same_as` with `If-Match` (200)."""
    known = request.station.books.people.persons.get(id)
    if known is None:
        if body.pin is None:
            raise Refused("pin-needed", person=id)
        await request.station.people.add_person(id, body.name, body.roles, body.pin, request.who.person, body.badge, body.same_as)
        response.status_code = 201
        response.headers["Location"] = f"/v1/people/{id}"
    else:
        check_if_match(request, known["version"])
        if body.pin is not None or body.badge is not None:
            raise Refused("not-edited-here", person=id)
        await request.station.people.change_person(id, body.name, body.roles, request.who.person, body.same_as)
    set_etag(response, known_of(request.station, id)["version"])
    return person_of(request.station, id)


@router.delete("/people/{id}", status_code=204)
@needs(Right.EDIT_PEOPLE)
async def remove_person(id: PersonId, request: StationRequest) -> None:
    """Ends their rights and sessions at once. Needs `If-Match`."""
    check_if_match(request, known_of(request.station, id)["version"])
    await request.station.people.remove_person(id, request.who.person)


@router.put("/people/{id}/pin", status_code=204)
@needs(Right.SEE_STATION)
async def put_pin(id: PersonId, body: PinBody, request: StationRequest) -> None:
    """A new PIN: by an administrator, or by the person themselves, who then gives the current one."""
    if id == request.who.person and request.who.terminal is not None:
        if body.current is None:
            raise Refused("pin-needed", person=id)
        await request.station.people.change_own_pin(request.who, body.current, body.pin)
        return
    require(request.who, Right.EDIT_PEOPLE)
    await request.station.people.set_pin(id, body.pin, request.who.person)


@router.put("/people/{id}/badge", status_code=204)
@needs(Right.EDIT_PEOPLE)
async def put_badge(id: PersonId, body: BadgeBody, request: StationRequest) -> None:
    """Another badge, or none: a lost one lets nobody in any more."""
    await request.station.people.set_badge(id, body.badge, request.who.person)


@router.delete("/people/{id}/delay", status_code=204)
@needs(Right.CLEAR_DELAYS)
async def clear_delay(id: PersonId, request: StationRequest) -> None:
    """Ends the waiting that wrong PINs have earned a person."""
    await request.station.people.clear_delay(id, request.who.person)


@router.get("/services")
@needs(Right.SEE_PEOPLE)
async def list_services(request: StationRequest, response: Response, after: After = None, limit: Limit = 100) -> Services:
    """All programs, by id."""
    shown, cursor = page(list(request.station.books.people.services), str, after, limit)
    link_next(request, response, cursor)
    return Services(items=[service_of(request.station, id) for id in shown], next=cursor)


@router.post("/services", status_code=201)
@needs(Right.EDIT_PEOPLE)
async def add_service(body: ServiceBody, request: StationRequest) -> NewService:
    """A new program. Its token is in this answer and nowhere else."""
    token = await request.station.people.add_service(body.id, body.name, body.rights, request.who.person)
    return NewService(**service_of(request.station, body.id).model_dump(), token=token)


@router.delete("/services/{id}", status_code=204)
@needs(Right.EDIT_PEOPLE)
async def remove_service(id: Id, request: StationRequest) -> None:
    """Ends a program's account at once."""
    await request.station.people.remove_service(id, request.who.person)


def known_of(station: Station, id: str) -> Known:
    """What is known of a person. Raises Refused("person-unknown")."""
    known = station.books.people.persons.get(id)
    if known is None:
        raise Refused("person-unknown", person=id)
    return known


def person_of(station: Station, id: str) -> PersonAnswer:
    """A person as the ledger knows them."""
    known = station.books.people.persons[id]
    return PersonAnswer(
        id=id,
        name=known["name"],
        roles=known["roles"],
        active=known["active"],
        same_as=known.get("same_as"),
        badge=id in station.books.people.badges.values(),
    )


def service_of(station: Station, id: str) -> ServiceAnswer:
    """A program as the ledger knows it."""
    known = station.books.people.services[id]
    return ServiceAnswer(id=id, name=known["name"], rights=known["rights"], active=known["active"])
