"""What the head of a gantry reaches: every place within its travel, and no two places of its shelf in one spot."""

from __future__ import annotations

from typing import Any

from sites.positions import Path as KeyPath
from sites.reading import TomlFile, rows, text, whole


def check_gantries(file: TomlFile) -> None:
    """Every position that the head is sent to lies within its travel, and no two places are one."""
    for index, gantry in rows(file.table, "gantries"):
        path: KeyPath = ("gantries", index)
        _within(file, (*path, "safe_z_mm"), whole(gantry, "safe_z_mm"), gantry, "z")
        for axis in ("x", "y"):
            _within(file, (*path, "hand_over", f"{axis}_mm"), whole(gantry, "hand_over", f"{axis}_mm"), gantry, axis)
        for number, place in rows(gantry, "tray"):
            _within(file, (*path, "tray", number, "z_mm"), whole(place, "z_mm"), gantry, "z")
        first: dict[tuple[int | None, ...], str | None] = {}
        for number, place in rows(gantry, "shelf"):
            at = tuple(whole(place, f"{axis}_mm") for axis in "xyz")
            for axis, position in zip("xyz", at, strict=True):
                _within(file, (*path, "shelf", number, f"{axis}_mm"), position, gantry, axis)
            if at in first and None not in at:
                file.say("error", (*path, "shelf", number), f"place {first[at]} is at this position already")
            first.setdefault(at, text(place, "id"))


def _within(file: TomlFile, path: KeyPath, position: int | None, gantry: dict[str, Any], axis: str) -> None:
    low, high = whole(gantry, axis, "low_mm") or 0, whole(gantry, axis, "high_mm")
    if position is not None and high is not None and not low <= position <= high:
        file.say("error", path, f"the head does not reach this: its {axis} axis ends before", allowed=f"{low} to {high}")
