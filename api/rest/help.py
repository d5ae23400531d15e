"""`/help`: pages the daemon serves by itself, so that a problem's `type` opens without any network. No script, no log-in."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from api.problems import CATALOGUE, Words

router = APIRouter(include_in_schema=False)

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
STYLE = """
:root { color-scheme: light dark }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884 }
code { font-family: ui-monospace, monospace }
"""
METHODS = ("get", "put", "post", "delete")


@router.get("/help")
async def index() -> HTMLResponse:
    """What there is to read here."""
    return _page(
        "Galenic",
        "<p>This is a station's own interface.</p><ul>"
        "<li><a href='/v1/health'>How the station is</a></li>"
        "<li><a href='/help/api'>Every address and what it does</a> (<a href='/openapi.json'>OpenAPI</a>)</li>"
        "<li><a href='/help/problems'>Every refusal and fault, and what to do</a></li></ul>",
    )


@router.get("/help/style.css")
async def style() -> Response:
    """The look of these pages."""
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@router.get("/help/api")
async def addresses(request: Request) -> HTMLResponse:
    """Every route with its one line."""
    rows = [
        (f"<code>{method.upper()}&nbsp;{html.escape(path)}</code>", html.escape(_first_line(operation)))
        for path, methods in request.app.openapi()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    told = (
        "<p>People send <code>Authorization: Bearer …</code> from <code>POST /v1/sessions</code> together with their"
        " terminal's <code>Galenic-Terminal: id:secret</code>; programs send their token alone. New members may appear in"
        " any answer; unknown members in a request are refused.</p>"
    )
    return _page("Every address", told + _table(rows))


@router.get("/help/problems")
async def problems() -> HTMLResponse:
    """The whole catalogue."""
    rows = [
        (f"<a href='/help/problems/{code}'><code>{code}</code></a>", html.escape(words.title)) for code, words in CATALOGUE.items()
    ]
    return _page("Every refusal and fault", _table(rows))


@router.get("/help/problems/{code}")
async def problem(code: str) -> HTMLResponse:
    """One entry: what has happened and what to do now."""
    words = CATALOGUE.get(code)
    if words is None:
        raise HTTPException(404)
    return _page(words.title, _problem(code, words))


def _problem(code: str, words: Words) -> str:
    retry = "The same request may be sent again." if words.may_retry else "Sending the same request again changes nothing."
    return (
        f"<p>{html.escape(words.detail)}</p><h2>What to do now</h2><p>{html.escape(words.remedy)}</p><p>{retry}</p>"
        "<p>The answer's <code>effect</code> says whether anything physically happened: <code>none</code>, <code>done</code>"
        " or <code>unknown</code>; when it is unknown, a person must look.</p>"
        f"<p>Code <code>{code}</code>, number {words.number}, HTTP status {words.status}."
        " <a href='/help/problems'>All of them</a></p>"
    )


def _first_line(operation: dict[str, Any]) -> str:
    return str(operation.get("description", operation.get("summary", ""))).partition("\n")[0]


def _table(rows: Iterable[tuple[str, str]]) -> str:
    return "<table>" + "".join(f"<tr><td>{left}</td><td>{right}</td></tr>" for left, right in rows) + "</table>"


def _page(title: str, body: str) -> HTMLResponse:
    head = f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{html.escape(title)}</title>"
    text = (
        f"<!doctype html><html lang=en><head>{head}<link rel=stylesheet href='/help/style.css'></head>"
        f"<body><h1>{html.escape(title)}</h1>{body}</body></html>"
    )
    return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})
