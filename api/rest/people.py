"""`/v1/people`: who may come here and as what; `/v1/services`: programs. An administrator's, recorded change by change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field, StringConstraints

from api.rest.asking import After, Answer, Body, Limit, TheStation, Who, check_if_match, link_next, needs, page, set_etag
from controller.ledger.views.people import Known
from controller.policy.roles import Right, Role
from controller.policy.session import require
from controller.station import Station
from drivers.faults import Refused
from sites.models import Id, Name

router = APIRouter(prefix="/v1", tags=["people"])

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


@router.get("/people", dependencies=[needs(Right.SEE_PEOPLE)])
async def list_people(station: TheStation, request: Request, response: Response, after: After = None, limit: Limit = 100) -> People:
    """Everybody, by id, those who may no longer come too."""
    shown, cursor = page(list(station.books.people.persons), str, after, limit)
    link_next(request, response, cursor)
    return People(items=[_person(station, id) for id in shown], next=cursor)


@router.get("/people/{id}", dependencies=[needs(Right.SEE_PEOPLE)])
async def get_person(id: PersonId, station: TheStation, response: Response) -> PersonAnswer:
    """One person; the ETag is needed to change them."""
    set_etag(response, _known(station, id)["version"])
    return _person(station, id)


@router.put("/people/{id}", dependencies=[needs(Right.EDIT_PEOPLE)])
async def put_person(
    id: PersonId, body: PersonBody, station: TheStation, who: Who, request: Request, response: Response
) -> PersonAnswer:
    """Adds a person (201), or changes name, roles and `same_as` with `If-Match` (200)."""
    known = station.books.people.persons.get(id)
    if known is None:
        if body.pin is None:
            raise Refused("pin-needed", person=id)
        await station.people.add_person(id, body.name, body.roles, body.pin, who.person, body.badge, body.same_as)
        response.status_code = 201
        response.headers["Location"] = f"/v1/people/{id}"
    else:
        check_if_match(request, known["version"])
        if body.pin is not None or body.badge is not None:
            raise Refused("not-edited-here", person=id)
        await station.people.change_person(id, body.name, body.roles, who.person, body.same_as)
    set_etag(response, _known(station, id)["version"])
    return _person(station, id)


@router.delete("/people/{id}", status_code=204, dependencies=[needs(Right.EDIT_PEOPLE)])
async def remove_person(id: PersonId, station: TheStation, who: Who, request: Request) -> None:
    """Ends their rights and sessions at once. Needs `If-Match`."""
    check_if_match(request, _known(station, id)["version"])
    await station.people.remove_person(id, who.person)


@router.put("/people/{id}/pin", status_code=204, dependencies=[needs(Right.SEE_STATION)])
async def put_pin(id: PersonId, body: PinBody, station: TheStation, who: Who) -> None:
    """A new PIN: by an administrator, or by the person themselves, who then gives the current one."""
    if id == who.person and who.terminal is not None:
        if body.current is None:
            raise Refused("pin-needed", person=id)
        await station.people.change_own_pin(who, body.current, body.pin)
        return
    require(who, Right.EDIT_PEOPLE)
    await station.people.set_pin(id, body.pin, who.person)


@router.put("/people/{id}/badge", status_code=204, dependencies=[needs(Right.EDIT_PEOPLE)])
async def put_badge(id: PersonId, body: BadgeBody, station: TheStation, who: Who) -> None:
    """Another badge, or none: a lost one lets nobody in any more."""
    await station.people.set_badge(id, body.badge, who.person)


@router.delete("/people/{id}/delay", status_code=204, dependencies=[needs(Right.CLEAR_DELAYS)])
async def clear_delay(id: PersonId, station: TheStation, who: Who) -> None:
    """Ends the waiting that wrong PINs have earned a person."""
    await station.people.clear_delay(id, who.person)


@router.get("/services", dependencies=[needs(Right.SEE_PEOPLE)])
async def list_services(
    station: TheStation, request: Request, response: Response, after: After = None, limit: Limit = 100
) -> Services:
    """All programs, by id."""
    shown, cursor = page(list(station.books.people.services), str, after, limit)
    link_next(request, response, cursor)
    return Services(items=[_service(station, id) for id in shown], next=cursor)


@router.post("/services", status_code=201, dependencies=[needs(Right.EDIT_PEOPLE)])
async def add_service(body: ServiceBody, station: TheStation, who: Who) -> NewService:
    """A new program. Its token is in this answer and nowhere else."""
    token = await station.people.add_service(body.id, body.name, body.rights, who.person)
    return NewService(**_service(station, body.id).model_dump(), token=token)


@router.delete("/services/{id}", status_code=204, dependencies=[needs(Right.EDIT_PEOPLE)])
async def remove_service(id: Id, station: TheStation, who: Who) -> None:
    """Ends a program's account at once."""
    await station.people.remove_service(id, who.person)


def _known(station: Station, id: str) -> Known:
    known = station.books.people.persons.get(id)
    if known is None:
        raise Refused("person-unknown", person=id)
    return known


def _person(station: Station, id: str) -> PersonAnswer:
    known = station.books.people.persons[id]
    return PersonAnswer(
        id=id,
        name=known["name"],
        roles=known["roles"],
        active=known["active"],
        same_as=known.get("same_as"),
        badge=id in station.books.people.badges.values(),
    )


def _service(station: Station, id: str) -> ServiceAnswer:
    known = station.books.people.services[id]
    return ServiceAnswer(id=id, name=known["name"], rights=known["rights"], active=known["active"])
