"""Faults as RFC 9457 problems: what happened, whether anything physically moved, and what to do now.

The sentences stand in `api/words/problems.toml`; each problem's `type` is a page this daemon serves by itself.
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import Scope

from drivers.faults import Effect, Fault, Refused

MEDIA_TYPE = "application/problem+json"
HTTP_CODES = {400: "not-json", 404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "wrong-media-type"}


@dataclass(frozen=True, slots=True)
class Words:
    """One entry of the catalogue."""

    number: int
    status: int
    title: str
    detail: str
    remedy: str
    may_retry: bool
    effect: str = "unknown"
    """What is usual; the fault itself says what was so this time."""


def catalogue() -> dict[str, Words]:
    """Every code with its words."""
    text = (Path(__file__).parent / "words" / "problems.toml").read_text(encoding="utf-8")
    return {code: Words(**words) for code, words in tomllib.loads(text).items()}


CATALOGUE = catalogue()


class _Facts(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"


def _as_it_is(sentence: str) -> str:
    return sentence


def problem(
    code: str,
    facts: Mapping[str, Any],
    effect: Effect,
    errors: Sequence[Mapping[str, str]] = (),
    translated: Callable[[str], str] = _as_it_is,
) -> dict[str, Any]:
    """The problem's members, `translated` sentence by sentence before the facts are filled in.

    A code that the catalogue lacks is itself told as a defect, with its own name kept.
    """
    words = CATALOGUE.get(code) or CATALOGUE["defect"]
    said = _Facts({name: value for name, value in facts.items() if not isinstance(value, bytes)})
    body: dict[str, Any] = {
        "type": f"/help/problems/{code}",
        "title": translated(words.title),
        "status": words.status,
        "detail": translated(words.detail).format_map(said),
        "code": code,
        "effect": str(effect),
        "remedy": translated(words.remedy).format_map(said),
        "may_retry": words.may_retry,
        "facts": {
            name: value if value is None or isinstance(value, int | str | list) else str(value) for name, value in said.items()
        },
    }
    if errors:
        body["errors"] = list(errors)
    return body


def answer(
    scope: Scope, code: str, facts: Mapping[str, Any], effect: Effect, errors: Sequence[Mapping[str, str]] = ()
) -> JSONResponse:
    """The problem as a response, with `Retry-After` where a time is known; a refusal is left in the scope to be recorded."""
    body = problem(code, facts, effect, errors)
    status = body["status"]
    if effect is Effect.NONE and status < 500:
        scope["galenic.refusal"] = (code, facts)
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="galenic"'
    if "wait_s" in facts:
        headers["Retry-After"] = str(facts["wait_s"])
    elif status == 503:
        headers["Retry-After"] = "2"
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def defect_number() -> str:
    """A number by which a defect is found again in the log."""
    return secrets.token_hex(4)


def install(app: FastAPI) -> None:
    """Gives the app its answers to everything that is refused or goes wrong. Defects are the gate's."""

    @app.exception_handler(Fault)
    async def fault(request: Request, wrong: Fault) -> JSONResponse:
        told = answer(request.scope, wrong.code, wrong.facts, wrong.effect)
        if isinstance(wrong, Refused):  # whatever its status: a board that is away refuses as well (I-43)
            request.scope["galenic.refusal"] = (wrong.code, wrong.facts)
        return told

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, wrong: RequestValidationError) -> JSONResponse:
        if any(error["type"] == "json_invalid" for error in wrong.errors()):
            return answer(request.scope, "not-json", {}, Effect.NONE)
        errors = [_named(error) for error in wrong.errors()]
        fields = {"fields": [f"{error['in']}{error['pointer']}" for error in errors]}
        return answer(request.scope, "bad-request", fields, Effect.NONE, errors)

    @app.exception_handler(HTTPException)
    async def http(request: Request, wrong: HTTPException) -> JSONResponse:
        if isinstance(wrong.__cause__, Fault):  # FastAPI says 400 of whatever goes wrong while it reads a body
            return await fault(request, wrong.__cause__)
        told = answer(request.scope, HTTP_CODES.get(wrong.status_code, "not-found"), {}, Effect.NONE)
        told.headers.update(wrong.headers or {})
        if wrong.status_code == 405:
            told.headers["Allow"] = ", ".join(_methods(app, request.scope["path"]))
        return told


def _methods(app: FastAPI, path: str) -> list[str]:
    """Every method of the routes at a path: a router names those of the first alone."""
    routes = [route for route in app.routes if isinstance(route, Route) and route.path_regex.match(path)]
    return sorted({method for route in routes for method in route.methods or ()})


def _named(error: Mapping[str, Any]) -> dict[str, str]:
    place = [str(part).replace("~", "~0").replace("/", "~1") for part in error["loc"]]
    where, path = place[0], "/".join(["", *place[1:]])
    return {"in": where, "pointer": path, "message": str(error["msg"])}
