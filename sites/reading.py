"""One TOML file read through a model: every error at once, each with its place, its value and what would be right."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sites.positions import Path as KeyPath
from sites.positions import positions
from sites.schema import allowed, choices_of, keys_of, node_at

Model = TypeVar("Model", bound=BaseModel)
AT_LINE = re.compile(r"\(at line ([0-9]+), column ([0-9]+)\)")
NO_SUCH_KEY, IS_MISSING = "there is no such key here", " is missing"
TYPE_ERRORS = ("_type", "_parsing")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (`error`) or legal but unwise (`warning`), and where. Line and column count from 1."""

    severity: Literal["error", "warning"]
    file: str
    line: int
    column: int
    path: str
    """The key's path, as in `drawers[3].lock.board`."""
    given: str
    """The value that stands there, as JSON; empty where none does."""
    allowed: str
    nearest: str
    """The right spelling that is nearest to what was given, if one is near."""
    message: str

    def told(self) -> dict[str, Any]:
        """The finding as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        """One line, as compilers write it, and below it the value, what is allowed and the nearest right spelling."""
        where = f"{self.file}:{self.line}:{self.column}: {self.severity}: "
        said = where + (f"{self.path}: " if self.path else "") + self.message
        for label, text in (("given", self.given), ("allowed", self.allowed), ("did you mean", self.nearest)):
            said += f"\n    {label}: {text}" if text else ""
        return said


def nearest(given: object, known: Iterable[str]) -> str:
    """The one of `known` that `given` was probably meant to be, or nothing."""
    folded = {one.casefold(): one for one in known}
    return next((folded[near] for near in difflib.get_close_matches(str(given).casefold(), folded, 1)), "")


def written(path: KeyPath) -> str:
    """A key path as people write it: `drawers[3].lock.board`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _table_of(path: str) -> str:
    return path.rpartition(".")[0]


