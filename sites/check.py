"""The checker: `galenic check` and the daemon's start are this one function. All errors at once, each with its place.

It opens no port, and says so: what is right here may still not answer.
"""

from __future__ import annotations

import difflib
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sites import data
from sites.models import Cu16BoardPart, Site
from sites.positions import positions

NOT_CHECKED = ("no port was opened", "no device was asked who it is", "no disk space or permission was looked at")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (`error`) or legal but unwise (`warning`), and where. Line and column count from 1."""

    severity: str
    file: str
    line: int
    column: int
    path: str
    given: str
    message: str
    allowed: str = ""
    nearest: str = ""

    def told(self) -> dict[str, Any]:
        """The finding as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        """One line, as compilers write it, with the nearest right spelling behind it."""
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else f"; allowed: {self.allowed}" if self.allowed else ""
        where = f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.path}"
        return f"{where}: {self.message} (given: {self.given}){hint}" if self.given else f"{where}: {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a site file says. `site` is None while there is an error."""

    site: Site | None
    data: data.SiteData
    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...] = NOT_CHECKED

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must be mended."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


class _File:
    """One TOML file with its places."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.findings: list[Finding] = []
        self.table: dict[str, Any] = {}
        self._places: dict[tuple[str | int, ...], tuple[int, int]] = {}
        try:
            text = path.read_text(encoding="utf-8")
            self.table = tomllib.loads(text)
            self._places = positions(text)
        except (OSError, UnicodeDecodeError) as unreadable:
            self.findings.append(Finding("error", str(path), 1, 1, "", "", f"cannot be read: {unreadable}"))
        except tomllib.TOMLDecodeError as wrong:
            line, column = _place_in(str(wrong))
            self.findings.append(Finding("error", str(path), line, column, "", "", f"not TOML: {wrong}"))

    def say(self, severity: str, path: tuple[str | int, ...], given: object, message: str, **more: str) -> None:
        """Notes a finding at the longest part of `path` that stands in the file."""
        known = path
        while known and known not in self._places:
            known = known[:-1]
        line, column = self._places.get(known, (1, 1))
        text = "" if given is None else repr(given)[:80]
        name = ".".join(str(part) for part in path)
        self.findings.append(Finding(severity, str(self.path), line, column, name, text, message, **more))

    def read(self, model: type[BaseModel]) -> Any:
        """The file as this model, or None with its errors noted."""
        if self.findings:
            return None
        try:
            return model.model_validate(self.table)
        except ValidationError as wrong:
            for error in wrong.errors():
                self._note(model, dict(error))
            return None

    def _note(self, model: type[BaseModel], error: Mapping[str, Any]) -> None:
        path = tuple(part for part in error["loc"] if not (isinstance(part, str) and part in DRIVERS))
        given = None if error["type"] in {"missing", "extra_forbidden"} else error["input"]
        allowed = nearest = ""
        if error["type"] == "extra_forbidden":
            known = sorted(_keys(model, path[:-1]))
            nearest = next(iter(difflib.get_close_matches(str(path[-1]), known, 1)), "")
            allowed = ", ".join(known)
        elif "expected" in error.get("ctx", {}):
            allowed = str(error["ctx"]["expected"])
            choices = [choice.strip("' ") for choice in allowed.replace(" or ", ",").split(",")]
            nearest = next(iter(difflib.get_close_matches(str(given), choices, 1)), "")
        message = "unknown key" if error["type"] == "extra_forbidden" else str(error["msg"])
        self.say("error", path, given, message, allowed=allowed, nearest=nearest)


DRIVERS = {"kerong-cu16", "waveshare-relay-d"}
"""The tags that pydantic puts into a path where a table is chosen by its `driver`."""


def check(path: Path) -> Report:
    """Reads a site file and the data beside it."""
    file = _File(path)
    site: Site | None = file.read(Site)
    read = data.SiteData()
    others: list[_File] = []
    if site is not None:
        read, others = _data(site, path.parent)
        for severity, where, given, message, nearest in _crossings(site, read):
            file.say(severity, where, given, message, nearest=nearest)
    findings = tuple(finding for one in (file, *others) for finding in one.findings)
    wrong = any(finding.severity == "error" for finding in findings)
    return Report(None if wrong else site, read, findings)


def _data(site: Site, folder: Path) -> tuple[data.SiteData, list[_File]]:
    found: dict[str, Any] = {}
    files = []
    kinds: tuple[tuple[str | None, type[BaseModel], str], ...] = (
        (site.data.formulary, data.Formulary, "items"),
        (site.data.patients, data.Patients, "patients"),
        (site.data.orders, data.Orders, "orders"),
        (site.data.stock, data.Stock, "lots"),
    )
    for name, model, key in kinds:
        if name is None:
            continue
        file = _File(folder / name)
        files.append(file)
        read = file.read(model)
        if read is not None:
            found[key] = getattr(read, key)
    return data.SiteData(**found), files


Crossing = tuple[str, tuple[str | int, ...], object, str, str]


def _crossings(site: Site, read: data.SiteData) -> Iterator[Crossing]:
    """What one table alone cannot know."""
    yield from _unknown(site, read)
    yield from _doubles(site)
    for id, link in site.links.items():
        if link.late_ms <= link.reply_ms:
            yield "error", ("links", id, "late_ms"), link.late_ms, f"must be more than reply_ms ({link.reply_ms})", ""
        if "/dev/ttyUSB" in link.url or "/dev/ttyACM" in link.url:
            message = "this name changes with the plug; use the device's line under /dev/serial/by-id/"
            yield "warning", ("links", id, "url"), link.url, message, ""
    for n, board in enumerate(site.boards):
        link_part = site.links.get(board.link)
        if link_part is not None and link_part.protocol not in board.protocols:
            message = f"a {board.driver} board does not speak {link_part.protocol}"
            yield "error", ("boards", n, "link"), board.link, message, ""
        if not any(drawer.lock.board == board.id for drawer in site.drawers):
            yield "warning", ("boards", n), board.id, "no drawer hangs on this board", ""
    boards = {board.id: board for board in site.boards}
    for n, drawer in enumerate(site.drawers):
        channels = boards[drawer.lock.board].channels if drawer.lock.board in boards else 16
        if drawer.lock.channel > channels:
            where = ("drawers", n, "lock", "channel")
            yield "error", where, drawer.lock.channel, f"board {drawer.lock.board} has channels 1 to {channels}", ""


def _unknown(site: Site, read: data.SiteData) -> Iterator[Crossing]:
    links, boards, cabinets = list(site.links), [b.id for b in site.boards], [c.id for c in site.cabinets]
    asked: list[tuple[str, tuple[str | int, ...], str, list[str]]] = []
    for kind, parts in (("boards", site.boards), ("scales", site.scales), ("scanners", site.scanners)):
        asked += [("link", (kind, n, "link"), part.link, links) for n, part in enumerate(parts)]
    for n, drawer in enumerate(site.drawers):
        asked.append(("board", ("drawers", n, "lock", "board"), drawer.lock.board, boards))
        asked.append(("cabinet", ("drawers", n, "cabinet"), drawer.cabinet, cabinets))
        if read.items:
            items = [item.id for item in read.items]
            asked += [
                ("item", ("drawers", n, "pockets", m, "item"), pocket.item, items)
                for m, pocket in enumerate(drawer.pockets)
                if pocket.item is not None
            ]
    for n, terminal in enumerate(site.terminals):
        if terminal.scanner is not None:
            asked.append(("scanner", ("terminals", n, "scanner"), terminal.scanner, [s.id for s in site.scanners]))
        if terminal.scale is not None:
            asked.append(("scale", ("terminals", n, "scale"), terminal.scale, [s.id for s in site.scales]))
    for what, where, given, known in asked:
        if given not in known:
            nearest = next(iter(difflib.get_close_matches(given, known, 1)), "")
            yield "error", where, given, f"there is no {what} of that name", nearest


def _doubles(site: Site) -> Iterator[Crossing]:
    names: tuple[tuple[str, list[str]], ...] = (
        ("boards", [b.id for b in site.boards]),
        ("cabinets", [c.id for c in site.cabinets]),
        ("drawers", [d.id for d in site.drawers]),
        ("terminals", [t.id for t in site.terminals]),
    )
    for kind, ids in names:
        for n, id in enumerate(ids):
            if id in ids[:n]:
                yield "error", (kind, n, "id"), id, "this name is taken by another before it", ""
    pockets = Counter(pocket.id for drawer in site.drawers for pocket in drawer.pockets)
    for n, drawer in enumerate(site.drawers):
        for m, pocket in enumerate(drawer.pockets):
            if pockets[pocket.id] > 1:
                yield "error", ("drawers", n, "pockets", m, "id"), pocket.id, "two pockets have this name", ""
        same = [d.id for d in site.drawers[:n] if (d.lock.board, d.lock.channel) == (drawer.lock.board, drawer.lock.channel)]
        if same:
            where = ("drawers", n, "lock", "channel")
            yield "error", where, drawer.lock.channel, f"drawer {same[0]} hangs on this channel already", ""
    addresses = [(b.link, b.address if isinstance(b, Cu16BoardPart) else b.unit) for b in site.boards]
    for n, address in enumerate(addresses):
        if address in addresses[:n]:
            yield "warning", ("boards", n), address[1], "another board of this link has this address", ""


def _keys(model: type[BaseModel], path: tuple[str | int, ...]) -> set[str]:
    """The keys that may stand in the table at `path`: those of every model that could be meant."""
    schema = model.model_json_schema()
    tables = [schema]
    for part in path:
        inner = []
        for table in tables:
            for one in _resolved(schema, table):
                kept = one.get("items") if isinstance(part, int) else one.get("properties", {}).get(part)
                kept = kept or one.get("additionalProperties")
                if isinstance(kept, dict):
                    inner.append(kept)
        tables = inner
    return {key for table in tables for one in _resolved(schema, table) for key in one.get("properties", {})}


def _resolved(schema: Mapping[str, Any], table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "$ref" in table:
        return _resolved(schema, schema["$defs"][table["$ref"].split("/")[-1]])
    branches = [*table.get("anyOf", ()), *table.get("oneOf", ())]
    return [one for branch in branches for one in _resolved(schema, branch)] or [table]


def _place_in(message: str) -> tuple[int, int]:
    numbers = [int(word.strip("(),")) for word in message.split() if word.strip("(),").isdigit()]
    return (numbers[-2], numbers[-1]) if len(numbers) >= 2 else (1, 1)


WARD = Path(__file__).parent / "ward.toml"
"""The site that runs as it is."""
