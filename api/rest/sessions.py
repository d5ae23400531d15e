"""`/v1/sessions` and `/v1/witnesses`: people log in at a terminal, and sign for each other."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import StringConstraints

from api.rest.asking import Answer, Body, StationRequest, StationRoute

router = APIRouter(prefix="/v1", tags=["people"], route_class=StationRoute)

Named = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Terminal = Annotated[str, Header(alias="Galenic-Terminal", max_length=200, description="`id:secret` of an enrolled terminal.")]


class LogIn(Body):
    """Name or badge in `who`, always with the PIN."""

    who: Named
    pin: Annotated[str, StringConstraints(min_length=1, max_length=16)]


class SessionAnswer(Answer):
    """`token` goes into `Authorization: Bearer`, together with the terminal's own header; it is told once."""

    session: str
    token: str
    person: str
    name: str
    roles: list[str]
    rights: list[str]
    terminal: str | None


class Sign(Body):
    """A colleague's name or badge, PIN, and the hash of what is signed (`subject` of the refusal `witness-needed`)."""

    who: Named
    pin: Annotated[str, StringConstraints(min_length=1, max_length=16)]
    subject: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Signed(Answer):
    """A token that is good once, for that subject, at this terminal."""

    witness: str


@router.post("/sessions", status_code=201)
async def log_in(body: LogIn, request: StationRequest, response: Response, terminal: Terminal = "") -> SessionAnswer:
    """Opens a session at the terminal that the header names."""
    token, session = await request.station.people.log_in(body.who, body.pin, terminal)
    response.headers["Cache-Control"] = "no-store"
    return SessionAnswer(
        session=session.id,
        token=token,
        person=session.person,
        name=session.name,
        roles=sorted(session.roles),
        rights=sorted(session.rights),
        terminal=session.terminal,
    )


@router.delete("/sessions/current", status_code=204)
async def log_out(request: StationRequest) -> None:
    """Ends this session. What is open stays open and is asked for."""
    await request.station.people.log_out(request.headers["authorization"].partition(" ")[2].strip())


@router.post("/witnesses", status_code=201)
async def sign(body: Sign, request: StationRequest, terminal: Terminal = "") -> Signed:
    """A different person signs at the same terminal."""
    return Signed(
        witness=await request.station.people.grant(body.who, body.pin, terminal, bytes.fromhex(body.subject), request.who)
    )
