"""Golden bytes: literal frames with their provenance, the only oracle a codec has."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Vector:
    """One frame from paper or steel: who says it (`host` or `device`), its name, its bytes, and where they stand."""

    says: str
    name: str
    frame: bytes
    source: str


def load(protocol: str) -> list[Vector]:
    """The vectors of one protocol's folder. Raises KeyError if one lacks its provenance."""
    text = (Path(__file__).parent / protocol / "vectors.toml").read_text()
    return [Vector(v["says"], v["name"], bytes.fromhex(v["frame"]), v["source"]) for v in tomllib.loads(text)["vectors"]]
