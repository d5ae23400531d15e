"""The OpenAPI document, made true: every operation says in one line what it does, what it wants to know of the caller, which
problems it may answer with, and what a request looks like. `api/reference.py` writes the committed file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.gate import is_open
from api.problems import MEDIA_TYPE, problem
from drivers.faults import Effect

EXAMPLES: Mapping[str, Mapping[str, Any]] = tomllib.loads((Path(__file__).parent / "examples.toml").read_text(encoding="utf-8"))
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `type` opens a page that this daemon serves.",
    "required": ["type", "title", "status", "detail", "code", "effect", "remedy", "may_retry", "facts"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "effect": {"enum": ["none", "done", "unknown"], "description": "Did anything physically happen?"},
        "remedy": {"type": "string", "description": "What to do now."},
        "may_retry": {"type": "boolean"},
        "facts": {"type": "object"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "pointer", "message"],
                "properties": {
                    "in": {"type": "string", "description": "body, query, path or header."},
                    "pointer": {"type": "string", "description": "JSON Pointer to the field."},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "A session's token, or a service account's."},
    "terminal": {"type": "apiKey", "in": "header", "name": "Galenic-Terminal", "description": "`id:secret`, for people."},
}
METHODS = ("get", "put", "post", "delete", "patch")
ANSWER = {"$ref": "#/components/responses/RefusalOrFault"}
GUARDED, WITH_BODY, NAMED = ("401", "403"), ("400", "413", "415", "422"), ("404",)
"""Statuses a problem may have; any other is `default`."""


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application of ours, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        _tell_parts(made)
        for method, path, operation in operations(made):
            _tell_words(operation)
            _tell_problems(operation, method, path)
            _tell_examples(operation, method, path)
        app.openapi_schema = made
    return app.openapi_schema


def operations(made: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of each operation of a document."""
    for path, methods in made["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method.upper(), path, methods[method]


def _tell_parts(made: dict[str, Any]) -> None:
    parts = made.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["RefusalOrFault"] = PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    parts["securitySchemes"] = SECURITY
    example = problem("unknown-pocket", {"id": "D-01-9"}, Effect.NONE)
    parts["responses"] = {
        "RefusalOrFault": {
            "description": "A refusal or fault: what happened, whether anything moved, and what to do. Codes: `/help/problems`.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/RefusalOrFault"}, "example": example}},
        }
    }


def _tell_words(operation: dict[str, Any]) -> None:
    """The docstring's first sentence is the one line."""
    first, end, rest = " ".join(operation["description"].split()).partition(". ")
    operation["summary"] = first.rstrip(".") + "."
    operation["description"] = first + (". " + rest if end else "")


def _tell_problems(operation: dict[str, Any], method: str, path: str) -> None:
    statuses: tuple[str, ...] = NAMED if "{" in path else ()
    if "requestBody" in operation:
        statuses += WITH_BODY
    elif operation.get("parameters"):
        statuses += ("422",)
    if not is_open(method, path):
        statuses += GUARDED
        operation["security"] = [{"token": [], "terminal": []}, {"token": []}]
    operation["responses"].pop("422", None)
    operation["responses"] |= dict.fromkeys((*sorted(statuses), "default"), ANSWER)


def _tell_examples(operation: dict[str, Any], method: str, path: str) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in EXAMPLES["parameters"]:
            parameter["example"] = EXAMPLES["parameters"][parameter["name"]]
    if "requestBody" in operation:
        operation["requestBody"]["content"]["application/json"]["example"] = EXAMPLES[f"{method} {path}"]
