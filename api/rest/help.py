"""`/help`: pages the daemon serves by itself, so that a problem's `type` opens without any network. No script, no log-in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from api.cli.demo_people import PEOPLE, TERMINAL
from api.cli.demo_words import BEARER
from api.console.rendering import read
from api.operations import groups
from api.problems import CATALOGUE

router = APIRouter(include_in_schema=False)


@router.get("/help")
async def index(request: Request) -> HTMLResponse:
    """What there is to read here."""
    return read(request, "help.html", {})


@router.get("/help/api")
async def addresses(request: Request) -> HTMLResponse:
    """Every operation, by what it is about, with a line to paste."""
    url = str(request.base_url).rstrip("/")
    people = [id_ for id_, _, _ in PEOPLE]
    log_in = {"people": people, "terminal": TERMINAL, "bearer": BEARER}
    facts = {"groups": groups(request.app, url), "url": url, "version": request.app.version, **log_in}
    return read(request, "help_api.html", facts)


@router.get("/help/problems")
async def problems(request: Request) -> HTMLResponse:
    """The whole catalogue, by status."""
    by_status: dict[int, list[tuple[str, Any]]] = {}
    for code, words in CATALOGUE.items():
        by_status.setdefault(words.status, []).append((code, words))
    return read(request, "help_problems.html", {"by_status": dict(sorted(by_status.items()))})


@router.get("/help/problems/{code}")
async def problem(code: str, request: Request) -> HTMLResponse:
    """One entry: what has happened and what to do now."""
    if code not in CATALOGUE:
        raise HTTPException(404)
    return read(request, "help_problem.html", {"code": code, "problem": CATALOGUE[code]})
