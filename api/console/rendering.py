"""A page's template made into text, in the visitor's language; and its live parts alone, for the stream.

A part of a page that changes by itself is called `live` in its template, which makes it an element of the id `live_<name>`.
Everything else of a page stands until it is asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api import problems
from api.console import written
from api.console.cabinet import priority
from api.console.homes import places_of
from api.console.kept import AT
from api.console.medicines import alike
from api.console.told import reason, told
from api.console.visitor import LANGUAGE, THEME, THEMES, Visitor, chosen
from api.rest.works import Problem
from api.standing import Standing
from api.words.language import LANGUAGES, NAMES, words
from drivers.faults import Effect, Fault

TEMPLATES = Path(__file__).parent / "templates"
_PART = re.compile("\x02(\\w+)\x03(.*?)\x04", re.DOTALL)
_MARKS = re.compile("\x02\\w+\x03|\x04")
"""Between these a live part stands while a page is being made; no browser sees them."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
READ = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}


def answer(visitor: Visitor, template: str, facts: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """The whole page as a response."""
    return HTMLResponse(text(visitor, template, facts), status, HEADERS)


def text(visitor: Visitor, template: str, facts: Mapping[str, Any]) -> str:
    """The whole page."""
    return _MARKS.sub("", _written(visitor, template, facts))


def live(visitor: Visitor, template: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """Its live parts, by the id of the element each stands in."""
    return {f"live_{name}": html for name, html in _PART.findall(_written(visitor, template, facts))}


def _written(visitor: Visitor, template: str, facts: Mapping[str, Any]) -> str:
    return _environment(visitor.language).get_template(template).render(_context(visitor, facts))


def _live(name: str, caller: Callable[[], str]) -> Markup:
    """`{% call live('take') %} … {% endcall %}` in a template."""
    return Markup(f'<div id="live_{name}">\x02{name}\x03{caller()}\x04</div>')  # noqa: S704 - what `caller` gives is escaped


def message(visitor: Visitor, fault: Fault) -> str:
    """The four lines of a fault."""
    return text(visitor, "message.html", {"problem": problem(visitor, fault)})


def problem(visitor: Visitor, fault: Fault) -> dict[str, Any]:
    """A fault in the visitor's words."""
    return _in_words(visitor, fault.code, fault.facts, fault.effect)


def nothing_moves(standing: Standing, asked: str | None) -> HTMLResponse:
    """What is said where there is no station, in the language that was asked for: why, and what the checker found."""
    language = asked if asked in LANGUAGES else LANGUAGES[0]
    page = _environment(language).get_template("nothing_moves.html")
    spoken = words(language).gettext
    why = [problems.problem(code, facts, Effect.NONE, translated=spoken) for code, facts in standing.reasons]
    return HTMLResponse(page.render(problems=why, findings=standing.findings), 503, HEADERS)


def read(request: Request, template: str, facts: Mapping[str, Any]) -> HTMLResponse:
    """A page that is only read, by anybody, station or not: without a script, in the language and theme of its browser."""
    language, theme = chosen(LANGUAGES, request.cookies.get(LANGUAGE)), chosen(THEMES, request.cookies.get(THEME))
    page = _environment(language).get_template(template)
    return HTMLResponse(page.render(language=language, theme=theme, **facts), headers={**HEADERS, "Content-Security-Policy": READ})


def _problem_of(visitor: Visitor, ended: Problem) -> dict[str, Any]:
    """The problem that a piece of work ended with."""
    return _in_words(visitor, ended.code, ended.facts, Effect.UNKNOWN)


def _in_words(visitor: Visitor, code: str, facts: Mapping[str, Any], effect: Effect) -> dict[str, Any]:
    spoken = words(visitor.language)
    return problems.problem(code, told(spoken, facts, visitor.station.clock.now()), effect, translated=spoken.gettext)


def _context(visitor: Visitor, facts: Mapping[str, Any]) -> dict[str, Any]:
    station = visitor.station
    return {
        "visitor": visitor,
        "station": station,
        "alarms": sorted(station.books.alarms.active.values(), key=lambda one: (priority(one["kind"]) != "high", one["seq"])),
        "now": station.clock.now(),
        "seen": visitor.seen,
        "path": visitor.path,
        "places": places_of,
        "problem_of": partial(_problem_of, visitor),
        **facts,
    }


@cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_translations(words(language), newstyle=True)  # type: ignore[attr-defined]  # the extension's own
    made.globals.update(kept=AT, spoken=language, live=_live, languages=LANGUAGES, language_names=NAMES, themes=THEMES)
    made.filters.update({name: partial(form, words(language)) for name, form in written.FORMS.items()})
    made.filters["priority"] = priority
    made.tests["alike"] = alike
    made.filters["why"] = partial(reason, words(language))
    return made
