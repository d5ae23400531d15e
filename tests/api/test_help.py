"""The pages that are only read: every operation with a line that fits a route, every problem, and nothing of any other host."""

from __future__ import annotations

import html
import json
import re
import shlex
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Match, Route

from api import openapi
from api.app import create_app
from api.operations import groups
from api.problems import CATALOGUE
from api.standing import Standing
from api.words.language import LANGUAGES
from controller.policy.roles import RIGHTS, Right, Role

URL = "http://127.0.0.1:8080"


async def _read(app: FastAPI, path: str, cookies: str = "") -> httpx.Response:
    headers = {"cookie": cookies} if cookies else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL, headers=headers) as client:
        return await client.get(path)


async def test_every_operation_of_the_document_is_on_the_page_with_its_sentences_and_its_line() -> None:
    app = create_app(Standing())
    page = html.unescape((await _read(app, "/help/api")).text)
    shown = [one for group in groups(app, URL).values() for one in group]
    told = list(openapi.operations(app.openapi()))
    assert [(one.method, one.path) for one in shown] != []
    assert sorted((one.method, one.path) for one in shown) == sorted((method, path) for method, path, _ in told)
    for one in shown:
        assert f"{one.method} {one.path}" in page
        assert one.says in page
        assert one.line in page
    assert len(re.findall(r"<article", page)) == len(told)


async def test_each_line_is_a_request_that_a_route_takes() -> None:
    app = create_app(Standing())
    for group in groups(app, URL).values():
        for one in group:
            method, path, body = _asked(one.line)
            scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
            matched = next(route for route in app.routes if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL)
            assert (method, matched.path) == (one.method, one.path), one.line
            assert "{" not in path
            if body is not None and not body.startswith("@"):
                assert json.loads(body) == openapi.EXAMPLES[f"{one.method} {one.path}"]
            assert (body is None) is (not one.members)


def _asked(line: str) -> tuple[str, str, str | None]:
    """What curl would send: method, path, body."""
    words = shlex.split(line)
    assert words[:2] == ["curl", "-s"]
    body = words[words.index("--json") + 1] if "--json" in words else None
    method = words[words.index("-X") + 1] if "-X" in words else "POST" if body is not None else "GET"
    url = next(word for word in words if word.startswith(URL))
    return method, urlsplit(url).path, body


def test_members_within_members_and_of_a_choice_are_named() -> None:
    found = {(one.method, one.path): one for group in groups(create_app(Standing()), URL).values() for one in group}
    entries = {member.name: member for member in found["POST", "/v1/pulls/{id}/entries"].members}
    assert {"kind", "quantity", "number", "data"} <= entries.keys()
    assert entries["quantity"].kind == "integer ≥ 0 ≤ 1000000"
    list_ = {member.name: member for member in found["PUT", "/v1/pick-lists/{id}"].members}
    assert list_["lines[].quantity"].needed
    assert not list_["lines[].urgent"].needed
    assert "no program" not in found["PUT", "/v1/pulls/{id}"].line
    assert "-H @pharmacy" in found["PUT", "/v1/orders/{id}"].line
    assert "-H @med-room -H @nina" in found["PUT", "/v1/pulls/{id}"].line


def test_who_may_is_what_the_route_asks() -> None:
    found = {(one.method, one.path): one for group in groups(create_app(Standing()), URL).values() for one in group}
    assert set(found["GET", "/v1/links"].who) == {role for role, may in RIGHTS.items() if Right.SEE_LINKS in may}
    assert Role.SERVICE_ACCOUNT not in found["PUT", "/v1/pulls/{id}"].who
    assert found["GET", "/v1/health"].who == ()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_they_are_read_without_a_script_a_form_or_another_host(language: str) -> None:
    app = create_app(Standing())
    for path in ("/help", "/help/api", "/help/problems", "/help/problems/log-in-needed"):
        answer = await _read(app, path, f"galenic-language={language}; galenic-theme=night")
        assert answer.status_code == 200
        assert f'<html lang="{language}" data-theme="night">' in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert not re.search(r"<script|<form|style=", answer.text)
        assert not re.search(r"(?:src|href)=['\"]?(?:https?:)?//", answer.text)


async def test_every_code_stands_in_the_catalogue_and_has_its_page() -> None:
    app = create_app(Standing())
    listed = (await _read(app, "/help/problems")).text
    for code, words in CATALOGUE.items():
        assert f'href="/help/problems/{code}"' in listed
        page = html.unescape((await _read(app, f"/help/problems/{code}")).text)
        for sentence in (words.title, words.detail, words.remedy, code):
            assert sentence in page
    assert (await _read(app, "/help/problems/no-such-code")).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_stands_in_angles_in_a_sentence_is_shown_and_is_no_tag(language: str) -> None:
    text = (await _read(create_app(Standing()), "/help/problems/line-gate-in-doubt", f"galenic-language={language}")).text
    assert "POST /v1/line/zones/&lt;zone&gt;/clearance" in text
    assert "<zone>" not in text
