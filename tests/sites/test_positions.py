"""Where a key stands: every path that `tomllib` yields is located, and the text at that place starts with the key."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sites.check import WARD
from sites.positions import Path, positions

NASTY = '''\
# a comment with [brackets] and "quotes
top = 1
"quoted key" = "a # no comment" # a comment
'single.quoted' = 'C:\\path'
dotted.key."with dots.in" = true
multi = """
[not.a.table]
key = "no key"
"""
raw = \'\'\'a \'\' b "" [x]\'\'\'
ends_in_quotes = """x"""""
list = [ 1, [2, "three]"], # ] in a comment
  { four = 4, five = [5] } ]
when = 2026-01-05T08:00:00Z
empty = []
none = {}

[ table . "sub table" ]
inner = { a = 1, b.c = { d = "}" } }

[[rows]]
id = "first"
[rows.below]
x = -1.5e3

[[rows]]
id = "second"
[[rows.deep]]
y = 0x1F
[[rows.deep]]
y = nan
'''


def paths(value: Any, path: Path = ()) -> set[Path]:
    """Every path of a read value."""
    found = {path} if path else set()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found.union(*(paths(inner, (*path, key)) for key, inner in items))


def located(text: str) -> None:
    """Fails unless every path is located and the text there is the key."""
    places = positions(text)
    assert set(places) == paths(tomllib.loads(text))
    lines = text.split("\n")
    for path, (line, column) in places.items():
        there = lines[line - 1][column - 1 :]
        key = path[-1]
        if isinstance(key, str):
            plain = there.startswith(key)
            quoted = there[:1] in "\"'" and tomllib.loads(f"{there[: len(_quoted(there))]} = 0").keys() == {key}
            assert plain or quoted, (path, there)


def _quoted(there: str) -> str:
    end = 1
    while there[end] != there[0]:
        end += 2 if there[end] == "\\" and there[0] == '"' else 1
    return there[: end + 1]


@pytest.mark.parametrize("text", [NASTY, NASTY.replace("\n", "\r\n"), WARD.read_text(encoding="utf-8"), "", "# nothing"])
def test_every_path_of_a_file_is_located(text: str) -> None:
    if "\r" in text:
        text = text.replace('"""\r\n[not', '"""\n[not')
    located(text)


KEYS = st.text("ab-_01 .\"'\\#[]={}é\t", min_size=1, max_size=4)
SCALARS = (
    st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False)
    | st.text("ab\"'\\#[]{},=\n", max_size=6)
    | st.dates()
    | st.times()
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)


def key_text(key: str) -> str:
    """A key as it may be written."""
    plain = all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in key)
    return key if plain else '"' + key.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


def value_text(value: Any, gap: str) -> str:
    """A value on one line; `gap` is put wherever a list may have one."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(key)} = {value_text(inner, '')}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + gap + f",{gap}".join(value_text(inner, gap) for inner in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    st.dictionaries(KEYS, VALUES, max_size=4),
    st.dictionaries(
        KEYS, st.dictionaries(KEYS, VALUES, max_size=3) | st.lists(st.dictionaries(KEYS, VALUES), min_size=1, max_size=3)
    ),
    st.sampled_from(["", " ", "\n  # a comment ]\n"]),
)
def test_every_path_of_any_file_is_located(top: dict[str, Any], tables: dict[str, Any], gap: str) -> None:
    lines = [f"{key_text(key)} = {value_text(value, gap)}" for key, value in top.items()]
    for key, table in tables.items():
        if key not in top:
            for row in table if isinstance(table, list) else [table]:
                brackets = ("[[", "]]") if isinstance(table, list) else ("[", "]")
                lines.append(key_text(key).join(brackets))
                lines += [f"{key_text(inner)} = {value_text(value, gap)}" for inner, value in row.items()]
    located("\n".join(lines) + "\n")


def test_what_tomllib_has_not_accepted_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2, column 1: not TOML"):
        positions("a = 1\n= 2\n")
