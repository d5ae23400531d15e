"""Where in a TOML text a key stands: `tomllib` reads values and forgets their places, so this finds them again."""

from __future__ import annotations

import re
import tomllib

BLANK = re.compile(r"[ \t]*")
SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
BARE = re.compile(r"[A-Za-z0-9_-]+")
SCALAR = re.compile(r"[^,\]\}#\n]+")

Path = tuple[str | int, ...]
Place = tuple[int, int]


def positions(text: str) -> dict[Path, Place]:
    """Key path to (line, column), both from 1, for text that `tomllib` has accepted. Anything else may not end well."""
    return _Places(text).found


class _Places:
    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[Path, Place] = {}
        self._arrays: dict[Path, int] = {}
        self._document()

    def _at(self, i: int) -> Place:
        return self.text.count("\n", 0, i) + 1, i - self.text.rfind("\n", 0, i)

    def _after(self, pattern: re.Pattern[str], i: int) -> int:
        found = pattern.match(self.text, i)
        return found.end() if found else i

    def _document(self) -> None:
        i, prefix = self._after(SKIP, 0), ()
        prefix_: Path = prefix
        while i < len(self.text):
            i, prefix_ = self._header(i) if self.text[i] == "[" else (self._pair(i, prefix_), prefix_)
            i = self._after(SKIP, i)

    def _header(self, i: int) -> tuple[int, Path]:
        double, here = self.text.startswith("[[", i), self._at(i)
        parts, end = self._key(i + 1 + double)
        prefix: Path = ()
        for number, part in enumerate(parts, start=1):
            prefix += (part,)
            if number == len(parts) and double:
                self._arrays[prefix] = self._arrays.get(prefix, -1) + 1
            self.found.setdefault(prefix, here)
            if prefix in self._arrays:
                prefix += (self._arrays[prefix],)
                self.found.setdefault(prefix, here)
        return end + 1 + double, prefix

    def _string(self, i: int) -> int:
        quote = next(q for q in ('"""', "'''", '"', "'") if self.text.startswith(q, i))
        j = i + len(quote)
        while not self.text.startswith(quote, j):
            j += 2 if self.text[j] == "\\" and quote[0] == '"' else 1
        j += len(quote)
        while len(quote) == 3 and self.text[j : j + 1] == quote[0]:
            j += 1
        return j

    def _key(self, i: int) -> tuple[list[str], int]:
        parts: list[str] = []
        while True:
            i = self._after(BLANK, i)
            if self.text[i] in "\"'":
                j = self._string(i)
                parts.append(tomllib.loads("k=" + self.text[i:j])["k"])
            else:
                j = self._after(BARE, i)
                parts.append(self.text[i:j])
            i = self._after(BLANK, j)
            if self.text[i : i + 1] != ".":
                return parts, i
            i += 1

    def _pair(self, i: int, prefix: Path) -> int:
        here = self._at(i)
        parts, i = self._key(i)
        for part in parts:
            prefix += (part,)
            self.found.setdefault(prefix, here)
        self.found[prefix] = here
        return self._value(self._after(BLANK, i + 1), prefix)

    def _value(self, i: int, path: Path) -> int:
        first = self.text[i]
        if first == "[":
            return self._array(i, path)
        if first == "{":
            return self._table(i, path)
        return self._string(i) if first in "\"'" else self._after(SCALAR, i)

    def _array(self, i: int, path: Path) -> int:
        i, number = self._after(SKIP, i + 1), 0
        while self.text[i] != "]":
            inner = (*path, number)
            self.found[inner] = self._at(i)
            i, number = self._after(SKIP, self._value(i, inner)), number + 1
            if self.text[i] == ",":
                i = self._after(SKIP, i + 1)
        return i + 1

    def _table(self, i: int, path: Path) -> int:
        i = self._after(SKIP, i + 1)
        while self.text[i] != "}":
            i = self._after(SKIP, self._pair(i, path))
            if self.text[i] == ",":
                i = self._after(SKIP, i + 1)
        return i + 1
