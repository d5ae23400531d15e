"""The page `docs/reference/site-file.md`, made from the models: every table, every key, what it may be and what it means."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sites.models import Site
from sites.schema import Node, allowed, schema_of

INTRODUCTION = """# The site file

One TOML file describes a station; `galenic check FILE` reads it as the daemon does. Unknown keys are refused. The shipped
`sites/ward.toml` is a whole one. A key without a default must be there.
"""
HEAD = "| key | what it may be | default | meaning |\n|---|---|---|---|\n"


def pages() -> dict[str, str]:
    """The page by its file name."""
    return {"site-file.md": "\n".join([INTRODUCTION, *_tables(schema_of(Site), "", "")])}


def _tables(node: Node, title: str, path: str) -> Iterator[str]:
    """One section for the table at `path`, and those of the tables below it."""
    properties = node["properties"]
    inner = {key: _tables_at(key, value, path) for key, value in properties.items()}
    rows = [_row(key, value, node) for key, value in properties.items() if not inner[key]]
    if rows:
        yield f"## {title}\n\n{_one_line(node.get('description', ''))}\n\n{HEAD}" + "".join(rows)
    for below in inner.values():
        for heading, where, table in below:
            yield from _tables(table, heading, where)


def _tables_at(key: str, node: Node, path: str) -> list[tuple[str, str, Node]]:
    """Heading, path and schema of each table that `key` may hold; none where it holds a value."""
    plain = _plain(node)
    if plain.get("type") == "array":
        item = _plain(plain["items"])
        where = f"{path}{key}[]."
        heading = f"`[[{key}]]`" if not path else f"`{path}{key}`, a list"
        branches = [_plain(branch) for branch in item.get("oneOf", [item])]
        return [
            (f"{heading}{_chosen(branch) if 'oneOf' in item else ''}", where, branch)
            for branch in branches
            if "properties" in branch
        ]
    if "properties" in plain:
        return [(f"`[{key}]`" if not path else f"`{path}{key}`", f"{path}{key}.", plain)]
    named = [_plain(value) for value in plain.get("patternProperties", {}).values()]
    return [(f"`[{key}.NAME]`", f"{path}{key}.NAME.", table) for table in named if "properties" in table]


def _chosen(branch: Node) -> str:
    return f' with `driver = "{branch["properties"]["driver"]["const"]}"`'


def _row(key: str, node: Node, table: Node) -> str:
    plain = _plain(node)
    default = node.get("default")
    said = "" if key in table.get("required", ()) else "none" if default is None else f"`{json.dumps(default, ensure_ascii=True)}`"
    return f"| `{key}` | {_allowed(plain)} | {said} | {_one_line(node.get('description', ''))} |\n"


def _allowed(plain: Node) -> str:
    of = plain.get("additionalProperties")
    if isinstance(of, dict):
        return f"a table of {_allowed(plain['propertyNames'])}, each {_allowed(_plain(of))}"
    return allowed(plain).replace("|", "\\|")


def _plain(node: Node) -> Node:
    """The schema without references, and without the null of what may be left out."""
    if "$ref" in node:
        return {**schema_of(Site)["$defs"][node["$ref"].rpartition("/")[2]], **{k: v for k, v in node.items() if k != "$ref"}}
    for branch in node.get("anyOf", ()):
        if branch.get("type") != "null":
            return _plain(branch)
    return node


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
