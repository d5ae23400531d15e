"""Golden bytes: loads a `vectors.toml`, in which every frame says where it comes from.

A vector names the side that hears it (`to = "device"` or `"host"`), the message and its fields as the protocol's
`messages.py` names them, and its source. `refused` vectors are frames that look right and must raise FrameError;
`unsayable` ones are messages that must raise MessageError, so that no frame can come of them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Vector:
    """One frame and what it says. `only` names the one half that knows it (None: both), `options` how that half is set."""

    name: str
    frame: bytes
    to: Literal["device", "host"]
    source: str
    message: str
    fields: dict[str, Any] = field(default_factory=dict)
    only: Literal["device", "host"] | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefusedVector:
    """One frame that must not be taken for a message, and why."""

    name: str
    frame: bytes
    to: Literal["device", "host"]
    source: str
    why: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsayable:
    """A message that `by` must not be able to say, and why."""

    name: str
    by: Literal["device", "host"]
    message: str
    fields: dict[str, Any]
    why: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vectors:
    """All golden bytes of one protocol."""

    vectors: tuple[Vector, ...]
    refused: tuple[RefusedVector, ...]
    unsayable: tuple[Unsayable, ...]


def load(name: str) -> Vectors:
    """The vectors of one protocol, by its path here without the ending: `kerong_cu16/vectors`.

    Raises OSError, tomllib.TOMLDecodeError, KeyError, TypeError or ValueError on a broken file: it is ours.
    """
    table = tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
    return Vectors(
        vectors=tuple(Vector(**_with_bytes(row)) for row in table["vector"]),
        refused=tuple(RefusedVector(**_with_bytes(row)) for row in table.get("refused", ())),
        unsayable=tuple(Unsayable(**row) for row in table.get("unsayable", ())),
    )


def _with_bytes(row: dict[str, Any]) -> dict[str, Any]:
    """`frame` is hex with blanks; `line` is text (UTF-8) with TOML's own escapes."""
    row = dict(row)
    text = row.pop("line", None)
    frame = bytes.fromhex(row["frame"]) if text is None else text.encode("utf-8")
    return {**row, "frame": frame}
