"""Names: each is given once, and each that is used exists. Looks at what was read, so that one error hides no other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sites.positions import Path as KeyPath
from sites.reading import TomlFile, nearest, rows, text

DEVICES = ("boards", "scales", "scanners", "conveyors", "gantries", "robots")
"""The lists of a site file whose rows hang on a link."""

Named = tuple[KeyPath, str]
"""Where a name stands, and the name."""


def names(table: dict[str, Any], *lists: str) -> list[Named]:
    """The `id` of every row of these lists, in order."""
    found = ((key, index, text(row, "id")) for key in lists for index, row in rows(table, key))
    return [((key, index, "id"), name) for key, index, name in found if name is not None]


def pockets(table: dict[str, Any]) -> list[tuple[KeyPath, dict[str, Any]]]:
    """Every pocket of every drawer and open shelf, and every place of a gantry's shelf, with where it stands in the file."""
    return [
        ((kind, index, places, number), place)
        for kind, places in (("drawers", "pockets"), ("shelves", "pockets"), ("gantries", "shelf"))
        for index, holder in rows(table, kind)
        for number, place in rows(holder, places)
    ]


def given_once(file: TomlFile, named: Iterable[Named], what: str) -> None:
    """Refuses the second use of a name."""
    first: dict[str, KeyPath] = {}
    for path, name in named:
        if name in first:
            line, _ = file.place(first[name])
            file.say("error", path, f"another {what} has this name, on line {line}")
        first.setdefault(name, path)


def exists(file: TomlFile, path: KeyPath, name: str | None, known: Iterable[str], what: str) -> bool:
    """Refuses a name that nothing has; True if something has it."""
    among = list(known)
    if name is None or name in among:
        return name is not None
    file.say("error", path, f"there is no {what} of this name", allowed=_some(among), nearest=nearest(name, among))
    return False


def check_names(file: TomlFile) -> None:
    """The names of a site file."""
    table = file.table
    for what, lists in (
        ("device", ("boards", "scales", "scanners", "conveyors", "gantries", "robots")),
        ("cabinet", ("cabinets",)),
        ("drawer or shelf", ("drawers", "shelves", "gantries")),
    ):
        given_once(file, names(table, *lists), what)
    given_once(file, names(table, "terminals"), "terminal")
    told = [((*path, "id"), text(pocket, "id")) for path, pocket in pockets(table)]
    given_once(file, [(path, name) for path, name in told if name is not None], "pocket")
    links = table.get("links")
    for kind in DEVICES:
        for index, row in rows(table, kind):
            exists(file, (kind, index, "link"), text(row, "link"), links if isinstance(links, dict) else (), "link")
    for index, robot in rows(table, "robots"):
        for kind, what in (("outputs", "output of this robot"), ("belts", "belt of this robot")):
            parts = [(("robots", index, kind, number, "id"), text(part, "id")) for number, part in rows(robot, kind)]
            given_once(file, [(path, name) for path, name in parts if name is not None], what)
    boards = [name for _, name in names(table, "boards")]
    cabinets = [name for _, name in names(table, "cabinets")]
    for index, drawer in rows(table, "drawers"):
        exists(file, ("drawers", index, "lock", "board"), text(drawer, "lock", "board"), boards, "board")
        exists(file, ("drawers", index, "cabinet"), text(drawer, "cabinet"), cabinets, "cabinet")
    for kind in ("scanner", "scale"):
        known = [name for _, name in names(table, f"{kind}s")]
        for index, terminal in rows(table, "terminals"):
            exists(file, ("terminals", index, kind), text(terminal, kind), known, kind)


def check_unused(file: TomlFile) -> None:
    """Warns of what stands in the file and does nothing."""
    table = file.table
    used = {text(row, "link") for kind in DEVICES for _, row in rows(table, kind)}
    links = table.get("links")
    for name in links if isinstance(links, dict) else ():
        if name not in used:
            file.say("warning", ("links", name), "no device hangs on this link")
    drawers = [drawer for _, drawer in rows(table, "drawers")]
    terminals = [terminal for _, terminal in rows(table, "terminals")]
    gated = {text(row, "board") for _, row in rows(table, "diverters")}
    reading = {text(row, "scanner") for _, row in rows(table, "readers")}
    reading |= {name for terminal in terminals for name in listed(terminal, "readers")}
    for terminal in terminals:
        reading |= {text(terminal, "scanner"), text(terminal, "presence", "sensor")}
    uses = (
        ("boards", {text(drawer, "lock", "board") for drawer in drawers} | gated, "no drawer hangs on this board"),
        ("cabinets", {text(drawer, "cabinet") for drawer in drawers}, "no drawer is in this cabinet"),
        ("scanners", reading, "no terminal uses this scanner"),
        ("scales", {text(terminal, "scale") for terminal in terminals}, "no terminal uses this scale"),
    )
    for kind, by, message in uses:
        for path, name in names(table, kind):
            if name not in by:
                file.say("warning", path, message)
    for index, drawer in rows(table, "drawers"):
        if not rows(drawer, "pockets"):
            file.say("warning", ("drawers", index), "this drawer has no pocket, so nothing can lie in it")
    if drawers and not terminals:
        file.say("warning", ("drawers",), "there is no terminal, so nobody can stand where a drawer may open")


def listed(row: dict[str, Any], key: str) -> list[str]:
    """The names in a list of a row, in order; what is no name is the model's to refuse."""
    found = row.get(key)
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _some(among: list[str]) -> str:
    return ", ".join(among) if len(among) <= 12 else f"{', '.join(among[:12])} and {len(among) - 12} more"
