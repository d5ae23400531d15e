"""Each operation of the OpenAPI document as somebody reads it: sentences, parameters, members, statuses, and a line to paste.

The lines are of the demo's ward and its folder, where each person's header lies in a file of her name, the program's and the
terminal's too.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.cli.demo_people import PEOPLE, SERVICE, TERMINAL
from api.gate import LOG_IN
from api.openapi import operations
from controller.policy.roles import NEEDS_PRESENCE, RIGHTS, Right, Role

PASTE: Mapping[str, Mapping[str, str]] = tomllib.loads((Path(__file__).parent / "paste.toml").read_text(encoding="utf-8"))
MOST_NESTED = 6


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter, or a member of a body: `name` with what it stands in (`lines[].quantity`), its kind in words."""

    name: str
    kind: str
    needed: bool
    says: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One of them. `who` are the roles that may ask, none where anybody may; `line` works as it stands, in the demo's folder."""

    method: str
    path: str
    anchor: str
    says: str
    who: tuple[Role, ...]
    parameters: tuple[Member, ...]
    members: tuple[Member, ...]
    statuses: tuple[str, ...]
    """Of its problems."""
    line: str


def groups(app: FastAPI, url: str) -> dict[str, list[Operation]]:
    """All operations by tag, in the document's order; `url` is where this daemon is spoken to."""
    document, rights = app.openapi(), _rights(app)
    found: dict[str, list[Operation]] = {}
    for method, path, told in operations(document):
        needed = rights.get((method, path))
        found.setdefault(told["tags"][0], []).append(
            Operation(
                method=method,
                path=path,
                anchor=told["operationId"],
                says=told["description"],
                who=_who(needed) if "security" in told else (),
                parameters=tuple(_parameter(document, one) for one in told.get("parameters", ())),
                members=tuple(_members(document, _body(told))),
                statuses=tuple(status for status in told["responses"] if status != "default" and int(status) >= 400),
                line=_line(method, path, told, needed or (), url),
            )
        )
    return found


def _rights(app: FastAPI) -> dict[tuple[str, str], Sequence[Right]]:
    """What each route asks of whoever asks."""
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    return {(method, route.path): getattr(route.endpoint, "rights", ()) for route in routes for method in route.methods or ()}


def _who(rights: Sequence[Right] | None) -> tuple[Role, ...]:
    needed = frozenset(rights or ())
    return tuple(role for role, may in RIGHTS.items() if needed <= may)


# Members.


def _body(told: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _parameter(document: Mapping[str, Any], told: Mapping[str, Any]) -> Member:
    schema = told["schema"]
    says = told.get("description") or schema.get("description", "")
    return Member(told["name"], f"{told['in']}: {_kind(document, schema)}", told.get("required", False), says)


def _members(document: Mapping[str, Any], schema: Mapping[str, Any], within: str = "", deep: int = 0) -> Iterator[Member]:
    """Every member, those within others after the one that they are in; of a choice of bodies those of each."""
    schema = _resolved(document, schema)
    for choice in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from _members(document, choice, within, deep)
    if "items" in schema:
        yield from _members(document, schema["items"], f"{within}[]", deep)
    if deep > MOST_NESTED:
        return
    needed = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        whole = f"{within}.{name}" if within else name
        yield Member(whole, _kind(document, part), name in needed, _resolved(document, part).get("description", ""))
        yield from _members(document, part, whole, deep + 1)


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].rpartition("/")[2]
    resolved: Mapping[str, Any] = document["components"]["schemas"][name]
    return resolved


def _kind(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What may stand there, in a few words."""
    schema = _resolved(document, schema)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if choices := (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        return " | ".join(dict.fromkeys(_kind(document, choice) for choice in choices))
    if schema.get("type") == "array":
        return f"[{_kind(document, schema.get('items', {}))}]"
    bounds = [f"{sign} {_number(schema[name])}" for name, sign in (("minimum", "≥"), ("maximum", "≤")) if name in schema]
    return " ".join([str(schema.get("type", "any")), *bounds, *([schema["format"]] if "format" in schema else [])])


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


# The line.


def _line(method: str, path: str, told: Mapping[str, Any], rights: Sequence[Right], url: str) -> str:
    parts = ["curl -s"]
    if "application/zip" in told["responses"].get("200", {}).get("content", {}):
        parts.append("-OJ")  # a file, kept under the name that it comes with
    if method not in {"GET", "POST"} or (method == "POST" and "requestBody" not in told):
        parts.append(f"-X {method}")
    if (method, path) == LOG_IN:
        parts.append(f"-H @{TERMINAL}")
    elif "security" in told:
        parts.append(_caller(frozenset(rights)))
    parts.append(f"{url}{_filled(path, told)}")
    if "requestBody" in told:
        example = json.dumps(told["requestBody"]["content"]["application/json"]["example"], ensure_ascii=False)
        file = PASTE["files"].get(f"{method} {path}")
        parts.append(f"--json @{file}" if file else "--json '" + example.replace("'", "'\\''") + "'")
    return " ".join(parts)


def _caller(rights: frozenset[Right]) -> str:
    """The headers of whoever of the demo may: the program where it may, else the first of its people."""
    if rights <= RIGHTS[Role.SERVICE_ACCOUNT] and not rights & NEEDS_PRESENCE and rights:
        return f"-H @{SERVICE}"
    person = next((id_ for id_, _, role in PEOPLE if rights <= RIGHTS[Role(role)]), PEOPLE[0][0])
    return f"-H @{TERMINAL} -H @{person}"


def _filled(path: str, told: Mapping[str, Any]) -> str:
    """The path with the demo's ids in it."""
    examples = {one["name"]: str(one.get("example", "")) for one in told.get("parameters", ()) if one["in"] == "path"}

    def value(found: re.Match[str]) -> str:
        collection, name = found[1], found[2]
        return f"{collection}/{PASTE['ids'].get(collection, examples[name]) if name == 'id' else examples[name]}"

    return re.sub(r"([^/]+)/\{(\w+)\}", value, path)