class TomlFile:
    """One file as it was read: its table (empty if it is no TOML), and what was found in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.findings: list[Finding] = []
        self.table: dict[str, Any] = {}
        self._places: dict[KeyPath, tuple[int, int]] = {}
        try:
            text = path.read_bytes().decode("utf-8")
            self.table = tomllib.loads(text)
            self._places = positions(text)
        except OSError as error:
            self._add("error", (1, 1), (), message=f"cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            before = error.object[: error.start]
            column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
            place = before.count(b"\n") + 1, column
            self._add("error", place, (), given=hex(error.object[error.start]), allowed="UTF-8", message="not UTF-8 text")
        except tomllib.TOMLDecodeError as error:
            self._add("error", _place_in(str(error), text), (), message=f"not TOML: {AT_LINE.sub('', str(error)).strip()}")
        except RecursionError:
            self.table = {}
            self._add("error", (1, 1), (), message="lists and tables are nested too deeply to be read")

    @property
    def readable(self) -> bool:
        """False for what is no TOML at all."""
        return bool(self._places) or not self.findings

    def place(self, path: KeyPath) -> tuple[int, int]:
        """Line and column of the longest beginning of `path` that stands in the file."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, (1, 1))

    def say(self, severity: Literal["error", "warning"], path: KeyPath, message: str, **more: Any) -> None:
        """Notes a finding at the longest beginning of `path` that stands in the file.

        `given` is taken from the file unless it is said; `allowed` and `nearest` are texts.
        """
        if "given" not in more and path in self._places:
            more["given"] = self._value(path)
        if more.get("given") is not None:
            more["given"] = _short(more["given"])
        self._add(severity, self.place(path), path, message=message, **more)

    def read(self, model: type[Model]) -> Model | None:
        """The file as this model, or None with every error noted."""
        if not self.readable:
            return None
        try:
            return model.model_validate(self.table)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                self._note(model, one)
            self._say_once()
            return None

    def _say_once(self) -> None:
        """A key that is missing because it is misspelt is one mistake: the misspelt key says it, with the right one."""
        meant = {(_table_of(one.path), one.nearest) for one in self.findings if one.message == NO_SUCH_KEY}
        absent = [one for one in self.findings if one.message.endswith(IS_MISSING)]
        for one in absent:
            table = _table_of(one.path)
            if (table, one.path.removeprefix(f"{table}.")) in meant:
                self.findings.remove(one)

    def _add(self, severity: Literal["error", "warning"], place: tuple[int, int], path: KeyPath, **more: Any) -> None:
        words = {name: more.get(name) or "" for name in ("given", "allowed", "nearest", "message")}
        self.findings.append(Finding(severity, str(self.path), place[0], place[1], written(path), **words))

    def _value(self, path: KeyPath) -> object:
        value = self._at(path)
        return None if isinstance(value, dict | list) else value

    def _at(self, path: KeyPath) -> Any:
        value: Any = self.table
        for part in path:
            value = value[part]
        return value

    def _unknown(self, path: KeyPath, known: list[str]) -> None:
        """A key that is none of `known`: most likely it is one of those that its table lacks."""
        there = self._at(path[:-1])
        # A table that may stand there again is as likely meant as one that is not there yet.
        near = nearest(path[-1], [key for key in known if isinstance(there.get(key, []), list)]) or nearest(path[-1], known)
        self.say("error", path, NO_SUCH_KEY, allowed=", ".join(known), nearest=near)

    def _note(self, model: type[BaseModel], error: ErrorDetails) -> None:
        """One error of pydantic's, put into the field's words."""
        kind, path = error["type"], self._without_tags(error["loc"])
        if kind == "extra_forbidden":
            self._unknown(path, keys_of(node_at(model, path[:-1], self.table)))
        elif kind in {"missing", "union_tag_not_found"}:
            if kind == "union_tag_not_found":  # pydantic looks no further then, and the key may be there, misspelt
                known = keys_of(node_at(model, path, self.table))
                for key in [key for key in self._at(path) if key not in known]:
                    self._unknown((*path, key), known)
                path = (*path, "driver")
            self.say("error", path, f"`{path[-1]}`{IS_MISSING}", allowed=allowed(node_at(model, path, self.table)))
        elif kind == "union_tag_invalid":
            tags = error["ctx"]["expected_tags"].replace("'", "").split(", ")
            near = nearest(error["ctx"]["tag"], tags)
            self.say("error", (*path, "driver"), "there is no such driver", allowed=f"one of {', '.join(tags)}", nearest=near)
        else:
            named = path[-1] == "[key]" if path else False
            path = path[:-1] if named else path
            node = {"pattern": error["ctx"]["pattern"]} if named else node_at(model, path, self.table)
            near = nearest(error["input"], choices_of(node)) if node is not None else ""
            message = "this name cannot be used" if named else _sentence(kind, error["msg"])
            more = {"given": path[-1]} if named else {}
            bounds = "" if kind == "value_error" else allowed(node)
            self.say("error", path, message, allowed=bounds, nearest=near, **more)

    def _without_tags(self, loc: tuple[str | int, ...]) -> KeyPath:
        """pydantic's `loc` without the tags it puts in where a table is chosen by its `driver`."""
        path: KeyPath = ()
        for part in loc[:-1]:
            if (*path, part) in self._places:
                path += (part,)
        return (*path, *loc[-1:])


def rows(table: dict[str, Any], key: str) -> list[tuple[int, dict[str, Any]]]:
    """The tables of a list, with their indexes; what is no table there is somebody else's error."""
    listed = table.get(key)
    return [(index, row) for index, row in enumerate(listed) if isinstance(row, dict)] if isinstance(listed, list) else []


def text(row: dict[str, Any], *path: str) -> str | None:
    """The text at `path` of a table, or None if there is none."""
    value: Any = row
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def whole(row: dict[str, Any], *path: str) -> int | None:
    """The whole number at `path` of a table, or None if there is none."""
    value: Any = row
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _sentence(kind: str, said: str) -> str:
    if kind.endswith(TYPE_ERRORS):
        return "this is of the wrong kind"
    if kind == "value_error":
        return said.removeprefix("Value error, ")
    return "this value cannot be used"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _place_in(said: str, text: str) -> tuple[int, int]:
    """Where `tomllib` stopped: it says line and column, or the end of the document."""
    if found := AT_LINE.search(said):
        return int(found[1]), int(found[2])
    return text.count("\n") + 1, len(text) - text.rfind("\n")
