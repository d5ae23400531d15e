"""What all pages and posts of the console share: who may see them, how they say that something is not so. In virtual time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.console import rendering
from api.console.routes import every
from controller.workflows import pull
from tests.acceptance.test_console_technician import cookies
from tests.acceptance.ward import Ward, a_ward

PAGES = [page for module in every() for page in module.pages]


def _path(path: str) -> str:
    return path.replace("{id}", "nobody").replace("{line}", "1")


async def _get(ward: Ward, path: str, **headers: str) -> Any:
    return await ward.client.get(path, headers=headers)


async def test_nobody_sees_a_page_but_the_start_and_a_browser_that_is_no_terminal_is_told_so() -> None:
    async with a_ward() as ward:
        for page in PAGES:
            answer = await _get(ward, _path(page.path))
            assert answer.status_code in ({200, 303} if page.anybody else {303}), page.path
        start = await _get(ward, "/console")
        assert "it can only look" in start.text
        assert (await ward.client.post("/console/log-in", json={"who": "x", "pin": "1"})).status_code == 401


async def test_every_page_is_an_answer_for_every_role_under_the_content_policy() -> None:
    async with a_ward() as ward:
        for role in ("nurse", "charge_nurse", "technician", "pharmacist", "auditor", "biomedical_engineer", "administrator"):
            who = await ward.person(role)
            for page in PAGES:
                answer = await _get(ward, _path(page.path), **cookies(who))
                assert answer.status_code in {200, 303, 403, 404, 422}, (role, page.path, answer.text)
                if answer.status_code != 303:
                    assert answer.headers["content-security-policy"] == rendering.POLICY
                    assert answer.headers["content-type"].startswith("text/html")
                    assert answer.headers["cache-control"] == "no-store"
        assert ward.rows("station.defect") == []


async def test_a_page_with_a_defect_says_its_number_and_the_defect_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        made, asked = rendering.answer, 0

        def once(*given: Any, **named: Any) -> Any:
            nonlocal asked
            asked += 1
            if asked == 1:
                raise LookupError("planted")
            return made(*given, **named)

        monkeypatch.setattr(rendering, "answer", once)
        answer = await _get(ward, "/console/patients", **cookies(nurse))
        assert answer.status_code == 500
        assert "Nothing moved." in answer.text
        (row,) = ward.rows("station.defect")
        assert row["error"] == "LookupError: planted"


async def test_a_post_with_a_defect_says_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")

        async def broken(*_: Any) -> bool:
            raise LookupError("planted")

        monkeypatch.setattr(pull, "request", broken)
        asked = {"seen": "1", "order": ["O-pred"], "noticed": "true"}
        answer = await ward.client.post("/console/patients/P-1/pulls", json=asked, headers=cookies(nurse))
        assert answer.status_code == 500
        assert "Nobody knows whether anything moved" in answer.text
        assert ward.openings() == []


async def test_a_form_that_does_not_fit_names_its_field_and_nothing_moves() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        answer = await ward.client.post("/console/patients/P-1/pulls", json={"seen": "x", "order": []}, headers=cookies(nurse))
        assert answer.status_code == 422
        assert "Nothing moved." in answer.text
        assert "Some fields are wrong" in answer.text


async def test_a_page_of_another_site_posts_nothing() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        asked = {"seen": 1, "order": ["O-pred"], "noticed": True}
        for headers in ({"Origin": "http://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
            answer = await ward.client.post("/console/patients/P-1/pulls", json=asked, headers={**cookies(nurse), **headers})
            assert json.loads(answer.text)["code"] == "wrong-origin"
        answer = await ward.client.post(
            "/console/patients/P-1/pulls",
            content="seen=1&order=O-pred",
            headers={**cookies(nurse), "Content-Type": "application/x-www-form-urlencoded"},
        )
        assert json.loads(answer.text)["code"] == "wrong-media-type"
        assert ward.openings() == []
