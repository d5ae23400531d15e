"""The page about the site file is the one that the models make, and leaves no key out."""

from __future__ import annotations

from pathlib import Path

from sites.models import Cu16BoardPart, Drawer, Link, Lock, Policy, Scanner, WaveshareRelayPart
from sites.pages import pages

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_committed_page_is_the_one_the_models_make() -> None:
    for name, text in pages().items():
        assert (REFERENCE / name).read_text(encoding="utf-8") == text, "make docs writes it anew"


def test_every_key_is_there() -> None:
    (text,) = pages().values()
    for model in (Link, Cu16BoardPart, WaveshareRelayPart, Drawer, Lock, Scanner, Policy):
        for key in model.model_fields:
            assert f"| `{key}` |" in text or f"{key}`" in text, key
