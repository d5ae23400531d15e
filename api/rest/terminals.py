"""`/v1/terminals`: the places at which people stand. A terminal is one only once it is enrolled (law 8)."""

from __future__ import annotations

from fastapi import APIRouter

from api.rest.asking import Answer, StationRequest, StationRoute, needs
from controller.policy.roles import Right
from controller.station import Station
from drivers.faults import Refused
from sites.part import Id

router = APIRouter(prefix="/v1/terminals", tags=["people"], route_class=StationRoute)


class ScreenAnswer(Answer):
    """Corner to corner in inches; `pixels` are width and height."""

    diagonal_in: float
    pixels: list[int]


class TerminalAnswer(Answer):
    """A terminal of the site file; `scanner`, badge `readers` and `scale` stand beside it.

    `language` is spoken there until somebody chooses another, `keyboard` how the keys of its screen's own keyboard lie.
    """

    id: str
    name: str
    enrolled: bool
    scanner: str | None
    readers: list[str]
    scale: str | None
    screen: ScreenAnswer | None
    language: str
    keyboard: str


class Terminals(Answer):
    """All of them."""

    items: list[TerminalAnswer]


class Enrolment(Answer):
    """What the terminal sends in `Galenic-Terminal`, told once."""

    terminal: str
    credential: str


@router.get("")
@needs(Right.SEE_PEOPLE)
async def list_terminals(request: StationRequest) -> Terminals:
    """The terminals of the site file, and whether each is enrolled."""
    return Terminals(items=terminals_of(request.station))


def terminals_of(station: Station) -> list[TerminalAnswer]:
    """Every terminal of the site file, as it is now."""
    enrolled = station.books.people.terminals
    return [
        TerminalAnswer(
            id=part.id,
            name=part.name,
            enrolled=enrolled.get(part.id, False),
            scanner=part.scanner,
            readers=list(part.readers),
            scale=part.scale,
            screen=part.screen and ScreenAnswer(diagonal_in=part.screen.diagonal_in, pixels=list(part.screen.pixels)),
            language=part.language,
            keyboard=part.keyboard,
        )
        for part in station.site.terminals
    ]


async def enrolled_anew(station: Station, id: str, by: str) -> str:
    """Gives a terminal a new credential, which is told once. Raises Refused("terminal-unknown")."""
    if id not in {part.id for part in station.site.terminals}:
        raise Refused("terminal-unknown", terminal=id)
    return await station.people.enrol_terminal(id, by)


@router.post("/{id}/enrolment", status_code=201)
@needs(Right.EDIT_PEOPLE)
async def enrol(id: Id, request: StationRequest) -> Enrolment:
    """Gives a terminal a new credential. An older one, and the sessions opened with it, end."""
    return Enrolment(terminal=id, credential=await enrolled_anew(request.station, id, request.who.person))


@router.delete("/{id}/enrolment", status_code=204)
@needs(Right.EDIT_PEOPLE)
async def revoke(id: Id, request: StationRequest) -> None:
    """Ends a terminal and every session at it."""
    await request.station.people.revoke_terminal(id, request.who.person)
