"""The OpenAPI document, made true: every operation may answer with a problem, and says what it wants to know of the caller.

`python -m api.openapi docs/reference/openapi.json` writes the committed file; a test compares the two.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.gate import is_open
from api.problems import MEDIA_TYPE

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


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application of ours, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        _tell_problems(made)
        app.openapi_schema = made
    return app.openapi_schema


def _tell_problems(made: dict[str, Any]) -> None:
    parts = made.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["RefusalOrFault"] = PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    parts["securitySchemes"] = SECURITY
    problem = {
        "description": "A refusal or fault.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/RefusalOrFault"}}},
    }
    for path, methods in made["paths"].items():
        for method in METHODS:
            operation = methods.get(method)
            if operation is None:
                continue
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
            if not is_open(method.upper(), path):
                operation["security"] = [{"token": [], "terminal": []}, {"token": []}]


def main() -> None:
    """Writes the committed document."""
    from api.app import create_app
    from api.standing import Standing

    made = create_app(Standing()).openapi()
    Path(sys.argv[1]).write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
