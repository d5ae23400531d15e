"""Where in a TOML text a key stands. `tomllib` reads values and forgets places; a finding needs line and column.

`positions` must be fed only text that `tomllib` has accepted: it locates, it does not judge.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Path = tuple[str | int, ...]
"""Keys and array indexes from the root: `("drawers", 3, "lock", "board")`."""

Place = tuple[int, int]
"""Line and column, both from 1."""

BLANKS = re.compile(r"[ \t]*")
FILLER = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
PLAIN_VALUE = re.compile(r"[^,\]}#\r\n]+")
STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)


def positions(text: str) -> dict[Path, Place]:
    """Every path of `text` (tables, keys, array elements) with the place at which it starts.

    A key's place is its own first character, inside dotted keys and headers too; where several lines name a table, the
    one that gives it its header, else the first. An array element's place is its first character, or that of the
    brackets of its `[[header]]`.
    """
    return _Walk(text).places


class _Walk:
    """One walk over a text: `places` fills as it goes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places: dict[Path, Place] = {}
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._array_lengths: dict[Path, int] = {}
        table: Path = ()
        at = self._past(FILLER, 0)
        while at < len(text):
            if text[at] == "[":
                table, at = self._header(at)
            else:
                at = self._pair(at, table)
            at = self._past(FILLER, at)

    def _place(self, offset: int) -> Place:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def _past(self, pattern: re.Pattern[str], at: int) -> int:
        match = pattern.match(self.text, at)
        if match is None:
            line, column = self._place(at)
            raise ValueError(f"line {line}, column {column}: not TOML; was this text accepted by tomllib?")
        return match.end()

    def _header(self, at: int) -> tuple[Path, int]:
        """`[a.b]` or `[[a.b]]`: the table it opens, and what follows."""
        array = self.text.startswith("[[", at)
        parts, end = self._key(at + 1 + array)
        path: Path = ()
        for depth, (part, place) in enumerate(parts, 1):
            path += (part,)
            last = depth == len(parts)
            if array and last:
                self._array_lengths[path] = self._array_lengths.get(path, 0) + 1
            if last and not array:
                self.places[path] = place
            self.places.setdefault(path, place)
            if path in self._array_lengths:
                path += (self._array_lengths[path] - 1,)
                self.places.setdefault(path, self._place(at))
        return path, end + 1 + array

    def _pair(self, at: int, table: Path) -> int:
        """`key = value`, in a table or an inline table."""
        parts, end = self._key(at)
        path = table
        for part, place in parts:
            path += (part,)
            self.places.setdefault(path, place)
        return self._value(self._past(BLANKS, end + 1), path)

    def _key(self, at: int) -> tuple[list[tuple[str, Place]], int]:
        """A dotted key's parts, each with its place, and the offset of what follows."""
        parts: list[tuple[str, Place]] = []
        while True:
            at = self._past(BLANKS, at)
            quoted = self.text[at] in "\"'"
            end = self._past(STRING if quoted else BARE_KEY, at)
            written = self.text[at:end]
            parts.append((tomllib.loads(f"key = {written}")["key"] if quoted else written, self._place(at)))
            at = self._past(BLANKS, end)
            if self.text[at] != ".":
                return parts, at
            at += 1

    def _value(self, at: int, path: Path) -> int:
        first = self.text[at]
        if first == "[":
            return self._array(at + 1, path)
        if first == "{":
            return self._inline_table(at + 1, path)
        return self._past(STRING if first in "\"'" else PLAIN_VALUE, at)

    def _array(self, at: int, path: Path) -> int:
        index = 0
        at = self._past(FILLER, at)
        while self.text[at] != "]":
            self.places[(*path, index)] = self._place(at)
            at = self._after_comma(self._value(at, (*path, index)))
            index += 1
        return at + 1

    def _inline_table(self, at: int, path: Path) -> int:
        at = self._past(FILLER, at)
        while self.text[at] != "}":
            at = self._after_comma(self._pair(at, path))
        return at + 1

    def _after_comma(self, at: int) -> int:
        at = self._past(FILLER, at)
        return self._past(FILLER, at + 1) if self.text[at] == "," else at
