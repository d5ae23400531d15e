"""Terminals: what reads codes and badges stands at one terminal only, so that nothing acts on the page of another."""

from __future__ import annotations

from sites.positions import Path as KeyPath
from sites.reading import TomlFile, rows, text
from sites.references import exists, listed, names


def check_terminals(file: TomlFile) -> None:
    """Refuses a badge reader that does not exist, and a scanner or reader that is anything's twice."""
    known = [name for _, name in names(file.table, "scanners")]
    first: dict[str, str] = {}
    for index, terminal in rows(file.table, "terminals"):
        said: list[tuple[KeyPath, str, str]] = [
            (("terminals", index, "readers", number), name, "badge reader")
            for number, name in enumerate(listed(terminal, "readers"))
            if exists(file, ("terminals", index, "readers", number), name, known, "scanner")
        ]
        scanner = text(terminal, "scanner")
        if scanner in known and scanner is not None:
            said.insert(0, (("terminals", index, "scanner"), scanner, "scanner"))
        for path, name, use in said:
            if name in first:
                file.say("error", path, f"it is the {first[name]} already: nobody could tell what was read where, and as what")
            first.setdefault(name, f"{use} of terminal {text(terminal, 'id')}")
