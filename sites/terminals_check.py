"""Terminals: what reads codes and badges stands at one terminal only, so that nothing acts on the page of another."""

from __future__ import annotations

from sites.positions import Path as KeyPath
from sites.reading import TomlFile, rows, text
from sites.references import exists, listed, names


def check_terminals(file: TomlFile) -> None:
    """Refuses a badge reader or presence sensor that does not exist, and whatever reads and is anything's twice."""
    known = [name for _, name in names(file.table, "scanners")]
    first: dict[str, str] = {}
    for index, terminal in rows(file.table, "terminals"):
        said: list[tuple[KeyPath, str, str]] = [
            (("terminals", index, "readers", number), name, "badge reader")
            for number, name in enumerate(listed(terminal, "readers"))
            if exists(file, ("terminals", index, "readers", number), name, known, "scanner")
        ]
        sensor, at = text(terminal, "presence", "sensor"), ("terminals", index, "presence", "sensor")
        if sensor is not None and exists(file, at, sensor, known, "scanner"):
            said.append((at, sensor, "presence sensor"))
        scanner = text(terminal, "scanner")
        if scanner in known and scanner is not None:
            said.insert(0, (("terminals", index, "scanner"), scanner, "scanner"))
        for path, name, use in said:
            if name in first:
                file.say("error", path, f"it is the {first[name]} already: nobody could tell what was read where, and as what")
            first.setdefault(name, f"{use} of terminal {text(terminal, 'id')}")
