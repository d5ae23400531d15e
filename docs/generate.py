"""`make docs`: writes the pages of `docs/reference` that are made from the code; a test of each compares."""

from __future__ import annotations

import importlib
from pathlib import Path

MODULES = ("api.reference", "api.cli.pages", "controller.machines.pages", "sites.pages")
"""Each has `pages()`: the text of every page by its file name."""

REFERENCE = Path(__file__).parent / "reference"


def main() -> None:
    """Writes them all."""
    for module in MODULES:
        for name, text in importlib.import_module(module).pages().items():
            (REFERENCE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
