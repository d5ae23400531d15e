"""The document of the API and the pages made from it: committed as they are made, complete, and true to what is served."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest

from api import openapi, reference
from tests.acceptance.ward import a_ward
from tests.api.asking import filled, the_document

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_committed_page_is_the_made_one(page: str) -> None:
    committed = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert committed == reference.PAGES[page](), "make it anew: python -m api.reference docs/reference"


def test_the_pages_are_written_where_they_are_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["reference", str(tmp_path)])
    reference.main()
    assert {page.name for page in tmp_path.iterdir()} == set(reference.PAGES)


OPEN = {("GET", "/v1/health"), ("POST", "/v1/sessions"), ("POST", "/v1/partners/{id}/events")}
"""Answered to anybody: how it is, a log-in, and what a partner's signature proves."""


def test_every_operation_says_what_it_does_what_it_refuses_and_what_it_looks_like() -> None:
    made = the_document()
    found = list(openapi.operations(made))
    assert len(found) > 60
    for method, path, operation in found:
        assert 8 < len(operation["summary"]) < 120, (method, path, operation["summary"])
        assert operation["summary"].endswith(".")
        assert operation["responses"]["default"] == openapi.ANSWER
        assert {"401", "403"} <= set(operation["responses"]) or (method, path) in OPEN
        for parameter in operation.get("parameters", ()):
            assert "example" in parameter or parameter["name"] in {"after", "prefer", "if-match"}, (method, path, parameter["name"])
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]["application/json"]
            schema = {**content["schema"], "components": made["components"]}
            jsonschema_rs.validate(schema, content["example"])
    assert len({operation["operationId"] for _, _, operation in found}) == len(found)


def test_no_example_is_left_over() -> None:
    known = {f"{method} {path}" for method, path, _ in openapi.operations(the_document())}
    assert set(openapi.EXAMPLES) <= known | {"parameters"}


async def test_examples_are_taken_as_they_stand() -> None:
    """None is refused for its form; what else may be wrong with it (no such drawer) is another matter."""
    async with a_ward() as ward:
        people = {"program": await ward.service()}
        people |= {role: await ward.person(role) for role in ("administrator", "pharmacist")}
        for method, path, operation in openapi.operations(the_document()):
            if "requestBody" in operation and path != "/v1/sessions":
                example = operation["requestBody"]["content"]["application/json"]["example"]
                answer = await people[who_may(method, path)].ask(method, filled(path), example)
                code = answer.json()["code"] if answer.status_code >= 400 else None
                assert answer.status_code < 500, answer.text
                assert code not in {"bad-request", "not-json", "not-allowed"}, answer.text


def who_may(method: str, path: str) -> str:
    pushed = ("/v1/pick-lists/{id}", "/v1/totes/{id}", "/v1/totes/{id}/receipt")
    if path.startswith(("/v1/items", "/v1/patients", "/v1/orders")) or (method == "PUT" and path in pushed):
        return "program"
    return "administrator" if path.startswith(("/v1/people", "/v1/services", "/v1/webhooks")) else "pharmacist"
