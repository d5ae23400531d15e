"""What a model allows at a path, in words: read from its JSON schema, so that checker and reference page say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

Node = Mapping[str, Any]
"""One piece of a JSON schema, its references resolved."""

SHAPES = {
    "^[A-Za-z0-9][A-Za-z0-9-]{0,47}$": "a name of 1 to 48 letters, digits and dashes",
    "^[0-9]{1,4}(\\.[0-9]{1,6})?$": 'a decimal string, as in "0.01"',
    "^(?:0|[1-9][0-9]{0,8})(?:\\.[0-9]{1,6})?$": 'a decimal string greater than zero, as in "7.5"',
    "^[!-~]{1,20}$": "1 to 20 printed characters",
    "^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$": "a host's name or IPv4 address",
    "^[0-9+*#(][0-9 +*#()/-]{1,31}$": "a telephone number of 2 to 32 digits, spaces and signs",
    "^[a-z0-9][a-z0-9-]{0,47}$": "a name of 1 to 48 small letters, digits and dashes",
    "^(?:\\*|[a-z_]+(?:\\.(?:\\*|[a-z_]+))?)$": 'kinds of events, as in "*", "drawer.*" or "stock.taken"',
    "^https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[!-~]*)?$": 'an address, as in "https://pharmacy.example/events"',
}
"""Patterns of the models, in words."""

KINDS = {
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
}
BOUNDS = (("minimum", "at least"), ("exclusiveMinimum", "more than"), ("maximum", "at most"), ("exclusiveMaximum", "less than"))


@cache
def schema_of(model: type[BaseModel]) -> Node:
    """The JSON schema of a model, made once."""
    return model.model_json_schema()


def node_at(model: type[BaseModel], path: Iterable[str | int], table: object) -> Node | None:
    """The schema of the value at `path`, or None where the model has nothing there.

    `table` is what was read: where a table is chosen by its `driver`, it says which.
    """
    schema = schema_of(model)
    node: Node | None = _resolved(schema, schema, table)
    for part in path:
        inner = None if node is None else _inner(node, part)
        table = _step(table, part)
        node = None if inner is None else _resolved(schema, inner, table)
    return node


def keys_of(node: Node | None) -> list[str]:
    """The keys that may stand in this table, or in any of those that it might be."""
    if node is None:
        return []
    return sorted({key for branch in (node, *node.get("branches", ())) for key in branch.get("properties", {})})


def allowed(node: Node | None) -> str:
    """What this value may be, in words; empty where the schema says nothing."""
    if node is None:
        return ""
    if choices := choices_of(node):
        return f"one of {', '.join(choices)}" if len(choices) > 1 else f"only {choices[0]}"
    if "pattern" in node:
        return SHAPES.get(node["pattern"], f"text of the form {node['pattern']}")
    if node.get("format") in {"date", "date-time"}:
        return "a date" if node["format"] == "date" else "a date and time with its offset"
    if "minLength" in node:
        return f"text of {node['minLength']} to {node['maxLength']} characters"
    kind = KINDS.get(node.get("type", ""), "")
    bounds = " and ".join(f"{words} {node[bound]}" for bound, words in BOUNDS if bound in node)
    multiple = f", a multiple of {node['multipleOf']}" if "multipleOf" in node else ""
    return f"{kind} of {bounds}{multiple}" if bounds else kind


def choices_of(node: Node) -> list[str]:
    """The values of which this one must be one, if they are a list."""
    choices = [node["const"]] if "const" in node else node.get("enum", [])
    return [str(choice) for choice in choices]


def _step(table: object, part: str | int) -> object:
    if isinstance(table, dict):
        return table.get(part)
    if isinstance(table, list) and isinstance(part, int) and part < len(table):
        return table[part]
    return None


def _inner(node: Node, part: str | int) -> Node | None:
    if isinstance(part, int):
        return node.get("items")
    for branch in (node, *node.get("branches", ())):
        if part in branch.get("properties", {}):
            found: Node = branch["properties"][part]
            return found
    patterns: Mapping[str, Node] = node.get("patternProperties", {})
    return next(iter(patterns.values()), None)


def _resolved(schema: Node, node: Node, table: object) -> Node:
    """`node` without references: the branch that `table` chooses, or the one that is not null."""
    if "$ref" in node:
        return _resolved(schema, schema["$defs"][node["$ref"].rpartition("/")[2]], table)
    if "discriminator" in node:
        mapping = node["discriminator"]["mapping"]
        key = node["discriminator"]["propertyName"]
        tag = table.get(key) if isinstance(table, dict) else None
        if isinstance(tag, str) and tag in mapping:
            return _resolved(schema, {"$ref": mapping[tag]}, table)
        branches = [_resolved(schema, branch, table) for branch in node["oneOf"]]
        return {"branches": [{"properties": {key: {"enum": list(mapping)}}}, *branches]}
    for branch in node.get("anyOf", ()):
        if branch.get("type") != "null":
            return _resolved(schema, branch, table)
    return node
